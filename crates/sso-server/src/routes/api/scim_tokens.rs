//! `/api/v1/orgs/{org}/scim-tokens`: tokens by which an organization's directory writes its accounts and
//! groups (SPEC 6, 11.1). None of them opens the Admin API. While one is live, accounts and groups are the
//! directory's to write (SPEC 10).

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
use sso_core::store::{ApiToken, ApiTokenStore as _, Category, Listed, TokenRight, TokenUse};
use time::OffsetDateTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(list, create)).routes(routes!(read, change, remove))
}

/// A SCIM token as it is asked for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NewScimToken)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 200)]
    description: String,
    /// How many days it is good; never longer than the token that makes it.
    #[serde(default = "tokens::a_year")]
    #[schema(default = 365, minimum = 1, maximum = 3652)]
    expires_in_days: u32,
    /// Taken as for API tokens, and without effect: a directory has no role, and gives none.
    #[serde(default, rename = "role")]
    #[schema(inline)]
    _role: Option<AdminRole>,
    /// Whether every request with it is a dry run: answered and logged as if it were done, with nothing
    /// changed. While all tokens are such, accounts and groups stay in the administrators' hands.
    #[serde(default)]
    #[schema(default = false)]
    dry_run: bool,
}

/// What of a SCIM token changes.
#[derive(Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[schema(as = ScimTokenChange)]
#[serde(deny_unknown_fields)]
struct Change {
    /// Whether every request with it is a dry run from now on.
    #[serde(default)]
    dry_run: bool,
}

fn right(dry_run: bool) -> TokenRight {
    if dry_run { TokenRight::ScimDryRun } else { TokenRight::Scim }
}

/// A SCIM token as it is shown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ScimToken)]
struct TokenShape {
    /// Its identifier.
    id: ApiTokenId,
    /// What it is for.
    description: String,
    /// Whether every request with it is a dry run.
    dry_run: bool,
    /// Who made it: `operator`, or the identifier of a token.
    created_by: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Until when it is good.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl From<ApiToken> for TokenShape {
    fn from(token: ApiToken) -> Self {
        let ApiToken { id, description, right, created_by, created_at, expires_at, .. } = token;
        let dry_run = right == TokenRight::ScimDryRun;
        Self { id, description, dry_run, created_by, created_at, expires_at }
    }
}

/// A SCIM token that was made, with its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CreatedScimToken)]
struct CreatedToken {
    /// What the directory sends as `Authorization: Bearer SECRET`.
    secret: String,
    #[serde(flatten)]
    token: TokenShape,
}

/// List the SCIM tokens, without their secrets.
#[utoipa::path(
    get, path = "/orgs/{org}/scim-tokens", security(("token" = ["org_admin"])),
    params(ListQuery),
    responses((status = 200, body = Listed<TokenShape>)),
)]
async fn list(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<TokenShape>>, Problem> {
    let Listed { items, next } = tokens::list(&admin, TokenUse::Scim, query).await?;
    Ok(Json(Listed { items: items.into_iter().map(TokenShape::from).collect(), next }))
}

/// Make a SCIM token. Its secret is in this answer and in no other.
#[utoipa::path(
    post, path = "/orgs/{org}/scim-tokens", security(("token" = ["org_admin"])),
    request_body(content = NewToken, example = json!({"description": "Entra ID"})),
    responses((status = 201, body = CreatedToken, headers(("Location")))),
)]
async fn create(
    OrgAdmin(admin): OrgAdmin,
    body: JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<CreatedToken>), Problem> {
    let NewToken { description, expires_in_days, dry_run, .. } = body.read()?;
    let MadeToken { secret, token, location } =
        tokens::create(&admin, description, expires_in_days, right(dry_run)).await?;
    let created = CreatedToken { secret, token: token.into() };
    Ok((StatusCode::CREATED, location, Json(created)))
}

/// Read a SCIM token, without its secret.
#[utoipa::path(
    get, path = "/orgs/{org}/scim-tokens/{id}", security(("token" = ["org_admin"])),
    params(("id" = ApiTokenId, Path, description = "The token.")),
    responses((status = 200, body = TokenShape)),
)]
async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, ApiTokenId)>,
) -> Result<Json<TokenShape>, Problem> {
    Ok(Json(tokens::read(&admin, TokenUse::Scim, id).await?.into()))
}

/// Begin or end the dry run of a SCIM token, whose secret stays.
#[utoipa::path(
    patch, path = "/orgs/{org}/scim-tokens/{id}", security(("token" = ["org_admin"])),
    params(("id" = ApiTokenId, Path, description = "The token.")),
    request_body(content = Change, example = json!({"dry_run": false})),
    responses((status = 200, body = TokenShape)),
)]
async fn change(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, ApiTokenId)>,
    body: JsonObject,
) -> Result<Json<TokenShape>, Problem> {
    let stored: TokenShape = tokens::read(&admin, TokenUse::Scim, id).await?.into();
    let Change { dry_run } = body.patch(&Change { dry_run: stored.dry_run })?;
    let details = format!("id: {id}, dry_run: {dry_run}");
    let audit = admin.audit(Category::Security, "scim_token_changed", details);
    let store = admin.app.store();
    let changed = store.set_token_right(&admin.org.name, id, right(dry_run), audit).await?;
    Ok(Json(changed.into()))
}

/// Remove a SCIM token. It opens nothing any more.
#[utoipa::path(
    delete, path = "/orgs/{org}/scim-tokens/{id}", security(("token" = ["org_admin"])),
    params(("id" = ApiTokenId, Path, description = "The token.")),
    responses((status = 204)),
)]
async fn remove(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, ApiTokenId)>,
) -> Result<StatusCode, Problem> {
    tokens::remove(&admin, TokenUse::Scim, id).await
}
