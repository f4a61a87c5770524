//! `GET /saml/{org}/metadata`: our service provider metadata, from the moment that the organization
//! exists (SPEC 2).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(export))
}

/// Read our service provider metadata for an organization.
#[utoipa::path(
    get, path = "/saml/{org}/metadata", tag = "sign-in",
    responses(
        (
            status = 200, content_type = "application/samlmetadata+xml", body = String,
            headers(("Content-Disposition"))
        ),
    ),
    extensions(("x-refusals" = json!([ApiCode::NotFound, ApiCode::Unavailable]))),
)]
async fn export(State(app): State<Arc<App>>, Path(org): Path<String>) -> Result<Response, Failure> {
    let document = app.bridge.metadata(&org).await?.ok_or_else(Failure::unknown_org)?;
    // An organization that exists: nothing in its name or its domain ends the quotation.
    let headers = [
        (CONTENT_TYPE, "application/samlmetadata+xml".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{org}-metadata.xml\"")),
    ];
    Ok((headers, document).into_response())
}
