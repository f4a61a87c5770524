//! By what the store looks up the accounts that a login could mean (SPEC 9).

use super::{Account, Candidates, NameIdKey, Profile, ProfileField};
use crate::connection::AccountKey;

/// By what accounts are looked up for a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountKeys {
    /// What identifies an account of this connection.
    pub key: AccountKey,
    /// The login's NameID.
    pub name_id: NameIdKey,
    /// The login's `uid`, if it has one. Compared without regard to ASCII case.
    pub uid: Option<String>,
    /// The login's `ssoid`, if it has one. Compared exactly.
    pub ssoid: Option<String>,
    /// The login's e-mail address, if it has one. Compared without regard to ASCII case.
    pub email: Option<String>,
    /// The groups that the login names. Compared exactly with the `sso_id` of the organization's.
    pub group_ids: Vec<String>,
}

impl AccountKeys {
    /// The login's values in the form in which they are compared.
    pub fn values(&self) -> UniqueValues {
        UniqueValues::new(self.uid.as_deref(), self.ssoid.as_deref(), self.email.as_deref())
    }

    /// Says which of the accounts that a store found by any of the keys is which candidate.
    pub fn candidates(&self, found: Vec<Account>) -> Candidates {
        fn same(a: &Option<String>, b: &Option<String>) -> bool {
            a.is_some() && a == b
        }
        let wanted = self.values();
        let mut candidates = Candidates::default();
        for account in found {
            let values = UniqueValues::of(&account.profile);
            let by_uid = same(&values.uid, &wanted.uid);
            let by_ssoid = same(&values.ssoid, &wanted.ssoid);
            let by_key = match self.key {
                AccountKey::Uid => by_uid,
                AccountKey::Ssoid => by_ssoid,
                AccountKey::NameId => account.name_id.as_ref() == Some(&self.name_id),
            };
            let places = [
                (by_key, &mut candidates.by_key),
                (same(&values.email, &wanted.email), &mut candidates.by_email),
                (by_uid, &mut candidates.by_uid),
                (by_ssoid, &mut candidates.by_ssoid),
            ];
            for (matches, place) in places {
                if matches {
                    *place = Some(account.clone());
                }
            }
        }
        candidates
    }
}

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
