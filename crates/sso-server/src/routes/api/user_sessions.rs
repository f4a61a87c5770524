//! `/api/v1/orgs/{org}/users/{id}/sessions`: where an account is signed in, and sign it out (SPEC 10).

use crate::http::access::{Gate, UserAdmin};
use crate::http::api_code::ApiCode;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use sso_core::ids::{AccountId, SessionId};
use sso_core::store::{AccountStore as _, Listed, Session, SessionStore as _, WhichSessions};
use time::OffsetDateTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(list, end_all)).routes(routes!(end))
}

/// A live session, without its token.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = AccountSession)]
pub(in crate::routes) struct SessionShape {
    /// Its identifier.
    id: SessionId,
    /// How the person authenticated, as the identity provider says.
    #[schema(required)]
    authn_context: Option<String>,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    authenticated_at: OffsetDateTime,
    /// When it was last used.
    #[serde(with = "time::serde::rfc3339")]
    last_used_at: OffsetDateTime,
    /// When it ends in any case.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl From<Session> for SessionShape {
    fn from(session: Session) -> Self {
        Self {
            id: session.made.id,
            authn_context: session.made.authn_context,
            authenticated_at: session.made.authenticated_at,
            last_used_at: session.last_used_at,
            expires_at: session.made.expires_at,
        }
    }
}

/// List where an account is signed in.
#[utoipa::path(
    get, path = "/orgs/{org}/users/{id}/sessions", security(("token" = ["user_admin"])),
    params(("id" = AccountId, Path, description = "The account."), ListQuery),
    responses((status = 200, body = Listed<SessionShape>)),
)]
async fn list(
    UserAdmin(admin): UserAdmin,
    Path((_, id)): Path<(String, AccountId)>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<SessionShape>>, Problem> {
    let (store, org, page) = (admin.app.store(), &admin.org.name, query.page()?);
    store.account(org, id).await?.ok_or_else(|| Problem::not_found("account"))?;
    let Listed { items, next } = store.sessions(org, id, admin.app.now(), &page).await?;
    Ok(Json(Listed { items: items.into_iter().map(SessionShape::from).collect(), next }))
}

/// Sign an account out everywhere.
#[utoipa::path(
    delete, path = "/orgs/{org}/users/{id}/sessions", security(("token" = ["user_admin"])),
    params(("id" = AccountId, Path, description = "The account.")),
    responses((status = 204)),
    extensions(("x-refusals" = json!([ApiCode::OrgAdminOnly]))),
)]
async fn end_all(
    UserAdmin(admin): UserAdmin,
    Path((_, id)): Path<(String, AccountId)>,
) -> Result<StatusCode, Problem> {
    let by = admin.administrator();
    admin.app.bridge.end_account_sessions(&admin.org, id, WhichSessions::All, by).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End one session of an account.
#[utoipa::path(
    delete, path = "/orgs/{org}/users/{id}/sessions/{session}",
    security(("token" = ["user_admin"])),
    params(
        ("id" = AccountId, Path, description = "The account."),
        ("session" = SessionId, Path, description = "The session."),
    ),
    responses((status = 204)),
    extensions(("x-refusals" = json!([ApiCode::OrgAdminOnly]))),
)]
async fn end(
    UserAdmin(admin): UserAdmin,
    Path((_, id, session)): Path<(String, AccountId, SessionId)>,
) -> Result<StatusCode, Problem> {
    let by = admin.administrator();
    let one = WhichSessions::One(session);
    admin.app.bridge.end_account_sessions(&admin.org, id, one, by).await?;
    Ok(StatusCode::NO_CONTENT)
}
