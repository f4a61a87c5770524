//! Whether an account can sign in, and is signed in (SPEC 10): deactivated it is kept, and signed out
//! everywhere.

use super::Revised;
use crate::org::Org;
use crate::provisioning::{Account, AccountStatus, Event, EventKind};
use time::OffsetDateTime;

/// The account of an organization's `primary_admin` is not deactivated (SPEC 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account of the primary administrator cannot be deactivated")]
pub struct PrimaryAdmin;

/// Deactivates an account; one that is inactive stays as it is. The store ends its sessions with it.
/// `now` is UTC.
///
/// # Errors
/// [`PrimaryAdmin`].
pub fn deactivate(
    account: &Account,
    org: &Org,
    now: OffsetDateTime,
) -> Result<Revised, PrimaryAdmin> {
    if is_primary_admin(account, org) {
        return Err(PrimaryAdmin);
    }
    Ok(with_status(account, AccountStatus::Inactive, EventKind::AccountDeactivated, now))
}

/// Whether it is the account of the organization's `primary_admin`.
pub(in crate::provisioning) fn is_primary_admin(account: &Account, org: &Org) -> bool {
    let email = account.email().unwrap_or_default();
    org.primary_admin.as_deref().is_some_and(|primary| primary.eq_ignore_ascii_case(email))
}

/// Reactivates an account; one that is active stays as it is. `now` is UTC.
pub fn reactivate(account: &Account, now: OffsetDateTime) -> Revised {
    with_status(account, AccountStatus::Active, EventKind::AccountReactivated, now)
}

/// What the audit trail keeps of ending sessions of an account; `which` in words.
pub fn sessions_ended(account: &Account, which: &str) -> Event {
    Event::of(EventKind::SessionsEnded, account, &format!("by hand: {which}"))
}

fn with_status(
    account: &Account,
    status: AccountStatus,
    kind: EventKind,
    now: OffsetDateTime,
) -> Revised {
    let mut revised = account.clone();
    let mut events = Vec::new();
    if account.status != status {
        revised.status = status;
        revised.updated_at = now;
        events.push(Event::of(kind, &revised, "by hand"));
    }
    Revised { account: revised, name_id: None, events }
}
