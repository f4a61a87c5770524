//! `/sso/…` and `/login`: beginning and ending sessions (SPEC 5.1, 5.3).

mod find;
mod login;
mod logout;

use crate::app::App;
use axum::Router;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().merge(find::routes()).merge(login::routes()).merge(logout::routes())
}
