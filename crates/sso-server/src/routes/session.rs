//! `GET /session`: who is signed in, as JSON whatever `Accept` says; 401 otherwise (SPEC 6).

use super::api::AccountShape;
use super::browser;
use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use sso_core::org::OrgName;
use std::sync::Arc;
use time::OffsetDateTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(read))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Session)]
struct SessionShape {
    /// The organization that the person signed in at.
    org: OrgName,
    /// The person's account.
    account: AccountShape,
    /// When the person authenticated.
    #[serde(with = "time::serde::rfc3339")]
    authenticated_at: OffsetDateTime,
    /// When it ends in any case.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    /// How the person authenticated, as the identity provider says.
    #[schema(required)]
    authn_context: Option<String>,
}

/// Read who is signed in, in the browser that asks.
#[utoipa::path(
    get, path = "/session", tag = "sessions",
    responses((status = 200, body = SessionShape)),
    extensions(("x-refusals" = json!([ApiCode::NotSignedIn, ApiCode::Unavailable]))),
)]
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
