//! `/api/v1/orgs/{org}/users/{id}`: read, edit, deactivate and reactivate an account (SPEC 10).

use super::account::{self, AccountFields, AccountShape};
use crate::http::access::{Gate, UserAdmin};
use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use axum::Json;
use sso_core::ids::AccountId;
use sso_core::store::AccountStore as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default()
        .routes(routes!(read, change))
        .routes(routes!(deactivate))
        .routes(routes!(reactivate))
}

type OfAccount = Path<(String, AccountId)>;
type Answer = Result<Json<AccountShape>, Problem>;

/// Read an account.
#[utoipa::path(
    get, path = "/orgs/{org}/users/{id}", security(("token" = ["user_admin"])),
    params(("id" = AccountId, Path, description = "The account.")),
    responses((status = 200, body = AccountShape)),
)]
async fn read(UserAdmin(admin): UserAdmin, Path((_, id)): OfAccount) -> Answer {
    let account = admin.app.store().account(&admin.org.name, id).await?;
    account.map(|account| Json(account.into())).ok_or_else(|| Problem::not_found("account"))
}

/// Edit an account. What was read of it can be sent back with a change.
#[utoipa::path(
    patch, path = "/orgs/{org}/users/{id}", security(("token" = ["user_admin"])),
    params(("id" = AccountId, Path, description = "The account.")),
    request_body(
        content = AccountFields, example = json!({"job_title": "Engineer", "mobile_phone": null}),
    ),
    responses((status = 200, body = AccountShape)),
    extensions(("x-refusals" = json!(account::REFUSALS))),
)]
async fn change(UserAdmin(admin): UserAdmin, Path((_, id)): OfAccount, body: JsonObject) -> Answer {
    let stored = admin.app.store().account(&admin.org.name, id).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("account"))?;
    let edit = account::of_stored(body, stored, &admin.org)?;
    let by = admin.administrator();
    Ok(Json(admin.app.bridge.edit_account(&admin.org, id, &edit, by).await?.into()))
}

/// Deactivate an account: it is kept, and signed out everywhere.
#[utoipa::path(
    post, path = "/orgs/{org}/users/{id}/deactivate", security(("token" = ["user_admin"])),
    params(("id" = AccountId, Path, description = "The account.")),
    responses((status = 200, body = AccountShape)),
    extensions(("x-refusals" = json!([ApiCode::OrgAdminOnly, ApiCode::ChangedMeanwhile]))),
)]
async fn deactivate(UserAdmin(admin): UserAdmin, Path((_, id)): OfAccount) -> Answer {
    let by = admin.administrator();
    Ok(Json(admin.app.bridge.deactivate_account(&admin.org, id, by).await?.into()))
}

/// Reactivate an account.
#[utoipa::path(
    post, path = "/orgs/{org}/users/{id}/reactivate", security(("token" = ["user_admin"])),
    params(("id" = AccountId, Path, description = "The account.")),
    responses((status = 200, body = AccountShape)),
    extensions(
        (
            "x-refusals" = json!([ApiCode::OrgAdminOnly, ApiCode::ChangedMeanwhile, ApiCode::UserLimitReached])
        ),
    ),
)]
async fn reactivate(UserAdmin(admin): UserAdmin, Path((_, id)): OfAccount) -> Answer {
    let by = admin.administrator();
    Ok(Json(admin.app.bridge.reactivate_account(&admin.org, id, by).await?.into()))
}
