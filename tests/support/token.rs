//! Tokens of WS-Federation: one signed, and an answer around it.

use crate::TestKey;
use sso_core::dsig;
use sso_core::xml::{Document, Limits};

/// A token signed by a key.
///
/// # Panics
/// The text is no assertion.
pub fn signed_token(key: &TestKey, token: &str) -> String {
    let document = Document::parse(token.as_bytes(), &Limits::MESSAGE).expect("an assertion");
    dsig::sign(document.root(), &key.signing()).expect("signed")
}

/// A `wresult` that holds a token, and says nothing of its own.
pub fn token_response(token: &str) -> String {
    format!(
        "<t:RequestSecurityTokenResponse xmlns:t=\"http://schemas.xmlsoap.org/ws/2005/02/trust\">\
         <t:RequestedSecurityToken>{token}</t:RequestedSecurityToken>\
         </t:RequestSecurityTokenResponse>"
    )
}
