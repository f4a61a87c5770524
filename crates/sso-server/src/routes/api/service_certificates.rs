//! `/api/v1/orgs/{org}/service-certificates`: generate, import, list, read, export, plan, activate,
//! retire, remove (SPEC 7).
//! The private key is sealed in the store and never leaves.

use super::certificate::{ImportQuery, ServiceCertificateShape, audit, posted};
use super::location;
use crate::app::App;
use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::Query;
use axum::Json;
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sso_core::certs::{
    self, CertificatePlan, GenerateError, GeneratedCertificate, ImportError, NewKey,
    ServiceCertificate,
};
use sso_core::ids::CertificateId;
use sso_core::setting::SettingCode;
use sso_core::store::{AuditEntry, Listed, ServiceCertificateStore as _};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default()
        .routes(routes!(list, generate))
        .routes(routes!(import))
        .routes(routes!(read, remove))
        .routes(routes!(export))
        .routes(routes!(plan))
        .routes(routes!(activate))
        .routes(routes!(retire))
}

/// The header with the passphrase of an imported key (SPEC 6).
const PASSPHRASE: &str = "x-passphrase";

/// The act of an import, in the audit trail.
const IMPORTED: &str = "service_certificate_imported";

/// What an import can be refused for.
const IMPORT_REFUSALS: &[ApiCode] = &[
    ApiCode::CertificateExists,
    ApiCode::KeyNotSupported,
    ApiCode::KeyTooSmall,
    ApiCode::NotACertificate,
    ApiCode::Pkcs12NotSupported,
    ApiCode::PrivateKeyMismatch,
    ApiCode::PrivateKeyMissing,
    ApiCode::PrivateKeyUnreadable,
    ApiCode::Setting(SettingCode::Invalid),
    ApiCode::SeveralCertificates,
    ApiCode::WrongPassphrase,
];

type Shape = ServiceCertificateShape;
type Created = (StatusCode, HeaderMap, Json<Shape>);

/// A certificate as it is asked for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCertificate {
    /// What the administrator calls it; its common name.
    #[schema(min_length = 1, max_length = 64)]
    alias: String,
    /// How many days it is valid.
    #[schema(minimum = 90, maximum = 3652)]
    valid_days: u32,
    /// Its key.
    #[serde(default)]
    #[schema(default = "rsa2048")]
    key: NewKey,
}

/// List the service certificates.
#[utoipa::path(
    get, path = "/orgs/{org}/service-certificates", security(("token" = ["org_admin"])),
    responses((status = 200, body = Listed<ServiceCertificateShape>)),
)]
async fn list(OrgAdmin(admin): OrgAdmin) -> Result<Json<Listed<Shape>>, Problem> {
    let certificates = admin.app.store().service_certificates(&admin.org.name).await?;
    let items = certificates.into_iter().map(Shape::try_from);
    Ok(Json(Listed { items: items.collect::<Result<_, _>>()?, next: None }))
}

/// Generate a key pair and its certificate, which is the next one.
#[utoipa::path(
    post, path = "/orgs/{org}/service-certificates", security(("token" = ["org_admin"])),
    request_body(
        content = NewCertificate,
        example = json!({"alias": "first", "valid_days": 365, "key": "p256"}),
    ),
    responses((status = 201, body = ServiceCertificateShape, headers(("Location")))),
)]
async fn generate(OrgAdmin(admin): OrgAdmin, body: JsonObject) -> Result<Created, Problem> {
    let asked: NewCertificate = body.read()?;
    let alias = asked.alias.clone();
    let made = make(admin.app.clone(), asked).await?;
    let certificate = new(&admin, alias, made.der, Vec::new());
    let (created, audit) = created(&admin, &certificate, "service_certificate_generated")?;
    let store = admin.app.store();
    store.add_service_certificate(&admin.org.name, certificate, &made.private_key, audit).await?;
    Ok(created)
}

/// Import a certificate, which is the next one: with its key, or without where it answers a request of
/// the organization.
#[utoipa::path(
    post, path = "/orgs/{org}/service-certificates/import", security(("token" = ["org_admin"])),
    params(
        ImportQuery,
        (
            "X-Passphrase" = Option<String>, Header,
            description = "What opens the key; none where it is not encrypted."
        ),
    ),
    request_body(
        content(
            (String = "application/x-pem-file"),
            (String = "application/x-pkcs12"),
            (String = "application/octet-stream"),
        ),
        description = "The certificate with its chain and its key: PEM or PKCS#12, whatever the content type \
            says. Without a key, in PEM or DER, what an authority answered to a request.",
    ),
    responses((status = 201, body = ServiceCertificateShape, headers(("Location")))),
    extensions(("x-refusals" = json!(IMPORT_REFUSALS))),
)]
async fn import(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<ImportQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Created, Problem> {
    let alias = query.alias()?;
    let passphrase = passphrase(&headers)?;
    let content = posted(body).await?;
    let sent = content.clone();
    let open = move || certs::import(&sent, &passphrase);
    // A passphrase is stretched on purpose, which takes a while.
    let opened = tokio::task::spawn_blocking(open).await;
    let store = admin.app.store();
    match opened.map_err(|error| Problem::internal(&error))? {
        Ok(opened) => {
            let certificate = new(&admin, alias, opened.der, opened.chain);
            let (created, audit) = created(&admin, &certificate, IMPORTED)?;
            let key = &opened.private_key;
            store.add_service_certificate(&admin.org.name, certificate, key, audit).await?;
            Ok(created)
        }
        Err(ImportError::PrivateKeyMissing) => {
            let requests = store.certificate_requests(&admin.org.name).await?;
            let answer = certs::answer(&content, &requests)?;
            let certificate = new(&admin, alias, answer.der, answer.chain);
            let (created, audit) = created(&admin, &certificate, IMPORTED)?;
            let (org, request) = (&admin.org.name, answer.request);
            store.answer_certificate_request(org, request, certificate, audit).await?;
            Ok(created)
        }
        Err(error) => Err(error.into()),
    }
}

/// What opens an imported key; empty where none is sent.
fn passphrase(headers: &HeaderMap) -> Result<String, Problem> {
    let sent = headers.get(PASSPHRASE).map_or(&b""[..], |value| value.as_bytes());
    let text = std::str::from_utf8(sent).map_err(|_| ImportError::WrongPassphrase)?;
    Ok(text.to_owned())
}

/// A new certificate, which is the next one.
fn new(admin: &Access, alias: String, der: Vec<u8>, chain: Vec<Vec<u8>>) -> ServiceCertificate {
    let now = admin.app.now();
    let id = CertificateId::new(now, admin.app.random());
    ServiceCertificate::next(id, alias, der, chain, now)
}

/// What is answered and recorded where a certificate is kept.
fn created(
    admin: &Access,
    certificate: &ServiceCertificate,
    act: &str,
) -> Result<(Created, AuditEntry), Problem> {
    let shape = Shape::try_from(certificate.clone())?;
    let fingerprint = &shape.certificate.details.fingerprint_sha256;
    let details = format!("id: {}, fingerprint: {fingerprint}", certificate.id);
    let path = format!("orgs/{}/service-certificates/{}", admin.org.name, certificate.id);
    let created = (StatusCode::CREATED, location(&path), Json(shape));
    Ok((created, audit(admin, act, details)))
}

/// Read a service certificate.
#[utoipa::path(
    get, path = "/orgs/{org}/service-certificates/{id}", security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    responses((status = 200, body = ServiceCertificateShape)),
)]
async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<Json<Shape>, Problem> {
    find(&admin, id).await?.try_into().map(Json)
}

/// Read a service certificate as a file, in DER.
#[utoipa::path(
    get, path = "/orgs/{org}/service-certificates/{id}/export", security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    responses(
        (
            status = 200, body = String, content_type = "application/pkix-cert",
            headers(("Content-Disposition" = String, description = "The name of the file."))
        ),
    ),
)]
async fn export(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<Response, Problem> {
    let certificate = find(&admin, id).await?;
    let headers = [
        (CONTENT_TYPE, "application/pkix-cert".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}-{id}.cer\"", admin.org.name)),
    ];
    Ok((headers, certificate.der).into_response())
}

/// Plan when a service certificate is activated and retired by itself. What is not given is not planned.
#[utoipa::path(
    put, path = "/orgs/{org}/service-certificates/{id}/plan",
    security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    request_body(
        content = CertificatePlan,
        example = json!({"activate_at": null, "retire_at": null}),
    ),
    responses((status = 200, body = ServiceCertificateShape)),
    extensions(("x-refusals" = json!([ApiCode::CertificateActive, ApiCode::CertificateRetired]))),
)]
async fn plan(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
    body: JsonObject,
) -> Result<Json<Shape>, Problem> {
    let plan = body.read::<CertificatePlan>()?.normalized();
    let certificate = find(&admin, id).await?;
    let details = certs::inspect(&certificate.der).map_err(|error| Problem::internal(&error))?;
    plan.check(certificate.state, &details, admin.app.now())?;
    let instant = |at: Option<OffsetDateTime>| {
        at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| "none".to_owned())
    };
    let (activate_at, retire_at) = (instant(plan.activate_at), instant(plan.retire_at));
    let details = format!("id: {id}, activate_at: {activate_at}, retire_at: {retire_at}");
    let audit = audit(&admin, "service_certificate_planned", details);
    let planned =
        admin.app.store().plan_service_certificate(&admin.org.name, id, plan, audit).await?;
    planned.try_into().map(Json)
}

/// Let a service certificate sign. The one before is kept as previous.
#[utoipa::path(
    post, path = "/orgs/{org}/service-certificates/{id}/activate",
    security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    responses((status = 200, body = ServiceCertificateShape)),
    extensions(("x-refusals" = json!([ApiCode::CertificateRetired]))),
)]
async fn activate(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<Json<Shape>, Problem> {
    let audit = audit(&admin, "service_certificate_activated", format!("id: {id}"));
    let activated =
        admin.app.store().activate_service_certificate(&admin.org.name, id, audit).await?;
    activated.try_into().map(Json)
}

/// Retire a service certificate: it is neither published nor used any more.
#[utoipa::path(
    post, path = "/orgs/{org}/service-certificates/{id}/retire",
    security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    responses((status = 200, body = ServiceCertificateShape)),
    extensions(("x-refusals" = json!([ApiCode::CertificateActive]))),
)]
async fn retire(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<Json<Shape>, Problem> {
    let audit = audit(&admin, "service_certificate_retired", format!("id: {id}"));
    let retired = admin.app.store().retire_service_certificate(&admin.org.name, id, audit).await?;
    retired.try_into().map(Json)
}

/// Remove a service certificate and its key.
#[utoipa::path(
    delete, path = "/orgs/{org}/service-certificates/{id}", security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    responses((status = 204)),
    extensions(("x-refusals" = json!([ApiCode::CertificateActive]))),
)]
async fn remove(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<StatusCode, Problem> {
    let audit = audit(&admin, "service_certificate_removed", format!("id: {id}"));
    admin.app.store().delete_service_certificate(&admin.org.name, id, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(admin: &Access, id: CertificateId) -> Result<ServiceCertificate, Problem> {
    let certificates = admin.app.store().service_certificates(&admin.org.name).await?;
    let found = certificates.into_iter().find(|certificate| certificate.id == id);
    found.ok_or_else(|| Problem::not_found("certificate"))
}

/// Makes the key pair where it holds up no request: RSA 4096 can take a second.
async fn make(app: Arc<App>, asked: NewCertificate) -> Result<GeneratedCertificate, Problem> {
    let NewCertificate { alias, valid_days, key } = asked;
    let make = move || certs::generate(&alias, valid_days, key, app.now(), app.random());
    let made =
        tokio::task::spawn_blocking(make).await.map_err(|error| Problem::internal(&error))?;
    made.map_err(|error| match error {
        GenerateError::Setting(invalid) => invalid.into(),
        GenerateError::Engine(reason) => Problem::internal(&reason),
    })
}
