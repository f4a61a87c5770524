//! The values of which no two accounts of an organization share one (SPEC 9).

use super::{Profile, ProfileField};

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
