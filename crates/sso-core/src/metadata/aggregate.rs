//! One identity provider out of an aggregate of any length, in one pass and bounded memory (SAML Metadata
//! 2.3; SPEC 2; docs/adr/0011).
//!
//! What is imported is read from the very tree that the digest was made of, and is given out only when
//! the document has ended and every signature around it held (ATTACKS MD-02, MD-03).

use super::error::MetadataError;
use super::import::{ImportedIdp, read};
use super::select::{self, Entity};
use crate::dsig::{self, GroupSignature, Policy, TrustedKeys};
use crate::error::{Code, Rejection};
use crate::xml::{Element, Part, PartLimits, Parts, Step, ns};
use std::collections::BTreeSet;
use std::io::Read;
use time::OffsetDateTime;

/// An identity provider that was taken out of a longer document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// What it says of itself.
    pub idp: ImportedIdp,
    /// Its entity as a document of its own, in the groups that it stood in. The signatures of these are not there:
    /// they were over the whole.
    pub document: String,
}

/// Reads the identity provider `entity_id` of a document of up to 512 MiB, from whatever gives its bytes.
///
/// Where keys are pinned, one of them must have signed the entity or a group that it stands in, and every
/// signature around it must hold, as [`import_signed`](super::import_signed) has it.
///
/// # Errors
/// [`MetadataError`], each with its stable code. A document with several defects may be refused for
/// another one than [`import`](super::import()) names: this one meets them in their order.
pub fn import_from(
    input: impl Read,
    entity_id: &str,
    pinned: Option<&TrustedKeys>,
    now: OffsetDateTime,
) -> Result<Extracted, MetadataError> {
    let mut parts = Parts::new(input, PartLimits::AGGREGATE, is_group);
    let mut signatures = pinned.map(|pinned| Signatures::new(pinned, now));
    let mut found = None;
    while let Some(part) = parts.next_part()? {
        root_is_metadata(&part)?;
        if let Some(signatures) = &mut signatures {
            signatures.see(&part)?;
        }
        let Some((element, id)) = entity(&part).filter(|(_, id)| *id == entity_id) else {
            continue;
        };
        if found.is_some() {
            return Err(MetadataError::DuplicateEntity(select::shortened(id)));
        }
        let entity = Entity::checked(element, id, now)?;
        if let Some(signatures) = &mut signatures {
            signatures.must_hold(element)?;
        }
        found = Some(Extracted { idp: read(entity, now)?, document: part.alone() });
    }
    let missing = || MetadataError::EntityNotFound(select::shortened(entity_id));
    let found = found.ok_or_else(missing)?;
    if let Some(signatures) = signatures {
        signatures.covered()?;
    }
    Ok(found)
}

/// The elements that are entered.
pub(super) fn is_group(namespace: &str, local: &str) -> bool {
    namespace == ns::MD && local == "EntitiesDescriptor"
}

/// The entity that a part is, with its name. One inside anything else (an extension, say) is none.
pub(super) fn entity<'p>(part: &Part<'p>) -> Option<(Element<'p>, &'p str)> {
    let element = part.element();
    let is_entity = part.step() == Step::Child && element.is(ns::MD, "EntityDescriptor");
    is_entity.then(|| (element, element.attribute("entityID").unwrap_or_default().trim()))
}

/// Refuses a document that is something else, at its first part.
pub(super) fn root_is_metadata(part: &Part<'_>) -> Result<(), MetadataError> {
    let root = part.element();
    let is_root = root.parent().is_none();
    if is_root && !root.is(ns::MD, "EntityDescriptor") && !root.is(ns::MD, "EntitiesDescriptor") {
        return Err(MetadataError::NotMetadata(root.local_name().to_owned()));
    }
    Ok(())
}

/// The signatures of the groups that are open, and what is known of them.
struct Signatures<'k> {
    pinned: &'k TrustedKeys,
    now: OffsetDateTime,
    open: Vec<Level>,
    covered: bool,
}

/// A group that is open.
#[derive(Default)]
struct Level {
    /// Whether it has a child that is no signature, or has one already: a signature stands first.
    begun: bool,
    signature: Option<Result<GroupSignature, Rejection>>,
    /// Whether the wanted entity is in it. The signature of another group is nobody's concern.
    has_entity: bool,
}

impl<'k> Signatures<'k> {
    fn new(pinned: &'k TrustedKeys, now: OffsetDateTime) -> Self {
        Self { pinned, now, open: Vec::new(), covered: false }
    }

    /// Takes a part into the digests of the groups around it.
    fn see(&mut self, part: &Part<'_>) -> Result<(), Rejection> {
        for level in &mut self.open {
            if let Some(Ok(signature)) = &mut level.signature
                && let Err(refused) = signature.add(part)
            {
                level.signature = Some(Err(refused));
            }
        }
        match part.step() {
            Step::Start => self.open.push(Level::default()),
            Step::Child => self.child(part),
            Step::End => self.end()?,
        }
        self.refused()
    }

    fn child(&mut self, part: &Part<'_>) {
        let policy = policy(self.now);
        let Some(level) = self.open.last_mut() else { return };
        if part.element().is(ns::DS, "Signature") {
            level.signature = Some(match level.signature {
                Some(_) => Err(several()),
                None if level.begun => Err(out_of_place()),
                None => begin(part, self.pinned, &policy),
            });
        }
        level.begun = true;
    }

    fn end(&mut self) -> Result<(), Rejection> {
        let Some(level) = self.open.pop() else { return Ok(()) };
        if level.has_entity
            && let Some(signature) = level.signature
        {
            signature.and_then(GroupSignature::finish)?;
            self.covered = true;
        }
        Ok(())
    }

    /// The wanted entity stands here: its own signature must hold, and those of all that is around it.
    fn must_hold(&mut self, entity: Element<'_>) -> Result<(), Rejection> {
        if let Some(signature) = dsig::signature_of(entity)? {
            dsig::verify(&signature, self.pinned, &policy(self.now))?;
            self.covered = true;
        }
        self.open.iter_mut().for_each(|level| level.has_entity = true);
        self.refused()
    }

    /// The first refusal that concerns the entity. Whatever is wanted is in the outermost group.
    fn refused(&self) -> Result<(), Rejection> {
        for (index, level) in self.open.iter().enumerate() {
            if let Some(Err(refused)) = &level.signature
                && (index == 0 || level.has_entity)
            {
                return Err(refused.clone());
            }
        }
        Ok(())
    }

    fn covered(self) -> Result<(), Rejection> {
        if self.covered {
            return Ok(());
        }
        let expected = "a signature of the entity, or of a group that it stands in";
        Err(Rejection::new(Code::Unsigned, expected, "none"))
    }
}

fn begin(
    part: &Part<'_>,
    pinned: &TrustedKeys,
    policy: &Policy<'_>,
) -> Result<GroupSignature, Rejection> {
    let group = part.element().parent().ok_or_else(out_of_place)?;
    let signature = dsig::signature_of(group)?.ok_or_else(out_of_place)?;
    GroupSignature::begin(&signature, part, pinned, policy)
}

/// No old algorithm is granted, and the pin decides, not the dates of its certificate.
fn policy(now: OffsetDateTime) -> Policy<'static> {
    static NONE: BTreeSet<crate::connection::LegacyCrypto> = BTreeSet::new();
    Policy { grants: &NONE, now, enforce_certificate_validity: false }
}

fn several() -> Rejection {
    Rejection::new(Code::SignatureCount, "at most one signature", "several in EntitiesDescriptor")
}

fn out_of_place() -> Rejection {
    let found = "elsewhere in EntitiesDescriptor";
    Rejection::new(Code::SignaturePosition, "the signature as the first child", found)
}

#[cfg(test)]
mod tests;
