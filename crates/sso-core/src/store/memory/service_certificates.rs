//! Service certificates and their keys.

use super::{MemoryStore, State};
use crate::certs::{CertificatePlan, CertificateRequest, PlanStep};
use crate::ids::{CertificateId, CertificateRequestId};
use crate::org::OrgName;
use crate::store::{
    AuditEntry, CertificateState, ServiceCertificate, ServiceCertificateStore, ServiceKey, StepEnd,
    StoreError,
};
use time::OffsetDateTime;

/// A request and its private key.
pub(super) struct RequestedKey {
    request: CertificateRequest,
    private_key: Vec<u8>,
}

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

    /// Makes a certificate sign that is not retired, and the one that did previous.
    fn activate(
        &mut self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<ServiceCertificate, StoreError> {
        let chosen = self.certificates.get(&(org.clone(), id));
        let chosen = chosen.ok_or(StoreError::NotFound("certificate"))?;
        match chosen.certificate.state {
            CertificateState::Active => return Ok(chosen.certificate.clone()),
            CertificateState::Retired => return Err(StoreError::Conflict("certificate_retired")),
            CertificateState::Next | CertificateState::Previous => {}
        }
        let mut activated = chosen.certificate.clone();
        activated.state = CertificateState::Active;
        activated.plan = activated.plan.without(PlanStep::Activate);
        for ((owner, other), key) in &mut self.certificates {
            if owner == org && *other == id {
                key.certificate = activated.clone();
            } else if owner == org && key.certificate.state == CertificateState::Active {
                key.certificate.state = CertificateState::Previous;
            }
        }
        self.certificates_changed(org, audit);
        Ok(activated)
    }

    /// Takes a certificate out of use that does not sign.
    fn retire(
        &mut self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<ServiceCertificate, StoreError> {
        let key = self.key_out_of_use(org, id)?;
        let was = std::mem::replace(&mut key.certificate.state, CertificateState::Retired);
        key.certificate.plan = CertificatePlan::default();
        let retired = key.certificate.clone();
        if was != CertificateState::Retired {
            self.certificates_changed(org, audit);
        }
        Ok(retired)
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
        self.state().activate(org, id, audit)
    }

    async fn retire_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<ServiceCertificate, StoreError> {
        self.state().retire(org, id, audit)
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

    async fn plan_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        plan: CertificatePlan,
        audit: AuditEntry,
    ) -> Result<ServiceCertificate, StoreError> {
        let mut state = self.state();
        let key = state.certificates.get_mut(&(org.clone(), id));
        let key = key.ok_or(StoreError::NotFound("certificate"))?;
        match key.certificate.state {
            CertificateState::Retired => return Err(StoreError::Conflict("certificate_retired")),
            CertificateState::Active if plan.activate_at.is_some() => {
                return Err(StoreError::Conflict("certificate_active"));
            }
            _ => key.certificate.plan = plan,
        }
        let planned = key.certificate.clone();
        state.append_audit(audit);
        Ok(planned)
    }

    async fn due_plans(
        &self,
        now: OffsetDateTime,
        most: u16,
    ) -> Result<Vec<(OrgName, ServiceCertificate)>, StoreError> {
        let state = self.state();
        let mut due: Vec<_> = state
            .certificates
            .iter()
            .filter_map(|((org, id), key)| {
                let first = key.certificate.plan.first().filter(|(at, _)| *at <= now)?;
                Some(((first, *id), (org.clone(), key.certificate.clone())))
            })
            .collect();
        due.sort_by_key(|(place, _)| *place);
        due.truncate(usize::from(most));
        Ok(due.into_iter().map(|(_, planned)| planned).collect())
    }

    async fn end_plan_step(
        &self,
        org: &OrgName,
        id: CertificateId,
        step: PlanStep,
        end: StepEnd,
        now: OffsetDateTime,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let key = state.certificates.get(&(org.clone(), id));
        let planned = key.ok_or(StoreError::NotFound("certificate"))?.certificate.plan;
        let due = match step {
            PlanStep::Activate => planned.activate_at,
            PlanStep::Retire => planned.retire_at,
        };
        if due.is_none_or(|at| at > now) {
            return Ok(false);
        }
        match (end, step) {
            (StepEnd::CarriedOut, PlanStep::Activate) => drop(state.activate(org, id, audit)?),
            (StepEnd::CarriedOut, PlanStep::Retire) => drop(state.retire(org, id, audit)?),
            (StepEnd::GivenUp, _) => state.append_audit(audit),
        }
        if let Some(key) = state.certificates.get_mut(&(org.clone(), id)) {
            key.certificate.plan = key.certificate.plan.without(step);
        }
        Ok(true)
    }

    async fn add_certificate_request(
        &self,
        org: &OrgName,
        request: CertificateRequest,
        private_key: &[u8],
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.require_org(org)?;
        let place = (org.clone(), request.id);
        let key = RequestedKey { request, private_key: private_key.to_vec() };
        state.certificate_requests.insert(place, key);
        state.append_audit(audit);
        Ok(())
    }

    async fn certificate_requests(
        &self,
        org: &OrgName,
    ) -> Result<Vec<CertificateRequest>, StoreError> {
        let state = self.state();
        let its = state.certificate_requests.iter().filter(|((owner, _), _)| owner == org);
        let mut requests: Vec<_> = its.map(|(_, key)| key.request.clone()).collect();
        requests.sort_by_key(|request| (request.created_at, request.id));
        Ok(requests)
    }

    async fn answer_certificate_request(
        &self,
        org: &OrgName,
        request: CertificateRequestId,
        certificate: ServiceCertificate,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.certificates.keys().any(|(_, id)| *id == certificate.id) {
            return Err(StoreError::Conflict("certificate_exists"));
        }
        let answered = state.certificate_requests.remove(&(org.clone(), request));
        let RequestedKey { private_key, .. } = answered.ok_or(StoreError::NotFound("request"))?;
        let place = (org.clone(), certificate.id);
        state.certificates.insert(place, ServiceKey { certificate, private_key });
        state.certificates_changed(org, audit);
        Ok(())
    }

    async fn delete_certificate_request(
        &self,
        org: &OrgName,
        id: CertificateRequestId,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let removed = state.certificate_requests.remove(&(org.clone(), id));
        removed.ok_or(StoreError::NotFound("request"))?;
        state.append_audit(audit);
        Ok(())
    }
}
