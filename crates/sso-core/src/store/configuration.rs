//! Storage of organizations, connections and service certificates.

use super::{AuditEntry, Listed, Page, StoreError};
use crate::certs::ServiceCertificate;
use crate::connection::{Connection, Slot};
use crate::ids::CertificateId;
use crate::org::{Org, OrgName};
use std::future::Future;

/// Storage of configuration. Each change carries its audit entry into the same transaction.
pub trait ConfigurationStore: Send + Sync {
    /// Makes an organization. Conflict `org_exists` or `domain_taken` (a domain belongs to another).
    fn create_org(
        &self,
        org: Org,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces everything of an organization but its name. NotFound `org`, conflict `domain_taken`.
    fn update_org(
        &self,
        org: Org,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Finds an organization by its name or one of its domains, without regard to case (SPEC 1).
    fn org(
        &self,
        name_or_domain: &str,
    ) -> impl Future<Output = Result<Option<Org>, StoreError>> + Send;

    /// Lists organizations by name.
    fn orgs(&self, page: &Page) -> impl Future<Output = Result<Listed<Org>, StoreError>> + Send;

    /// Reads a connection.
    fn connection(
        &self,
        org: &OrgName,
        slot: Slot,
    ) -> impl Future<Output = Result<Option<Connection>, StoreError>> + Send;

    /// Makes or replaces a connection. `connection.revision` is the one it will have; the row stored
    /// must have the one before it (none for revision 1), else conflict `connection_changed`.
    /// NotFound `org`.
    fn put_connection(
        &self,
        connection: Connection,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes a connection. NotFound `connection`.
    fn delete_connection(
        &self,
        org: &OrgName,
        slot: Slot,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

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

    /// Whether the store answers (readiness).
    fn ping(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
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
