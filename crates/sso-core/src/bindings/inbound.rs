//! A message that a browser brought. Nobody vouches for a byte of it.

use super::{paos, soap};
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
    around: Around<'a>,
}

/// What there is around a message.
#[derive(Debug, Clone, Copy)]
enum Around<'a> {
    /// Nothing.
    Nothing,
    /// An envelope with the answer to the request of this ID, which has the message.
    Answer(&'a str),
    /// An envelope of a client.
    Client,
}

impl<'a> Message<'a> {
    /// Parses a message, within the limits of one (SPEC 4.1).
    ///
    /// # Errors
    /// What [`Document::parse`] refuses.
    pub fn parse(xml: &'a [u8]) -> Result<Self, Rejection> {
        Ok(Self { document: Document::parse(xml, &Limits::MESSAGE)?, xml, around: Around::Nothing })
    }

    /// Parses the envelope that came when the message of an artifact was asked for by the request
    /// `resolve_id` (SAML Bindings 3.6).
    ///
    /// # Errors
    /// What [`Message::parse`] refuses; `unexpected_message` for anything but an envelope with one content.
    pub fn resolved(envelope: &'a [u8], resolve_id: &'a str) -> Result<Self, Rejection> {
        Self { around: Around::Answer(resolve_id), ..Self::parse(envelope)? }.with_content()
    }

    /// Parses the envelope that an enhanced client posted (SAML Profiles 4.2).
    ///
    /// # Errors
    /// What [`Message::parse`] refuses; `unexpected_message` for anything but an envelope with one content
    /// and the headers of the profile.
    pub fn of_client(envelope: &'a [u8]) -> Result<Self, Rejection> {
        Self { around: Around::Client, ..Self::parse(envelope)? }.with_content()
    }

    /// The RelayState that an enhanced client brought back, if it did.
    ///
    /// # Errors
    /// `duplicate_parameter`, `schema_violation`.
    pub fn client_relay_state(&self) -> Result<Option<String>, Rejection> {
        match self.around {
            Around::Client => paos::relay_state(self.document.root()),
            Around::Nothing | Around::Answer(_) => Ok(None),
        }
    }

    /// The request that it has to be the answer to, where it came for an artifact.
    pub(crate) fn resolve_id(&self) -> Option<&'a str> {
        match self.around {
            Around::Answer(id) => Some(id),
            Around::Nothing | Around::Client => None,
        }
    }

    /// Whether the document is the message itself.
    pub(crate) fn stands_alone(&self) -> bool {
        matches!(self.around, Around::Nothing)
    }

    /// The bytes that were parsed, for another parser.
    pub fn xml(&self) -> &'a [u8] {
        self.xml
    }

    /// What the message says of itself. Where the response leaves the request to its assertion, the
    /// first confirmation that names one is taken.
    pub fn hints(&self) -> Hints<'_> {
        let root = self.inner();
        let issuer = root.children().find(|child| child.is(ns::SAML, "Issuer"));
        Hints {
            issuer: issuer.and_then(|issuer| issuer.text().ok()),
            in_response_to: root.attribute("InResponseTo").or_else(|| confirmed_request(root)),
        }
    }

    /// Whether it is a response, and not something else, or an answer without one.
    pub fn is_response(&self) -> bool {
        self.inner().is(ns::SAMLP, "Response")
    }

    /// The document element, or the content of the envelope, for the verifier.
    pub(crate) fn root(&self) -> Element<'_> {
        // That there is one was seen when it was parsed.
        self.content().unwrap_or_else(|_| self.document.root())
    }

    fn with_content(self) -> Result<Self, Rejection> {
        self.content()?;
        Ok(self)
    }

    fn content(&self) -> Result<Element<'_>, Rejection> {
        let root = self.document.root();
        match self.around {
            Around::Nothing => Ok(root),
            Around::Answer(_) => soap::content(root, |_| false),
            Around::Client => paos::content(root),
        }
    }

    /// The message itself, where another one may be around it.
    fn inner(&self) -> Element<'_> {
        let root = self.root();
        let response = || root.children().find(|child| child.is(ns::SAMLP, "Response"));
        self.resolve_id().and_then(|_| response()).unwrap_or(root)
    }
}

fn confirmed_request(root: Element<'_>) -> Option<&str> {
    let mut data = root.descendants().filter(|e| e.is(ns::SAML, "SubjectConfirmationData"));
    data.find_map(|data| data.attribute("InResponseTo"))
}
