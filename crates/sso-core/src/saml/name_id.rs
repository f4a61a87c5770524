//! `NameID` and `Issuer`: who is meant and who says so (SAML Core 2.2.2, 2.2.5).

use crate::error::Rejection;
use crate::xml::Element;
use std::borrow::Cow;

/// A name identifier, exactly as it stands in the message: nothing is trimmed, folded or normalized
/// (ATTACKS TXT-05). Comments never split the value (ATTACKS TXT-01).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NameId<'e> {
    pub(crate) value: Cow<'e, str>,
    pub(crate) format: Option<&'e str>,
    pub(crate) name_qualifier: Option<&'e str>,
    pub(crate) sp_name_qualifier: Option<&'e str>,
}

impl<'e> NameId<'e> {
    /// Reads an element of `NameIDType`, or a `NameIdentifier` of SAML 1.1, which has no
    /// `SPNameQualifier`. A child element in it is a `schema_violation`.
    pub(super) fn read(element: Element<'e>) -> Result<Self, Rejection> {
        Ok(Self {
            value: element.text()?,
            format: element.attribute("Format"),
            name_qualifier: element.attribute("NameQualifier"),
            sp_name_qualifier: element.attribute("SPNameQualifier"),
        })
    }
}

/// The issuer of a message or assertion.
#[derive(Debug)]
pub(crate) struct Issuer<'e> {
    text: Cow<'e, str>,
    pub(super) format: Option<&'e str>,
}

impl<'e> Issuer<'e> {
    /// Reads an `Issuer`. A child element in it is a `schema_violation`.
    pub(super) fn read(element: Element<'e>) -> Result<Self, Rejection> {
        Ok(Self { text: element.text()?, format: element.attribute("Format") })
    }

    /// The issuer that an attribute names, as SAML 1.1 has it.
    pub(super) fn named(text: &'e str) -> Self {
        Self { text: Cow::Borrowed(text), format: None }
    }

    /// The entity ID. White space around it is left out, and there alone: some identity providers
    /// write the Issuer on a line of its own, and no entity ID begins or ends with white space.
    pub(crate) fn entity_id(&self) -> &str {
        self.text.trim_matches([' ', '\t', '\n', '\r'])
    }
}
