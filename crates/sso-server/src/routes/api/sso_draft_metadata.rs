//! `/api/v1/orgs/{org}/sso/draft/metadata`: the same for the draft as for the connection (SPEC 2), so that
//! another identity provider, or another document of the same, is tried out before people sign in by it.
//! Promoted, the draft brings along where its metadata comes from.

use super::sso_metadata::{self, ImportQuery, MetadataImport};
use super::sso_metadata_refresh::{self, DecisionQuery, MetadataState};
use crate::http::access::{Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::metadata;
use axum::Json;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use sso_core::connection::Slot;
use sso_core::metadata::ImportReport;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default()
        .routes(routes!(read, import))
        .routes(routes!(refresh))
        .routes(routes!(approve))
        .routes(routes!(reject))
}

/// Read the metadata of the draft as it was imported, or, as JSON, where it comes from and how it stands.
#[utoipa::path(
    get, path = "/orgs/{org}/sso/draft/metadata", security(("token" = ["org_admin"])),
    responses(
        (
            status = 200,
            content(
                (String = "application/samlmetadata+xml"),
                (MetadataState = "application/json"),
            ),
        ),
    ),
)]
async fn read(OrgAdmin(admin): OrgAdmin, headers: HeaderMap) -> Result<Response, Problem> {
    sso_metadata::shown(&admin, Slot::Draft, &headers).await
}

/// Fill the draft from the metadata of an identity provider. Where there is none, it begins as a copy of the
/// connection.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/draft/metadata", security(("token" = ["org_admin"])),
    params(
        ImportQuery,
        (
            "X-Metadata-Pin" = Option<String>, Header,
            description = "The certificate that must have signed the XML document, DER in base64."
        ),
    ),
    request_body(
        content(
            (String = "application/samlmetadata+xml"),
            (String = "application/xml"),
            (String = "text/xml"),
            (MetadataImport = "application/json"),
        ),
    ),
    responses((status = 200, body = ImportReport)),
    extensions(("x-refusals" = json!(sso_metadata::refusals()))),
)]
async fn import(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> Result<Json<ImportReport>, Problem> {
    sso_metadata::imported(&admin, Slot::Draft, "draft_metadata_imported", query, request).await
}

/// Fetch the metadata of the draft again, and use it.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/draft/metadata/refresh", security(("token" = ["org_admin"])),
    responses((status = 200, body = ImportReport)),
    extensions(
        ("x-refusals" = json!(sso_metadata_refresh::refusals(&[ApiCode::MetadataNotByUrl]))),
    ),
)]
async fn refresh(OrgAdmin(admin): OrgAdmin) -> Result<Json<ImportReport>, Problem> {
    let by = admin.principal.name();
    metadata::refresh(&admin.app, &admin.org.name, Slot::Draft, by).await.map(Json)
}

/// Use the metadata that waits, in the draft.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/draft/metadata/approve", security(("token" = ["org_admin"])),
    params(DecisionQuery),
    responses((status = 200, body = ImportReport)),
    extensions(
        ("x-refusals" = json!(sso_metadata_refresh::refusals(&[ApiCode::NothingToApprove]))),
    ),
)]
async fn approve(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<DecisionQuery>,
) -> Result<Json<ImportReport>, Problem> {
    let (org, by) = (&admin.org.name, admin.principal.name());
    let seen = query.pending.as_deref();
    metadata::approve(&admin.app, org, Slot::Draft, by, seen).await.map(Json)
}

/// Throw away the metadata that waits for the draft.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/draft/metadata/reject", security(("token" = ["org_admin"])),
    params(DecisionQuery),
    responses((status = 200, body = MetadataState)),
    extensions(("x-refusals" = json!([ApiCode::NothingToApprove, ApiCode::ChangedMeanwhile]))),
)]
async fn reject(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<DecisionQuery>,
) -> Result<Json<MetadataState>, Problem> {
    let (org, by) = (&admin.org.name, admin.principal.name());
    let seen = query.pending.as_deref();
    let source = metadata::reject(&admin.app, org, Slot::Draft, by, seen).await?;
    Ok(Json(source.into()))
}
