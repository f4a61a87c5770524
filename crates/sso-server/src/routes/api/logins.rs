//! `/api/v1/orgs/{org}/logins`: read login traces, the newest first (SPEC 13).

use super::find_org;
use crate::app::App;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use sso_core::ids::TraceId;
use sso_core::store::{Listed, StoredTrace, TraceStore as _};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/orgs/{org}/logins", get(list))
        .route("/orgs/{org}/logins/{trace}", get(read))
}

async fn list(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<StoredTrace>>, Problem> {
    let org = find_org(&app, &org).await?;
    Ok(Json(app.store().traces(&org.name, &query.page()?).await?))
}

async fn read(
    State(app): State<Arc<App>>,
    Path((org, trace)): Path<(String, TraceId)>,
) -> Result<Json<StoredTrace>, Problem> {
    let org = find_org(&app, &org).await?;
    let trace = app.store().trace(&org.name, trace).await?;
    trace.map(Json).ok_or_else(|| Problem::not_found("login trace"))
}
