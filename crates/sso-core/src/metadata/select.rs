//! Which entity of a document is meant, and whether it is still in force (SAML Metadata 2.3).

use super::duration;
use super::error::MetadataError;
use crate::error::{Code, Rejection};
use crate::xml::{Document, Element, ns};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// The longest entity ID (SAML Core 8.3.6).
const MAX_ENTITY_ID: usize = 1024;

/// An entity that is in force.
pub(super) struct Entity<'d> {
    pub(super) element: Element<'d>,
    pub(super) id: &'d str,
}

/// Finds the entity: the one named, or where none is named the only one, or the only one that is an
/// identity provider. An entity is in force no longer than whatever it stands in.
pub(super) fn entity<'d>(
    document: &'d Document<'_>,
    entity_id: Option<&str>,
    now: OffsetDateTime,
) -> Result<Entity<'d>, MetadataError> {
    let all = entities(document.root())?;
    let element = match entity_id {
        Some(wanted) => named(&all, wanted)?,
        None => only_one(&all)?,
    };
    let id = element.attribute("entityID").unwrap_or_default().trim();
    check_id(id)?;
    named(&all, id)?;
    Entity::checked(element, id, now)
}

impl<'d> Entity<'d> {
    /// An entity of that name, if it has one and is in force.
    pub(super) fn checked(
        element: Element<'d>,
        id: &'d str,
        now: OffsetDateTime,
    ) -> Result<Self, MetadataError> {
        check_id(id)?;
        in_force_until(element, now)?;
        Ok(Self { element, id })
    }
}

pub(super) fn check_id(id: &str) -> Result<(), MetadataError> {
    if id.is_empty() || id.chars().count() > MAX_ENTITY_ID {
        return Err(MetadataError::EntityIdInvalid);
    }
    Ok(())
}

/// The entities of a document, whatever groups they stand in. One inside anything else (an
/// extension, say) is none.
fn entities(root: Element<'_>) -> Result<Vec<Element<'_>>, MetadataError> {
    if root.is(ns::MD, "EntityDescriptor") {
        return Ok(vec![root]);
    }
    if !root.is(ns::MD, "EntitiesDescriptor") {
        return Err(MetadataError::NotMetadata(root.local_name().to_owned()));
    }
    let mut found = Vec::new();
    let mut groups = vec![root];
    while let Some(group) = groups.pop() {
        for child in group.children() {
            if child.is(ns::MD, "EntityDescriptor") {
                found.push(child);
            } else if child.is(ns::MD, "EntitiesDescriptor") {
                groups.push(child);
            }
        }
    }
    Ok(found)
}

fn named<'d>(all: &[Element<'d>], wanted: &str) -> Result<Element<'d>, MetadataError> {
    let has_name = |e: &&Element<'_>| e.attribute("entityID").is_some_and(|id| id.trim() == wanted);
    let mut found = all.iter().filter(has_name);
    match (found.next(), found.next()) {
        (None, _) => Err(MetadataError::EntityNotFound(shortened(wanted))),
        (Some(element), None) => Ok(*element),
        (Some(_), Some(_)) => Err(MetadataError::DuplicateEntity(shortened(wanted))),
    }
}

fn only_one<'d>(all: &[Element<'d>]) -> Result<Element<'d>, MetadataError> {
    if let [element] = all {
        return Ok(*element);
    }
    let is_idp = |e: &&Element<'_>| e.children().any(|role| role.is(ns::MD, "IDPSSODescriptor"));
    let idps: Vec<_> = all.iter().filter(is_idp).collect();
    match idps.as_slice() {
        [element] => Ok(**element),
        [] => Err(MetadataError::NotMetadata("EntitiesDescriptor without an IdP".to_owned())),
        [first, others @ ..] => {
            let id = first.attribute("entityID").unwrap_or_default();
            if others.iter().any(|other| other.attribute("entityID") == Some(id)) {
                return Err(MetadataError::DuplicateEntity(shortened(id)));
            }
            Err(MetadataError::EntityIdNeeded(idps.len()))
        }
    }
}

/// The earliest `validUntil` from the element outwards. One in the past is refused.
pub(super) fn in_force_until(
    element: Element<'_>,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, MetadataError> {
    let mut earliest: Option<OffsetDateTime> = None;
    let mut outer = Some(element);
    while let Some(element) = outer {
        if let Some(text) = element.attribute("validUntil") {
            let until = instant(text)?;
            if until <= now {
                return Err(MetadataError::Expired(text.to_owned()));
            }
            earliest = Some(earliest.map_or(until, |earliest| earliest.min(until)));
        }
        outer = element.parent();
    }
    Ok(earliest)
}

/// The shortest `cacheDuration` from the element outwards. One that is no duration says nothing: it only
/// advises when to ask again.
pub(super) fn kept_for(element: Element<'_>) -> Option<Duration> {
    std::iter::successors(Some(element), |element| element.parent())
        .filter_map(|element| duration::read(element.attribute("cacheDuration")?))
        .min()
}

/// A time without a zone is UTC (SAML Core 1.3.3), and is written so.
fn instant(text: &str) -> Result<OffsetDateTime, Rejection> {
    let text = text.trim();
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339);
    parse(text)
        .or_else(|_| parse(&format!("{text}Z")))
        .map_err(|_| Rejection::new(Code::InvalidTime, "validUntil as a time", text.to_owned()))
}

/// A text of the sender in a refusal.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(256).collect()
}
