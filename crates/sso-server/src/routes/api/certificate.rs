//! A certificate as the Admin API shows it, and as it is posted (SPEC 6): of the service and of an
//! identity provider alike.

use crate::http::access::Access;
use crate::http::body;
use crate::http::problem::Problem;
use axum::body::{Body, Bytes};
use serde::{Deserialize, Serialize};
use sso_core::certs::{
    self, CertificateDetails, CertificatePlan, CertificateState, IdpCertificate,
    IdpCertificateState, ServiceCertificate,
};
use sso_core::ids::CertificateId;
use sso_core::store::{AuditEntry, Category};

/// The most bytes of a posted certificate, its chain and its key among them.
const LIMIT: usize = 64 << 10;

/// A certificate and where it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct CertificateShape<State> {
    /// Its identifier.
    pub(super) id: CertificateId,
    /// What an administrator calls it.
    alias: String,
    /// Where it stands in its rotation.
    state: State,
    #[serde(flatten)]
    pub(super) details: CertificateDetails,
}

impl<State> CertificateShape<State> {
    fn new(id: CertificateId, alias: String, state: State, der: &[u8]) -> Result<Self, Problem> {
        let details = certs::inspect(der).map_err(|error| Problem::internal(&error))?;
        Ok(Self { id, alias, state, details })
    }
}

/// A certificate of the service, with what only those have.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ServiceCertificateShape {
    #[serde(flatten)]
    pub(super) certificate: CertificateShape<CertificateState>,
    /// The certificates above it in PEM, each signed by the next, as its authority sent them.
    chain: Vec<String>,
    /// When it is activated and retired by itself.
    plan: CertificatePlan,
}

impl TryFrom<ServiceCertificate> for ServiceCertificateShape {
    type Error = Problem;

    fn try_from(certificate: ServiceCertificate) -> Result<Self, Problem> {
        let ServiceCertificate { id, alias, state, der, chain, plan, created_at: _ } = certificate;
        let chain = chain.iter().map(|der| certs::to_pem("CERTIFICATE", der)).collect();
        Ok(Self { certificate: CertificateShape::new(id, alias, state, &der)?, chain, plan })
    }
}

impl TryFrom<IdpCertificate> for CertificateShape<IdpCertificateState> {
    type Error = Problem;

    fn try_from(certificate: IdpCertificate) -> Result<Self, Problem> {
        let IdpCertificate { id, alias, state, der, .. } = certificate;
        Self::new(id, alias, state, &der)
    }
}

/// The query of a posted certificate.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportQuery {
    /// What the administrator calls the certificate.
    #[serde(default)]
    #[param(required, min_length = 1, max_length = 64)]
    alias: String,
}

impl ImportQuery {
    /// What the administrator calls the certificate.
    pub(super) fn alias(self) -> Result<String, Problem> {
        certs::check_alias(&self.alias)?;
        Ok(self.alias)
    }
}

/// The posted bytes. They tell what they are, whatever the content type says.
pub(super) async fn posted(body: Body) -> Result<Bytes, Problem> {
    Ok(body::read(body, LIMIT).await?)
}

/// The audit entry of what an administrator does with a certificate.
pub(super) fn audit(admin: &Access, act: &str, details: String) -> AuditEntry {
    admin.audit(Category::Certificates, act, details)
}
