//! The brakes on mass removal.

use super::MemoryStore;
use crate::org::OrgName;
use crate::provisioning::{BrakeAct, RemovalBrake, RemovalsHeld};
use crate::store::{AuditEntry, RemovalBrakeStore, StoreError};
use time::OffsetDateTime;

impl RemovalBrakeStore for MemoryStore {
    async fn removal_brake(&self, org: &OrgName) -> Result<RemovalBrake, StoreError> {
        Ok(self.state().brakes.get(org).copied().unwrap_or_default())
    }

    async fn brake(
        &self,
        org: &OrgName,
        act: BrakeAct,
        now: OffsetDateTime,
        audit: Option<AuditEntry>,
    ) -> Result<(RemovalBrake, Result<(), RemovalsHeld>), StoreError> {
        let mut state = self.state();
        state.require_org(org)?;
        let accounts = state.accounts_of(org).count() as u64;
        let stored = state.brakes.get(org).copied().unwrap_or_default();
        let (brake, done) = stored.after(act, accounts, now);
        state.brakes.insert(org.clone(), brake);
        if let Some(audit) = audit {
            state.append_audit(audit);
        }
        Ok((brake, done))
    }

    async fn held_brakes(&self, most: u16) -> Result<Vec<(OrgName, OffsetDateTime)>, StoreError> {
        let state = self.state();
        let held = state.brakes.iter().filter_map(|(org, brake)| Some((org, brake.held_since?)));
        let mut held: Vec<_> = held.map(|(org, since)| (org.clone(), since)).collect();
        held.sort_by_key(|(_, since)| *since);
        held.truncate(most.into());
        Ok(held)
    }
}
