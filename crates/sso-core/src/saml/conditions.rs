//! `Conditions`: when and for whom an assertion is valid (SAML Core 2.5.1; SAML 1.1 Core 2.3.2.1, where the
//! same conditions have other names).

use super::schema::{Order, elements_only, instant};
use crate::error::Rejection;
use crate::xml::{Element, ns};
use std::borrow::Cow;
use time::OffsetDateTime;

/// The conditions of an assertion.
#[derive(Debug, Default)]
pub(super) struct Conditions<'e> {
    pub(super) not_before: Option<OffsetDateTime>,
    pub(super) not_on_or_after: Option<OffsetDateTime>,
    /// How many audience restrictions there are; each must name us.
    restrictions: usize,
    /// Each audience with the number of its restriction, counted from 1, in document order.
    audiences: Vec<(usize, Cow<'e, str>)>,
    /// A condition that is not understood, which makes the assertion invalid (Core 2.5.1.1).
    pub(super) unknown: Option<&'e str>,
}

impl<'e> Conditions<'e> {
    /// Reads a `Conditions`.
    ///
    /// # Errors
    /// `schema_violation`, `invalid_time`.
    pub(super) fn read(element: Element<'e>) -> Result<Self, Rejection> {
        elements_only(element)?;
        let mut conditions = Self {
            not_before: instant(element, "NotBefore")?,
            not_on_or_after: instant(element, "NotOnOrAfter")?,
            ..Self::default()
        };
        for child in element.children() {
            match (child.local_name(), child.namespace()) {
                ("AudienceRestriction", ns::SAML) | ("AudienceRestrictionCondition", ns::SAML1) => {
                    conditions.restrict(child)?
                }
                // Once: replay is refused for every assertion. Proxying: we issue none.
                ("OneTimeUse" | "ProxyRestriction", ns::SAML)
                | ("DoNotCacheCondition", ns::SAML1) => {}
                (other, _) => {
                    conditions.unknown = Some(child.attribute_ns(ns::XSI, "type").unwrap_or(other))
                }
            }
        }
        Ok(conditions)
    }

    fn restrict(&mut self, restriction: Element<'e>) -> Result<(), Rejection> {
        let mut order = Order::of(restriction)?;
        self.restrictions += 1;
        for child in restriction.children() {
            if !child.is(restriction.namespace(), "Audience") {
                return Err(order.misplaced(child));
            }
            order.repeated(child, 1)?;
            self.audiences.push((self.restrictions, child.text()?));
        }
        Ok(())
    }

    /// Whether there is an `AudienceRestriction` and every one of them names the audience, letter for
    /// letter. One is met by any of its audiences; all must be met (Core 2.5.1.4).
    pub(super) fn admit(&self, audience: &str) -> bool {
        let mut met = 0;
        for (restriction, named) in &self.audiences {
            if *restriction == met + 1 && named == audience {
                met += 1;
            }
        }
        self.restrictions > 0 && met == self.restrictions
    }

    /// The audiences for people to read, the restrictions apart.
    pub(super) fn audiences(&self) -> String {
        /// More are counted, not shown.
        const SHOWN: usize = 5;
        if self.restrictions == 0 {
            return "no AudienceRestriction".to_owned();
        }
        let mut text = String::new();
        let mut last = 0;
        for (restriction, audience) in self.audiences.iter().take(SHOWN) {
            let separator = match last {
                0 => "",
                before if before == *restriction => ", ",
                _ => "; and ",
            };
            last = *restriction;
            text = text + separator + audience;
        }
        if self.audiences.len() > SHOWN {
            text.push_str(", …");
        }
        if text.is_empty() { "an empty AudienceRestriction".to_owned() } else { text }
    }
}
