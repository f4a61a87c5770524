//! What an administrator says of an account, and what comes of it.

use crate::error::Rejection;
use crate::org::Org;
use crate::profile::{AttributeSchema, Mutability};
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

/// What is done to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Make,
    Change,
}

impl AccountEdit {
    /// Writes the named fields into a profile, each held to the rule of its field.
    pub(super) fn apply_to(
        &self,
        profile: &mut Profile,
        act: Act,
        schema: &AttributeSchema,
    ) -> Result<(), InvalidSetting> {
        profile.hold_to(schema);
        for (field, value) in &self.profile {
            if let Some(problem) = not_by_hand(*field, act, schema) {
                let field = field.as_str().to_owned();
                return Err(InvalidSetting::new(SettingCode::ReadOnly, field, problem));
            }
            match value {
                Some(ProfileValue::Text(text)) if text.trim().is_empty() => profile.clear(*field),
                None => profile.clear(*field),
                Some(given) => profile.set(*field, checked(*field, given, schema)?),
            }
        }
        Ok(())
    }
}

/// Why an administrator does not write a field, if so.
fn not_by_hand(field: ProfileField, act: Act, schema: &AttributeSchema) -> Option<&'static str> {
    let mutability = match field {
        ProfileField::GroupIds | ProfileField::UpdateTimeStamp => Mutability::ReadOnly,
        ProfileField::Own(own) => schema.get(own)?.mutability,
        _ => Mutability::ReadWrite,
    };
    match (mutability, act) {
        (Mutability::ReadOnly, _) => Some("Assertions alone write it."),
        (Mutability::UpdateOnly, Act::Make) => Some("It is written once the account is there."),
        _ => None,
    }
}

fn checked(
    field: ProfileField,
    given: &ProfileValue,
    schema: &AttributeSchema,
) -> Result<ProfileValue, InvalidSetting> {
    value::check(field, given, schema).map_err(|rule| {
        InvalidSetting::value(field.as_str().to_owned(), format!("It takes: {rule}."))
    })
}

/// Holds a profile to having every mandatory field, and names all that it lacks; not the `uid`, which
/// is there where the e-mail address is.
pub(super) fn require_mandatory(profile: &Profile, org: &Org) -> Result<(), InvalidSetting> {
    let lacks = |field: &ProfileField| {
        *field != ProfileField::Uid
            && required::is_mandatory(*field, org)
            && profile.get(*field).is_none()
    };
    let missing: Vec<_> = org.profile_fields().filter(lacks).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let names: Vec<_> = missing.iter().map(|field| field.as_str()).collect();
    Err(InvalidSetting::new(
        SettingCode::RequiredAttributeMissing,
        first.as_str().to_owned(),
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
        field.as_str().to_owned(),
        format!("It is no {}.", refused.expected),
    )
}
