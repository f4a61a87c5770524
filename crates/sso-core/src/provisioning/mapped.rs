//! An assertion's attributes as profile fields: which field got which values, which attribute came
//! empty, which did not come (SPEC 6, 9).

use super::ProfileField::{self, Email, Ssoid, Uid};
use super::identity::Identity;
use crate::connection::AccountRules;
use crate::profile::{AttributeSchema, NAME_ID};
use std::collections::BTreeMap;

/// What an assertion says of a profile. Values are as they came; nothing is trimmed or folded.
#[derive(Debug, Default)]
pub(super) struct MappedProfile<'a> {
    /// The values that are not blank. A field whose attributes were all empty has none.
    fields: BTreeMap<ProfileField, Vec<&'a str>>,
}

/// What an assertion says of one field.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said<'m, 'a> {
    /// No attribute for it came.
    Absent,
    /// One came, without a value.
    Empty,
    /// Values came; there is at least one.
    Values(&'m [&'a str]),
}

impl<'a> MappedProfile<'a> {
    /// Applies the attribute map of a connection, and its `strip_uid_domain`. What the map names and the
    /// organization's schema does not have is passed over.
    pub(super) fn read(
        identity: &Identity<'a>,
        settings: AccountRules<'_>,
        schema: &AttributeSchema,
    ) -> Self {
        let map = settings.attribute_map;
        let own = |name| {
            let is_known = |field: &ProfileField| match field {
                ProfileField::Own(own) => schema.get(*own).is_some(),
                _ => true,
            };
            map.own(name).unwrap_or_default().iter().copied().filter(is_known)
        };
        let mut mapped = Self::default();

        if let Some(name_id) = identity.name_id_value() {
            for field in own(NAME_ID) {
                mapped.offer(field, std::iter::once(name_id));
            }
        }
        for (name, values) in identity.attributes() {
            for field in own(name) {
                mapped.offer(field, values.iter().map(String::as_str));
            }
        }
        for (name, values) in identity.attributes() {
            for field in map.of_preset(name, schema) {
                mapped.offer(field, values.iter().map(String::as_str));
            }
        }
        if let Some(name_id) = identity.name_id_value() {
            for field in map.of_preset(NAME_ID, schema) {
                mapped.offer(field, std::iter::once(name_id));
            }
        }

        if settings.strip_uid_domain {
            mapped.strip_uid_domain();
        }
        mapped
    }

    /// What the assertion says of a field.
    pub(super) fn said(&self, field: ProfileField) -> Said<'_, 'a> {
        match self.fields.get(&field) {
            None => Said::Absent,
            Some(values) if values.is_empty() => Said::Empty,
            Some(values) => Said::Values(values),
        }
    }

    /// The value of a field that takes one, if it has one.
    pub(super) fn value(&self, field: ProfileField) -> Option<&'a str> {
        self.fields.get(&field)?.first().copied()
    }

    /// The `uid`, or the e-mail address where the assertion has none (SPEC 9; only where another
    /// field is the account key).
    pub(super) fn uid_or_email(&self) -> Option<&'a str> {
        self.value(Uid).or_else(|| self.value(Email))
    }

    /// The first attribute that is not empty counts. Blank values are none (ATTACKS TXT-05).
    fn offer(&mut self, field: ProfileField, values: impl Iterator<Item = &'a str>) {
        let known = self.fields.entry(field).or_default();
        if known.is_empty() {
            known.extend(values.filter(|value| !value.trim().is_empty()));
        }
    }

    /// Takes `@domain` off the `uid`; where there is no `ssoid`, what is left is that too (SPEC 2).
    fn strip_uid_domain(&mut self) {
        let Some(uid) = self.value(Uid) else { return };
        let stripped = uid.rsplit_once('@').map_or(uid, |(local, _)| local);
        if stripped.trim().is_empty() {
            self.fields.insert(Uid, Vec::new());
            return;
        }
        self.fields.insert(Uid, vec![stripped]);
        self.offer(Ssoid, std::iter::once(stripped));
    }
}
