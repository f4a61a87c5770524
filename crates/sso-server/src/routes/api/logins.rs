//! `/api/v1/orgs/{org}/logins`: read login traces, the newest first (SPEC 13).

use crate::http::access::{Gate, OrgAdmin};
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::routing::get;
use axum::{Json, Router};
use sso_core::ids::TraceId;
use sso_core::store::{Listed, StoredTrace, TraceStore as _};

pub(super) fn routes() -> Router<Gate> {
    Router::new()
        .route("/orgs/{org}/logins", get(list))
        .route("/orgs/{org}/logins/{trace}", get(read))
}

async fn list(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<StoredTrace>>, Problem> {
    Ok(Json(admin.app.store().traces(&admin.org.name, &query.page()?).await?))
}

async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, trace)): Path<(String, TraceId)>,
) -> Result<Json<StoredTrace>, Problem> {
    let trace = admin.app.store().trace(&admin.org.name, trace).await?;
    trace.map(Json).ok_or_else(|| Problem::not_found("login trace"))
}
