//! A genuine message taken apart: the elements that attacks take hold of, in a response of SAML 2.0 and in
//! an answer of WS-Federation alike.

use super::attack::Inapplicable;
use super::attacker::Attacker;
use super::case::{Asked, Case};
use super::edit::Edit;
use super::wrapping::extensions;
use sso_core::dsig::{self, Recipient};
use sso_core::xml::{Document, Element, ns};

type Found<'d> = Result<Element<'d>, Inapplicable>;

/// What attacks are made of.
pub(super) struct Base<'d> {
    pub(super) case: &'d Case,
    /// The message as it was sent.
    pub(super) whole: Genuine<'d>,
    /// The same without the response's own signature, where the assertion carries one of its own:
    /// nothing outside the assertion is signed then.
    bare: Option<Genuine<'d>>,
    pub(super) attacker: Attacker<'d>,
}

/// What carries an assertion, and of which version it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A response of SAML 2.0.
    Response,
    /// An answer of WS-Federation with a token of SAML 1.1.
    Token11,
    /// An answer of WS-Federation with a token of SAML 2.0.
    Token20,
}

impl Kind {
    fn of(case: &Case, genuine: Genuine<'_>) -> Self {
        match case.asked {
            Asked::Response(_) | Asked::UnsolicitedResponse => Self::Response,
            Asked::Token | Asked::UnsolicitedToken => match genuine.namespace(case) {
                Some(ns::SAML1) => Self::Token11,
                _ => Self::Token20,
            },
        }
    }

    /// The namespace of the assertion.
    pub(super) fn namespace(self) -> &'static str {
        match self {
            Self::Token11 => ns::SAML1,
            Self::Token20 | Self::Response => ns::SAML,
        }
    }

    /// The attribute that is the assertion's ID.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Token11 => "AssertionID",
            Self::Token20 | Self::Response => "ID",
        }
    }
}

impl<'d> Base<'d> {
    pub(super) fn new(
        case: &'d Case,
        whole: &'d Document<'_>,
        bare: Option<&'d Document<'_>>,
    ) -> Self {
        let (whole, bare) = (Genuine(whole.root()), bare.map(|document| Genuine(document.root())));
        let attacker = Attacker::new(case, Kind::of(case, whole));
        Self { case, whole, bare, attacker }
    }

    pub(super) fn kind(&self) -> Kind {
        self.attacker.kind
    }

    /// The message of which the most can be changed unnoticed.
    pub(super) fn loosest(&self) -> Genuine<'d> {
        self.bare.unwrap_or(self.whole)
    }

    /// The message with a signed assertion in something that is not signed.
    pub(super) fn assertion_signed(&self) -> Result<Genuine<'d>, Inapplicable> {
        let genuine = self.loosest();
        genuine.assertion_signature()?;
        match genuine.response_signature() {
            Err(_) => Ok(genuine),
            Ok(_) => Err(Inapplicable("this connection wants the response signed")),
        }
    }

    /// The message with a response that is signed itself.
    pub(super) fn response_signed(&self) -> Result<Genuine<'d>, Inapplicable> {
        self.whole.response_signature().map(|_| self.whole)
    }

    /// Refuses what is of responses alone.
    pub(super) fn is_response(&self) -> Result<(), Inapplicable> {
        match self.kind() {
            Kind::Response => Ok(()),
            _ => Err(Inapplicable("an answer of WS-Federation has no such thing")),
        }
    }
}

/// A message with a signature that holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Genuine<'d>(Element<'d>);

impl<'d> Genuine<'d> {
    /// The whole message: a `Response`, or a `RequestSecurityTokenResponse` or a collection of one.
    pub(super) fn response(self) -> Element<'d> {
        self.0
    }

    pub(super) fn response_issuer(self) -> Found<'d> {
        child(self.0, ns::SAML, "Issuer").ok_or(Inapplicable("the response has no Issuer"))
    }

    pub(super) fn response_signature(self) -> Found<'d> {
        child(self.0, ns::DS, "Signature").ok_or(Inapplicable("the response itself is not signed"))
    }

    pub(super) fn status(self) -> Found<'d> {
        child(self.0, ns::SAMLP, "Status").ok_or(Inapplicable("the response has no Status"))
    }

    /// Where an answer of WS-Federation has its token.
    pub(super) fn requested(self) -> Found<'d> {
        let mut elements = self.0.descendants();
        let requested = elements.find(|element| {
            matches!(element.namespace(), ns::WST | ns::WST13)
                && element.local_name() == "RequestedSecurityToken"
        });
        requested.ok_or(Inapplicable("it is no answer of WS-Federation"))
    }

    /// What the assertion stands in, plain or encrypted.
    pub(super) fn holder(self) -> Element<'d> {
        self.requested().unwrap_or(self.0)
    }

    /// Something beside what carries the assertion, where a message may have anything: in `Extensions` of a
    /// response; beside the `RequestedSecurityToken` of an answer.
    pub(super) fn extend(self, edit: Edit<'d>, more: &str) -> Result<Edit<'d>, Inapplicable> {
        match self.requested() {
            Ok(requested) => Ok(edit.before(requested, more)),
            Err(_) => Ok(edit.before(self.status()?, extensions(more))),
        }
    }

    /// The assertion, plain or encrypted.
    pub(super) fn body(self) -> Found<'d> {
        let body = self.assertion().or_else(|_| self.encrypted());
        body.map_err(|_| Inapplicable("the message has no assertion"))
    }

    pub(super) fn assertion(self) -> Found<'d> {
        let found = child(self.holder(), ns::SAML, "Assertion");
        let found = found.or_else(|| child(self.holder(), ns::SAML1, "Assertion"));
        found.ok_or(Inapplicable("the assertion is encrypted"))
    }

    pub(super) fn encrypted(self) -> Found<'d> {
        let found = child(self.holder(), ns::SAML, "EncryptedAssertion");
        let found = found.or_else(|| child(self.holder(), ns::XENC, "EncryptedData"));
        found.ok_or(Inapplicable("the assertion is not encrypted"))
    }

    pub(super) fn assertion_signature(self) -> Found<'d> {
        let found = child(self.assertion()?, ns::DS, "Signature");
        found.ok_or(Inapplicable("the assertion itself is not signed"))
    }

    /// The signature that stands in the message: the response's, else the assertion's.
    pub(super) fn signature(self) -> Found<'d> {
        let missing = Inapplicable("the one signature is inside the encrypted assertion");
        self.response_signature().or_else(|_| self.assertion_signature()).map_err(|_| missing)
    }

    /// The first element of that name in the assertion.
    pub(super) fn in_assertion(self, local: &str) -> Found<'d> {
        let assertion = self.assertion()?;
        let mut inside = assertion.descendants();
        let found = inside.find(|element| element.is(assertion.namespace(), local));
        found.ok_or(Inapplicable("the assertion has no such element"))
    }

    /// The name of the person, as the version of the assertion calls it.
    pub(super) fn name_id(self) -> Found<'d> {
        self.in_assertion("NameID")
            .or_else(|reason| self.in_assertion("NameIdentifier").map_err(|_| reason))
    }

    /// The first element of that name in the signature.
    pub(super) fn in_signature(self, local: &str) -> Found<'d> {
        let mut inside = self.signature()?.descendants();
        let found = inside.find(|element| element.is(ns::DS, local));
        found.ok_or(Inapplicable("the signature has no such element"))
    }

    /// The namespace of the assertion, also of one that our keys decrypt.
    fn namespace(self, case: &Case) -> Option<&'static str> {
        let known =
            |namespace: &str| [ns::SAML, ns::SAML1].into_iter().find(|known| *known == namespace);
        if let Ok(assertion) = self.assertion() {
            return known(assertion.namespace());
        }
        let party = &case.party;
        let recipient = Recipient {
            entity_id: &party.sp_entity_id,
            keys: &party.decryption_keys,
            grants: &party.grants,
        };
        let encrypted = self.encrypted().ok()?;
        let is_bare = encrypted.is(ns::XENC, "EncryptedData");
        let holder = if is_bare { encrypted.parent()? } else { encrypted };
        let plaintext = dsig::decrypt(holder, &recipient, None).ok()?;
        let decrypted = plaintext.parse().ok()?;
        known(decrypted.element().namespace())
    }
}

fn child<'d>(parent: Element<'d>, namespace: &str, local: &str) -> Option<Element<'d>> {
    parent.children().find(|child| child.is(namespace, local))
}

/// The message without the response's own signature, where its assertion carries one of its own.
pub(super) fn without_response_signature(document: &Document<'_>) -> Option<String> {
    let genuine = Genuine(document.root());
    let (signature, _) = (genuine.response_signature().ok()?, genuine.assertion_signature().ok()?);
    Some(Edit::of(genuine.response()).remove(signature).done())
}
