//! `/api/v1/orgs/{org}/service-certificates/csr`: requests for certificates of the service, to be signed by a
//! certificate authority (SPEC 7). The key is made here; the authority's answer is imported without one.

use super::certificate::audit;
use super::location;
use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use sso_core::certs::{self, CertificateRequest, GenerateError, NewKey, RequestSubject};
use sso_core::ids::CertificateRequestId;
use sso_core::store::{Listed, ServiceCertificateStore as _};
use time::OffsetDateTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(list, make)).routes(routes!(read, remove))
}

/// A request as it is asked for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCertificateRequest {
    /// What the administrator calls the request.
    #[schema(min_length = 1, max_length = 64)]
    alias: String,
    /// Its key.
    #[serde(default)]
    #[schema(default = "rsa2048")]
    key: NewKey,
    /// Whom the certificate is to name; without a common name that is the alias.
    #[serde(default)]
    subject: RequestSubject,
}

/// A request that waits for its certificate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CertificateRequestShape {
    /// Its identifier.
    id: CertificateRequestId,
    /// What the administrator calls it.
    alias: String,
    /// The request in PEM (PKCS#10), for the authority.
    #[schema(pattern = "^-----BEGIN CERTIFICATE REQUEST-----\n")]
    pem: String,
    /// When it was made, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl From<CertificateRequest> for CertificateRequestShape {
    fn from(request: CertificateRequest) -> Self {
        let CertificateRequest { id, alias, der, created_at } = request;
        Self { id, alias, pem: certs::to_pem("CERTIFICATE REQUEST", &der), created_at }
    }
}

/// List the requests that wait for their certificates.
#[utoipa::path(
    get, path = "/orgs/{org}/service-certificates/csr", security(("token" = ["org_admin"])),
    responses((status = 200, body = Listed<CertificateRequestShape>)),
)]
async fn list(OrgAdmin(admin): OrgAdmin) -> Result<Json<Listed<CertificateRequestShape>>, Problem> {
    let requests = admin.app.store().certificate_requests(&admin.org.name).await?;
    Ok(Json(Listed {
        items: requests.into_iter().map(CertificateRequestShape::from).collect(),
        next: None,
    }))
}

/// Make a key and the request for its certificate.
#[utoipa::path(
    post, path = "/orgs/{org}/service-certificates/csr", security(("token" = ["org_admin"])),
    request_body(
        content = NewCertificateRequest,
        example = json!({"alias": "by our authority", "key": "p256", "subject": {"country": "DE"}}),
    ),
    responses((status = 201, body = CertificateRequestShape, headers(("Location")))),
)]
async fn make(
    OrgAdmin(admin): OrgAdmin,
    body: JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<CertificateRequestShape>), Problem> {
    let NewCertificateRequest { alias, key, subject } = body.read()?;
    let asked = alias.clone();
    // RSA 4096 can take a second.
    let made = tokio::task::spawn_blocking(move || certs::request(&asked, &subject, key)).await;
    let made = made.map_err(|error| Problem::internal(&error))?;
    let made = made.map_err(|error| match error {
        GenerateError::Setting(invalid) => invalid.into(),
        GenerateError::Engine(reason) => Problem::internal(&reason),
    })?;
    let (now, org) = (admin.app.now(), &admin.org.name);
    let id = CertificateRequestId::new(now, admin.app.random());
    let request = CertificateRequest { id, alias, der: made.der, created_at: now };
    let shape = CertificateRequestShape::from(request.clone());
    let audit = audit(&admin, "certificate_request_made", format!("id: {id}"));
    admin.app.store().add_certificate_request(org, request, &made.private_key, audit).await?;
    let at = location(&format!("orgs/{org}/service-certificates/csr/{id}"));
    Ok((StatusCode::CREATED, at, Json(shape)))
}

/// Read a request that waits for its certificate.
#[utoipa::path(
    get, path = "/orgs/{org}/service-certificates/csr/{request}",
    security(("token" = ["org_admin"])),
    params(("request" = CertificateRequestId, Path, description = "The request.")),
    responses((status = 200, body = CertificateRequestShape)),
)]
async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateRequestId)>,
) -> Result<Json<CertificateRequestShape>, Problem> {
    find(&admin, id).await.map(CertificateRequestShape::from).map(Json)
}

/// Remove a request and its key: an answer to it is no longer taken.
#[utoipa::path(
    delete, path = "/orgs/{org}/service-certificates/csr/{request}",
    security(("token" = ["org_admin"])),
    params(("request" = CertificateRequestId, Path, description = "The request.")),
    responses((status = 204)),
)]
async fn remove(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateRequestId)>,
) -> Result<StatusCode, Problem> {
    let audit = audit(&admin, "certificate_request_removed", format!("id: {id}"));
    admin.app.store().delete_certificate_request(&admin.org.name, id, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(admin: &Access, id: CertificateRequestId) -> Result<CertificateRequest, Problem> {
    let requests = admin.app.store().certificate_requests(&admin.org.name).await?;
    let found = requests.into_iter().find(|request| request.id == id);
    found.ok_or_else(|| Problem::not_found("request"))
}
