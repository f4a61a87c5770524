//! What holds for every kind of token of an organization (SPEC 6): its secret is shown once, in the answer
//! that makes it; it is for one organization; one that is made by a token ends with it at the latest, so
//! that a token that was stolen cannot outlive itself.

use super::location;
use crate::http::access::Access;
use crate::http::api_secret;
use crate::http::problem::Problem;
use crate::http::query::ListQuery;
use axum::http::{HeaderMap, StatusCode};
use sso_core::ids::ApiTokenId;
use sso_core::setting::{InvalidSetting, SettingCode, check_text};
use sso_core::store::{ApiToken, ApiTokenStore as _, Category, Listed, TokenRight, TokenUse};
use time::Duration;

/// The longest that a token is good for, in days: ten years.
const LONGEST: u32 = 3_652;

/// How long a token is good for where nobody says.
pub(super) fn a_year() -> u32 {
    365
}

/// A token that was made.
pub(super) struct MadeToken {
    pub(super) secret: String,
    pub(super) token: ApiToken,
    pub(super) location: HeaderMap,
}

/// Lists tokens of a use.
pub(super) async fn list(
    admin: &Access,
    of: TokenUse,
    query: ListQuery,
) -> Result<Listed<ApiToken>, Problem> {
    Ok(admin.app.store().api_tokens(&admin.org.name, of, &query.page()?).await?)
}

/// Makes a token.
pub(super) async fn create(
    admin: &Access,
    description: String,
    expires_in_days: u32,
    right: TokenRight,
) -> Result<MadeToken, Problem> {
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
        right,
        created_by: admin.principal.name().to_owned(),
        created_at: now,
        expires_at: admin.principal.ends_at().map_or(asked, |end| end.min(asked)),
    };
    let role = match token.right.role() {
        Some(role) => format!(", role: {}", role.as_str()),
        None if token.right == TokenRight::ScimDryRun => ", dry run".to_owned(),
        None => String::new(),
    };
    let details = format!(
        "id: {}{}, expires: {}, description: {}",
        token.id,
        role,
        token.expires_at.date(),
        token.description
    );
    let of = right.usage();
    let (act, at) = match of {
        TokenUse::AdminApi => ("api_token_created", "api-tokens"),
        TokenUse::Scim => ("scim_token_created", "scim-tokens"),
    };
    let audit = admin.audit(Category::Security, act, details);
    let (secret, hash) = api_secret::new(of, admin.app.random());
    admin.app.store().add_api_token(token.clone(), hash, audit).await?;
    let location = location(&format!("orgs/{}/{at}/{}", admin.org.name, token.id));
    Ok(MadeToken { secret, token, location })
}

/// Reads a token of a use.
pub(super) async fn read(
    admin: &Access,
    of: TokenUse,
    id: ApiTokenId,
) -> Result<ApiToken, Problem> {
    let token = admin.app.store().api_token(&admin.org.name, of, id).await?;
    token.ok_or_else(|| Problem::not_found("token"))
}

/// Removes a token of a use.
pub(super) async fn remove(
    admin: &Access,
    of: TokenUse,
    id: ApiTokenId,
) -> Result<StatusCode, Problem> {
    let act = match of {
        TokenUse::AdminApi => "api_token_removed",
        TokenUse::Scim => "scim_token_removed",
    };
    let audit = admin.audit(Category::Security, act, format!("id: {id}"));
    admin.app.store().delete_api_token(&admin.org.name, of, id, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}
