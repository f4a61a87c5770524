//! Storage of where the metadata of connections comes from (SPEC 2).

use super::{AuditEntry, StoreError};
use crate::connection::{Connection, Slot};
use crate::ids::ConnectionId;
use crate::metadata::MetadataSource;
use crate::org::OrgName;
use std::future::Future;
use time::{Duration, OffsetDateTime};

/// Storage of where the metadata of connections comes from. A source goes with its connection.
pub trait MetadataStore: Send + Sync {
    /// Reads the source of a connection's metadata. `None`: it never had any.
    fn metadata_source(
        &self,
        connection: ConnectionId,
    ) -> impl Future<Output = Result<Option<MetadataSource>, StoreError>> + Send;

    /// Writes a connection and the source of its metadata at once, as an import, a refresh and an
    /// approval do. The rules of [`put_connection`](super::ConfigurationStore::put_connection) hold, and
    /// those of [`put_metadata_source`](Self::put_metadata_source); nothing is written where either is
    /// broken.
    fn put_metadata(
        &self,
        connection: Connection,
        source: MetadataSource,
        audit: Vec<AuditEntry>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes what became of a refresh that changed nothing of the connection. `source.revision` is the one
    /// it will have; the row stored must have the one before it (none for revision 1), else conflict
    /// `metadata_changed`. NotFound `connection`.
    fn put_metadata_source(
        &self,
        source: MetadataSource,
        audit: Vec<AuditEntry>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Up to `most` connections whose metadata is to be refreshed at `now`, those that have waited longest
    /// first.
    fn due_metadata(
        &self,
        now: OffsetDateTime,
        most: usize,
    ) -> impl Future<Output = Result<Vec<(OrgName, Slot)>, StoreError>> + Send;

    /// Claims the refresh that a signature by an unknown key triggers: on all nodes together one in
    /// `every`, however many such signatures come. It runs from the claim until
    /// [`end_key_refresh`](Self::end_key_refresh), or at most `longest`.
    fn claim_key_refresh(
        &self,
        connection: ConnectionId,
        now: OffsetDateTime,
        every: Duration,
        longest: Duration,
    ) -> impl Future<Output = Result<KeyRefreshClaim, StoreError>> + Send;

    /// Says that the refresh which was claimed has ended, well or not.
    fn end_key_refresh(
        &self,
        connection: ConnectionId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What became of a claim to refresh the keys of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRefreshClaim {
    /// Whoever asked is to fetch the metadata now.
    Claimed,
    /// Somebody else is fetching it.
    Running,
    /// There is nothing to fetch it from, or it was fetched for this reason not long ago.
    Spent,
}
