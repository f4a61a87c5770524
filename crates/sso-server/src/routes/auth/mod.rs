//! `/auth/…`: forward-auth, for proxies in front of applications (SPEC 6).

mod identity_headers;
mod verify;

use crate::app::App;
use axum::Router;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    verify::routes()
}
