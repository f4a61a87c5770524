//! A new account from an assertion (SPEC 9, creation): all of it is in order, or nothing is written.

use super::ProfileField::{
    Email, GroupIds, ImLoggingEnabled, ImLoggingEndpoint, Uid, UpdateTimeStamp,
};
use super::decide::Case;
use super::email::{VerifiedEmail, check_uid_domain};
use super::mapped::Said;
use super::matching::conflict;
use super::{
    Account, AccountSource, AccountStatus, Candidates, Note, Profile, ProfileValue, Role, required,
    value,
};
use crate::connection::AccountKey;
use crate::error::{Code, Rejection};
use crate::ids::AccountId;
use crate::org::Org;

/// Makes the account. The role is the least one, whatever the assertion says.
///
/// # Errors
/// In this order: [`Code::AccountUnknown`] where the connection creates none,
/// [`Code::RequiredAttributeMissing`], [`Code::EmailDomainForeign`], [`Code::AttributeInvalid`],
/// [`Code::AccountConflict`], [`Code::UserLimitReached`].
pub(super) fn create(
    case: &Case<'_>,
    id: AccountId,
    notes: &mut Vec<Note>,
) -> Result<Account, Rejection> {
    if !case.settings.auto_create {
        return Err(unknown(case));
    }
    let missing = required::missing(&case.mapped, case.org, case.settings);
    if !missing.is_empty() {
        return Err(required::rejection(&missing, case.settings));
    }
    VerifiedEmail::new(case.mapped.value(Email).unwrap_or_default(), case.org)?;
    if case.settings.account_key == AccountKey::Uid {
        check_uid_domain(case.mapped.value(Uid).unwrap_or_default(), case.org)?;
    }
    let profile = profile(case, notes)?;
    check_unique(case.candidates, &profile)?;
    check_limit(case.candidates, case.org)?;

    Ok(Account {
        id,
        org: case.org.name.clone(),
        profile,
        name_id: Some(case.identity.name_id.clone()),
        status: AccountStatus::Active,
        role: Role::User,
        groups: groups(case, notes),
        source: AccountSource::Sso,
        directory: None,
        update_time_stamp: case.stamp().noted(notes),
        written_by_assertion: true,
        revision: 1,
        created_at: case.now,
        updated_at: case.now,
        last_login_at: Some(case.now),
    })
}

fn unknown(case: &Case<'_>) -> Rejection {
    let found = match &case.candidates.by_email {
        None => format!("no account for the NameID {}", case.identity.name_id.value),
        Some(account) => {
            let why = if case.identity.solicited {
                "its domain is not the organization's"
            } else {
                "an IdP-initiated login links none"
            };
            format!("the account {} has the e-mail address, but {why}", account.id)
        }
    };
    Rejection::new(Code::AccountUnknown, "a known account, or auto_create", found)
}

fn profile(case: &Case<'_>, notes: &mut Vec<Note>) -> Result<Profile, Rejection> {
    let schema = &case.org.attribute_schema;
    let mut profile = Profile::default();
    for field in case.org.profile_fields() {
        let Said::Values(values) = case.mapped.said(field) else { continue };
        match field {
            // These two have a place of their own in the account.
            GroupIds | UpdateTimeStamp => {}
            _ if schema.fields_for_updates_alone().any(|alone| alone == field) => {
                let why = format!("{} is update_only", field.as_str());
                notes.push(Note::new("not_at_creation", why));
            }
            _ => profile.set(field, value::read(field, values, schema)?),
        }
    }
    fill_defaults(&mut profile, case.org);
    Ok(profile)
}

/// Gives a new profile what nobody said of it: the e-mail address for a `uid`, and where the
/// organization logs instant messages, its defaults (SPEC 9, 10).
pub(super) fn fill_defaults(profile: &mut Profile, org: &Org) {
    if let Some(email) = profile.text(Email).map(str::to_owned) {
        profile.set_if_empty(Uid, || ProfileValue::Text(email));
    }
    let im_logging = &org.im_logging;
    if im_logging.enabled {
        let endpoint = || ProfileValue::Text(im_logging.default_endpoint.clone());
        profile.set_if_empty(ImLoggingEnabled, || ProfileValue::Flag(false));
        profile.set_if_empty(ImLoggingEndpoint, endpoint);
    }
}

fn check_unique(candidates: &Candidates, profile: &Profile) -> Result<(), Rejection> {
    match candidates.holders().find(|(field, _)| profile.get(*field).is_some()) {
        Some((field, holder)) => Err(conflict(field, holder)),
        None => Ok(()),
    }
}

fn check_limit(candidates: &Candidates, org: &Org) -> Result<(), Rejection> {
    match org.provisioning.max_active_users {
        Some(limit) if candidates.active_accounts >= u64::from(limit) => Err(Rejection::new(
            Code::UserLimitReached,
            format!("fewer than {limit} active accounts"),
            candidates.active_accounts.to_string(),
        )),
        _ => Ok(()),
    }
}

/// The groups of the login that the organization has. The others are left out, in the trace.
fn groups(case: &Case<'_>, notes: &mut Vec<Note>) -> Vec<String> {
    let Said::Values(named) = case.mapped.said(GroupIds) else { return Vec::new() };
    let mut joined: Vec<String> = Vec::new();
    let mut ignored = Vec::new();
    for group in named {
        match case.candidates.known_groups.iter().find(|known| known == group) {
            Some(known) if !joined.contains(known) => joined.push(known.clone()),
            Some(_) => {}
            None => ignored.push(*group),
        }
    }
    if !ignored.is_empty() {
        let names = ignored.join(", ");
        notes.push(Note::new("groups_ignored", format!("{} unknown: {names}", ignored.len())));
    }
    joined
}
