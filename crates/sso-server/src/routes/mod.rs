//! Every endpoint, one path a file (SPEC 6).

mod api;
mod health;

use crate::app::App;
use crate::http::{headers, request_log};
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

/// The longest a request may take, its body among it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Every path of the service, inside what every answer goes through.
pub(crate) fn all(app: Arc<App>) -> Router {
    Router::new()
        .merge(health::routes())
        .nest("/api/v1", api::routes(&app))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT))
        .layer(from_fn_with_state(app.clone(), headers::add))
        .layer(from_fn_with_state(app.clone(), request_log::log))
        .with_state(app)
}
