//! `Subject` of a statement: whom it is about, and how a bearer is confirmed (SAML 1.1 Core 2.4.2.2,
//! 2.4.2.3).

use super::super::name_id::NameId;
use super::super::names::METHOD_BEARER_1;
use super::super::schema::Order;
use super::super::subject::{Bearer, Subject};
use crate::error::Rejection;
use crate::xml::{Element, ns};

/// Reads a `Subject`. Of several confirmation methods one is enough.
///
/// # Errors
/// `schema_violation`.
pub(super) fn read(element: Element<'_>) -> Result<Subject<'_>, Rejection> {
    let mut subject = Subject::default();
    let mut order = Order::of(element)?;
    for child in element.children() {
        match (child.local_name(), child.namespace()) {
            ("NameIdentifier", ns::SAML1) => {
                order.once(child, 1)?;
                subject.name_id = Some(NameId::read(child)?);
            }
            ("SubjectConfirmation", ns::SAML1) => {
                order.once(child, 2)?;
                if is_bearer(child)? {
                    subject.bearers.push(Bearer::default());
                }
            }
            _ => return Err(order.misplaced(child)),
        }
    }
    Ok(subject)
}

fn is_bearer(confirmation: Element<'_>) -> Result<bool, Rejection> {
    let mut bearer = false;
    let mut order = Order::of(confirmation)?;
    for child in confirmation.children() {
        match (child.local_name(), child.namespace()) {
            ("ConfirmationMethod", ns::SAML1) => {
                order.repeated(child, 1)?;
                bearer |= child.text()? == METHOD_BEARER_1;
            }
            ("SubjectConfirmationData", ns::SAML1) => order.once(child, 2)?,
            ("KeyInfo", ns::DS) => order.once(child, 3)?,
            _ => return Err(order.misplaced(child)),
        }
    }
    Ok(bearer)
}
