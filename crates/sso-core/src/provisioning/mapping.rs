//! Which assertion attribute fills which profile field (SPEC 2, 6, 9).

use super::ProfileField;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The attribute map of a connection: a preset, and entries of its own that go before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeMap {
    /// The preset; `None` (JSON null) is no preset.
    #[serde(default = "standard")]
    pub preset: Option<Preset>,
    /// Assertion attribute name (case-sensitive; `NameID` names the NameID) to profile fields.
    #[serde(default)]
    pub map: BTreeMap<String, Fields>,
}

/// One profile field or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fields {
    /// One.
    One(ProfileField),
    /// Several.
    Many(Vec<ProfileField>),
}

/// A ready attribute map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// The names of SPEC 9's table.
    #[default]
    Standard,
    /// Active Directory Federation Services.
    Adfs,
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// Google Workspace.
    Google,
    /// Shibboleth and other eduPerson providers.
    Shibboleth,
}

fn standard() -> Option<Preset> {
    Some(Preset::Standard)
}

impl Default for AttributeMap {
    fn default() -> Self {
        Self { preset: standard(), map: BTreeMap::new() }
    }
}
