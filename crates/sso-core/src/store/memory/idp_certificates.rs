//! The identity provider's certificates that were imported by hand.

use super::{MemoryStore, State};
use crate::certs::MAX_IDP_CERTIFICATES;
use crate::ids::CertificateId;
use crate::org::OrgName;
use crate::store::{
    AuditEntry, FirstUse, IdpCertificate, IdpCertificateState, IdpCertificateStore,
    NewIdpCertificate, StoreError,
};

impl State {
    fn idp_certificate(&self, org: &OrgName, id: CertificateId) -> Option<&IdpCertificate> {
        self.idp_certificates.get(org)?.iter().find(|certificate| certificate.id == id)
    }

    fn make_idp_certificate_active(&mut self, org: &OrgName, id: CertificateId) {
        for certificate in self.idp_certificates.get_mut(org).into_iter().flatten() {
            if certificate.id == id {
                certificate.state = IdpCertificateState::Active;
            } else if certificate.state == IdpCertificateState::Active {
                certificate.state = IdpCertificateState::Previous;
            }
        }
    }

    pub(super) fn use_idp_certificate(&mut self, first: FirstUse) {
        let FirstUse { org, certificate: id, audit } = first;
        let certificate = self.idp_certificate(&org, id);
        if certificate.is_some_and(|certificate| certificate.state == IdpCertificateState::Next) {
            self.make_idp_certificate_active(&org, id);
            self.certificates_changed(&org, audit);
        }
    }
}

impl IdpCertificateStore for MemoryStore {
    async fn add_idp_certificate(
        &self,
        org: &OrgName,
        certificate: NewIdpCertificate,
        audit: AuditEntry,
    ) -> Result<IdpCertificate, StoreError> {
        let mut state = self.state();
        state.require_org(org)?;
        let same = |known: &IdpCertificate| known.id == certificate.id;
        if state.idp_certificates.values().flatten().any(same) {
            return Err(StoreError::Conflict("certificate_exists"));
        }
        let known = state.idp_certificates.entry(org.clone()).or_default();
        if known.iter().any(|known| known.der == certificate.der) {
            return Err(StoreError::Conflict("certificate_exists"));
        }
        if known.len() >= MAX_IDP_CERTIFICATES {
            return Err(StoreError::Conflict("certificate_limit"));
        }
        let added = certificate.in_state(IdpCertificateState::on_import(known));
        known.push(added.clone());
        known.sort_by_key(|certificate| (certificate.created_at, certificate.id));
        state.certificates_changed(org, audit);
        Ok(added)
    }

    async fn idp_certificates(&self, org: &OrgName) -> Result<Vec<IdpCertificate>, StoreError> {
        Ok(self.state().idp_certificates.get(org).cloned().unwrap_or_default())
    }

    async fn activate_idp_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<IdpCertificate, StoreError> {
        let mut state = self.state();
        let chosen = state.idp_certificate(org, id).ok_or(StoreError::NotFound("certificate"))?;
        let mut chosen = chosen.clone();
        if chosen.state != IdpCertificateState::Active {
            state.make_idp_certificate_active(org, id);
            state.certificates_changed(org, audit);
            chosen.state = IdpCertificateState::Active;
        }
        Ok(chosen)
    }

    async fn delete_idp_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.idp_certificate(org, id).ok_or(StoreError::NotFound("certificate"))?;
        if let Some(known) = state.idp_certificates.get_mut(org) {
            known.retain(|certificate| certificate.id != id);
        }
        state.certificates_changed(org, audit);
        Ok(())
    }
}
