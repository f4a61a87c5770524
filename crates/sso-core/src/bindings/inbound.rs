//! A message that a browser brought. Nobody vouches for a byte of it.

use crate::error::Rejection;
use crate::xml::{Document, Element, Limits, ns};
use std::borrow::Cow;

/// The bytes of a message and what came beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    xml: Vec<u8>,
    relay_state: Option<String>,
}

/// What an unverified message says of itself: good for look-ups, for no decision. A wrong hint finds
/// the wrong request or none, and the verifier refuses what does not answer the request it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hints<'m> {
    /// Who it says it is from.
    pub issuer: Option<Cow<'m, str>>,
    /// Which request it says it answers.
    pub in_response_to: Option<&'m str>,
}

impl Inbound {
    pub(super) fn new(xml: Vec<u8>, relay_state: Option<String>) -> Self {
        Self { xml, relay_state }
    }

    /// The RelayState beside it; none where it was empty.
    pub fn relay_state(&self) -> Option<&str> {
        self.relay_state.as_deref()
    }

    /// The message as it came, decoded.
    pub fn xml(&self) -> &[u8] {
        &self.xml
    }

    /// The message, parsed.
    ///
    /// # Errors
    /// What [`Message::parse`] refuses.
    pub fn message(&self) -> Result<Message<'_>, Rejection> {
        Message::parse(&self.xml)
    }
}

/// A message parsed, once: the look-ups and the verifier read the same tree. It offers nothing but
/// [`hints`](Self::hints); all else of it comes out of [`login`](crate::login), verified.
#[derive(Debug)]
pub struct Message<'a> {
    document: Document<'a>,
    xml: &'a [u8],
}

impl<'a> Message<'a> {
    /// Parses a message, within the limits of one (SPEC 4.1).
    ///
    /// # Errors
    /// What [`Document::parse`] refuses.
    pub fn parse(xml: &'a [u8]) -> Result<Self, Rejection> {
        Ok(Self { document: Document::parse(xml, &Limits::MESSAGE)?, xml })
    }

    /// The bytes that were parsed, for another parser.
    pub fn xml(&self) -> &'a [u8] {
        self.xml
    }

    /// What the message says of itself. Where the response leaves the request to its assertion, the
    /// first confirmation that names one is taken.
    pub fn hints(&self) -> Hints<'_> {
        let root = self.root();
        let issuer = root.children().find(|child| child.is(ns::SAML, "Issuer"));
        Hints {
            issuer: issuer.and_then(|issuer| issuer.text().ok()),
            in_response_to: root.attribute("InResponseTo").or_else(|| confirmed_request(root)),
        }
    }

    /// The document element, for the verifier.
    pub(crate) fn root(&self) -> Element<'_> {
        self.document.root()
    }
}

fn confirmed_request(root: Element<'_>) -> Option<&str> {
    let mut data = root.descendants().filter(|e| e.is(ns::SAML, "SubjectConfirmationData"));
    data.find_map(|data| data.attribute("InResponseTo"))
}
