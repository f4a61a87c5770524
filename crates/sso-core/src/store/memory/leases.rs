//! Leases.

use super::MemoryStore;
use crate::ids::NodeId;
use crate::store::{LeaseStore, StoreError};
use time::OffsetDateTime;

impl LeaseStore for MemoryStore {
    async fn acquire_lease(
        &self,
        name: &'static str,
        node: NodeId,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let foreign = |(holder, end): &(NodeId, OffsetDateTime)| *holder != node && now < *end;
        if state.leases.get(name).is_some_and(foreign) {
            return Ok(false);
        }
        state.leases.insert(name, (node, until));
        Ok(true)
    }

    async fn release_lease(&self, name: &'static str, node: NodeId) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.leases.get(name).is_some_and(|(holder, _)| *holder == node) {
            state.leases.remove(name);
        }
        Ok(())
    }
}
