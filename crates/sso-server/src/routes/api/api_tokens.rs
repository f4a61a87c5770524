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
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use sso_core::ids::ApiTokenId;
use sso_core::provisioning::AdminRole;
use sso_core::setting::{InvalidSetting, SettingCode, check_text};
use sso_core::store::{ApiToken, ApiTokenStore as _, Category, Listed};
use time::{Duration, OffsetDateTime};

/// The longest that a token is good for, in days: ten years.
const LONGEST: u32 = 3_652;

pub(super) fn routes() -> Router<Gate> {
    Router::new()
        .route("/orgs/{org}/api-tokens", get(list).post(create))
        .route("/orgs/{org}/api-tokens/{id}", get(read).delete(remove))
}

/// A token as it is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    description: String,
    #[serde(default = "a_year")]
    expires_in_days: u32,
    role: AdminRole,
}

fn a_year() -> u32 {
    365
}

/// A token as it is shown.
#[derive(Debug, Serialize)]
struct TokenShape {
    id: ApiTokenId,
    description: String,
    role: AdminRole,
    created_by: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
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
#[derive(Debug, Serialize)]
struct CreatedToken {
    secret: String,
    #[serde(flatten)]
    token: TokenShape,
}

async fn list(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<TokenShape>>, Problem> {
    let Listed { items, next } =
        admin.app.store().api_tokens(&admin.org.name, &query.page()?).await?;
    Ok(Json(Listed { items: items.into_iter().map(TokenShape::from).collect(), next }))
}

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

async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, ApiTokenId)>,
) -> Result<Json<TokenShape>, Problem> {
    let token = admin.app.store().api_token(&admin.org.name, id).await?;
    token.map(|token| Json(token.into())).ok_or_else(|| Problem::not_found("token"))
}

async fn remove(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, ApiTokenId)>,
) -> Result<StatusCode, Problem> {
    let audit = admin.audit(Category::Security, "api_token_removed", format!("id: {id}"));
    admin.app.store().delete_api_token(&admin.org.name, id, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}
