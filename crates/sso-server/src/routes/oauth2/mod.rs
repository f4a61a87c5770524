//! `/oauth2/…`: what applications verify tokens with (SPEC 6).

mod jwks;

use crate::app::App;
use axum::Router;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    jwks::routes()
}
