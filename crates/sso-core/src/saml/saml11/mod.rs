//! Assertions of SAML 1.1, as ADFS and Windows Identity Foundation put them into WS-Federation (SAML 1.1
//! Core 2.3.2; SPEC 3), read into what those of SAML 2.0 are read into, so that one set of
//! [rules](super::rules) holds both.
//!
//! What is different is read here: the issuer in an attribute, a subject in each statement, a
//! confirmation that is a method and no more, attributes that have a namespace beside their name. `Advice`
//! is never read. Refused: what the schema does not have, with `schema_violation`.

mod statements;
mod subject;

use super::assertion::Assertion;
use super::conditions::Conditions;
use super::name_id::Issuer;
use super::schema::{Order, required};
use super::statements::Attributes;
use super::subject::Subject;
use super::time;
use crate::dsig::SignedXml;
use crate::error::{Code, Rejection};
use crate::xml::{Element, ns};
use std::borrow::Cow;

/// Reads a verified assertion of SAML 1.1.
///
/// # Errors
/// `schema_violation`, `invalid_time`.
pub(crate) fn read<'e>(signed: &'e SignedXml<'_>) -> Result<Assertion<'e>, Rejection> {
    let element = signed.element();
    if !element.is(ns::SAML1, "Assertion") {
        let found = element.local_name().to_owned();
        return Err(Rejection::new(Code::SchemaViolation, "a SAML 1.1 Assertion", found));
    }
    let (major, minor) = (required(element, "MajorVersion")?, required(element, "MinorVersion")?);
    let mut assertion = Assertion {
        id: required(element, "AssertionID")?,
        version: Cow::Owned(format!("{major}.{minor}")),
        schema_version: "1.1",
        issue_instant: time::read(required(element, "IssueInstant")?)?,
        issuer: Some(Issuer::named(required(element, "Issuer")?)),
        subject: Subject::default(),
        subjects_differ: false,
        conditions: None,
        conditions_repeated: false,
        authn_statements: Vec::new(),
        attributes: Attributes::default(),
    };
    let mut subject = None;
    let mut order = Order::of(element)?;
    for child in element.children() {
        match (child.local_name(), child.namespace()) {
            ("Conditions", ns::SAML1) => {
                order.repeated(child, 1)?;
                assertion.conditions_repeated = assertion.conditions.is_some();
                assertion.conditions = Some(Conditions::read(child)?);
            }
            ("Advice", ns::SAML1) => order.once(child, 2)?,
            ("AuthenticationStatement", ns::SAML1) => {
                order.repeated(child, 3)?;
                assertion.authn_statements.push(statements::authentication(child)?);
                assertion.is_about(&mut subject, child)?;
            }
            ("AttributeStatement", ns::SAML1) => {
                order.repeated(child, 3)?;
                statements::attributes(child, &mut assertion.attributes)?;
                assertion.is_about(&mut subject, child)?;
            }
            ("AuthorizationDecisionStatement" | "SubjectStatement", ns::SAML1) => {
                order.repeated(child, 3)?;
                assertion.is_about(&mut subject, child)?;
            }
            ("Statement", ns::SAML1) => order.repeated(child, 3)?,
            ("Signature", ns::DS) => order.once(child, 4)?,
            _ => return Err(order.misplaced(child)),
        }
    }
    assertion.subject = subject.unwrap_or_default();
    Ok(assertion)
}

impl<'e> Assertion<'e> {
    /// Takes the subject of a statement: that of the first is the assertion's, and each must be the same
    /// and be confirmed as the first is (ATTACKS WSF-05).
    fn is_about(
        &mut self,
        first: &mut Option<Subject<'e>>,
        statement: Element<'e>,
    ) -> Result<(), Rejection> {
        let next = subject::read(statement.required_child(ns::SAML1, "Subject")?)?;
        match first {
            None => *first = Some(next),
            Some(first) => {
                self.subjects_differ |= first.name_id != next.name_id;
                if next.bearers.is_empty() {
                    first.bearers.clear();
                }
            }
        }
        Ok(())
    }
}
