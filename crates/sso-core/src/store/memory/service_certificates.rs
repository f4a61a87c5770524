//! Service certificates and their keys.

use super::{MemoryStore, State};
use crate::ids::CertificateId;
use crate::org::OrgName;
use crate::store::{
    AuditEntry, CertificateState, ServiceCertificate, ServiceCertificateStore, ServiceKey,
    StoreError,
};

impl State {
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

    /// A key that does not sign.
    fn key_out_of_use(
        &mut self,
        org: &OrgName,
        id: CertificateId,
    ) -> Result<&mut ServiceKey, StoreError> {
        let key = self.certificates.get_mut(&(org.clone(), id));
        let key = key.ok_or(StoreError::NotFound("certificate"))?;
        match key.certificate.state {
            CertificateState::Active => Err(StoreError::Conflict("certificate_active")),
            _ => Ok(key),
        }
    }

    fn has_active_certificate(&self, org: &OrgName) -> bool {
        self.certificates.iter().any(|((owner, _), key)| {
            owner == org && key.certificate.state == CertificateState::Active
        })
    }
}

impl ServiceCertificateStore for MemoryStore {
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
        state.certificates_changed(org, audit);
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
        state.certificates_changed(org, audit);
        Ok(activated)
    }

    async fn retire_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<ServiceCertificate, StoreError> {
        let mut state = self.state();
        let key = state.key_out_of_use(org, id)?;
        let was = std::mem::replace(&mut key.certificate.state, CertificateState::Retired);
        let retired = key.certificate.clone();
        if was != CertificateState::Retired {
            state.certificates_changed(org, audit);
        }
        Ok(retired)
    }

    async fn delete_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.key_out_of_use(org, id)?;
        state.certificates.remove(&(org.clone(), id));
        state.certificates_changed(org, audit);
        Ok(())
    }
}
