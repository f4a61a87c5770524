//! `GET /oauth2/jwks`: the public keys that our tokens verify with (RFC 7517 5, SPEC 6).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(read))
}

/// Read the public keys that our tokens verify with.
#[utoipa::path(
    get, path = "/oauth2/jwks", tag = "forward-auth",
    responses(
        (
            status = 200, content_type = "application/jwk-set+json", body = serde_json::Value,
            description = "A set of keys (RFC 7517)."
        ),
    ),
    extensions(("x-refusals" = json!([ApiCode::Unavailable]))),
)]
async fn read(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Problem> {
    let keys = app.bridge.token_verification_keys().await?;
    let headers =
        [(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, "public, max-age=300")];
    Ok((headers, Json(keys)))
}
