//! A logout message as its binding brought it: nobody vouches for a byte of it.

use crate::bindings::redirect::RedirectMessage;
use crate::bindings::{Message, soap};
use crate::dsig::{self, Policy, Signature, SignedXml, TrustedKeys};
use crate::error::{Code, Rejection};
use crate::xml::Element;

/// A logout message, parsed.
#[derive(Debug, Clone, Copy)]
pub enum ReceivedLogout<'m> {
    /// From a query, whose own signature is what counts (SAML Bindings 3.4.4.1).
    Query(&'m RedirectMessage<'m>),
    /// From a form, signed inside (SAML Bindings 3.5).
    Form(&'m Message<'m>),
    /// From an envelope, signed inside (SAML Bindings 3.2).
    Soap(&'m soap::Envelope<'m>),
}

impl<'m> ReceivedLogout<'m> {
    /// The ID of the request that it says it answers: good for a look-up, for no decision.
    pub fn in_response_to(&self) -> Option<&'m str> {
        self.root().ok()?.attribute("InResponseTo")
    }

    pub(super) fn root(&self) -> Result<Element<'m>, Rejection> {
        match self {
            Self::Query(message) => Ok(message.root()),
            Self::Form(message) => Ok(message.root()),
            Self::Soap(envelope) => envelope.content(),
        }
    }

    /// Whether it says that it is signed in the way of its binding.
    pub(super) fn is_signed(&self, inside: Option<&Signature<'_>>) -> bool {
        match self {
            Self::Query(message) => message.is_signed(),
            Self::Form(_) | Self::Soap(_) => inside.is_some(),
        }
    }

    /// Verifies the signature that the binding demands, over the whole message.
    pub(super) fn verify(
        &self,
        inside: Option<&Signature<'m>>,
        keys: &TrustedKeys,
        policy: &Policy<'_>,
    ) -> Result<SignedXml<'m>, Rejection> {
        match (self, inside) {
            (Self::Query(message), _) => message.verify(keys, policy),
            (_, Some(signature)) => dsig::verify(signature, keys, policy),
            (_, None) => {
                let expected = "a signature in the message";
                Err(Rejection::new(Code::Unsigned, expected, "no Signature"))
            }
        }
    }
}
