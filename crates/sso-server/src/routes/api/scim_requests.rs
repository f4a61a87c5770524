//! `/api/v1/orgs/{org}/scim-requests`: what the directory asked over SCIM and what became of it, the newest
//! first (SPEC 11.1).

use crate::http::access::{Gate, OrgAdmin};
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{Query, page};
use axum::Json;
use serde::Deserialize;
use sso_core::ids::{ApiTokenId, ScimRequestId};
use sso_core::store::{Listed, ScimRequest, ScimRequestFilter, ScimRequestStore as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(list)).routes(routes!(read))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RequestsQuery {
    /// Only those of this SCIM token.
    token: Option<ApiTokenId>,
    /// `true`: only those that were refused; `false`: only the others.
    refused: Option<bool>,
    /// Only those that ask for a change.
    #[serde(default)]
    writes: bool,
    /// The most items of the answer; more than 200 count as 200.
    #[param(minimum = 1, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// List the requests of the directory, the newest first.
#[utoipa::path(
    get, path = "/orgs/{org}/scim-requests", security(("token" = ["org_admin"])),
    params(RequestsQuery),
    responses((status = 200, body = Listed<ScimRequest>)),
)]
async fn list(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<RequestsQuery>,
) -> Result<Json<Listed<ScimRequest>>, Problem> {
    let RequestsQuery { token, refused, writes, limit, cursor } = query;
    let filter = ScimRequestFilter { token, refused, writes };
    let page = page(limit, cursor)?;
    Ok(Json(admin.app.store().scim_requests(&admin.org.name, &filter, &page).await?))
}

/// Read a request of the directory.
#[utoipa::path(
    get, path = "/orgs/{org}/scim-requests/{id}", security(("token" = ["org_admin"])),
    params(("id" = ScimRequestId, Path, description = "The request.")),
    responses((status = 200, body = ScimRequest)),
)]
async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): Path<(String, ScimRequestId)>,
) -> Result<Json<ScimRequest>, Problem> {
    let request = admin.app.store().scim_request(&admin.org.name, id).await?;
    request.map(Json).ok_or_else(|| Problem::not_found("request"))
}
