//! `/api/v1/orgs/{org}/users`: list accounts and make one (SPEC 10).

use super::account::{self, AccountFields, AccountShape};
use super::location;
use crate::http::access::{Gate, UserAdmin};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use crate::http::query::{Query, page};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use sso_core::provisioning::{AccountStatus, Role};
use sso_core::store::{
    AccountFilter, AccountOrder, AccountSort, AccountStore as _, Direction, Listed,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(list, create))
}

/// Which accounts are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UsersQuery {
    /// How the first name or the last name begins.
    q: Option<String>,
    /// The whole of it.
    employee_id: Option<String>,
    /// Those that can sign in, unless others are asked for.
    #[serde(default)]
    #[param(inline, default = "active")]
    status: StatusQuery,
    /// What they administer.
    #[param(inline)]
    role: Option<Role>,
    /// Whether their instant messages are logged.
    im_logging: Option<bool>,
    /// By what they are sorted.
    #[serde(default)]
    #[param(inline, default = "created_at")]
    sort: AccountSort,
    /// Which end comes first.
    #[serde(default)]
    #[param(inline, default = "asc")]
    order: Direction,
    /// The most items of the answer; more than 200 count as 200.
    #[param(minimum = 1, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
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

/// List accounts, by their identifiers.
#[utoipa::path(
    get, path = "/orgs/{org}/users", security(("token" = ["user_admin"])),
    params(UsersQuery),
    responses((status = 200, body = Listed<AccountShape>)),
)]
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
        im_logging: query.im_logging,
    };
    let order = AccountOrder { by: query.sort, direction: query.order };
    let Listed { items, next } =
        admin.app.store().accounts(&admin.org.name, &filter, order, &page).await?;
    Ok(Json(Listed { items: items.into_iter().map(AccountShape::from).collect(), next }))
}

/// Make an account.
#[utoipa::path(
    post, path = "/orgs/{org}/users", security(("token" = ["user_admin"])),
    request_body(
        content = AccountFields,
        example = json!({"email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}),
    ),
    responses((status = 201, body = AccountShape, headers(("Location")))),
    extensions(("x-refusals" = json!(account::REFUSALS))),
)]
async fn create(
    UserAdmin(admin): UserAdmin,
    body: JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<AccountShape>), Problem> {
    let edit = account::of_new(body, &admin.org)?;
    let made = admin.app.bridge.create_account(&admin.org, &edit, admin.administrator()).await?;
    let at = location(&format!("orgs/{}/users/{}", made.org, made.id));
    Ok((StatusCode::CREATED, at, Json(made.into())))
}
