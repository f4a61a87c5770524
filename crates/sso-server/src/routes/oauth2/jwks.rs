//! `GET /oauth2/jwks`: the public keys that our tokens verify with (RFC 7517 5, SPEC 6).

use crate::app::App;
use crate::http::problem::Problem;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/oauth2/jwks", get(read))
}

async fn read(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Problem> {
    let keys = app.bridge.token_verification_keys().await?;
    let headers =
        [(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, "public, max-age=300")];
    Ok((headers, Json(keys)))
}
