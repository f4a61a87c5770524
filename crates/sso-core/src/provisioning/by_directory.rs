//! Accounts that a directory writes (SPEC 9, 11.1), held to the rules that hold for all others, each decided
//! by a pure function. What is its own: names and the e-mail address may be absent, the `uid` may change,
//! and no role is ever among what it says. Unique values and `max_active_users` are the store's to hold.

use super::by_hand::{PrimaryAdmin, Revised, is_primary_admin, require_own_email};
use super::create::fill_defaults;
use super::{
    Account, AccountSource, AccountStatus, DirectoryAccount, DirectoryDocument, Event, EventKind,
    Profile, ProfileField, ProfileValue, Role, UidSaid, value,
};
use crate::ids::AccountId;
use crate::org::Org;
use crate::setting::{InvalidSetting, SettingCode};
use time::OffsetDateTime;

/// Why a directory does not write an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryRefusal {
    /// A value breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidSetting),
    /// It is the account of the primary administrator.
    #[error(transparent)]
    PrimaryAdmin(#[from] PrimaryAdmin),
}

/// Makes an account, of a plain user. `now` is UTC.
///
/// # Errors
/// In this order: a field's own rule (`invalid_field`), `required_attribute_missing` for a field that the
/// organization made mandatory, `email_domain_foreign`.
pub fn create(
    said: &DirectoryAccount,
    org: &Org,
    id: AccountId,
    now: OffsetDateTime,
) -> Result<Revised, InvalidSetting> {
    let mut profile = Profile::default();
    write_fields(said, &mut profile, org)?;
    for field in org.attribute_schema.fields_for_updates_alone() {
        profile.clear(field);
    }
    fill_defaults(&mut profile, org);
    hold_mandatory(&profile, &Profile::default(), org, Mandatory::All)?;
    hold_email(&profile, None, org)?;
    let account = Account {
        id,
        org: org.name.clone(),
        profile,
        name_id: None,
        status: match said.active {
            Some(false) => AccountStatus::Inactive,
            _ => AccountStatus::Active,
        },
        role: Role::User,
        groups: Vec::new(),
        source: AccountSource::Scim,
        directory: kept(&said.document)?,
        update_time_stamp: None,
        written_by_assertion: false,
        revision: 1,
        created_at: now,
        updated_at: now,
        last_login_at: None,
    };
    let events = vec![Event::of(EventKind::AccountCreated, &account, "by the directory")];
    Ok(Revised { account, name_id: None, events })
}

/// Writes what a directory says into an account, whoever made it. What a directory does not speak of
/// stays. `now` is UTC.
///
/// # Errors
/// As [`create`], a mandatory field being held to where it would be emptied; and [`PrimaryAdmin`], who is
/// not deactivated.
pub fn change(
    account: &Account,
    said: &DirectoryAccount,
    org: &Org,
    now: OffsetDateTime,
) -> Result<Revised, DirectoryRefusal> {
    let mut revised = account.clone();
    let mut events = Vec::new();

    revised.profile.hold_to(&org.attribute_schema);
    write_fields(said, &mut revised.profile, org)?;
    if said.uid == UidSaid::Unspoken {
        follow_email(account, &mut revised.profile);
    }
    hold_mandatory(&revised.profile, &account.profile, org, Mandatory::Emptied)?;
    hold_email(&revised.profile, account.email(), org)?;
    revised.directory = kept(&said.document)?;
    let changed = revised.profile.changed_since(&account.profile);
    let mut changed: Vec<_> = changed.iter().map(ProfileField::as_str).collect();
    if revised.directory != account.directory {
        changed.push("what no field holds");
    }
    if !changed.is_empty() {
        let why = format!("by the directory: {}", changed.join(", "));
        events.push(Event::of(EventKind::AccountUpdated, &revised, &why));
    }

    let status = match said.active {
        None => account.status,
        Some(true) => AccountStatus::Active,
        Some(false) => AccountStatus::Inactive,
    };
    if status != account.status {
        let kind = match status {
            AccountStatus::Active => EventKind::AccountReactivated,
            AccountStatus::Inactive if is_primary_admin(account, org) => {
                return Err(PrimaryAdmin.into());
            }
            AccountStatus::Inactive => EventKind::AccountDeactivated,
        };
        revised.status = status;
        events.push(Event::of(kind, &revised, "by the directory"));
    }
    if !events.is_empty() {
        revised.updated_at = now;
    }
    Ok(Revised { account: revised, name_id: None, events })
}

/// What the audit trail keeps of an account that a directory removes.
///
/// # Errors
/// [`PrimaryAdmin`], whose account stays.
pub fn remove(account: &Account, org: &Org) -> Result<Event, PrimaryAdmin> {
    match is_primary_admin(account, org) {
        true => Err(PrimaryAdmin),
        false => Ok(Event::of(EventKind::AccountRemoved, account, "by the directory")),
    }
}

fn write_fields(
    said: &DirectoryAccount,
    profile: &mut Profile,
    org: &Org,
) -> Result<(), InvalidSetting> {
    for (field, given) in &said.fields {
        let blank = |given: &&ProfileValue| match given {
            ProfileValue::Text(text) => text.trim().is_empty(),
            _ => false,
        };
        let Some(given) = given.as_ref().filter(|given| !blank(given)) else {
            profile.clear(*field);
            continue;
        };
        match value::check(*field, given, &org.attribute_schema) {
            Ok(value) => profile.set(*field, value),
            // Directories write countries by name, too: it stays in what no field holds.
            Err(_) if *field == ProfileField::Country => profile.clear(*field),
            Err(rule) => {
                let field = field.as_str().to_owned();
                return Err(InvalidSetting::value(field, format!("It takes: {rule}.")));
            }
        }
    }
    Ok(())
}

/// A `uid` that was the e-mail address follows it.
fn follow_email(account: &Account, profile: &mut Profile) {
    let (Some(uid), Some(old)) = (account.profile.text(ProfileField::Uid), account.email()) else {
        return;
    };
    let new = profile.text(ProfileField::Email).map(str::to_owned);
    if uid.eq_ignore_ascii_case(old)
        && let Some(new) = new.filter(|new| !new.eq_ignore_ascii_case(old))
    {
        profile.set(ProfileField::Uid, ProfileValue::Text(new));
    }
}

enum Mandatory {
    All,
    Emptied,
}

/// Holds a profile to the fields that the organization made mandatory (SPEC 11.4, 11.5).
fn hold_mandatory(
    profile: &Profile,
    before: &Profile,
    org: &Org,
    which: Mandatory,
) -> Result<(), InvalidSetting> {
    let lacks = |field: &ProfileField| {
        profile.get(*field).is_none()
            && match which {
                Mandatory::All => true,
                Mandatory::Emptied => before.get(*field).is_some(),
            }
    };
    let by_schema = org.attribute_schema.attributes.iter().filter(|attribute| attribute.required);
    let by_schema = by_schema.map(|attribute| ProfileField::Own(attribute.name));
    let mut mandatory = org.provisioning.mandatory_fields.iter().copied().chain(by_schema);
    match mandatory.find(lacks) {
        None => Ok(()),
        Some(field) => Err(InvalidSetting::new(
            SettingCode::RequiredAttributeMissing,
            field.as_str().to_owned(),
            format!("There is no value for {}.", field.as_str()),
        )),
    }
}

/// Holds an e-mail address that is new to the organization's domains.
fn hold_email(profile: &Profile, before: Option<&str>, org: &Org) -> Result<(), InvalidSetting> {
    match profile.text(ProfileField::Email) {
        Some(new) if !before.is_some_and(|before| before.eq_ignore_ascii_case(new)) => {
            require_own_email(profile, org)
        }
        _ => Ok(()),
    }
}

fn kept(document: &DirectoryDocument) -> Result<Option<DirectoryDocument>, InvalidSetting> {
    match document.stored() {
        None => Ok(None),
        Some(text) if text.len() > DirectoryDocument::LONGEST => {
            Err(InvalidSetting::value("resource", "There is more in it than is kept."))
        }
        Some(_) => Ok(Some(document.clone())),
    }
}
