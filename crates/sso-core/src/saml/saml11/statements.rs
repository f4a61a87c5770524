//! The statements of an assertion, but for their subjects (SAML 1.1 Core 2.4.3, 2.4.4).

use super::super::schema::{Order, required};
use super::super::statements::{Attributes, AuthnStatement};
use super::super::time;
use crate::error::Rejection;
use crate::xml::{Element, ns};
use std::borrow::Cow;

/// Reads an `AuthenticationStatement`: its method is the authentication context. It has no session.
///
/// # Errors
/// `schema_violation`, `invalid_time`.
pub(super) fn authentication(statement: Element<'_>) -> Result<AuthnStatement<'_>, Rejection> {
    let mut order = Order::of(statement)?;
    for child in statement.children() {
        match (child.local_name(), child.namespace()) {
            ("Subject", ns::SAML1) => order.once(child, 1)?,
            ("SubjectLocality", ns::SAML1) => order.once(child, 2)?,
            ("AuthorityBinding", ns::SAML1) => order.repeated(child, 3)?,
            _ => return Err(order.misplaced(child)),
        }
    }
    Ok(AuthnStatement {
        instant: time::read(required(statement, "AuthenticationInstant")?)?,
        session_index: None,
        session_not_on_or_after: None,
        class_ref: Some(Cow::Borrowed(required(statement, "AuthenticationMethod")?)),
    })
}

/// Adds the attributes of an `AttributeStatement` to those of the assertion.
///
/// # Errors
/// `schema_violation`.
pub(super) fn attributes<'e>(
    statement: Element<'e>,
    attributes: &mut Attributes<'e>,
) -> Result<(), Rejection> {
    let mut order = Order::of(statement)?;
    for child in statement.children() {
        match (child.local_name(), child.namespace()) {
            ("Subject", ns::SAML1) => order.once(child, 1)?,
            ("Attribute", ns::SAML1) => {
                order.repeated(child, 2)?;
                attributes.attribute(claim_uri(child)?, child)?;
            }
            _ => return Err(order.misplaced(child)),
        }
    }
    Ok(())
}

/// The name by which the claim is known where names are URIs: the namespace, a slash, the name
/// (FIELD 2.1).
fn claim_uri(attribute: Element<'_>) -> Result<Cow<'_, str>, Rejection> {
    let namespace = required(attribute, "AttributeNamespace")?;
    let name = required(attribute, "AttributeName")?;
    Ok(match namespace {
        "" => Cow::Borrowed(name),
        namespace => Cow::Owned(format!("{namespace}/{name}")),
    })
}
