//! `/api/v1/orgs/{org}/idp-certificates`: certificates of the identity provider that are imported by
//! hand, and trusted besides those of its metadata (SPEC 8).

use super::certificate::{CertificateShape, ImportQuery, audit, posted};
use super::location;
use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::Query;
use axum::Json;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use sso_core::certs::{self, IdpCertificateState, NewIdpCertificate, SmallestRsa};
use sso_core::connection::{LegacyCrypto, Slot};
use sso_core::ids::CertificateId;
use sso_core::setting::SettingCode;
use sso_core::store::{ConfigurationStore as _, IdpCertificateStore as _, Listed};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default()
        .routes(routes!(list, import))
        .routes(routes!(read, remove))
        .routes(routes!(activate))
}

/// What an import can be refused for.
const IMPORT_REFUSALS: &[ApiCode] = &[
    ApiCode::CertificateExists,
    ApiCode::CertificateLimit,
    ApiCode::KeyNotSupported,
    ApiCode::KeyTooSmall,
    ApiCode::NotACertificate,
    ApiCode::PrivateKeyGiven,
    ApiCode::Setting(SettingCode::Invalid),
    ApiCode::SeveralCertificates,
];

type Shape = CertificateShape<IdpCertificateState>;

/// List the certificates of the identity provider that were imported by hand.
#[utoipa::path(
    get, path = "/orgs/{org}/idp-certificates", security(("token" = ["org_admin"])),
    responses((status = 200, body = Listed<CertificateShape<IdpCertificateState>>)),
)]
async fn list(OrgAdmin(admin): OrgAdmin) -> Result<Json<Listed<Shape>>, Problem> {
    let certificates = admin.app.store().idp_certificates(&admin.org.name).await?;
    let items = certificates.into_iter().map(Shape::try_from);
    Ok(Json(Listed { items: items.collect::<Result<_, _>>()?, next: None }))
}

/// Import a certificate of the identity provider.
#[utoipa::path(
    post, path = "/orgs/{org}/idp-certificates", security(("token" = ["org_admin"])),
    params(ImportQuery),
    request_body(
        content(
            (String = "application/x-pem-file"),
            (String = "application/pkix-cert"),
            (String = "application/octet-stream"),
        ),
        description = "The certificate: PEM or DER, whatever the content type says.",
    ),
    responses((status = 201, body = CertificateShape<IdpCertificateState>, headers(("Location")))),
    extensions(("x-refusals" = json!(IMPORT_REFUSALS))),
)]
async fn import(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<ImportQuery>,
    body: Body,
) -> Result<(StatusCode, HeaderMap, Json<Shape>), Problem> {
    let alias = query.alias()?;
    let der = certs::read_certificate(&posted(body).await?, smallest_rsa(&admin).await?)?;
    let id = CertificateId::new(admin.app.now(), admin.app.random());
    let details = format!("id: {id}, fingerprint: {}", certs::fingerprint(&der));
    let audit = audit(&admin, "idp_certificate_imported", details);
    let new = NewIdpCertificate { id, alias, der, created_at: admin.app.now() };
    let added = admin.app.store().add_idp_certificate(&admin.org.name, new, audit).await?;
    let at = location(&format!("orgs/{}/idp-certificates/{id}", admin.org.name));
    Ok((StatusCode::CREATED, at, Json(added.try_into()?)))
}

/// Read a certificate of the identity provider.
#[utoipa::path(
    get, path = "/orgs/{org}/idp-certificates/{id}", security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    responses((status = 200, body = CertificateShape<IdpCertificateState>)),
)]
async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<Json<Shape>, Problem> {
    let certificates = admin.app.store().idp_certificates(&admin.org.name).await?;
    let found = certificates.into_iter().find(|certificate| certificate.id == id);
    found.ok_or_else(|| Problem::not_found("certificate"))?.try_into().map(Json)
}

/// Call a certificate of the identity provider the active one.
#[utoipa::path(
    post, path = "/orgs/{org}/idp-certificates/{id}/activate", security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    responses((status = 200, body = CertificateShape<IdpCertificateState>)),
)]
async fn activate(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<Json<Shape>, Problem> {
    let audit = audit(&admin, "idp_certificate_activated", format!("id: {id}"));
    let activated = admin.app.store().activate_idp_certificate(&admin.org.name, id, audit).await?;
    activated.try_into().map(Json)
}

/// Remove a certificate of the identity provider.
#[utoipa::path(
    delete, path = "/orgs/{org}/idp-certificates/{id}", security(("token" = ["org_admin"])),
    params(("id" = CertificateId, Path, description = "The certificate.")),
    responses((status = 204)),
)]
async fn remove(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, CertificateId)>,
) -> Result<StatusCode, Problem> {
    let audit = audit(&admin, "idp_certificate_removed", format!("id: {id}"));
    admin.app.store().delete_idp_certificate(&admin.org.name, id, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// RSA of 1024 bits is taken where the connection grants it. The verifier asks for the grant again,
/// at each signature.
async fn smallest_rsa(admin: &Access) -> Result<SmallestRsa, Problem> {
    let connection = admin.app.store().connection(&admin.org.name, Slot::Live).await?;
    let grants = connection.as_ref().map(|connection| connection.settings.common().legacy_crypto);
    Ok(match grants.is_some_and(|grants| grants.contains(&LegacyCrypto::Rsa1024)) {
        true => SmallestRsa::Bits1024,
        false => SmallestRsa::Bits2048,
    })
}
