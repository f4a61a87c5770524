//! `/api/v1/orgs/{org}`: read and change an organization.

use crate::http::access::{Gate, OrgAdmin};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use axum::routing::get;
use axum::{Json, Router};
use sso_core::org::Org;
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{Category, ConfigurationStore as _};

pub(super) fn routes() -> Router<Gate> {
    Router::new().route("/orgs/{org}", get(read).patch(change))
}

async fn read(OrgAdmin(admin): OrgAdmin) -> Result<Json<Org>, Problem> {
    Ok(Json(admin.org))
}

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
