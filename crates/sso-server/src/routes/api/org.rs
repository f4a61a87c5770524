//! `/api/v1/orgs/{org}`: read and change an organization.

use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use axum::Json;
use sso_core::org::Org;
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{Category, ConfigurationStore as _, StoreError};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How often a change is tried again that somebody else's came before.
const ATTEMPTS: usize = 5;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(read, change))
}

/// Read an organization.
#[utoipa::path(
    get, path = "/orgs/{org}", security(("token" = ["org_admin"])),
    responses((status = 200, body = Org)),
)]
async fn read(OrgAdmin(admin): OrgAdmin) -> Result<Json<Org>, Problem> {
    Ok(Json(admin.org))
}

/// What a change can be refused for besides a value that a field cannot take.
const REFUSALS: [ApiCode; 5] = [
    ApiCode::ChangedMeanwhile,
    ApiCode::DomainTaken,
    ApiCode::OperatorOnly,
    ApiCode::Setting(SettingCode::NotSupported),
    ApiCode::Setting(SettingCode::ReadOnly),
];

/// Change an organization.
#[utoipa::path(
    patch, path = "/orgs/{org}",
    request_body(
        content = Org,
        example = json!({
            "sessions": {"idle_seconds": 60},
            "display_name": null,
            "contact": "it@acme.example",
        }),
    ),
    security(("token" = ["org_admin"])),
    responses((status = 200, body = Org)),
    extensions(("x-refusals" = json!(REFUSALS))),
)]
async fn change(OrgAdmin(mut admin): OrgAdmin, body: JsonObject) -> Result<Json<Org>, Problem> {
    let details = format!("fields: {}", body.fields());
    for _ in 0..ATTEMPTS {
        let changed = decide(&admin, body.clone())?;
        let audit = admin.audit(Category::Configuration, "org_changed", details.clone());
        match admin.app.store().update_org(changed.clone(), audit).await {
            Err(StoreError::Conflict("org_changed")) => admin.read_org_again().await?,
            other => return other.map(|()| Json(changed)).map_err(Problem::from),
        }
    }
    Err(Problem::new(ApiCode::ChangedMeanwhile, "The organization keeps changing. Try again."))
}

/// The organization as it will be, planned on the revision that was read.
fn decide(admin: &Access, body: JsonObject) -> Result<Org, Problem> {
    let current = &admin.org;
    let changed = Org {
        revision: current.revision,
        attribute_schema: current.attribute_schema.clone(),
        ..body.patch(current)?
    };
    if !admin.principal.is_operator()
        && let Some(field) = changed.operators_field_changed(current)
    {
        return Err(Problem::field(ApiCode::OperatorOnly, field, "The operator alone sets it."));
    }
    if changed.name != current.name {
        return Err(InvalidSetting::new(
            SettingCode::ReadOnly,
            "name",
            "The name of an organization never changes.",
        )
        .into());
    }
    Ok(changed.checked()?)
}
