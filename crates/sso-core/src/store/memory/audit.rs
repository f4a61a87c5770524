//! Login traces and the audit trail.

use super::{MemoryStore, State};
use crate::ids::{AuditId, TraceId};
use crate::org::OrgName;
use crate::store::{
    AuditEntry, AuditFilter, AuditStore, Listed, Page, StoreError, StoredTrace, TraceStore,
};
use std::collections::BTreeMap;
use std::ops::Bound;

impl State {
    pub(super) fn append_audit(&mut self, entry: AuditEntry) {
        self.audit.insert((entry.org.clone(), entry.id), entry);
    }

    pub(super) fn append_trace(&mut self, trace: StoredTrace) {
        self.traces.insert((trace.org.clone(), trace.id), trace);
    }
}

/// Up to `most` rows of an organization before a key that are wanted, newest first.
pub(super) fn newest<K: Ord + Copy, T: Clone>(
    rows: &BTreeMap<(OrgName, K), T>,
    org: &OrgName,
    least: K,
    before: Option<K>,
    most: usize,
    wanted: impl Fn(&T) -> bool,
) -> Vec<T> {
    let end = match before {
        Some(key) => Bound::Excluded((org.clone(), key)),
        None => Bound::Unbounded,
    };
    rows.range((Bound::Included((org.clone(), least)), end))
        .rev()
        .skip_while(|((owner, _), _)| owner != org)
        .filter(|(_, row)| wanted(row))
        .take(most)
        .map(|(_, row)| row.clone())
        .collect()
}

impl TraceStore for MemoryStore {
    async fn put_trace(&self, trace: StoredTrace) -> Result<(), StoreError> {
        self.state().append_trace(trace);
        Ok(())
    }

    async fn trace(&self, org: &OrgName, id: TraceId) -> Result<Option<StoredTrace>, StoreError> {
        Ok(self.state().traces.get(&(org.clone(), id)).cloned())
    }

    async fn trace_org(&self, id: TraceId) -> Result<Option<OrgName>, StoreError> {
        Ok(self.state().traces.keys().find(|(_, known)| *known == id).map(|(org, _)| org.clone()))
    }

    async fn traces(&self, org: &OrgName, page: &Page) -> Result<Listed<StoredTrace>, StoreError> {
        let before = page.after()?;
        let least = TraceId::from_bytes([0; 16]);
        let rows = newest(&self.state().traces, org, least, before, page.fetch(), |_| true);
        Ok(page.listed(rows, |trace| trace.id))
    }
}

impl AuditStore for MemoryStore {
    async fn audit(
        &self,
        org: &OrgName,
        filter: &AuditFilter,
        page: &Page,
    ) -> Result<Listed<AuditEntry>, StoreError> {
        let before = page.after()?;
        let least = AuditId::from_bytes([0; 16]);
        let wanted = |entry: &AuditEntry| filter.matches(entry);
        let rows = newest(&self.state().audit, org, least, before, page.fetch(), wanted);
        Ok(page.listed(rows, |entry| entry.id))
    }

    async fn record(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.state().append_audit(entry);
        Ok(())
    }
}
