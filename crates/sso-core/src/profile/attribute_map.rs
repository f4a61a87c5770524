//! Which assertion attribute fills which profile field (SPEC 2, 6, 9).
//!
//! An attribute is named by its `Name` alone, case-sensitive: a `FriendlyName` is for people, is not
//! unique and names nothing (ATTACKS TXT-06).

use super::{AttributeSchema, Preset, ProfileField};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The attribute map of a connection: a preset, and entries of its own that go before it.
///
/// For each field the attributes of the own entries are asked first, then those of the preset, each
/// in the assertion's order; the first that is not empty counts. Every preset has the organization's own
/// attributes by their names, too. An own entry with an empty list takes its attribute out of the preset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AttributeMap {
    /// The preset; `None` (JSON null) is no preset.
    #[serde(default = "standard")]
    #[cfg_attr(feature = "openapi", schema(default = "standard"))]
    pub preset: Option<Preset>,
    /// Assertion attribute name (case-sensitive; `NameID` names the NameID) to profile fields.
    #[serde(default)]
    pub map: BTreeMap<String, Fields>,
}

/// The name under which a map means the NameID. An attribute of this name is never meant.
pub const NAME_ID: &str = "NameID";

impl AttributeMap {
    /// The fields that the own entry of an attribute names, if it has one.
    pub(crate) fn own(&self, attribute: &str) -> Option<&[ProfileField]> {
        self.map.get(attribute).map(Fields::as_slice)
    }

    /// The fields that the preset fills from an attribute, that of the organization's schema among them
    /// which is called as the attribute is (SPEC 9: any other).
    pub(crate) fn of_preset(
        &self,
        attribute: &str,
        schema: &AttributeSchema,
    ) -> impl Iterator<Item = ProfileField> {
        let taken_out = self.own(attribute).is_some_and(<[_]>::is_empty);
        let preset = self.preset.filter(|_| !taken_out);
        let named = preset.and_then(|_| schema.named(attribute)).map(ProfileField::Own);
        preset
            .map_or(&[][..], Preset::entries)
            .iter()
            .filter(move |(name, _)| *name == attribute)
            .map(|(_, field)| *field)
            .chain(named)
    }

    /// The attributes that can fill a field.
    pub(crate) fn attributes_for<'a>(&'a self, field: &'a ProfileField) -> Vec<&'a str> {
        let own = self.map.iter().filter(|(_, fields)| fields.as_slice().contains(field));
        let preset = self.preset.map_or(&[][..], Preset::entries).iter();
        let named = self.preset.and(match field {
            ProfileField::Own(own) => Some(own.as_str()),
            _ => None,
        });
        own.map(|(name, _)| name.as_str())
            .chain(preset.filter(|entry| entry.1 == *field).map(|entry| entry.0))
            .chain(named)
            .collect()
    }

    /// The fields that its own entries name.
    pub(crate) fn named(&self) -> impl Iterator<Item = ProfileField> {
        self.map.values().flat_map(Fields::as_slice).copied()
    }
}

/// One profile field or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Fields {
    /// One.
    One(ProfileField),
    /// Several; none takes the attribute out of the preset.
    Many(Vec<ProfileField>),
}

impl Fields {
    fn as_slice(&self) -> &[ProfileField] {
        match self {
            Self::One(field) => std::slice::from_ref(field),
            Self::Many(fields) => fields,
        }
    }
}

fn standard() -> Option<Preset> {
    Some(Preset::Standard)
}

impl Default for AttributeMap {
    fn default() -> Self {
        Self { preset: standard(), map: BTreeMap::new() }
    }
}
