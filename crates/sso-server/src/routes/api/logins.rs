//! `/api/v1/orgs/{org}/logins`: read login traces, the newest first (SPEC 13).

use crate::http::access::{Gate, OrgAdmin};
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::Json;
use sso_core::ids::TraceId;
use sso_core::store::{Listed, StoredTrace, TraceStore as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(list)).routes(routes!(read))
}

/// List the traces of logins, the newest first.
#[utoipa::path(
    get, path = "/orgs/{org}/logins", security(("token" = ["org_admin"])),
    params(ListQuery),
    responses((status = 200, body = Listed<StoredTrace>)),
)]
async fn list(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<StoredTrace>>, Problem> {
    Ok(Json(admin.app.store().traces(&admin.org.name, &query.page()?).await?))
}

/// Read the trace of a login: each rule, what it expected and what it found.
#[utoipa::path(
    get, path = "/orgs/{org}/logins/{trace}", security(("token" = ["org_admin"])),
    params(("trace" = TraceId, Path, description = "The number of the trace.")),
    responses((status = 200, body = StoredTrace)),
)]
async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, trace)): Path<(String, TraceId)>,
) -> Result<Json<StoredTrace>, Problem> {
    let trace = admin.app.store().trace(&admin.org.name, trace).await?;
    trace.map(Json).ok_or_else(|| Problem::not_found("login trace"))
}
