//! What the schema types of SAML have in common: children in their order, attributes that must be
//! there, no text between elements (SAML Core schema). Refused with `schema_violation`.

use crate::error::{Code, Rejection};
use crate::xml::Element;

/// The children of one element, held to the order of its schema type as they are read.
pub(super) struct Order<'e> {
    parent: Element<'e>,
    reached: u8,
}

impl<'e> Order<'e> {
    /// Begins with the first child of an element that holds elements alone.
    pub(super) fn of(parent: Element<'e>) -> Result<Self, Rejection> {
        elements_only(parent)?;
        Ok(Self { parent, reached: 0 })
    }

    /// Takes a child that may stand at this place, counted from 1, and only once.
    pub(super) fn once(&mut self, child: Element<'e>, place: u8) -> Result<(), Rejection> {
        if place <= self.reached {
            return Err(self.misplaced(child));
        }
        self.reached = place;
        Ok(())
    }

    /// Takes a child that may stand at this place any number of times.
    pub(super) fn repeated(&mut self, child: Element<'e>, place: u8) -> Result<(), Rejection> {
        if place < self.reached {
            return Err(self.misplaced(child));
        }
        self.reached = place;
        Ok(())
    }

    /// The refusal of a child that has no place here.
    pub(super) fn misplaced(&self, child: Element<'e>) -> Rejection {
        let expected = format!("the children of {} in schema order", self.parent.local_name());
        let found = format!("{} in the namespace {:?}", child.local_name(), child.namespace());
        Rejection::new(Code::SchemaViolation, expected, found)
    }
}

/// Refuses text between the children of an element.
pub(super) fn elements_only(parent: Element<'_>) -> Result<(), Rejection> {
    if parent.has_text() {
        let expected = format!("only elements in {}", parent.local_name());
        return Err(Rejection::new(Code::SchemaViolation, expected, "text between them"));
    }
    Ok(())
}

/// An attribute that the schema requires.
pub(super) fn required<'e>(element: Element<'e>, name: &str) -> Result<&'e str, Rejection> {
    element.attribute(name).ok_or_else(|| {
        let expected = format!("{name} on {}", element.local_name());
        Rejection::new(Code::SchemaViolation, expected, "no such attribute")
    })
}

/// The time in an attribute, if the attribute is there.
pub(super) fn instant(
    element: Element<'_>,
    name: &str,
) -> Result<Option<::time::OffsetDateTime>, Rejection> {
    element.attribute(name).map(super::time::read).transpose()
}
