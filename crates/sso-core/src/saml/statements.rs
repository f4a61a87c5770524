//! What an assertion states: that its subject was authenticated, and the subject's attributes
//! (SAML Core 2.7).

use super::encrypted_parts::EncryptedParts;
use super::schema::{Order, elements_only, instant, required};
use super::time;
use crate::error::Rejection;
use crate::xml::{Element, ns};
use ::time::OffsetDateTime;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// An `AuthnStatement` (Core 2.7.2).
#[derive(Debug)]
pub(crate) struct AuthnStatement<'e> {
    pub(crate) instant: OffsetDateTime,
    pub(crate) session_index: Option<&'e str>,
    pub(super) session_not_on_or_after: Option<OffsetDateTime>,
    pub(crate) class_ref: Option<Cow<'e, str>>,
}

impl<'e> AuthnStatement<'e> {
    /// Reads an `AuthnStatement`.
    ///
    /// # Errors
    /// `schema_violation`, `invalid_time`.
    pub(super) fn read(element: Element<'e>) -> Result<Self, Rejection> {
        elements_only(element)?;
        let context = element.required_child(ns::SAML, "AuthnContext")?;
        let class_ref = context.child(ns::SAML, "AuthnContextClassRef")?;
        Ok(Self {
            instant: time::read(required(element, "AuthnInstant")?)?,
            session_index: element.attribute("SessionIndex"),
            session_not_on_or_after: instant(element, "SessionNotOnOrAfter")?,
            class_ref: class_ref.map(|c| c.text()).transpose()?,
        })
    }
}

/// The attributes of an assertion, in its order. Elements of one Name are one attribute
/// (Profiles 8.1.3): its values follow each other, and nothing is lost whichever comes last
/// (ATTACKS TXT-06). FriendlyName and NameFormat are for people and do not tell attributes apart.
#[derive(Debug, Default)]
pub(super) struct Attributes<'e> {
    /// Each Name with its values.
    pub(super) values: Vec<(String, Vec<String>)>,
    /// Where a Name is among the values.
    places: BTreeMap<Cow<'e, str>, usize>,
    /// The Names that more than one element has.
    pub(super) repeated: Vec<Cow<'e, str>>,
}

impl<'e> Attributes<'e> {
    /// Adds an `AttributeStatement`.
    ///
    /// # Errors
    /// `schema_violation`, `decryption` for an `EncryptedAttribute` that was not decrypted.
    pub(super) fn add(
        &mut self,
        statement: Element<'e>,
        parts: &'e EncryptedParts<'_>,
    ) -> Result<(), Rejection> {
        let mut order = Order::of(statement)?;
        for child in statement.children() {
            match (child.local_name(), child.namespace()) {
                ("Attribute", ns::SAML) => {
                    order.repeated(child, 1)?;
                    self.attribute(Cow::Borrowed(required(child, "Name")?), child)?;
                }
                ("EncryptedAttribute", ns::SAML) => {
                    order.repeated(child, 1)?;
                    let decrypted = parts.of(child)?.element();
                    self.attribute(Cow::Borrowed(required(decrypted, "Name")?), decrypted)?;
                }
                _ => return Err(order.misplaced(child)),
            }
        }
        Ok(())
    }

    /// Whether the elements of this Name give several values, empty ones aside.
    pub(super) fn contradicts_itself(&self, name: &str) -> bool {
        let values = self.places.get(name).and_then(|place| self.values.get(*place));
        let mut given = values.iter().flat_map(|(_, values)| values).filter(|v| !v.is_empty());
        let first = given.next();
        given.any(|value| Some(value) != first)
    }

    /// Adds an `Attribute` under its name.
    ///
    /// # Errors
    /// `schema_violation`.
    pub(super) fn attribute(
        &mut self,
        name: Cow<'e, str>,
        element: Element<'e>,
    ) -> Result<(), Rejection> {
        let next = self.values.len();
        let place = *self.places.entry(name.clone()).or_insert(next);
        if place == next {
            self.values.push((name.into_owned(), Vec::new()));
        } else {
            self.repeated.push(name);
        }
        let Some((_, values)) = self.values.get_mut(place) else { return Ok(()) };
        let mut order = Order::of(element)?;
        for child in element.children() {
            if !child.is(element.namespace(), "AttributeValue") {
                return Err(order.misplaced(child));
            }
            order.repeated(child, 1)?;
            if let Some(value) = attribute_value(child)? {
                values.push(value.into_owned());
            }
        }
        Ok(())
    }
}

/// The text of an `AttributeValue`; the empty text where it is empty. `None` where it is nil
/// (Core 2.7.3.1.1) or holds a structure, of which no part is taken for the whole. A structure that
/// is one NameID, as eduPersonTargetedID is, counts by its value.
fn attribute_value(element: Element<'_>) -> Result<Option<Cow<'_, str>>, Rejection> {
    let mut children = element.children();
    match (children.next(), children.next()) {
        (None, _) if matches!(element.attribute_ns(ns::XSI, "nil"), Some("true" | "1")) => Ok(None),
        (None, _) => element.text().map(Some),
        (Some(only), None) if only.is(ns::SAML, "NameID") && !element.has_text() => {
            only.text().map(Some)
        }
        _ => Ok(None),
    }
}
