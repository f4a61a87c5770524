//! Storage of logouts: those that wait for an answer, and the sessions that one from outside ends.

use super::{CommitError, Session, StoreError, StoredTrace};
use crate::login::{NameIdKey, ReplayRecord};
use crate::logout::PendingLogout;
use crate::org::OrgName;
use std::future::Future;

/// Storage of logouts.
pub trait LogoutStore: Send + Sync {
    /// Keeps a logout that has gone to the identity provider, by its request ID. Conflict
    /// `request_exists`.
    fn put_pending_logout(
        &self,
        logout: PendingLogout,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a pending logout, which stays; also one that was consumed is found until it is purged.
    fn pending_logout(
        &self,
        request_id: &str,
    ) -> impl Future<Output = Result<Option<PendingLogout>, StoreError>> + Send;

    /// Consumes a pending logout, with the trace of its answer. One that was consumed or is gone:
    /// [`CommitError::RequestAlreadyUsed`], and nothing is stored.
    fn finish_logout(
        &self,
        request_id: &str,
        trace: StoredTrace,
    ) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// Ends the sessions of a subject in one transaction, on every node, and gives them, oldest first: the
    /// replay record is made (one that exists: [`CommitError::Replayed`], and nothing is stored), the
    /// sessions are removed, the trace added.
    fn end_subject_sessions(
        &self,
        subject: Subject,
        records: LogoutRecords,
    ) -> impl Future<Output = Result<Vec<Session>, CommitError>> + Send;
}

/// Whose sessions end, as an identity provider names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The organization in which they are signed in.
    pub org: OrgName,
    /// The NameID that they signed in with: all parts of it count, an absent format as `unspecified`
    /// (ATTACKS SLO-04).
    pub name_id: NameIdKey,
    /// Those sessions alone that the identity provider calls by one of these; all of them where there is
    /// none.
    pub session_indexes: Vec<String>,
}

impl Subject {
    /// Whether a session is meant.
    pub fn has(&self, session: &Session) -> bool {
        let called = |index: &String| self.session_indexes.contains(index);
        session.org == self.org
            && session.made.name_id.formatted() == self.name_id.formatted()
            && (self.session_indexes.is_empty() || session.made.session_indexes.iter().any(called))
    }
}

/// What is stored beside the end of a subject's sessions.
#[derive(Debug, Clone, Default)]
pub struct LogoutRecords {
    /// What makes a second use of the message impossible, where one asked for it.
    pub replay: Option<ReplayRecord>,
    /// The trace of the message.
    pub trace: Option<StoredTrace>,
}
