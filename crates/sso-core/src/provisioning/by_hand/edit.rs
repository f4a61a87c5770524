//! An account that an administrator edits (SPEC 10).

use super::change::{Act, require_mandatory, require_own_email};
use super::{AccountEdit, Revised};
use crate::org::Org;
use crate::provisioning::{Account, Event, EventKind, Profile, ProfileField};
use crate::setting::{InvalidSetting, SettingCode};
use time::OffsetDateTime;

/// Edits an account. `now` is UTC.
///
/// A profile that is edited has every mandatory field afterwards, also one that was mandatory only
/// later. Its e-mail address is held to the domains where it changes, so that the people of a domain
/// that was given up can be edited still.
///
/// # Errors
/// In this order: `uid_immutable`, a field's own rule (`invalid_field`, `read_only_field`),
/// `required_attribute_missing`, `email_domain_foreign`.
pub fn edit(
    account: &Account,
    edit: &AccountEdit,
    org: &Org,
    now: OffsetDateTime,
) -> Result<Revised, InvalidSetting> {
    let mut revised = account.clone();
    let mut events = Vec::new();

    let changed = edited_profile(&account.profile, edit, org)?;
    if let Some((profile, why)) = changed {
        revised.profile = profile;
        events.push(Event::of(EventKind::AccountUpdated, &revised, &why));
    }
    if let Some(role) = edit.role.filter(|role| *role != account.role) {
        let why = format!("from {} to {}", account.role.as_str(), role.as_str());
        revised.role = role;
        events.push(Event::of(EventKind::RoleChanged, &revised, &why));
    }
    if edit.name_id.is_some()
        && let Some(name_id) = revised.name_id.take()
    {
        let why = format!("of {}", name_id.issuer);
        events.push(Event::of(EventKind::NameIdForgotten, &revised, &why));
    }
    if !events.is_empty() {
        revised.updated_at = now;
    }
    Ok(Revised { account: revised, name_id: edit.name_id, events })
}

/// The profile as it shall be, and what the audit trail says of it, if anything changes.
fn edited_profile(
    stored: &Profile,
    edit: &AccountEdit,
    org: &Org,
) -> Result<Option<(Profile, String)>, InvalidSetting> {
    let uid = edit.profile.get(&ProfileField::Uid);
    if uid.is_some_and(|uid| uid.as_ref() != stored.get(ProfileField::Uid)) {
        return Err(InvalidSetting::new(
            SettingCode::UidImmutable,
            "uid",
            "It is what the account is known by.",
        ));
    }
    let mut profile = stored.clone();
    edit.apply_to(&mut profile, Act::Change, &org.attribute_schema)?;
    let changed = profile.changed_since(stored);
    if changed.is_empty() {
        return Ok(None);
    }
    require_mandatory(&profile, org)?;
    if profile.get(ProfileField::Email) != stored.get(ProfileField::Email) {
        require_own_email(&profile, org)?;
    }
    let names: Vec<_> = changed.iter().map(ProfileField::as_str).collect();
    Ok(Some((profile, format!("by hand: {}", names.join(", ")))))
}
