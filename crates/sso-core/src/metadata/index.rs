//! The entities of an aggregate by name, to choose one from (SPEC 2). Nothing here is verified: what is
//! chosen is imported, and is verified then.

use super::aggregate::{entity, is_group, root_is_metadata};
use super::error::MetadataError;
use super::select;
use crate::error::{Code, Rejection};
use crate::xml::{Element, PartLimits, Parts, ns};
use serde::{Deserialize, Serialize};
use std::io::Read;

/// The most bytes of the names of an index.
const MOST_TEXT: usize = 32 << 20;

/// An entity of an aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedEntity {
    /// Its name.
    pub entity_id: String,
    /// What it calls itself: the name that it shows to people at sign-in, else that of its organization;
    /// in English where it has several. At most 256 characters.
    pub display_name: Option<String>,
    /// Its roles by their elements, in its order: `IDPSSODescriptor`, `SPSSODescriptor` and the like.
    pub roles: Vec<Role>,
    /// Where its element begins in the document, in bytes.
    pub offset: u64,
    /// How many bytes its element has.
    pub length: u64,
}

/// A role of an entity (SAML Metadata 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// `IDPSSODescriptor`
    IdentityProvider,
    /// `SPSSODescriptor`
    ServiceProvider,
    /// `AuthnAuthorityDescriptor`
    AuthnAuthority,
    /// `AttributeAuthorityDescriptor`
    AttributeAuthority,
    /// `PDPDescriptor`
    PolicyDecisionPoint,
    /// `RoleDescriptor`, of another protocol's type.
    Other,
}

/// Lists the entities of a document of up to 512 MiB, in its order.
///
/// # Errors
/// [`MetadataError`]; `duplicate_entity` for a name that two entities have, `entity_id_invalid` for none.
pub fn index(input: impl Read) -> Result<Vec<IndexedEntity>, MetadataError> {
    let mut parts = Parts::new(input, PartLimits::AGGREGATE, is_group);
    let mut entities = Vec::new();
    let mut text = 0_usize;
    while let Some(part) = parts.next_part()? {
        root_is_metadata(&part)?;
        let Some((element, id)) = entity(&part) else { continue };
        select::check_id(id)?;
        let indexed = IndexedEntity {
            entity_id: id.to_owned(),
            display_name: display_name(element),
            roles: element.children().filter_map(role).collect(),
            offset: part.offset(),
            length: part.length(),
        };
        let name = indexed.display_name.as_ref().map_or(0, String::len);
        text = text.saturating_add(indexed.entity_id.len() + name + indexed.roles.len());
        if text > MOST_TEXT {
            let expected = format!("an index of at most {MOST_TEXT} bytes");
            return Err(Rejection::new(Code::NodeLimit, expected, "more").into());
        }
        entities.push(indexed);
    }
    let mut ids: Vec<&str> = entities.iter().map(|entity| entity.entity_id.as_str()).collect();
    ids.sort_unstable();
    for pair in ids.windows(2) {
        if let [one, other] = pair
            && one == other
        {
            return Err(MetadataError::DuplicateEntity(select::shortened(one)));
        }
    }
    Ok(entities)
}

fn role(element: Element<'_>) -> Option<Role> {
    if element.namespace() != ns::MD {
        return None;
    }
    match element.local_name() {
        "IDPSSODescriptor" => Some(Role::IdentityProvider),
        "SPSSODescriptor" => Some(Role::ServiceProvider),
        "AuthnAuthorityDescriptor" => Some(Role::AuthnAuthority),
        "AttributeAuthorityDescriptor" => Some(Role::AttributeAuthority),
        "PDPDescriptor" => Some(Role::PolicyDecisionPoint),
        "RoleDescriptor" => Some(Role::Other),
        _ => None,
    }
}

fn display_name(entity: Element<'_>) -> Option<String> {
    let shown = entity
        .children()
        .flat_map(|role| role.children().filter(|child| child.is(ns::MD, "Extensions")))
        .flat_map(|extensions| extensions.children().filter(|child| child.is(ns::MDUI, "UIInfo")))
        .flat_map(|info| info.children().filter(|child| child.is(ns::MDUI, "DisplayName")));
    let organization = entity
        .children()
        .filter(|child| child.is(ns::MD, "Organization"))
        .flat_map(Element::children)
        .filter(|child| child.is(ns::MD, "OrganizationDisplayName"));
    english(shown).or_else(|| english(organization))
}

/// The first name in English, else the first.
fn english<'d>(names: impl Iterator<Item = Element<'d>>) -> Option<String> {
    let mut first = None;
    for name in names {
        let Ok(text) = name.text() else { continue };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let shown = || text.chars().take(256).collect();
        if name.attribute_ns(ns::XML, "lang").is_some_and(|lang| lang.starts_with("en")) {
            return Some(shown());
        }
        first.get_or_insert_with(shown);
    }
    first
}
