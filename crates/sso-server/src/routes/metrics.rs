//! `GET /metrics`: what is counted, for Prometheus (SPEC 6).

use crate::app::App;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The text format of OpenMetrics, which Prometheus reads.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(read))
}

/// What this node has counted, for Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses(
        (
            status = 200, body = String, description = "The counts. None names an organization.",
            content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"
        ),
    ),
)]
async fn read(State(app): State<Arc<App>>) -> impl IntoResponse {
    app.metrics.dropped("login_traces", app.bridge.dropped_traces());
    app.metrics.dropped("login_messages", app.bridge.dropped_messages());
    ([(CONTENT_TYPE, OPEN_METRICS)], app.metrics.text())
}
