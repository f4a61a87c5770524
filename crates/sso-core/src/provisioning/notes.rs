//! What a plan says beside the account: notes for the login's trace, events for the audit trail.

use super::Account;
use std::borrow::Cow;

/// Something in the login's trace that is no refusal: for
/// [`Trace::note`](crate::login::Trace::note).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about, in snake_case, for example `groups_ignored`.
    pub event: &'static str,
    /// The clause it comes from.
    pub clause: &'static str,
    /// What was found and what was done.
    pub found: String,
}

impl Note {
    /// A note of SPEC 9. The text is cut like that of a rejection.
    pub(super) fn new(event: &'static str, found: impl Into<String>) -> Self {
        let found = crate::error::cut(Cow::Owned(found.into())).into_owned();
        Self { event, clause: "SPEC 9", found }
    }
}

/// Something that the audit trail keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// To which account, and why. Never a secret.
    pub details: String,
}

impl Event {
    pub(super) fn of(kind: EventKind, account: &Account, why: &str) -> Self {
        let email = account.email().unwrap_or_default();
        Self { kind, details: format!("{email} ({}) {why}", account.id) }
    }
}

/// What can be done to an account. The names are the sub-categories of the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// The account was made.
    AccountCreated,
    /// An account that had no key yet was given the login's.
    AccountLinked,
    /// The profile of the account changed.
    AccountUpdated,
    /// The NameID that signed the account in was forgotten.
    NameIdForgotten,
    /// What the account may administer changed.
    RoleChanged,
    /// The account cannot sign in any more, and its sessions ended.
    AccountDeactivated,
    /// The account can sign in again.
    AccountReactivated,
    /// The account was removed, and its sessions ended.
    AccountRemoved,
    /// An administrator ended sessions of the account.
    SessionsEnded,
    /// The person signed in (category `sign_in`; all others are of `users`).
    SignIn,
}

impl EventKind {
    /// The sub-category in the audit trail.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccountCreated => "account_created",
            Self::AccountLinked => "account_linked",
            Self::AccountUpdated => "account_updated",
            Self::NameIdForgotten => "name_id_forgotten",
            Self::RoleChanged => "role_changed",
            Self::AccountDeactivated => "account_deactivated",
            Self::AccountReactivated => "account_reactivated",
            Self::AccountRemoved => "account_removed",
            Self::SessionsEnded => "sessions_ended",
            Self::SignIn => "sign_in",
        }
    }
}
