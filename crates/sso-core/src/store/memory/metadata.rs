//! Where the metadata of connections comes from.

use super::{MemoryStore, State};
use crate::connection::{Connection, Slot};
use crate::ids::ConnectionId;
use crate::metadata::MetadataSource;
use crate::org::OrgName;
use crate::store::{AuditEntry, KeyRefreshClaim, MetadataStore, StoreError};
use time::{Duration, OffsetDateTime};

/// A source, and the refresh for the sake of an unknown key.
pub(super) struct Sourced {
    source: MetadataSource,
    asked_at: Option<OffsetDateTime>,
    is_asking: bool,
}

impl State {
    fn require_next(&self, source: &MetadataSource) -> Result<(), StoreError> {
        let stored = self.metadata.get(&source.connection);
        if source.revision != stored.map_or(0, |stored| stored.source.revision) + 1 {
            return Err(StoreError::Conflict("metadata_changed"));
        }
        Ok(())
    }

    /// Takes away where the metadata of a connection came from, which is removed.
    pub(super) fn take_source(&mut self, connection: ConnectionId) -> Option<MetadataSource> {
        self.metadata.remove(&connection).map(|stored| stored.source)
    }

    /// Gives a source to another connection, in place of its own.
    pub(super) fn inherit_source(&mut self, source: MetadataSource, heir: ConnectionId) {
        let before = self.metadata.get(&heir).map(|stored| &stored.source);
        let source = source.for_connection(heir, before);
        self.write_source(source);
    }

    fn write_source(&mut self, source: MetadataSource) {
        match self.metadata.get_mut(&source.connection) {
            Some(stored) => stored.source = source,
            None => {
                let connection = source.connection;
                let sourced = Sourced { source, asked_at: None, is_asking: false };
                self.metadata.insert(connection, sourced);
            }
        }
    }
}

impl MetadataStore for MemoryStore {
    async fn metadata_source(
        &self,
        connection: ConnectionId,
    ) -> Result<Option<MetadataSource>, StoreError> {
        Ok(self.state().metadata.get(&connection).map(|stored| stored.source.clone()))
    }

    async fn put_metadata(
        &self,
        connection: Connection,
        source: MetadataSource,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.require_next_connection(&connection)?;
        state.require_next(&source)?;
        state.write_connection(connection);
        state.write_source(source);
        audit.into_iter().for_each(|entry| state.append_audit(entry));
        Ok(())
    }

    async fn put_metadata_source(
        &self,
        source: MetadataSource,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        if !state.connections.values().any(|connection| connection.id == source.connection) {
            return Err(StoreError::NotFound("connection"));
        }
        state.require_next(&source)?;
        state.write_source(source);
        audit.into_iter().for_each(|entry| state.append_audit(entry));
        Ok(())
    }

    async fn due_metadata(
        &self,
        now: OffsetDateTime,
        most: usize,
    ) -> Result<Vec<(OrgName, Slot)>, StoreError> {
        let state = self.state();
        let due = |connection: &Connection| {
            let at = state.metadata.get(&connection.id)?.source.due_at.filter(|at| *at <= now)?;
            Some((at, connection.id, connection.org.clone(), connection.slot))
        };
        let mut due: Vec<_> = state.connections.values().filter_map(due).collect();
        due.sort_by_key(|(at, id, ..)| (*at, *id));
        Ok(due.into_iter().take(most).map(|(.., org, slot)| (org, slot)).collect())
    }

    async fn claim_key_refresh(
        &self,
        connection: ConnectionId,
        now: OffsetDateTime,
        every: Duration,
        longest: Duration,
    ) -> Result<KeyRefreshClaim, StoreError> {
        let mut state = self.state();
        let Some(stored) = state.metadata.get_mut(&connection) else {
            return Ok(KeyRefreshClaim::Spent);
        };
        let since = |asked_at: OffsetDateTime| now - asked_at;
        if stored.is_asking && stored.asked_at.is_some_and(|at| since(at) < longest) {
            return Ok(KeyRefreshClaim::Running);
        }
        if stored.source.url.is_none() || stored.asked_at.is_some_and(|at| since(at) < every) {
            return Ok(KeyRefreshClaim::Spent);
        }
        stored.asked_at = Some(now);
        stored.is_asking = true;
        Ok(KeyRefreshClaim::Claimed)
    }

    async fn end_key_refresh(&self, connection: ConnectionId) -> Result<(), StoreError> {
        if let Some(stored) = self.state().metadata.get_mut(&connection) {
            stored.is_asking = false;
        }
        Ok(())
    }
}
