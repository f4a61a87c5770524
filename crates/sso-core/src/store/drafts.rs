//! Storage of the draft of a connection: the test logins that went through it, and its promotion (SPEC 2,
//! `state`).

use super::{AuditEntry, CommitError, StoreError, StoredTrace};
use crate::connection::Connection;
use crate::ids::{ConnectionId, TraceId};
use std::future::Future;
use time::OffsetDateTime;

/// Storage of test logins and of drafts.
pub trait DraftStore: Send + Sync {
    /// Ends a test login that passed, in one transaction: the pending login is consumed (consumed or gone:
    /// [`CommitError::RequestAlreadyUsed`]), the trace added, and what passed remembered, in place of what
    /// passed before. No account and no session is written.
    fn commit_test_login(
        &self,
        request_id: &str,
        passed: PassedTest,
        trace: StoredTrace,
    ) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// The last test login that passed through a connection.
    fn passed_test(
        &self,
        connection: ConnectionId,
    ) -> impl Future<Output = Result<Option<PassedTest>, StoreError>> + Send;

    /// Makes a draft the live connection: `live` is written as [`put_connection`] does, the draft that it
    /// was made of removed, what passed through the draft has passed through it, and where the draft's metadata
    /// comes from, if it has any of its own, is where its own comes from. NotFound `org`, conflict
    /// `connection_changed` (either is at another revision).
    ///
    /// [`put_connection`]: super::ConfigurationStore::put_connection
    fn promote_draft(
        &self,
        draft: Connection,
        live: Connection,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A test login that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedTest {
    /// The connection that it went through.
    pub connection: ConnectionId,
    /// The [fingerprint](crate::connection::Settings::fingerprint) of the settings that it went by.
    pub settings: [u8; 32],
    /// Its trace.
    pub trace: TraceId,
    /// When, in UTC.
    pub at: OffsetDateTime,
}
