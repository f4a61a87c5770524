//! `/api/v1/orgs`: list organizations and make one.

use super::location;
use crate::http::access::{Gate, OperatorOnly};
use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use sso_core::org::Org;
use sso_core::setting::SettingCode;
use sso_core::store::{Category, ConfigurationStore as _, Listed};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(list, create))
}

/// List the organizations, by name.
#[utoipa::path(
    get, path = "/orgs",
    params(ListQuery), security(("token" = ["operator"])),
    responses((status = 200, body = Listed<Org>)),
)]
async fn list(
    operator: OperatorOnly,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<Org>>, Problem> {
    Ok(Json(operator.app.store().orgs(&query.page()?).await?))
}

/// What an organization can be refused for besides a value that a field cannot take.
const REFUSALS: [ApiCode; 3] =
    [ApiCode::DomainTaken, ApiCode::OrgExists, ApiCode::Setting(SettingCode::NotSupported)];

/// Make an organization.
#[utoipa::path(
    post, path = "/orgs",
    request_body(
        content = Org,
        example = json!({"name": "acme", "display_name": "Acme Inc.", "domains": ["acme.example"]}),
    ),
    security(("token" = ["operator"])),
    responses((status = 201, body = Org, headers(("Location")))),
    extensions(("x-refusals" = json!(REFUSALS))),
)]
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
