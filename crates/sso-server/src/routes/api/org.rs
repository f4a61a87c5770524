//! `/api/v1/orgs/{org}`: read and change an organization.

use crate::http::access::{Gate, OrgAdmin};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use axum::Json;
use sso_core::org::Org;
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{Category, ConfigurationStore as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

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

/// Change an organization.
#[utoipa::path(
    patch, path = "/orgs/{org}", request_body = Org, security(("token" = ["org_admin"])),
    responses((status = 200, body = Org)),
    extensions(("x-refusals" = json!(["domain_taken", "read_only_field"]))),
)]
async fn change(OrgAdmin(admin): OrgAdmin, body: JsonObject) -> Result<Json<Org>, Problem> {
    let current = &admin.org;
    let fields = body.fields();
    let changed = body.patch(current)?.checked()?;
    if changed.name != current.name {
        return Err(InvalidSetting::new(
            SettingCode::ReadOnly,
            "name",
            "The name of an organization never changes.",
        )
        .into());
    }
    let audit = admin.audit(Category::Configuration, "org_changed", format!("fields: {fields}"));
    admin.app.store().update_org(changed.clone(), audit).await?;
    Ok(Json(changed))
}
