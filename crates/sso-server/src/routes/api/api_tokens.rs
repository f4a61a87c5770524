//! `/api/v1/orgs/{org}/api-tokens`: tokens by which an organization's own scripts use the Admin API
//! (SPEC 6, 10). The secret is shown once, in the answer that makes the token.
//!
//! A token grants no more than its maker has: it is for one organization, making one takes the right
//! of an Organization Administrator, which is the highest that a token can have, and one that is made
//! by a token ends with it at the latest. A token that was stolen cannot outlive itself.

use super::location;
use crate::http::access::{Gate, OrgAdmin};
use crate::http::api_secret;
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use sso_core::ids::ApiTokenId;
use sso_core::provisioning::AdminRole;
use sso_core::setting::{InvalidSetting, SettingCode, check_text};
use sso_core::store::{ApiToken, ApiTokenStore as _, Category, Listed};
use time::{Duration, OffsetDateTime};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest that a token is good for, in days: ten years.
const LONGEST: u32 = 3_652;

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
    #[serde(default = "a_year")]
    #[schema(default = 365, minimum = 1, maximum = 3652)]
    expires_in_days: u32,
    /// What it may do.
    role: AdminRole,
}

fn a_year() -> u32 {
    365
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

impl From<ApiToken> for TokenShape {
    fn from(token: ApiToken) -> Self {
        let ApiToken { id, description, role, created_by, created_at, expires_at, .. } = token;
        Self { id, description, role, created_by, created_at, expires_at }
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
    let Listed { items, next } =
        admin.app.store().api_tokens(&admin.org.name, &query.page()?).await?;
    Ok(Json(Listed { items: items.into_iter().map(TokenShape::from).collect(), next }))
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
    check_text("description", &description, 1..=200)?;
    if !(1..=LONGEST).contains(&expires_in_days) {
        return Err(InvalidSetting::new(
            SettingCode::Invalid,
            "expires_in_days",
            format!("It must be 1 to {LONGEST}."),
        )
        .into());
    }
    let now = admin.app.now();
    let asked = now + Duration::days(expires_in_days.into());
    let token = ApiToken {
        id: ApiTokenId::new(now, admin.app.random()),
        org: admin.org.name.clone(),
        description,
        role,
        created_by: admin.principal.name().to_owned(),
        created_at: now,
        expires_at: admin.principal.ends_at().map_or(asked, |end| end.min(asked)),
    };
    let details = format!(
        "id: {}, role: {}, expires: {}, description: {}",
        token.id,
        token.role.as_str(),
        token.expires_at.date(),
        token.description
    );
    let audit = admin.audit(Category::Security, "api_token_created", details);
    let (secret, hash) = api_secret::new(admin.app.random());
    admin.app.store().add_api_token(token.clone(), hash, audit).await?;
    let at = location(&format!("orgs/{}/api-tokens/{}", admin.org.name, token.id));
    Ok((StatusCode::CREATED, at, Json(CreatedToken { secret, token: token.into() })))
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
    let token = admin.app.store().api_token(&admin.org.name, id).await?;
    token.map(|token| Json(token.into())).ok_or_else(|| Problem::not_found("token"))
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
    let audit = admin.audit(Category::Security, "api_token_removed", format!("id: {id}"));
    admin.app.store().delete_api_token(&admin.org.name, id, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}
