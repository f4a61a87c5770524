//! `RequestSecurityTokenResponse`: the unsigned outside of an answer, `wresult` (WS-Trust February 2005 and
//! 1.3, 4.4; ATTACKS WSF-01, WSF-04).
//!
//! It comes bare or as the only one of a collection. It settles where things may stand before any key is
//! used: one token in one `RequestedSecurityToken`, a signature directly in that token, and neither of them
//! anywhere else. What it says besides nobody vouches for.

use crate::error::{Code, Rejection};
use crate::saml::{Body, is_assertion, placement};
use crate::xml::{Element, ns};

/// The outside of an answer.
#[derive(Debug)]
pub struct TokenResponse<'e> {
    /// The `RequestSecurityTokenResponse`.
    pub(super) response: Element<'e>,
    token: Body<'e>,
}

impl<'e> TokenResponse<'e> {
    /// Looks at the outside of a message whose document element is given.
    ///
    /// # Errors
    /// `unexpected_message`, `assertion_count`, `assertion_nested`, `signature_position`,
    /// `schema_violation`, and what [`dsig::signature_of`](crate::dsig::signature_of) refuses.
    pub fn read(root: Element<'e>) -> Result<Self, Rejection> {
        let response = only_response(root)?;
        let trust = response.namespace();
        let requested = response.children().filter(|child| child.is(trust, REQUESTED));
        let requested = only(requested, "one RequestedSecurityToken")?;
        let token = only(requested.children(), "one token in RequestedSecurityToken")?;
        if requested.has_text() {
            let found = "text beside it";
            return Err(Rejection::new(Code::SchemaViolation, "a token", found));
        }

        let mut ciphers =
            root.descendants().filter(|element| element.is(ns::XENC, "EncryptedData"));
        if ciphers.any(|cipher| !cipher.is_within(requested)) {
            let expected = "nothing encrypted but the token";
            return Err(Rejection::new(Code::AssertionNested, expected, "EncryptedData elsewhere"));
        }
        let token = if token.is(ns::XENC, "EncryptedData") {
            placement(root, None, &[])?;
            Body::Encrypted { holder: requested, namespaces: &[ns::SAML, ns::SAML1] }
        } else if is_assertion(token) {
            let body = Body::of(token)?;
            placement(root, Some(token), &[Some(token)])?;
            body
        } else {
            return Err(unexpected("a SAML 1.1 or SAML 2.0 assertion", token));
        };
        Ok(Self { response, token })
    }

    /// The token, not verified yet.
    pub(crate) fn into_token(self) -> Body<'e> {
        self.token
    }
}

const RESPONSE: &str = "RequestSecurityTokenResponse";
const COLLECTION: &str = "RequestSecurityTokenResponseCollection";
const REQUESTED: &str = "RequestedSecurityToken";

/// The one response, which is the document element or the only child of a collection.
fn only_response(root: Element<'_>) -> Result<Element<'_>, Rejection> {
    let trust = root.namespace();
    let known = matches!(trust, ns::WST | ns::WST13);
    match root.local_name() {
        RESPONSE if known => Ok(root),
        COLLECTION if known => {
            let response = only(root.children(), "one RequestSecurityTokenResponse")?;
            if response.is(trust, RESPONSE) {
                Ok(response)
            } else {
                Err(unexpected("a RequestSecurityTokenResponse", response))
            }
        }
        _ => Err(unexpected("a RequestSecurityTokenResponse of WS-Trust", root)),
    }
}

/// The only one of some elements. Which of two is meant would be the reader's choice.
fn only<'e>(
    mut elements: impl Iterator<Item = Element<'e>>,
    expected: &'static str,
) -> Result<Element<'e>, Rejection> {
    let refused = |found: String| Err(Rejection::new(Code::AssertionCount, expected, found));
    match (elements.next(), elements.count()) {
        (Some(only), 0) => Ok(only),
        (None, _) => refused("none".to_owned()),
        (Some(_), more) => refused((more + 1).to_string()),
    }
}

fn unexpected(expected: &'static str, found: Element<'_>) -> Rejection {
    let found = format!("{} in the namespace {:?}", found.local_name(), found.namespace());
    Rejection::new(Code::UnexpectedMessage, expected, found)
}
