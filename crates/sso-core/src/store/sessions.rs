//! Storage of sessions, as administrators see them. (A browser has its own by
//! [`SignInStore`](super::SignInStore).)

use super::{AuditEntry, Listed, Page, Session, StoreError};
use crate::ids::{AccountId, SessionId};
use crate::org::OrgName;
use std::future::Future;
use time::OffsetDateTime;

/// Which sessions of an account end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichSessions {
    /// All of them.
    All,
    /// This one.
    One(SessionId),
    /// All but this one.
    AllBut(SessionId),
}

impl WhichSessions {
    /// Whether a session is meant.
    pub fn means(self, session: SessionId) -> bool {
        match self {
            Self::All => true,
            Self::One(named) => session == named,
            Self::AllBut(kept) => session != kept,
        }
    }
}

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

    /// Ends all of them, or those that are meant: NotFound `session` where one is named that there is not.
    fn end_sessions(
        &self,
        org: &OrgName,
        account: AccountId,
        which: WhichSessions,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
