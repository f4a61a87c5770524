//! `/api/v1/orgs`: list organizations and make one.

use super::location;
use crate::app::App;
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use sso_core::org::Org;
use sso_core::store::{Category, ConfigurationStore as _, Listed};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/orgs", get(list).post(create))
}

async fn list(
    State(app): State<Arc<App>>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<Org>>, Problem> {
    Ok(Json(app.store().orgs(&query.page()?).await?))
}

async fn create(
    State(app): State<Arc<App>>,
    body: JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<Org>), Problem> {
    let org = body.read::<Org>()?.checked()?;
    let audit = app.audit(
        &org.name,
        Category::Configuration,
        "org_created",
        format!("domains: {}", org.domains.join(", ")),
    );
    app.store().create_org(org.clone(), audit).await?;
    Ok((StatusCode::CREATED, location(&format!("orgs/{}", org.name)), Json(org)))
}
