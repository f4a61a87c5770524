//! `/api/v1/orgs/{org}/service-certificates`: generate, import, list, read, export, activate, retire,
//! remove (SPEC 7).
//! The private key is sealed in the store and never leaves.

use super::certificate::{CertificateShape, ImportQuery, audit, posted};
use super::location;
use crate::app::App;
use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::Query;
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use sso_core::certs::{
    self, CertificateState, GenerateError, GeneratedCertificate, ImportError, NewKey,
    ServiceCertificate,
};
use sso_core::ids::CertificateId;
use sso_core::store::{Listed, ServiceCertificateStore as _};
use std::sync::Arc;

pub(super) fn routes() -> Router<Gate> {
    Router::new()
        .route("/orgs/{org}/service-certificates", get(list).post(generate))
        .route("/orgs/{org}/service-certificates/import", post(import))
        .route("/orgs/{org}/service-certificates/{id}", get(read).delete(remove))
        .route("/orgs/{org}/service-certificates/{id}/export", get(export))
        .route("/orgs/{org}/service-certificates/{id}/activate", post(activate))
        .route("/orgs/{org}/service-certificates/{id}/retire", post(retire))
}

/// The header with the passphrase of an imported key (SPEC 6).
const PASSPHRASE: &str = "x-passphrase";

type Shape = CertificateShape<CertificateState>;
type Created = (StatusCode, HeaderMap, Json<Shape>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCertificate {
    alias: String,
    valid_days: u32,
    #[serde(default)]
    key: NewKey,
}

async fn list(OrgAdmin(admin): OrgAdmin) -> Result<Json<Listed<Shape>>, Problem> {
    let certificates = admin.app.store().service_certificates(&admin.org.name).await?;
    let items = certificates.into_iter().map(Shape::try_from);
    Ok(Json(Listed { items: items.collect::<Result<_, _>>()?, next: None }))
}

async fn generate(OrgAdmin(admin): OrgAdmin, body: JsonObject) -> Result<Created, Problem> {
    let asked: NewCertificate = body.read()?;
    let alias = asked.alias.clone();
    let made = make(admin.app.clone(), asked).await?;
    add(&admin, alias, made.der, &made.private_key, "service_certificate_generated").await
}

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

async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<Json<Shape>, Problem> {
    find(&admin, id).await?.try_into().map(Json)
}

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

async fn activate(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<Json<Shape>, Problem> {
    let audit = audit(&admin, "service_certificate_activated", format!("id: {id}"));
    let activated =
        admin.app.store().activate_service_certificate(&admin.org.name, id, audit).await?;
    activated.try_into().map(Json)
}

async fn retire(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<Json<Shape>, Problem> {
    let audit = audit(&admin, "service_certificate_retired", format!("id: {id}"));
    let retired = admin.app.store().retire_service_certificate(&admin.org.name, id, audit).await?;
    retired.try_into().map(Json)
}

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
