//! The outside of a logout message: nobody vouches for it yet, so that it can refuse a message and
//! supplies no value (SAML Core 3.7; ATTACKS SLO-01, SLO-02).

use super::super::head::Head;
use super::super::status::Status;
use crate::dsig::{self, Signature};
use crate::error::{Code, Rejection};
use crate::xml::{Element, ns};

/// Which of the two messages of logout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `LogoutRequest`.
    Request,
    /// `LogoutResponse`.
    Response,
}

impl Kind {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Request => "LogoutRequest",
            Self::Response => "LogoutResponse",
        }
    }
}

/// The outside of a logout message.
#[derive(Debug)]
pub(crate) struct Outside<'e> {
    pub(super) kind: Kind,
    pub(super) head: Head<'e>,
    pub(super) status: Option<Status<'e>>,
    /// The signature in the message, if there is one.
    pub(crate) signature: Option<Signature<'e>>,
}

impl<'e> Outside<'e> {
    /// Looks at the outside of a message that must be of this kind.
    ///
    /// # Errors
    /// `unexpected_message`, `reference_not_root`, `schema_violation`, `invalid_time`, and what
    /// [`dsig::signature_of`] refuses.
    pub(crate) fn read(root: Element<'e>, kind: Kind) -> Result<Self, Rejection> {
        if !root.is(ns::SAMLP, kind.name()) {
            let found = format!("{} in the namespace {:?}", root.local_name(), root.namespace());
            let expected = format!("a SAML 2.0 {}", kind.name());
            return Err(Rejection::new(Code::UnexpectedMessage, expected, found));
        }
        let signature = dsig::signature_of(root)?;
        no_other_signature(root)?;
        let head = Head::read(root)?;
        let status = head.body.iter().find(|child| child.is(ns::SAMLP, "Status"));
        let status = status.map(|status| Status::read(*status)).transpose()?;
        Ok(Self { kind, head, status, signature })
    }
}

/// Refuses a signature that is not of the message itself: however good it is, it vouches for something
/// else (ATTACKS SLO-02, XSW-16).
fn no_other_signature(root: Element<'_>) -> Result<(), Rejection> {
    let is_other =
        |element: &Element<'_>| element.is(ns::DS, "Signature") && element.parent() != Some(root);
    match root.descendants().find(is_other).and_then(|signature| signature.parent()) {
        None => Ok(()),
        Some(parent) => Err(Rejection::new(
            Code::ReferenceNotRoot,
            "a signature directly in the message alone",
            format!("one in {}", parent.local_name()),
        )),
    }
}
