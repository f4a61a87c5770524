//! The values of which no two accounts of an organization share one (SPEC 9).

use super::{Profile, ProfileField, ProfileValue};
use crate::profile::{AttributeSchema, OwnField};

/// The values that no two accounts of an organization share, in the form in which they are
/// compared: `uid` and `email` without regard to ASCII case, `ssoid` exactly (SPEC 9).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UniqueValues {
    /// The `uid`, lower-case.
    pub uid: Option<String>,
    /// The `ssoid`.
    pub ssoid: Option<String>,
    /// The e-mail address, lower-case.
    pub email: Option<String>,
}

impl UniqueValues {
    /// The values of three fields as they were received. An empty one is none.
    pub fn new(uid: Option<&str>, ssoid: Option<&str>, email: Option<&str>) -> Self {
        let filled = |value: Option<&str>| value.filter(|v| !v.is_empty()).map(str::to_owned);
        let folded = |value| filled(value).map(|v| v.to_ascii_lowercase());
        Self { uid: folded(uid), ssoid: filled(ssoid), email: folded(email) }
    }

    /// The values of a profile.
    pub fn of(profile: &Profile) -> Self {
        Self::new(
            profile.text(ProfileField::Uid),
            profile.text(ProfileField::Ssoid),
            profile.text(ProfileField::Email),
        )
    }
}

/// A value of an organization's own attribute that no two of its accounts share (SPEC 11.4), in the form in
/// which it is compared: exactly.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnValue {
    /// The attribute.
    pub field: OwnField,
    /// The value.
    pub value: String,
}

impl OwnValue {
    /// The value of an attribute, of which no list or flag is unique.
    pub fn new(field: OwnField, value: &ProfileValue) -> Option<Self> {
        let value = match value {
            ProfileValue::Text(text) => text.clone(),
            ProfileValue::Number(number) => number.to_string(),
            ProfileValue::Flag(_) | ProfileValue::List(_) => return None,
        };
        Some(Self { field, value })
    }

    /// The values of a profile that are unique by a schema.
    pub fn of(profile: &Profile, schema: &AttributeSchema) -> Vec<Self> {
        let value = |field| Self::new(field, profile.get(ProfileField::Own(field))?);
        schema.unique().filter_map(value).collect()
    }

    /// Whether a profile has it.
    pub fn is_in(&self, profile: &Profile) -> bool {
        let held = profile.get(ProfileField::Own(self.field));
        held.and_then(|held| Self::new(self.field, held)).as_ref() == Some(self)
    }
}
