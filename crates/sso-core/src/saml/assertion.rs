//! What an assertion says, and the reader of those of SAML 2.0 (SAML Core 2.3.3); [`saml11`](super::saml11)
//! reads the older ones into the same. Both take a verified element and nothing else, so no value can
//! come from anywhere but under a signature (DESIGN 3).
//!
//! It holds what it reads to the schema and understands times; whether the assertion is good for this
//! login is for the [rules](super::rules) to say. `Advice` is never read (ATTACKS XSW-12).

use super::conditions::Conditions;
use super::encrypted_parts::EncryptedParts;
use super::name_id::Issuer;
use super::schema::{Order, required};
use super::statements::{Attributes, AuthnStatement};
use super::subject::Subject;
use super::time;
use crate::dsig::SignedXml;
use crate::error::{Code, Rejection};
use crate::xml::{Element, ns};
use ::time::OffsetDateTime;
use std::borrow::Cow;

/// A verified assertion, read but not yet held to the rules.
#[derive(Debug)]
pub struct Assertion<'e> {
    pub(super) id: &'e str,
    /// Its version as it says, and the one that its namespace belongs to.
    pub(super) version: Cow<'e, str>,
    pub(super) schema_version: &'static str,
    pub(super) issue_instant: OffsetDateTime,
    pub(super) issuer: Option<Issuer<'e>>,
    pub(super) subject: Subject<'e>,
    /// Whether its statements are about different subjects. In SAML 1.1 each has its own.
    pub(super) subjects_differ: bool,
    pub(super) conditions: Option<Conditions<'e>>,
    /// Whether there are more `Conditions` than the one that was read.
    pub(super) conditions_repeated: bool,
    pub(super) authn_statements: Vec<AuthnStatement<'e>>,
    pub(super) attributes: Attributes<'e>,
}

impl<'e> Assertion<'e> {
    /// Reads a verified assertion of SAML 2.0, with those of its parts that were encrypted by themselves.
    ///
    /// # Errors
    /// `schema_violation`, `invalid_time`; `decryption` for an encrypted part that is not among `parts`.
    pub fn read(
        signed: &'e SignedXml<'_>,
        parts: &'e EncryptedParts<'_>,
    ) -> Result<Self, Rejection> {
        let element = signed.element();
        if !element.is(ns::SAML, "Assertion") {
            let found = element.local_name().to_owned();
            return Err(Rejection::new(Code::SchemaViolation, "a SAML 2.0 Assertion", found));
        }
        let mut assertion = Self {
            id: required(element, "ID")?,
            version: Cow::Borrowed(required(element, "Version")?),
            schema_version: "2.0",
            issue_instant: time::read(required(element, "IssueInstant")?)?,
            issuer: None,
            subject: Subject::default(),
            subjects_differ: false,
            conditions: None,
            conditions_repeated: false,
            authn_statements: Vec::new(),
            attributes: Attributes::default(),
        };
        let mut order = Order::of(element)?;
        for child in element.children() {
            assertion.take(child, parts, &mut order)?;
        }
        Ok(assertion)
    }

    fn take(
        &mut self,
        child: Element<'e>,
        parts: &'e EncryptedParts<'_>,
        order: &mut Order<'e>,
    ) -> Result<(), Rejection> {
        match (child.local_name(), child.namespace()) {
            ("Issuer", ns::SAML) => {
                order.once(child, 1)?;
                self.issuer = Some(Issuer::read(child)?);
            }
            ("Signature", ns::DS) => order.once(child, 2)?,
            ("Subject", ns::SAML) => {
                order.once(child, 3)?;
                self.subject = Subject::read(child, parts)?;
            }
            ("Conditions", ns::SAML) => {
                order.repeated(child, 4)?;
                self.conditions_repeated = self.conditions.is_some();
                self.conditions = Some(Conditions::read(child)?);
            }
            ("Advice", ns::SAML) => order.once(child, 5)?,
            ("AuthnStatement", ns::SAML) => {
                order.repeated(child, 6)?;
                self.authn_statements.push(AuthnStatement::read(child)?);
            }
            ("AttributeStatement", ns::SAML) => {
                order.repeated(child, 6)?;
                self.attributes.add(child, parts)?;
            }
            ("Statement" | "AuthzDecisionStatement", ns::SAML) => order.repeated(child, 6)?,
            _ => return Err(order.misplaced(child)),
        }
        Ok(())
    }
}
