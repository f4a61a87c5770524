//! Organizations, connections and service certificates.

use super::{MemoryStore, State};
use crate::connection::{Connection, Slot};
use crate::ids::CertificateId;
use crate::org::{Org, OrgName};
use crate::store::{
    AuditEntry, CertificateState, ConfigurationStore, Listed, Page, ServiceCertificate, ServiceKey,
    StoreError,
};
use std::ops::Bound;

impl State {
    fn require_org(&self, org: &OrgName) -> Result<(), StoreError> {
        self.orgs.get(org).map(|_| ()).ok_or(StoreError::NotFound("org"))
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
        for domain in &org.domains {
            self.domains.insert(domain.clone(), org.name.clone());
        }
        self.orgs.insert(org.name.clone(), org);
        self.append_audit(audit);
    }

    /// Oldest first.
    fn keys_of(&self, org: &OrgName) -> Vec<ServiceKey> {
        let mut keys: Vec<ServiceKey> = self
            .certificates
            .iter()
            .filter(|((owner, _), _)| owner == org)
            .map(|(_, key)| key.clone())
            .collect();
        keys.sort_by_key(|key| (key.certificate.created_at, key.certificate.id));
        keys
    }

    fn has_active_certificate(&self, org: &OrgName) -> bool {
        self.certificates.iter().any(|((owner, _), key)| {
            owner == org && key.certificate.state == CertificateState::Active
        })
    }
}

impl ConfigurationStore for MemoryStore {
    async fn create_org(&self, org: Org, audit: AuditEntry) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.orgs.contains_key(&org.name) {
            return Err(StoreError::Conflict("org_exists"));
        }
        state.require_free_domains(&org)?;
        state.write_org(org, audit);
        Ok(())
    }

    async fn update_org(&self, org: Org, audit: AuditEntry) -> Result<(), StoreError> {
        let mut state = self.state();
        state.require_org(&org.name)?;
        state.require_free_domains(&org)?;
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
        state.require_org(&connection.org)?;
        let place = (connection.org.clone(), connection.slot);
        let stored = state.connections.get(&place).map_or(0, |stored| stored.revision);
        if connection.revision != stored + 1 {
            return Err(StoreError::Conflict("connection_changed"));
        }
        state.connections.insert(place, connection);
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
        state.connections.remove(&(org.clone(), slot)).ok_or(StoreError::NotFound("connection"))?;
        state.append_audit(audit);
        Ok(())
    }

    async fn add_service_certificate(
        &self,
        org: &OrgName,
        certificate: ServiceCertificate,
        private_key: &[u8],
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.require_org(org)?;
        if state.certificates.keys().any(|(_, id)| *id == certificate.id) {
            return Err(StoreError::Conflict("certificate_exists"));
        }
        if certificate.state == CertificateState::Active && state.has_active_certificate(org) {
            return Err(StoreError::Conflict("certificate_active"));
        }
        let place = (org.clone(), certificate.id);
        let key = ServiceKey { certificate, private_key: private_key.to_vec() };
        state.certificates.insert(place, key);
        state.append_audit(audit);
        Ok(())
    }

    async fn service_certificates(
        &self,
        org: &OrgName,
    ) -> Result<Vec<ServiceCertificate>, StoreError> {
        Ok(self.state().keys_of(org).into_iter().map(|key| key.certificate).collect())
    }

    async fn service_keys(&self, org: &OrgName) -> Result<Vec<ServiceKey>, StoreError> {
        Ok(self.state().keys_of(org))
    }

    async fn activate_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<ServiceCertificate, StoreError> {
        let mut state = self.state();
        let place = (org.clone(), id);
        let chosen = state.certificates.get(&place).ok_or(StoreError::NotFound("certificate"))?;
        match chosen.certificate.state {
            CertificateState::Active => return Ok(chosen.certificate.clone()),
            CertificateState::Retired => return Err(StoreError::Conflict("certificate_retired")),
            CertificateState::Next | CertificateState::Previous => {}
        }
        let mut activated = chosen.certificate.clone();
        for ((owner, other), key) in &mut state.certificates {
            if owner == org && *other == id {
                key.certificate.state = CertificateState::Active;
            } else if owner == org && key.certificate.state == CertificateState::Active {
                key.certificate.state = CertificateState::Previous;
            }
        }
        activated.state = CertificateState::Active;
        state.append_audit(audit);
        Ok(activated)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
