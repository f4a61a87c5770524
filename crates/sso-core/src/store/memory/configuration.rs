//! Organizations and connections.

use super::{MemoryStore, State};
use crate::connection::{Connection, ConnectionState, Slot};
use crate::ids::ConnectionId;
use crate::org::{Org, OrgName};
use crate::profile::AttributeSchema;
use crate::store::{AuditEntry, ConfigurationStore, Listed, Page, SERVICE_URI_TAKEN, StoreError};
use std::ops::Bound;

impl State {
    pub(super) fn require_org(&self, org: &OrgName) -> Result<(), StoreError> {
        self.orgs.get(org).map(|_| ()).ok_or(StoreError::NotFound("org"))
    }

    /// Whether people may be signed in through a connection: it is there, neither disabled nor of an
    /// organization whose single sign-on is off.
    pub(super) fn is_enabled(&self, id: ConnectionId) -> bool {
        let found = self.connections.values().find(|connection| connection.id == id);
        found.is_some_and(|connection| {
            let org = self.orgs.get(&connection.org);
            connection.settings.common().state != ConnectionState::Disabled
                && org.is_some_and(|org| org.sso_enabled)
        })
    }

    fn require_free_domains(&self, org: &Org) -> Result<(), StoreError> {
        let foreign = |owner: &OrgName| *owner != org.name;
        if org.domains.iter().any(|domain| self.domains.get(domain).is_some_and(foreign)) {
            return Err(StoreError::Conflict("domain_taken"));
        }
        Ok(())
    }

    fn write_org(&mut self, org: Org, audit: AuditEntry) {
        self.domains.retain(|_, owner| *owner != org.name);
        if !org.sso_enabled {
            self.sessions.retain(|_, session| session.org != org.name);
        }
        for domain in &org.domains {
            self.domains.insert(domain.clone(), org.name.clone());
        }
        self.orgs.insert(org.name.clone(), org);
        self.append_audit(audit);
    }

    pub(super) fn require_next_connection(&self, next: &Connection) -> Result<(), StoreError> {
        self.require_org(&next.org)?;
        let stored = self.connections.get(&(next.org.clone(), next.slot));
        if next.revision != stored.map_or(0, |stored| stored.revision) + 1 {
            return Err(StoreError::Conflict("connection_changed"));
        }
        let has_realm = |other: &Connection| other.org != next.org && other.realm() == next.realm();
        if next.realm().is_some() && self.connections.values().any(has_realm) {
            return Err(StoreError::Conflict(SERVICE_URI_TAKEN));
        }
        Ok(())
    }

    pub(super) fn write_connection(&mut self, connection: Connection) {
        if connection.settings.common().state == ConnectionState::Disabled {
            self.end_sessions_of(connection.id);
        }
        self.connections.insert((connection.org.clone(), connection.slot), connection);
    }

    /// Ends what was signed in through a connection.
    fn end_sessions_of(&mut self, connection: ConnectionId) {
        self.sessions.retain(|_, session| session.made.connection != connection);
    }

    /// What every change of certificates ends with: what was parsed before is not used again.
    pub(super) fn certificates_changed(&mut self, org: &OrgName, audit: AuditEntry) {
        for ((owner, _), connection) in &mut self.connections {
            if owner == org {
                connection.revision += 1;
            }
        }
        self.append_audit(audit);
    }
}

impl ConfigurationStore for MemoryStore {
    async fn create_org(&self, mut org: Org, audit: AuditEntry) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.orgs.contains_key(&org.name) {
            return Err(StoreError::Conflict("org_exists"));
        }
        state.require_free_domains(&org)?;
        org.revision = 1;
        org.attribute_schema = AttributeSchema::default();
        state.make_top_level_group(&org, &audit);
        state.write_org(org, audit);
        Ok(())
    }

    async fn update_org(&self, mut org: Org, audit: AuditEntry) -> Result<(), StoreError> {
        let mut state = self.state();
        let stored = state.orgs.get(&org.name).ok_or(StoreError::NotFound("org"))?;
        if stored.revision != org.revision {
            return Err(StoreError::Conflict("org_changed"));
        }
        org.attribute_schema = stored.attribute_schema.clone();
        state.require_free_domains(&org)?;
        org.revision += 1;
        state.write_org(org, audit);
        Ok(())
    }

    async fn org(&self, name_or_domain: &str) -> Result<Option<Org>, StoreError> {
        let state = self.state();
        let named = name_or_domain.parse::<OrgName>().ok().and_then(|name| state.orgs.get(&name));
        let domain = name_or_domain.to_ascii_lowercase();
        let owner = || state.domains.get(&domain).and_then(|name| state.orgs.get(name));
        Ok(named.or_else(owner).cloned())
    }

    async fn orgs(&self, page: &Page) -> Result<Listed<Org>, StoreError> {
        let start = match page.after::<OrgName>()? {
            Some(name) => Bound::Excluded(name),
            None => Bound::Unbounded,
        };
        let state = self.state();
        let rows = state.orgs.range((start, Bound::Unbounded));
        let rows = rows.take(page.fetch()).map(|(_, org)| org.clone()).collect();
        Ok(page.listed(rows, |org| org.name.clone()))
    }

    async fn connection(
        &self,
        org: &OrgName,
        slot: Slot,
    ) -> Result<Option<Connection>, StoreError> {
        Ok(self.state().connections.get(&(org.clone(), slot)).cloned())
    }

    async fn put_connection(
        &self,
        connection: Connection,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.require_next_connection(&connection)?;
        state.write_connection(connection);
        state.append_audit(audit);
        Ok(())
    }

    async fn delete_connection(
        &self,
        org: &OrgName,
        slot: Slot,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let removed = state.connections.remove(&(org.clone(), slot));
        let removed = removed.ok_or(StoreError::NotFound("connection"))?;
        state.metadata.remove(&removed.id);
        state.passed_tests.remove(&removed.id);
        state.end_sessions_of(removed.id);
        state.append_audit(audit);
        Ok(())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
