//! Storage of the identity provider's certificates that were imported by hand (SPEC 8).

use super::{AuditEntry, StoreError};
use crate::certs::{IdpCertificate, NewIdpCertificate};
use crate::ids::CertificateId;
use crate::org::OrgName;
use std::future::Future;

/// Storage of an identity provider's certificates. Each change carries its audit entry into the same
/// transaction, and raises the revision of the organization's connections, so that no node goes on
/// with keys that it parsed before.
pub trait IdpCertificateStore: Send + Sync {
    /// Adds a certificate: the active one where there is none, else `next`. NotFound `org`, conflict
    /// `certificate_exists` (the organization has it already, by its bytes or its identifier), or
    /// `certificate_limit` where it has [`MAX_IDP_CERTIFICATES`](crate::certs::MAX_IDP_CERTIFICATES).
    fn add_idp_certificate(
        &self,
        org: &OrgName,
        certificate: NewIdpCertificate,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<IdpCertificate, StoreError>> + Send;

    /// The certificates of an organization, oldest first.
    fn idp_certificates(
        &self,
        org: &OrgName,
    ) -> impl Future<Output = Result<Vec<IdpCertificate>, StoreError>> + Send;

    /// Makes a certificate the active one, and the one that was active `previous`, at once; does
    /// nothing where it is active already. NotFound `certificate`.
    fn activate_idp_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<IdpCertificate, StoreError>> + Send;

    /// Removes a certificate, whatever its state: a key that was stolen must go at once. NotFound
    /// `certificate`.
    fn delete_idp_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What a sign-in does to the certificate that it was signed by (SPEC 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstUse {
    /// Whose certificate it is.
    pub org: OrgName,
    /// The certificate, which was `next` when it was read. It becomes the active one if it still is
    /// `next`; else nothing is done.
    pub certificate: CertificateId,
    /// The entry of the audit trail, added where the certificate becomes active.
    pub audit: AuditEntry,
}
