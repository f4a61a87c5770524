//! Storage of leases: of work that one node does for all (DESIGN 5).

use super::StoreError;
use crate::ids::NodeId;
use std::future::Future;
use time::OffsetDateTime;

/// Storage of leases, by which nodes agree on who does a piece of work.
pub trait LeaseStore: Send + Sync {
    /// Takes or prolongs the lease of a name until an instant. Answers whether it is the node's:
    /// nobody had it, its time was over at `now`, or the node had it itself.
    fn acquire_lease(
        &self,
        name: &'static str,
        node: NodeId,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives a lease back before its time. Does nothing where it is not the node's any more.
    fn release_lease(
        &self,
        name: &'static str,
        node: NodeId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
