//! `Subject`: who an assertion speaks of, and how a bearer of it is confirmed (SAML Core 2.4).

use super::encrypted_parts::EncryptedParts;
use super::name_id::NameId;
use super::names::METHOD_BEARER;
use super::schema::{Order, instant};
use crate::error::Rejection;
use crate::xml::{Element, ns};
use time::OffsetDateTime;

/// The subject of an assertion.
#[derive(Debug, Default)]
pub(super) struct Subject<'e> {
    pub(super) name_id: Option<NameId<'e>>,
    /// The bearer confirmations; any other confirms nothing that can be seen here
    /// (ATTACKS PROT-08).
    pub(super) bearers: Vec<Bearer<'e>>,
}

/// A `SubjectConfirmation` whose method is bearer, and what its `SubjectConfirmationData` hold the bearer
/// to. The default has none.
#[derive(Debug, Default)]
pub(super) struct Bearer<'e> {
    pub(super) has_data: bool,
    pub(super) recipient: Option<&'e str>,
    pub(super) in_response_to: Option<&'e str>,
    pub(super) not_before: Option<OffsetDateTime>,
    pub(super) not_on_or_after: Option<OffsetDateTime>,
}

impl<'e> Subject<'e> {
    /// Reads a `Subject`.
    ///
    /// # Errors
    /// `schema_violation` (two identifiers too, ATTACKS TXT-04), `invalid_time`, `decryption` for an
    /// `EncryptedID` that was not decrypted.
    pub(super) fn read(
        element: Element<'e>,
        parts: &'e EncryptedParts<'_>,
    ) -> Result<Self, Rejection> {
        let mut subject = Self::default();
        let mut identified = false;
        let mut order = Order::of(element)?;
        for child in element.children() {
            let identifies = matches!(child.local_name(), "NameID" | "BaseID" | "EncryptedID");
            if identifies && std::mem::replace(&mut identified, true) {
                return Err(order.misplaced(child));
            }
            match (child.local_name(), child.namespace()) {
                ("NameID", ns::SAML) => {
                    order.once(child, 1)?;
                    subject.name_id = Some(NameId::read(child)?);
                }
                ("BaseID", ns::SAML) => order.once(child, 1)?,
                // SimpleSAMLphp has long written it last; only one is there wherever it stands.
                ("EncryptedID", ns::SAML) => {
                    subject.name_id = Some(NameId::read(parts.of(child)?.element())?);
                }
                ("SubjectConfirmation", ns::SAML) => {
                    order.repeated(child, 2)?;
                    if child.attribute("Method") == Some(METHOD_BEARER) {
                        subject.bearers.push(Bearer::read(child)?);
                    }
                }
                _ => return Err(order.misplaced(child)),
            }
        }
        Ok(subject)
    }
}

impl<'e> Bearer<'e> {
    fn read(confirmation: Element<'e>) -> Result<Self, Rejection> {
        let Some(data) = confirmation.child(ns::SAML, "SubjectConfirmationData")? else {
            return Ok(Self::default());
        };
        Ok(Self {
            has_data: true,
            recipient: data.attribute("Recipient"),
            in_response_to: data.attribute("InResponseTo"),
            not_before: instant(data, "NotBefore")?,
            not_on_or_after: instant(data, "NotOnOrAfter")?,
        })
    }
}
