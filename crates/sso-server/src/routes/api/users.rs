//! `/api/v1/orgs/{org}/users`: list accounts and make one (SPEC 10).

use super::account::{self, AccountShape};
use super::location;
use crate::http::access::{Gate, UserAdmin};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use crate::http::query::{Query, page};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use sso_core::provisioning::{AccountStatus, Role};
use sso_core::store::{AccountFilter, AccountStore as _, Listed};

pub(super) fn routes() -> Router<Gate> {
    Router::new().route("/orgs/{org}/users", get(list).post(create))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsersQuery {
    q: Option<String>,
    employee_id: Option<String>,
    #[serde(default)]
    status: StatusQuery,
    role: Option<Role>,
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StatusQuery {
    #[default]
    Active,
    Inactive,
    All,
}

impl From<StatusQuery> for Option<AccountStatus> {
    fn from(status: StatusQuery) -> Self {
        match status {
            StatusQuery::Active => Some(AccountStatus::Active),
            StatusQuery::Inactive => Some(AccountStatus::Inactive),
            StatusQuery::All => None,
        }
    }
}

async fn list(
    UserAdmin(admin): UserAdmin,
    Query(query): Query<UsersQuery>,
) -> Result<Json<Listed<AccountShape>>, Problem> {
    let page = page(query.limit, query.cursor)?;
    let filter = AccountFilter {
        q: query.q,
        employee_id: query.employee_id,
        status: query.status.into(),
        role: query.role,
    };
    let Listed { items, next } =
        admin.app.store().accounts(&admin.org.name, &filter, &page).await?;
    Ok(Json(Listed { items: items.into_iter().map(AccountShape::from).collect(), next }))
}

async fn create(
    UserAdmin(admin): UserAdmin,
    body: JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<AccountShape>), Problem> {
    let edit = account::of_new(body, &admin.org.name)?;
    let made = admin.app.bridge.create_account(&admin.org, &edit, admin.administrator()).await?;
    let at = location(&format!("orgs/{}/users/{}", made.org, made.id));
    Ok((StatusCode::CREATED, at, Json(made.into())))
}
