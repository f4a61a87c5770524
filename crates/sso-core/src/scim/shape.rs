//! Which attributes the resources of an organization have: those of the tables, and of users the
//! organization's own, as an extension by its own URN (SPEC 11.1, 11.4; RFC 7643 3.3).

use super::schema::{self, Attribute, ENTERPRISE, ENTERPRISE_ATTRIBUTES, Kind, ResourceKind, text};
use crate::org::Org;
use crate::profile::{AttributeSchema, AttributeType, Mutability, OwnAttribute};

/// The attributes of a type of resources at an organization.
#[derive(Debug, Clone)]
pub struct Shape<'o> {
    kind: ResourceKind,
    own: Option<Extension<'o>>,
}

/// What an organization adds to users.
#[derive(Debug, Clone)]
pub struct Extension<'o> {
    /// Its URN, which is the organization's own.
    pub urn: String,
    /// What it is made of.
    pub schema: &'o AttributeSchema,
    attributes: Vec<Attribute<'o>>,
}

impl<'o> Shape<'o> {
    /// That of users.
    pub fn users(org: &'o Org) -> Self {
        let schema = &org.attribute_schema;
        let own = (!schema.attributes.is_empty()).then(|| Extension {
            urn: own_urn(org.name.as_str()),
            schema,
            attributes: schema.attributes.iter().map(attribute).collect(),
        });
        Self { kind: ResourceKind::User, own }
    }

    /// That of groups, the same at all.
    pub const fn groups() -> Self {
        Self { kind: ResourceKind::Group, own: None }
    }

    /// That of a type at an organization.
    pub fn of(kind: ResourceKind, org: &'o Org) -> Self {
        match kind {
            ResourceKind::User => Self::users(org),
            ResourceKind::Group => Self::groups(),
        }
    }

    /// What the organization adds, if anything.
    pub fn own(&self) -> Option<&Extension<'o>> {
        self.own.as_ref()
    }

    /// An extension by its URN, without regard to case: the URN as it is written, and the attributes.
    pub fn extension(&self, urn: &str) -> Option<(&str, &[Attribute<'_>])> {
        if self.kind == ResourceKind::User && urn.eq_ignore_ascii_case(ENTERPRISE) {
            return Some((ENTERPRISE, ENTERPRISE_ATTRIBUTES));
        }
        let own = self.own.as_ref().filter(|own| own.urn.eq_ignore_ascii_case(urn))?;
        Some((&own.urn, &own.attributes))
    }

    /// An attribute: of an extension by its URN, else at the top of the resource.
    pub fn attribute(&self, extension: Option<&str>, name: &str) -> Option<&Attribute<'_>> {
        match extension {
            Some(urn) => schema::find(self.extension(urn)?.1, name),
            None => self.kind.attribute(name),
        }
    }
}

impl Extension<'_> {
    /// Its attributes.
    pub fn attributes(&self) -> &[Attribute<'_>] {
        &self.attributes
    }
}

const OWN_BEGINS: &str = "urn:ietf:params:scim:schemas:extension:org-";
const OWN_ENDS: &str = ":2.0:User";

/// The URN of what an organization adds to users, in the form that provisioning of Entra ID asks of an
/// extension. `org-` keeps an organization from being called as a registered extension is.
fn own_urn(org: &str) -> String {
    format!("{OWN_BEGINS}{org}{OWN_ENDS}")
}

/// Takes the URN of an organization's extension off the beginning of a text: the URN, and what follows it.
pub(super) fn split_own_urn(text: &str) -> Option<(String, &str)> {
    let begins = text.get(..OWN_BEGINS.len())?.eq_ignore_ascii_case(OWN_BEGINS);
    let rest = text.get(OWN_BEGINS.len()..).filter(|_| begins)?;
    let org = rest.split(':').next()?;
    let rest = rest.get(org.len()..)?;
    let ends = rest.get(..OWN_ENDS.len())?.eq_ignore_ascii_case(OWN_ENDS);
    let rest = rest.get(OWN_ENDS.len()..).filter(|_| ends)?;
    Some((own_urn(&org.to_ascii_lowercase()), rest))
}

fn attribute(own: &OwnAttribute) -> Attribute<'_> {
    let kind = match own.kind {
        AttributeType::String | AttributeType::List => Kind::Text,
        AttributeType::Integer => Kind::Integer,
        AttributeType::Boolean => Kind::Boolean,
        AttributeType::DateTime => Kind::DateTime,
    };
    Attribute {
        kind,
        multi_valued: own.kind == AttributeType::List,
        required: own.required,
        case_exact: true,
        read_only: own.mutability == Mutability::ReadOnly,
        unique: own.unique,
        ..text(own.name.as_str(), "What the organization's attribute schema says.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_urn_of_an_organization_is_read_as_it_is_made() {
        let urn = own_urn("acme");
        assert_eq!(urn, "urn:ietf:params:scim:schemas:extension:org-acme:2.0:User");
        let named = format!("{}:desk", urn.to_ascii_uppercase());
        assert_eq!(split_own_urn(&named), Some((urn.clone(), ":desk")));
        assert_eq!(split_own_urn(&urn), Some((urn.clone(), "")));
        for other in [ENTERPRISE, "urn:x", "", "urn:ietf:params:scim:schemas:extension:org-acme"] {
            assert_eq!(split_own_urn(other), None, "{other}");
        }
    }
}
