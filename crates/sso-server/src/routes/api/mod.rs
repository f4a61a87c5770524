//! The Admin API (SPEC 6). Every path, one that does not exist among them,
//! asks for a token that is known, and every handler for a right, of `http::access`.

mod account;
mod api_tokens;
mod apps;
mod attribute_schema;
mod audit;
mod certificate;
mod certificate_requests;
mod connection;
mod groups;
mod idp_certificates;
mod login_messages;
mod logins;
mod org;
mod orgs;
mod removal_brake;
mod scim_requests;
mod scim_tokens;
mod service_certificates;
mod sso;
mod sso_draft;
mod sso_draft_metadata;
mod sso_metadata;
mod sso_metadata_entities;
mod sso_metadata_refresh;
mod sso_preview;
mod tokens;
mod user;
mod user_sessions;
mod users;

pub(super) use account::AccountShape;
pub(super) use user_sessions::SessionShape;

use crate::app::App;
use crate::http::access::Gate;
use crate::http::api_code::ApiCode;
use crate::http::principal;
use crate::http::problem::Problem;
use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::{InvalidHeaderValue, LOCATION};
use axum::middleware::from_fn_with_state;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// Every endpoint, with what it declares of itself for the description.
pub(super) fn endpoints() -> OpenApiRouter<Gate> {
    OpenApiRouter::default()
        .merge(orgs::routes())
        .merge(org::routes())
        .merge(attribute_schema::routes())
        .merge(sso::routes())
        .merge(sso_draft::routes())
        .merge(sso_preview::routes())
        .merge(sso_draft_metadata::routes())
        .merge(sso_metadata::routes())
        .merge(sso_metadata_entities::routes())
        .merge(sso_metadata_refresh::routes())
        .merge(service_certificates::routes())
        .merge(certificate_requests::routes())
        .merge(idp_certificates::routes())
        .merge(api_tokens::routes())
        .merge(scim_tokens::routes())
        .merge(scim_requests::routes())
        .merge(removal_brake::routes())
        .merge(users::routes())
        .merge(user::routes())
        .merge(user_sessions::routes())
        .merge(groups::routes())
        .merge(logins::routes())
        .merge(login_messages::routes())
        .merge(audit::routes())
        .merge(apps::routes())
}

/// The endpoints behind their gate.
pub(super) fn routes<S>(app: &Arc<App>) -> Router<S> {
    Router::from(endpoints())
        .fallback(async || Problem::not_found("path"))
        .method_not_allowed_fallback(async || {
            Problem::new(ApiCode::MethodNotAllowed, "The path does not take this method.")
        })
        .layer(from_fn_with_state(app.clone(), principal::require))
        .with_state(Gate::new(app.clone()))
}

/// The `Location` of something that was made, as a path under `/api/v1`.
fn location(path: &str) -> HeaderMap {
    let value: Result<_, InvalidHeaderValue> = format!("/api/v1/{path}").parse();
    value.map(|value| HeaderMap::from_iter([(LOCATION, value)])).unwrap_or_default()
}
