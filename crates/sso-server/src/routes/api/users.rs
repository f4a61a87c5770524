//! `/api/v1/orgs/{org}/users`: read accounts (SPEC 10).

use crate::http::access::{Gate, UserAdmin};
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{Query, page};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use sso_core::ids::AccountId;
use sso_core::org::OrgName;
use sso_core::provisioning::{Account, AccountSource, AccountStatus, NameIdKey, Profile, Role};
use sso_core::store::{AccountFilter, AccountStore as _, Listed};
use time::OffsetDateTime;

pub(super) fn routes() -> Router<Gate> {
    Router::new().route("/orgs/{org}/users", get(list)).route("/orgs/{org}/users/{id}", get(read))
}

/// An account as the Admin API and `GET /session` show it (SPEC 6).
#[derive(Debug, Clone, Serialize)]
pub(in crate::routes) struct AccountShape {
    id: AccountId,
    org: OrgName,
    #[serde(flatten)]
    profile: Profile,
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    update_time_stamp: Option<OffsetDateTime>,
    name_id: Option<NameIdKey>,
    status: AccountStatus,
    role: Role,
    groups: Vec<String>,
    source: AccountSource,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    last_login_at: Option<OffsetDateTime>,
}

impl From<Account> for AccountShape {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            org: account.org,
            profile: account.profile,
            update_time_stamp: account.update_time_stamp,
            name_id: account.name_id,
            status: account.status,
            role: account.role,
            groups: account.groups,
            source: account.source,
            created_at: account.created_at,
            updated_at: account.updated_at,
            last_login_at: account.last_login_at,
        }
    }
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

async fn read(
    UserAdmin(admin): UserAdmin,
    Path((_, id)): Path<(String, AccountId)>,
) -> Result<Json<AccountShape>, Problem> {
    let account = admin.app.store().account(&admin.org.name, id).await?;
    account.map(|account| Json(account.into())).ok_or_else(|| Problem::not_found("account"))
}
