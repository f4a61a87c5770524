//! Storage of sessions, as administrators see them. (A browser has its own by
//! [`SignInStore`](super::SignInStore).)

use super::{AuditEntry, Listed, Page, Session, StoreError};
use crate::ids::{AccountId, SessionId};
use crate::org::OrgName;
use std::future::Future;
use time::OffsetDateTime;

/// The sessions of an account.
pub trait SessionStore: Send + Sync {
    /// Lists those that are live at `now`, oldest first.
    fn sessions(
        &self,
        org: &OrgName,
        account: AccountId,
        now: OffsetDateTime,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<Session>, StoreError>> + Send;

    /// Ends all of them, or the one that is named: NotFound `session`.
    fn end_sessions(
        &self,
        org: &OrgName,
        account: AccountId,
        session: Option<SessionId>,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
