//! A genuine message taken apart: the elements that attacks take hold of.

use super::attack::Inapplicable;
use super::attacker::Attacker;
use super::case::Case;
use super::edit::Edit;
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

impl<'d> Base<'d> {
    pub(super) fn new(
        case: &'d Case,
        whole: &'d Document<'_>,
        bare: Option<&'d Document<'_>>,
    ) -> Self {
        let bare = bare.map(|document| Genuine(document.root()));
        Self { case, whole: Genuine(whole.root()), bare, attacker: Attacker::new(case) }
    }

    /// The message of which the most can be changed unnoticed.
    pub(super) fn loosest(&self) -> Genuine<'d> {
        self.bare.unwrap_or(self.whole)
    }

    /// The message with a signed assertion in an unsigned response.
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
}

/// A message with a signature that holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Genuine<'d>(Element<'d>);

impl<'d> Genuine<'d> {
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

    /// The assertion, plain or encrypted.
    pub(super) fn body(self) -> Found<'d> {
        let encrypted = || child(self.0, ns::SAML, "EncryptedAssertion");
        let body = self.assertion().ok().or_else(encrypted);
        body.ok_or(Inapplicable("the response has no assertion"))
    }

    pub(super) fn assertion(self) -> Found<'d> {
        let found = child(self.0, ns::SAML, "Assertion");
        found.ok_or(Inapplicable("the assertion is encrypted"))
    }

    pub(super) fn encrypted(self) -> Found<'d> {
        let found = child(self.0, ns::SAML, "EncryptedAssertion");
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
        let mut inside = self.assertion()?.descendants();
        let found = inside.find(|element| element.is(ns::SAML, local));
        found.ok_or(Inapplicable("the assertion has no such element"))
    }

    /// The first element of that name in the signature.
    pub(super) fn in_signature(self, local: &str) -> Found<'d> {
        let mut inside = self.signature()?.descendants();
        let found = inside.find(|element| element.is(ns::DS, local));
        found.ok_or(Inapplicable("the signature has no such element"))
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
