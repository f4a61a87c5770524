//! `/api/v1/orgs/{org}`: read and change an organization.

use super::find_org;
use crate::app::App;
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use sso_core::org::Org;
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{Category, ConfigurationStore as _};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/orgs/{org}", get(read).patch(change))
}

async fn read(State(app): State<Arc<App>>, Path(org): Path<String>) -> Result<Json<Org>, Problem> {
    find_org(&app, &org).await.map(Json)
}

async fn change(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    body: JsonObject,
) -> Result<Json<Org>, Problem> {
    let current = find_org(&app, &org).await?;
    let fields = body.fields();
    let changed = body.patch(&current)?.checked()?;
    if changed.name != current.name {
        return Err(InvalidSetting::new(
            SettingCode::ReadOnly,
            "name",
            "The name of an organization never changes.",
        )
        .into());
    }
    let audit = app.audit(
        &changed.name,
        Category::Configuration,
        "org_changed",
        format!("fields: {fields}"),
    );
    app.store().update_org(changed.clone(), audit).await?;
    Ok(Json(changed))
}
