//! Storage of service certificates and their private keys (SPEC 7).

use super::{AuditEntry, StoreError};
use crate::certs::ServiceCertificate;
use crate::ids::CertificateId;
use crate::org::OrgName;
use std::future::Future;

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
    /// nothing where it is active already. NotFound `certificate`, conflict `certificate_retired`.
    fn activate_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<ServiceCertificate, StoreError>> + Send;

    /// Takes a certificate out of use for good; does nothing where it is retired already. NotFound
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
