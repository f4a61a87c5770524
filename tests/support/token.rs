//! Tokens of WS-Federation: an answer around one, and what the verifier says of it.

use sso_core::bindings::Message;
use sso_core::error::Rejection;
use sso_core::login::{Trace, VerifiedLogin, verify_token_response};
use sso_server::selftest::Case;

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
