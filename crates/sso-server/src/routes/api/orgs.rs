//! `/api/v1/orgs`: list organizations and make one.

use super::location;
use crate::http::access::{Gate, OperatorOnly};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use sso_core::org::Org;
use sso_core::store::{Category, ConfigurationStore as _, Listed};

pub(super) fn routes() -> Router<Gate> {
    Router::new().route("/orgs", get(list).post(create))
}

async fn list(
    operator: OperatorOnly,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<Org>>, Problem> {
    Ok(Json(operator.app.store().orgs(&query.page()?).await?))
}

async fn create(
    operator: OperatorOnly,
    body: JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<Org>), Problem> {
    let org = body.read::<Org>()?.checked()?;
    let audit = operator.audit(
        &org.name,
        Category::Configuration,
        "org_created",
        format!("domains: {}", org.domains.join(", ")),
    );
    operator.app.store().create_org(org.clone(), audit).await?;
    Ok((StatusCode::CREATED, location(&format!("orgs/{}", org.name)), Json(org)))
}
