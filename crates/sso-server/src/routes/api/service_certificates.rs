//! `/api/v1/orgs/{org}/service-certificates`: generate, list, read, export, activate (SPEC 7).
//! The private key is sealed in the store and never leaves.

use super::certificate::CertificateShape;
use super::{find_org, location};
use crate::app::App;
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use sso_core::certs::{
    self, CertificateState, GenerateError, GeneratedCertificate, NewKey, ServiceCertificate,
};
use sso_core::ids::CertificateId;
use sso_core::org::Org;
use sso_core::store::{Category, Listed, ServiceCertificateStore as _};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/orgs/{org}/service-certificates", get(list).post(generate))
        .route("/orgs/{org}/service-certificates/{id}", get(read))
        .route("/orgs/{org}/service-certificates/{id}/export", get(export))
        .route("/orgs/{org}/service-certificates/{id}/activate", post(activate))
}

type Shape = CertificateShape<CertificateState>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCertificate {
    alias: String,
    valid_days: u32,
    #[serde(default)]
    key: NewKey,
}

async fn list(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
) -> Result<Json<Listed<Shape>>, Problem> {
    let org = find_org(&app, &org).await?;
    let certificates = app.store().service_certificates(&org.name).await?;
    let items = certificates.into_iter().map(Shape::try_from);
    Ok(Json(Listed { items: items.collect::<Result<_, _>>()?, next: None }))
}

async fn generate(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    body: JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<Shape>), Problem> {
    let org = find_org(&app, &org).await?;
    let asked: NewCertificate = body.read()?;
    let alias = asked.alias.clone();
    let made = make(app.clone(), asked).await?;
    let certificate = ServiceCertificate {
        id: CertificateId::new(app.now(), app.random()),
        alias,
        state: CertificateState::Next,
        der: made.der,
        created_at: app.now(),
    };
    let shape = Shape::try_from(certificate.clone())?;
    let audit = app.audit(
        &org.name,
        Category::Certificates,
        "service_certificate_generated",
        format!("id: {}, fingerprint: {}", shape.id, shape.details.fingerprint_sha256),
    );
    app.store().add_service_certificate(&org.name, certificate, &made.private_key, audit).await?;
    let at = location(&format!("orgs/{}/service-certificates/{}", org.name, shape.id));
    Ok((StatusCode::CREATED, at, Json(shape)))
}

async fn read(
    State(app): State<Arc<App>>,
    Path((org, id)): Path<(String, CertificateId)>,
) -> Result<Json<Shape>, Problem> {
    let org = find_org(&app, &org).await?;
    find(&app, &org, id).await?.try_into().map(Json)
}

async fn export(
    State(app): State<Arc<App>>,
    Path((org, id)): Path<(String, CertificateId)>,
) -> Result<Response, Problem> {
    let org = find_org(&app, &org).await?;
    let certificate = find(&app, &org, id).await?;
    let headers = [
        (CONTENT_TYPE, "application/pkix-cert".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}-{id}.cer\"", org.name)),
    ];
    Ok((headers, certificate.der).into_response())
}

async fn activate(
    State(app): State<Arc<App>>,
    Path((org, id)): Path<(String, CertificateId)>,
) -> Result<Json<Shape>, Problem> {
    let org = find_org(&app, &org).await?;
    let audit = app.audit(
        &org.name,
        Category::Certificates,
        "service_certificate_activated",
        format!("id: {id}"),
    );
    let activated = app.store().activate_service_certificate(&org.name, id, audit).await?;
    activated.try_into().map(Json)
}

async fn find(app: &App, org: &Org, id: CertificateId) -> Result<ServiceCertificate, Problem> {
    let certificates = app.store().service_certificates(&org.name).await?;
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
