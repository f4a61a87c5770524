//! A known account from a newer assertion (SPEC 9, update).

use super::ProfileField::{self, Email, GroupIds, Uid, UpdateTimeStamp, UpgradeSite};
use super::decide::Case;
use super::email::VerifiedEmail;
use super::mapped::Said;
use super::matching::conflict;
use super::required::{self, is_required};
use super::stamp::read_stamp;
use super::{Account, Note, Profile, ProfileValue, value};
use crate::connection::{AccountKey, OnMissing};
use crate::error::Rejection;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// When the assertion says that the person was last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp<'a> {
    /// It does not say.
    Absent,
    /// It says something that is no time.
    Unreadable(&'a str),
    /// Then, in UTC.
    At(OffsetDateTime),
}

impl<'a> Stamp<'a> {
    /// Reads the value of `update_time_stamp`. An empty attribute says nothing.
    pub(super) fn read(value: Option<&'a str>) -> Self {
        match value {
            None => Self::Absent,
            Some(text) => read_stamp(text).map_or(Self::Unreadable(text), Self::At),
        }
    }

    /// The time, if there is one. One that cannot be read is noted.
    pub(super) fn noted(self, notes: &mut Vec<Note>) -> Option<OffsetDateTime> {
        match self {
            Self::At(stamp) => Some(stamp),
            Self::Absent => None,
            Self::Unreadable(text) => {
                notes.push(Note::new("stamp_unreadable", format!("updateTimeStamp {text:?}")));
                None
            }
        }
    }
}

/// Writes what a newer assertion says into the account. Returns the fields that changed, or `None`
/// where nothing was to be written, which is noted with its reason.
///
/// # Errors
/// [`Code::RequiredAttributeMissing`](crate::error::Code) where `on_missing` says `refuse`,
/// `EmailDomainForeign` where a new e-mail address is not the organization's, `AttributeInvalid`,
/// `AccountConflict` where a new unique value is another account's.
pub(super) fn update(
    case: &Case<'_>,
    account: &mut Account,
    notes: &mut Vec<Note>,
) -> Result<Option<Vec<ProfileField>>, Rejection> {
    if let Some(reason) = reason_to_leave(case, account, notes) {
        notes.push(Note::new("account_unchanged", reason));
        return Ok(None);
    }
    let profile = updated_profile(case, account, notes)?;
    check_unique(case, account, &profile)?;

    let changed = profile.changed_since(&account.profile);
    account.profile = profile;
    account.written_by_assertion = true;
    if let Stamp::At(stamp) = case.stamp() {
        account.update_time_stamp = Some(stamp);
    }
    Ok(Some(changed))
}

/// Why the account is left as it is, if it is.
fn reason_to_leave(case: &Case<'_>, account: &Account, notes: &mut Vec<Note>) -> Option<String> {
    if !case.settings.auto_update {
        return Some("auto_update is off".to_owned());
    }
    match (case.stamp(), account.update_time_stamp) {
        (stamp @ Stamp::Unreadable(_), _) => {
            stamp.noted(notes);
            Some("updateTimeStamp cannot be read".to_owned())
        }
        (Stamp::At(stamp), Some(stored)) if stamp <= stored => {
            Some(format!("updateTimeStamp {} is not newer than {}", shown(stamp), shown(stored)))
        }
        (Stamp::Absent, _) if account.written_by_assertion => {
            Some("without updateTimeStamp an account is written once".to_owned())
        }
        _ => None,
    }
}

fn updated_profile(
    case: &Case<'_>,
    account: &Account,
    notes: &mut Vec<Note>,
) -> Result<Profile, Rejection> {
    let schema = &case.org.attribute_schema;
    let mut profile = account.profile.clone();
    profile.hold_to(schema);
    let mut refused = Vec::new();
    for field in case.org.profile_fields() {
        match (field, case.mapped.said(field)) {
            // At creation alone; and what has a place of its own in the account.
            (GroupIds | UpdateTimeStamp, _) => {}
            // The key is what the account was found by.
            (Uid, _) if case.settings.account_key == AccountKey::Uid => {}
            (_, Said::Values(values)) => profile.set(field, value::read(field, values, schema)?),
            (UpgradeSite, _) => {}
            (_, Said::Empty) => empty(case, field, &mut profile, notes),
            (_, Said::Absent) => match on_missing(case, field) {
                OnMissing::Keep => {}
                OnMissing::Clear => empty(case, field, &mut profile, notes),
                OnMissing::Refuse => refused.push(field),
            },
        }
    }
    if !refused.is_empty() {
        return Err(required::rejection(&refused, case.settings));
    }
    follow_email(case, account, &mut profile);
    Ok(profile)
}

fn on_missing(case: &Case<'_>, field: ProfileField) -> OnMissing {
    case.settings.on_missing.get(&field).copied().unwrap_or_default()
}

/// Empties a field, unless an account must have it.
fn empty(case: &Case<'_>, field: ProfileField, profile: &mut Profile, notes: &mut Vec<Note>) {
    if !is_required(field, case.org, case.settings) {
        profile.clear(field);
    } else if profile.get(field).is_some() {
        let kept = format!("{} is required and came without a value", field.as_str());
        notes.push(Note::new("required_field_kept", kept));
    }
}

/// A `uid` that was the e-mail address follows it, where the assertion has no `uid` of its own.
fn follow_email(case: &Case<'_>, account: &Account, profile: &mut Profile) {
    if case.settings.account_key == AccountKey::Uid || case.mapped.value(Uid).is_some() {
        return;
    }
    let was_email = match (account.profile.text(Uid), account.email()) {
        (Some(uid), Some(email)) => uid.eq_ignore_ascii_case(email),
        _ => false,
    };
    if let (true, Some(email)) = (was_email, profile.text(Email).map(str::to_owned)) {
        profile.set(Uid, ProfileValue::Text(email));
    }
}

/// A new unique value is nobody else's, and a new e-mail address is the organization's.
fn check_unique(case: &Case<'_>, account: &Account, profile: &Profile) -> Result<(), Rejection> {
    if let Some(new) = profile.text(Email)
        && is_new(Email, profile, &account.profile)
    {
        VerifiedEmail::new(new, case.org)?;
    }
    let conflicting = case.candidates.holders().find(|(field, holder)| {
        holder.id != account.id && is_new(*field, profile, &account.profile)
    });
    match conflicting {
        Some((field, holder)) => Err(conflict(field, holder)),
        None => Ok(()),
    }
}

/// Whether a profile has another value of a unique field than before, as such are compared.
fn is_new(field: ProfileField, profile: &Profile, before: &Profile) -> bool {
    match (field, profile.text(field), before.text(field)) {
        (Uid | Email, Some(new), Some(old)) => !old.eq_ignore_ascii_case(new),
        _ => profile.get(field).is_some() && profile.get(field) != before.get(field),
    }
}

fn shown(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}
