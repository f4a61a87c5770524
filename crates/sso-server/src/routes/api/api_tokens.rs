//! `/api/v1/orgs/{org}/api-tokens`: tokens by which an organization's own scripts use the Admin API
//! (SPEC 6, 10).
//!
//! A token grants no more than its maker has: making one takes the right of an Organization
//! Administrator, which is the highest that a token can have.

use super::tokens::{self, MadeToken};
use crate::http::access::{Gate, OrgAdmin};
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use sso_core::ids::ApiTokenId;
use sso_core::provisioning::AdminRole;
use sso_core::store::{ApiToken, Listed, TokenUse};
use time::OffsetDateTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(list, create)).routes(routes!(read, remove))
}

/// A token as it is asked for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 200)]
    description: String,
    /// How many days it is good for; never longer than the token that makes it.
    #[serde(default = "tokens::a_year")]
    #[schema(default = 365, minimum = 1, maximum = 3652)]
    expires_in_days: u32,
    /// What it may do.
    role: AdminRole,
}

/// A token as it is shown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Token)]
struct TokenShape {
    /// Its identifier.
    id: ApiTokenId,
    /// What it is for.
    description: String,
    /// What it may do.
    role: AdminRole,
    /// Who made it: `operator`, or the identifier of another token.
    created_by: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Until when it is good.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl TokenShape {
    /// A token for the Admin API; none that is for something else.
    fn of(token: ApiToken) -> Option<Self> {
        let ApiToken { id, description, right, created_by, created_at, expires_at, .. } = token;
        right.role().map(|role| Self { id, description, role, created_by, created_at, expires_at })
    }
}

/// A token that was made, with its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CreatedToken {
    /// What is sent as `Authorization: Bearer SECRET`.
    secret: String,
    #[serde(flatten)]
    token: TokenShape,
}

/// List the API tokens, without their secrets.
#[utoipa::path(
    get, path = "/orgs/{org}/api-tokens", security(("token" = ["org_admin"])),
    params(ListQuery),
    responses((status = 200, body = Listed<TokenShape>)),
)]
async fn list(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<TokenShape>>, Problem> {
    let Listed { items, next } = tokens::list(&admin, TokenUse::AdminApi, query).await?;
    Ok(Json(Listed { items: items.into_iter().filter_map(TokenShape::of).collect(), next }))
}

/// Make an API token. Its secret is in this answer and in no other.
#[utoipa::path(
    post, path = "/orgs/{org}/api-tokens", security(("token" = ["org_admin"])),
    request_body(
        content = NewToken, example = json!({"description": "nightly", "role": "user_admin"}),
    ),
    responses((status = 201, body = CreatedToken, headers(("Location")))),
)]
async fn create(
    OrgAdmin(admin): OrgAdmin,
    body: JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<CreatedToken>), Problem> {
    let NewToken { description, expires_in_days, role } = body.read()?;
    let MadeToken { secret, token, location } =
        tokens::create(&admin, description, expires_in_days, role.into()).await?;
    let token = TokenShape::of(token).ok_or_else(|| Problem::not_found("token"))?;
    Ok((StatusCode::CREATED, location, Json(CreatedToken { secret, token })))
}

/// Read an API token, without its secret.
#[utoipa::path(
    get, path = "/orgs/{org}/api-tokens/{id}", security(("token" = ["org_admin"])),
    params(("id" = ApiTokenId, Path, description = "The token.")),
    responses((status = 200, body = TokenShape)),
)]
async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, ApiTokenId)>,
) -> Result<Json<TokenShape>, Problem> {
    let token = tokens::read(&admin, TokenUse::AdminApi, id).await?;
    TokenShape::of(token).map(Json).ok_or_else(|| Problem::not_found("token"))
}

/// Remove an API token. It opens nothing any more.
#[utoipa::path(
    delete, path = "/orgs/{org}/api-tokens/{id}", security(("token" = ["org_admin"])),
    params(("id" = ApiTokenId, Path, description = "The token.")),
    responses((status = 204)),
)]
async fn remove(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, ApiTokenId)>,
) -> Result<StatusCode, Problem> {
    tokens::remove(&admin, TokenUse::AdminApi, id).await
}
