//! What an administrator says of an account, and what comes of it.

use crate::error::Rejection;
use crate::org::Org;
use crate::provisioning::email::VerifiedEmail;
use crate::provisioning::{
    Account, Event, Profile, ProfileField, ProfileValue, Role, required, value,
};
use crate::setting::{InvalidSetting, SettingCode};
use std::collections::BTreeMap;

/// What an administrator says of an account. What is not named stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountEdit {
    /// Fields to fill; with `None`, or a text of nothing but blanks, to empty.
    pub profile: BTreeMap<ProfileField, Option<ProfileValue>>,
    /// What the account shall administer.
    pub role: Option<Role>,
    /// Forgets by which NameID the account signed in.
    pub name_id: Option<ForgetNameId>,
}

/// Forgets the NameID of an account. It is never set by hand, since an identity provider's word alone
/// says whose it is. After an organization changed its identity provider, and NameIDs are the account
/// key, a forgotten one lets the next login link the account by its e-mail address (SPEC 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForgetNameId;

/// An account as it shall be, with `revision` still that of the row that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revised {
    /// The account.
    pub account: Account,
    /// Whether its NameID is to be forgotten.
    pub name_id: Option<ForgetNameId>,
    /// What the audit trail keeps of it. Where there is none, nothing changed.
    pub events: Vec<Event>,
}

impl AccountEdit {
    /// Writes the named fields into a profile, each held to the rule of its field.
    pub(super) fn apply_to(&self, profile: &mut Profile) -> Result<(), InvalidSetting> {
        for (field, value) in &self.profile {
            if matches!(field, ProfileField::GroupIds | ProfileField::UpdateTimeStamp) {
                return Err(InvalidSetting::new(
                    SettingCode::ReadOnly,
                    field.as_str(),
                    "Assertions alone write it.",
                ));
            }
            match value {
                Some(ProfileValue::Text(text)) if text.trim().is_empty() => profile.clear(*field),
                None => profile.clear(*field),
                Some(given) => profile.set(*field, checked(*field, given)?),
            }
        }
        Ok(())
    }
}

fn checked(field: ProfileField, given: &ProfileValue) -> Result<ProfileValue, InvalidSetting> {
    value::check(field, given)
        .map_err(|rule| InvalidSetting::value(field.as_str(), format!("It takes: {rule}.")))
}

/// Holds a profile to having every mandatory field, and names all that it lacks; not the `uid`, which
/// is there where the e-mail address is.
pub(super) fn require_mandatory(profile: &Profile, org: &Org) -> Result<(), InvalidSetting> {
    let lacks = |field: &ProfileField| {
        *field != ProfileField::Uid
            && required::is_mandatory(*field, org)
            && profile.get(*field).is_none()
    };
    let missing: Vec<_> = ProfileField::ALL.iter().copied().filter(lacks).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let names: Vec<_> = missing.iter().map(|field| field.as_str()).collect();
    Err(InvalidSetting::new(
        SettingCode::RequiredAttributeMissing,
        first.as_str(),
        format!("There is no value for {}.", names.join(", ")),
    ))
}

/// Holds the e-mail address to the organization's domains.
pub(in crate::provisioning) fn require_own_email(
    profile: &Profile,
    org: &Org,
) -> Result<(), InvalidSetting> {
    let email = profile.text(ProfileField::Email).unwrap_or_default();
    VerifiedEmail::new(email, org)
        .map(drop)
        .map_err(|refused| foreign(ProfileField::Email, refused))
}

/// The refusal of an address that is not the organization's.
pub(super) fn foreign(field: ProfileField, refused: Rejection) -> InvalidSetting {
    InvalidSetting::new(
        SettingCode::EmailDomainForeign,
        field.as_str(),
        format!("It is no {}.", refused.expected),
    )
}
