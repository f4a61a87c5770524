//! SCIM 2.0 (RFC 7643, 7644; SPEC 11.1): the directory of an organization writes its accounts and groups.
//! Every path, one that does not exist among them, asks for a SCIM token, and every endpoint for one of the
//! organization in its path; what the protocol says is `sso_core::scim`'s, what becomes of an account the
//! rules' that hold for all.

mod access;
mod answer;
mod bulk;
mod groups;
mod log;
mod request;
mod resources;
mod search;
mod service;
mod users;

use crate::app::App;
use answer::Refused;
use axum::Router;
use axum::middleware::from_fn_with_state;
use sso_core::scim::ScimError;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// Every endpoint, with what it declares of itself for the description.
pub(super) fn endpoints() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().merge(users::routes()).merge(groups::routes()).merge(service::routes())
}

/// The endpoints, what is told where there is none, and the log around both.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::from(endpoints())
        .fallback(async || Refused(ScimError::new(404, "There is no such endpoint.")))
        .method_not_allowed_fallback(async || {
            Refused(ScimError::new(405, "The endpoint does not take this method."))
        })
        .layer(from_fn_with_state(app.clone(), log::log))
}
