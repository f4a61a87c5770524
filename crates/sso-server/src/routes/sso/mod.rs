//! `/sso/…` and `/login`: beginning and ending sessions (SPEC 5.1, 5.3).

mod find;
mod login;
mod logout;

use crate::app::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().merge(find::routes()).merge(login::routes()).merge(logout::routes())
}
