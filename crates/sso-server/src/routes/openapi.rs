//! `GET /api/openapi.json`: the description of the HTTP surface (SPEC 6). It tells nothing that the
//! documentation does not, so that nobody needs a token to read it.

use crate::app::App;
use crate::openapi;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(describe))
}

/// Read this description.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "operations",
    responses((status = 200, body = serde_json::Value, description = "OpenAPI 3.1.")),
)]
async fn describe() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], openapi::json())
}
