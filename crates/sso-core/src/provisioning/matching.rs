//! Whose login it is (SPEC 9, matching): the account with the login's key, else one of the login's
//! e-mail address that has no key yet. Nothing else names an account, and an IdP-initiated login
//! links none (SPEC 5.2).

use super::decide::Case;
use super::email::VerifiedEmail;
use super::{Account, AccountStatus, ProfileField};
use crate::connection::AccountKey;
use crate::error::{Code, Rejection};

/// Whose login it is.
#[derive(Debug)]
pub(super) enum Match<'c> {
    /// This account's: it has the login's key.
    Known(&'c Account),
    /// This account's from now on: it has the e-mail address, which the organization owns, and no
    /// key yet.
    Link(&'c Account, VerifiedEmail),
    /// Nobody's that is known here.
    Unknown,
}

/// Finds whose login it is.
///
/// # Errors
/// [`Code::AccountConflict`] where the account of the e-mail address has another key,
/// [`Code::AccountInactive`] where the account is deactivated.
pub(super) fn match_account<'c>(case: &Case<'c>) -> Result<Match<'c>, Rejection> {
    if let Some(account) = &case.candidates.by_key {
        return active(account).map(Match::Known);
    }
    let Some(account) = &case.candidates.by_email else { return Ok(Match::Unknown) };
    if has_key(account, case.settings.account_key) {
        return Err(conflict(ProfileField::Email, account));
    }
    let asserted = case.mapped.value(ProfileField::Email).unwrap_or_default();
    match VerifiedEmail::new(asserted, case.org) {
        Ok(email) if case.identity.solicited => Ok(Match::Link(active(account)?, email)),
        _ => Ok(Match::Unknown),
    }
}

/// The refusal of a login whose value of a unique field is another account's.
pub(super) fn conflict(field: ProfileField, holder: &Account) -> Rejection {
    let holds = match holder.profile.text(field) {
        Some(value) => format!("{} {value}", field.as_str()),
        None => field.as_str().to_owned(),
    };
    Rejection::new(
        Code::AccountConflict,
        format!("a {} that no other account has", field.as_str()),
        format!("{holds} belongs to the account {}", holder.id),
    )
}

/// A transient NameID was of one login; it does not stand in the way of the one that stays.
fn has_key(account: &Account, key: AccountKey) -> bool {
    let filled = |field| account.profile.text(field).is_some_and(|value| !value.is_empty());
    match key {
        AccountKey::Uid => filled(ProfileField::Uid),
        AccountKey::Ssoid => filled(ProfileField::Ssoid),
        AccountKey::NameId => account.name_id.as_ref().is_some_and(|id| !id.is_transient()),
    }
}

fn active(account: &Account) -> Result<&Account, Rejection> {
    match account.status {
        AccountStatus::Active => Ok(account),
        AccountStatus::Inactive => Err(Rejection::new(
            Code::AccountInactive,
            "an active account",
            format!("the account {} is deactivated", account.id),
        )),
    }
}
