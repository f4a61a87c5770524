//! WS-Federation: what the browser carries to a security token service and what that answers
//! (WS-Federation 1.2, 13; SPEC 3).
//!
//! A [`TokenResponse`] is looked at as a response of SAML is: its outside, which can only
//! [refuse](outside); the signature of the token in it; the assertion, read from the verified element
//! alone; the [rules](crate::saml::rules) of assertions. Refused: a token that carries no signature of its own,
//! and one that stands anywhere but in the one `RequestedSecurityToken`.

mod rules;
mod sign_in;
mod sign_out;
mod token_response;

pub use rules::outside;
pub use sign_in::SignInRequest;
pub use sign_out::{SignOutRequest, clean_up_reply};
pub use token_response::TokenResponse;

use crate::error::Rejection;
use crate::saml::{Assertion, Covered, saml11};
use crate::xml::ns;

/// Reads a verified token of SAML 1.1 or 2.0.
///
/// # Errors
/// `schema_violation`, `invalid_time`, `decryption`.
pub fn read_token<'e>(token: &'e Covered<'_>) -> Result<Assertion<'e>, Rejection> {
    match token.assertion.element().namespace() {
        ns::SAML1 => saml11::read(&token.assertion),
        _ => Assertion::read(&token.assertion, &token.parts),
    }
}
