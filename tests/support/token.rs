//! Tokens of WS-Federation: one signed, an answer around it, and what the verifier says of it.

use crate::TestKey;
use sso_core::bindings::Message;
use sso_core::dsig;
use sso_core::error::Rejection;
use sso_core::login::{Trace, VerifiedLogin, verify_token_response};
use sso_core::xml::{Document, Limits};
use sso_server::selftest::Case;

/// A token signed by a key, as its schema has it: in SAML 1.1 the signature stands last.
///
/// # Panics
/// The text is no assertion.
pub fn signed_token(key: &TestKey, token: &str) -> String {
    let document = Document::parse(token.as_bytes(), &Limits::MESSAGE).expect("an assertion");
    let text = dsig::sign(document.root(), &key.signing()).expect("signed");
    if !token.contains("SAML:1.0:assertion") {
        return text;
    }
    let (before, rest) = text.split_once("<ds:Signature ").expect("a signature");
    let (signature, after) = rest.split_once("</ds:Signature>").expect("its end");
    let after = after.strip_suffix("</saml:Assertion>").expect("the assertion's end");
    format!("{before}{after}<ds:Signature {signature}</ds:Signature></saml:Assertion>")
}

/// A `wresult` that holds a token, and says nothing of its own.
pub fn token_response(token: &str) -> String {
    format!(
        "<t:RequestSecurityTokenResponse xmlns:t=\"http://schemas.xmlsoap.org/ws/2005/02/trust\">\
         <t:RequestedSecurityToken>{token}</t:RequestedSecurityToken>\
         </t:RequestSecurityTokenResponse>"
    )
}

/// Verifies a `wresult` as the answer to a sign-in request.
///
/// # Errors
/// The refusal.
pub fn verify_token(message: &[u8], case: &Case) -> Result<VerifiedLogin, Rejection> {
    let message = Message::parse(message)?;
    verify_token_response(&message, &case.party, case.now, &mut Trace::off())
}
