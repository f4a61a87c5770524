//! `Status`: how the identity provider says that a request went (SAML Core 3.2.2.1).
//!
//! A refusal is reported whole, nested codes and message, also when nothing is signed: it gives
//! nobody anything (SPEC 4.3).

use super::names::{STATUS_PARTIAL_LOGOUT, STATUS_SUCCESS};
use crate::error::Rejection;
use crate::xml::{Element, ns};
use std::borrow::Cow;

/// The status of a response.
#[derive(Debug)]
pub(super) struct Status<'e> {
    code: Option<Element<'e>>,
    message: Option<Cow<'e, str>>,
}

impl<'e> Status<'e> {
    /// Reads a `Status`. One without a code is no success; what else may stand in it decides nothing
    /// and is passed over.
    ///
    /// # Errors
    /// `schema_violation` for two codes or two messages.
    pub(super) fn read(element: Element<'e>) -> Result<Self, Rejection> {
        let code = element.child(ns::SAMLP, "StatusCode")?;
        let message = element.child(ns::SAMLP, "StatusMessage")?;
        Ok(Self { code, message: message.map(message_text).transpose()? })
    }

    /// Whether the top-level code says success. Nested codes cannot make a success of a failure.
    pub(super) fn is_success(&self) -> bool {
        self.code.and_then(|code| code.attribute("Value")) == Some(STATUS_SUCCESS)
    }

    /// Whether one of the codes says that a logout did not reach everybody (SAML Core 3.7.3.2), whatever
    /// the one above it says: identity providers do not agree on that.
    pub(super) fn is_partial_logout(&self) -> bool {
        self.codes().any(|code| code.attribute("Value") == Some(STATUS_PARTIAL_LOGOUT))
    }

    /// The codes from the top down.
    fn codes(&self) -> impl Iterator<Item = Element<'e>> {
        /// The specification has two levels; a few more are looked at, not thousands.
        const LEVELS: usize = 4;
        std::iter::successors(self.code, |code| nested(*code)).take(LEVELS)
    }
}

/// The text of a `StatusMessage`. npm samlp puts it into an attribute `Value`, which the schema does
/// not have; it is for people to read, so it is taken from there too.
fn message_text(element: Element<'_>) -> Result<Cow<'_, str>, Rejection> {
    let text = element.text()?;
    Ok(match element.attribute("Value") {
        Some(value) if text.is_empty() => Cow::Borrowed(value),
        _ => text,
    })
}

/// The code inside a code.
fn nested(code: Element<'_>) -> Option<Element<'_>> {
    code.children().find(|child| child.is(ns::SAMLP, "StatusCode"))
}

impl std::fmt::Display for Status<'_> {
    /// The codes from the top down, then the message: `…:Responder / …:RequestDenied: not today`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.code.is_none() {
            return f.write_str("no StatusCode");
        }
        for (level, code) in self.codes().enumerate() {
            let separator = if level == 0 { "" } else { " / " };
            let value = code.attribute("Value").unwrap_or("a StatusCode without Value");
            write!(f, "{separator}{value}")?;
        }
        match self.message.as_deref() {
            Some(message) if !message.is_empty() => write!(f, ": {message}"),
            _ => Ok(()),
        }
    }
}
