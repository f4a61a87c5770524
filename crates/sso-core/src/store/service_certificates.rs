//! Storage of service certificates and their private keys (SPEC 7).

use super::{AuditEntry, StoreError};
use crate::certs::{CertificatePlan, CertificateRequest, PlanStep, ServiceCertificate};
use crate::ids::{CertificateId, CertificateRequestId};
use crate::org::OrgName;
use std::future::Future;
use time::OffsetDateTime;

/// Storage of service certificates. Each change carries its audit entry into the same transaction, and
/// raises the revision of the organization's connections, so that no node goes on with keys that it
/// parsed before.
pub trait ServiceCertificateStore: Send + Sync {
    /// Adds a service certificate with its private key (PKCS#8 DER), which is sealed at rest.
    /// NotFound `org`, conflict `certificate_exists`, or `certificate_active` where another is.
    fn add_service_certificate(
        &self,
        org: &OrgName,
        certificate: ServiceCertificate,
        private_key: &[u8],
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The service certificates of an organization, oldest first, without their keys.
    fn service_certificates(
        &self,
        org: &OrgName,
    ) -> impl Future<Output = Result<Vec<ServiceCertificate>, StoreError>> + Send;

    /// The service certificates with their private keys, in the same order.
    fn service_keys(
        &self,
        org: &OrgName,
    ) -> impl Future<Output = Result<Vec<ServiceKey>, StoreError>> + Send;

    /// Makes a certificate the active one, and the one that was active `previous`, at once; does
    /// nothing where it is active already. The activation that was planned for it is done with. NotFound `certificate`, conflict `certificate_retired`.
    fn activate_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<ServiceCertificate, StoreError>> + Send;

    /// Takes a certificate out of use for good, and its plan with it; does nothing where it is retired
    /// already. NotFound
    /// `certificate`, conflict `certificate_active`.
    fn retire_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<ServiceCertificate, StoreError>> + Send;

    /// Removes a certificate and its private key. NotFound `certificate`, conflict
    /// `certificate_active`.
    fn delete_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes the plan of a certificate in the place of the one before. NotFound `certificate`, conflict
    /// `certificate_retired`, or `certificate_active` where it is to be activated and is.
    fn plan_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        plan: CertificatePlan,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<ServiceCertificate, StoreError>> + Send;

    /// The certificates of all organizations whose plans are due, the first due first, at most `most`.
    fn due_plans(
        &self,
        now: OffsetDateTime,
        most: u16,
    ) -> impl Future<Output = Result<Vec<(OrgName, ServiceCertificate)>, StoreError>> + Send;

    /// Carries the step of a plan out that is due, or gives it up, and takes it off the plan, at once.
    /// `false` where it is not due, or not planned any more: then nothing is done. NotFound `certificate`,
    /// conflict `certificate_active` where it is to be retired and signs.
    fn end_plan_step(
        &self,
        org: &OrgName,
        id: CertificateId,
        step: PlanStep,
        end: StepEnd,
        now: OffsetDateTime,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Adds a request for a certificate, with its private key (PKCS#8 DER), which is sealed at rest.
    /// NotFound `org`.
    fn add_certificate_request(
        &self,
        org: &OrgName,
        request: CertificateRequest,
        private_key: &[u8],
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The requests of an organization that wait for their certificates, oldest first.
    fn certificate_requests(
        &self,
        org: &OrgName,
    ) -> impl Future<Output = Result<Vec<CertificateRequest>, StoreError>> + Send;

    /// Adds the certificate that answers a request, with the request's key, and removes the request, at
    /// once. NotFound `request`, conflict `certificate_exists`.
    fn answer_certificate_request(
        &self,
        org: &OrgName,
        request: CertificateRequestId,
        certificate: ServiceCertificate,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes a request and its private key. NotFound `request`.
    fn delete_certificate_request(
        &self,
        org: &OrgName,
        id: CertificateRequestId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// How the step of a plan ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepEnd {
    /// It is carried out.
    CarriedOut,
    /// It is given up, since it cannot be carried out.
    GivenUp,
}

/// A service certificate with its private key.
#[derive(Clone)]
pub struct ServiceKey {
    /// The public part.
    pub certificate: ServiceCertificate,
    /// The private key, PKCS#8 DER.
    pub private_key: Vec<u8>,
}

impl std::fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceKey").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}
