//! A message that a browser brought. Nobody vouches for a byte of it.

use crate::error::Rejection;
use crate::xml::{Document, Element, Limits, ns};

/// The bytes of a message and what came beside it. It offers nothing but [`hints`](Self::hints) and
/// the bytes themselves, for the verifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    xml: Vec<u8>,
    relay_state: Option<String>,
}

/// What an unverified message says of itself: good for look-ups, for no decision. A wrong hint finds
/// the wrong request or none, and the verifier refuses what does not answer the request it is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// Who it says it is from.
    pub issuer: Option<String>,
    /// Which request it says it answers.
    pub in_response_to: Option<String>,
}

impl Inbound {
    pub(super) fn new(xml: Vec<u8>, relay_state: Option<String>) -> Self {
        Self { xml, relay_state }
    }

    /// The message as it came, for [`login`](crate::login) to verify.
    pub fn xml(&self) -> &[u8] {
        &self.xml
    }

    /// The RelayState beside it; none where it was empty.
    pub fn relay_state(&self) -> Option<&str> {
        self.relay_state.as_deref()
    }

    /// What the message says of itself. Where the response leaves the request to its assertion, the
    /// first confirmation that names one is taken.
    ///
    /// # Errors
    /// What [`Document::parse`] refuses.
    pub fn hints(&self) -> Result<Hints, Rejection> {
        let document = Document::parse(&self.xml, &Limits::MESSAGE)?;
        let root = document.root();
        let issuer = root.children().find(|child| child.is(ns::SAML, "Issuer"));
        let issuer = issuer.and_then(|issuer| issuer.text().ok());
        let in_response_to = root.attribute("InResponseTo").or_else(|| confirmed_request(root));
        Ok(Hints {
            issuer: issuer.map(|issuer| issuer.trim().to_owned()),
            in_response_to: in_response_to.map(str::to_owned),
        })
    }
}

fn confirmed_request(root: Element<'_>) -> Option<&str> {
    let mut data = root.descendants().filter(|e| e.is(ns::SAML, "SubjectConfirmationData"));
    data.find_map(|data| data.attribute("InResponseTo"))
}
