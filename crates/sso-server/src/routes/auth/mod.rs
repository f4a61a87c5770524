//! `/auth/…`: forward-auth, for proxies in front of applications (SPEC 6).

mod identity_headers;
mod verify;

use crate::app::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    verify::routes()
}
