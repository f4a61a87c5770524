//! `GET /wsfed/{org}/metadata`: our federation metadata, from the moment that the organization exists
//! (SPEC 3).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::page_query::PageQuery;
use crate::routes::saml::metadata::{MetadataQuery, answer};
use axum::extract::{Path, State};
use axum::response::Response;
use sso_core::connection::Protocol;
use sso_core::setting::SettingCode;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(export))
}

/// Read our federation metadata for an organization.
#[utoipa::path(
    get, path = "/wsfed/{org}/metadata", tag = "sign-in",
    params(MetadataQuery),
    responses(
        (
            status = 200, content_type = "application/samlmetadata+xml", body = String,
            headers(("Content-Disposition"))
        ),
    ),
    extensions(("x-refusals" = json!([
        ApiCode::MalformedQuery,
        ApiCode::NotFound,
        ApiCode::Setting(SettingCode::ServiceCertificateRequired),
        ApiCode::Unavailable,
    ]))),
)]
async fn export(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    PageQuery(query): PageQuery<MetadataQuery>,
) -> Result<Response, Failure> {
    answer(&app, &org, Protocol::Wsfed, &query).await
}
