//! `GET /session`: who is signed in, as JSON whatever `Accept` says; 401 otherwise (SPEC 6).

use super::api::AccountShape;
use super::browser;
use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use sso_core::org::OrgName;
use std::sync::Arc;
use time::OffsetDateTime;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/session", get(read))
}

#[derive(Debug, Serialize)]
struct SessionShape {
    org: OrgName,
    account: AccountShape,
    #[serde(with = "time::serde::rfc3339")]
    authenticated_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    authn_context: Option<String>,
}

async fn read(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<SessionShape>, Problem> {
    let Some((session, account)) = browser::session(&app, &headers).await? else {
        return Err(Problem::new(ApiCode::NotSignedIn, "Sign in at /, or at /sso/{org}/login."));
    };
    Ok(Json(SessionShape {
        org: session.org,
        account: account.into(),
        authenticated_at: session.made.authenticated_at,
        expires_at: session.made.expires_at,
        authn_context: session.made.authn_context,
    }))
}
