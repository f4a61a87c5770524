//! Every endpoint, one path a file (SPEC 6).

mod api;
pub(crate) mod assets;
mod auth;
mod browser;
mod finished;
mod health;
mod home;
mod metrics;
mod not_found;
mod oauth2;
mod openapi;
mod posted;
mod saml;
mod scim;
mod session;
mod sessions;
mod sso;
mod welcome;
mod wsfed;

use crate::app::App;
use crate::http::problem::Problem;
use crate::http::{headers, request_log};
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// The longest a request may take, its body among it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the Admin API begins.
const API: &str = "/api/v1";

/// Where SCIM begins.
const SCIM: &str = "/scim/v2";

/// The endpoints outside the Admin API, with their descriptions.
fn public() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .merge(assets::routes())
        .merge(auth::routes())
        .merge(health::routes())
        .merge(home::routes())
        .merge(metrics::routes())
        .merge(oauth2::routes())
        .merge(openapi::routes())
        .merge(saml::routes())
        .merge(session::routes())
        .merge(sessions::routes())
        .merge(sso::routes())
        .merge(welcome::routes())
        .merge(wsfed::routes())
}

/// What every endpoint declares of itself.
pub(crate) fn declared() -> OpenApi {
    public()
        .into_openapi()
        .nest(SCIM, scim::endpoints().into_openapi())
        .nest(API, api::endpoints().into_openapi())
}

/// Every path of the service, inside what every answer goes through.
pub(crate) fn all(app: Arc<App>) -> Router {
    Router::from(public())
        .nest(SCIM, scim::routes(&app))
        .nest(API, api::routes(&app))
        .fallback(not_found::path)
        .method_not_allowed_fallback(not_found::method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT))
        .layer(from_fn_with_state(app.clone(), headers::add))
        .layer(from_fn_with_state(app.clone(), request_log::log))
        .with_state(app)
}

/// A defect of ours ends one request, not the service. What it said goes to the log alone.
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    Problem::internal(&format_args!("a panic: {}", said.unwrap_or_default())).into_response()
}
