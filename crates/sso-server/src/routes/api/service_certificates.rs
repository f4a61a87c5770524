//! `/api/v1/orgs/{org}/service-certificates`: generate, import, list, read, export, activate, retire,
//! remove (SPEC 7).
//! The private key is sealed in the store and never leaves.

use super::certificate::{CertificateShape, ImportQuery, audit, posted};
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
    self, CertificateState, GenerateError, GeneratedCertificate, ImportError, NewKey,
    ServiceCertificate,
};
use sso_core::ids::CertificateId;
use sso_core::setting::SettingCode;
use sso_core::store::{Listed, ServiceCertificateStore as _};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default()
        .routes(routes!(list, generate))
        .routes(routes!(import))
        .routes(routes!(read, remove))
        .routes(routes!(export))
        .routes(routes!(activate))
        .routes(routes!(retire))
}

/// The header with the passphrase of an imported key (SPEC 6).
const PASSPHRASE: &str = "x-passphrase";

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

type Shape = CertificateShape<CertificateState>;
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
    responses((status = 200, body = Listed<CertificateShape<CertificateState>>)),
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
    responses((status = 201, body = CertificateShape<CertificateState>, headers(("Location")))),
)]
async fn generate(OrgAdmin(admin): OrgAdmin, body: JsonObject) -> Result<Created, Problem> {
    let asked: NewCertificate = body.read()?;
    let alias = asked.alias.clone();
    let made = make(admin.app.clone(), asked).await?;
    add(&admin, alias, made.der, &made.private_key, "service_certificate_generated").await
}

/// Import a certificate with its key, which is the next one.
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
        description = "The certificate and its key: PEM or PKCS#12, whatever the content type says.",
    ),
    responses((status = 201, body = CertificateShape<CertificateState>, headers(("Location")))),
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
    let open = move || certs::import(&content, &passphrase);
    // A passphrase is stretched on purpose, which takes a while.
    let opened = tokio::task::spawn_blocking(open).await;
    let opened = opened.map_err(|error| Problem::internal(&error))??;
    add(&admin, alias, opened.der, &opened.private_key, "service_certificate_imported").await
}

/// What opens an imported key; empty where none is sent.
fn passphrase(headers: &HeaderMap) -> Result<String, Problem> {
    let sent = headers.get(PASSPHRASE).map_or(&b""[..], |value| value.as_bytes());
    let text = std::str::from_utf8(sent).map_err(|_| ImportError::WrongPassphrase)?;
    Ok(text.to_owned())
}

/// Keeps a new certificate, which is the next one.
async fn add(
    admin: &Access,
    alias: String,
    der: Vec<u8>,
    private_key: &[u8],
    act: &str,
) -> Result<Created, Problem> {
    let certificate = ServiceCertificate {
        id: CertificateId::new(admin.app.now(), admin.app.random()),
        alias,
        state: CertificateState::Next,
        der,
        created_at: admin.app.now(),
    };
    let shape = Shape::try_from(certificate.clone())?;
    let details = format!("id: {}, fingerprint: {}", shape.id, shape.details.fingerprint_sha256);
    let audit = audit(admin, act, details);
    admin
        .app
        .store()
        .add_service_certificate(&admin.org.name, certificate, private_key, audit)
        .await?;
    let at = location(&format!("orgs/{}/service-certificates/{}", admin.org.name, shape.id));
    Ok((StatusCode::CREATED, at, Json(shape)))
}

/// Read a service certificate.
#[utoipa::path(
    get, path = "/orgs/{org}/service-certificates/{id}", security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    responses((status = 200, body = CertificateShape<CertificateState>)),
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

/// Let a service certificate sign. The one before is kept as previous.
#[utoipa::path(
    post, path = "/orgs/{org}/service-certificates/{id}/activate",
    security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    responses((status = 200, body = CertificateShape<CertificateState>)),
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
    responses((status = 200, body = CertificateShape<CertificateState>)),
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
