//! `GET /healthz`: the process runs. `GET /readyz`: it can serve, so that a load balancer may send
//! requests (SPEC 6).

use crate::app::App;
use axum::extract::State;
use axum::http::StatusCode;
use sso_core::store::ConfigurationStore as _;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(healthy)).routes(routes!(ready))
}

/// Whether the process runs.
#[utoipa::path(
    get, path = "/healthz", tag = "operations",
    responses(
        (
            status = 200, content_type = "text/plain; charset=utf-8", body = String,
            description = "It runs."
        ),
    ),
)]
async fn healthy() -> &'static str {
    "ok\n"
}

/// Whether it can serve, so that a load balancer may send requests.
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses(
        (
            status = 200, content_type = "text/plain; charset=utf-8", body = String,
            description = "It can."
        ),
        (
            status = 503, content_type = "text/plain; charset=utf-8", body = String,
            description = "The database does not answer."
        ),
    ),
)]
async fn ready(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    match app.store().ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
