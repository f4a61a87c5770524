//! `/api/v1/orgs/{org}/users/{id}`: read, edit, deactivate and reactivate an account (SPEC 10).

use super::account::{self, AccountShape};
use crate::http::access::{Gate, UserAdmin};
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use axum::routing::{get, post};
use axum::{Json, Router};
use sso_core::ids::AccountId;
use sso_core::store::AccountStore as _;

pub(super) fn routes() -> Router<Gate> {
    Router::new()
        .route("/orgs/{org}/users/{id}", get(read).patch(change))
        .route("/orgs/{org}/users/{id}/deactivate", post(deactivate))
        .route("/orgs/{org}/users/{id}/reactivate", post(reactivate))
}

type OfAccount = Path<(String, AccountId)>;
type Answer = Result<Json<AccountShape>, Problem>;

async fn read(UserAdmin(admin): UserAdmin, Path((_, id)): OfAccount) -> Answer {
    let account = admin.app.store().account(&admin.org.name, id).await?;
    account.map(|account| Json(account.into())).ok_or_else(|| Problem::not_found("account"))
}

async fn change(UserAdmin(admin): UserAdmin, Path((_, id)): OfAccount, body: JsonObject) -> Answer {
    let stored = admin.app.store().account(&admin.org.name, id).await?;
    let edit = account::of_stored(body, stored.ok_or_else(|| Problem::not_found("account"))?)?;
    let by = admin.administrator();
    Ok(Json(admin.app.bridge.edit_account(&admin.org, id, &edit, by).await?.into()))
}

async fn deactivate(UserAdmin(admin): UserAdmin, Path((_, id)): OfAccount) -> Answer {
    let by = admin.administrator();
    Ok(Json(admin.app.bridge.deactivate_account(&admin.org, id, by).await?.into()))
}

async fn reactivate(UserAdmin(admin): UserAdmin, Path((_, id)): OfAccount) -> Answer {
    let by = admin.administrator();
    Ok(Json(admin.app.bridge.reactivate_account(&admin.org, id, by).await?.into()))
}
