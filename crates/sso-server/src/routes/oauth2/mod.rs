//! `/oauth2/…`: what applications verify tokens with (SPEC 6).

mod jwks;

use crate::app::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    jwks::routes()
}
