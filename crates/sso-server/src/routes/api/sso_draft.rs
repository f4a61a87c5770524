//! `/api/v1/orgs/{org}/sso/draft`: a second copy of the connection, for changes (SPEC 2, 6). It is reached by
//! test logins alone, `/sso/{org}/login?test=1`, until it is promoted.

use super::connection::{self, Change};
use super::sso::{ConnectionShape, settings};
use crate::http::access::{Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use sso_core::connection::Slot;
use sso_core::setting::SettingCode;
use sso_core::store::{Category, ConfigurationStore as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(read, replace, change, remove)).routes(routes!(promote))
}

/// Read the draft of the connection.
#[utoipa::path(
    get, path = "/orgs/{org}/sso/draft", security(("token" = ["org_admin"])),
    responses((status = 200, body = ConnectionShape)),
)]
async fn read(OrgAdmin(admin): OrgAdmin) -> Result<Json<ConnectionShape>, Problem> {
    let draft = admin.app.store().connection(&admin.org.name, Slot::Draft).await?;
    let draft = draft.ok_or_else(|| Problem::not_found("draft"))?;
    Ok(Json(draft.settings.into()))
}

/// Make the draft, or replace it whole. It has the metadata of the connection.
#[utoipa::path(
    put, path = "/orgs/{org}/sso/draft", security(("token" = ["org_admin"])),
    request_body(
        content = ConnectionShape,
        example = json!({
            "idp_entity_id": "https://idp.example",
            "sso_url": "https://idp.example/sso",
        }),
    ),
    responses((status = 200, body = ConnectionShape)),
    extensions(("x-refusals" = json!(connection::REFUSALS))),
)]
async fn replace(
    OrgAdmin(admin): OrgAdmin,
    body: JsonObject,
) -> Result<Json<ConnectionShape>, Problem> {
    let given = settings(body, None)?;
    let (stored, ()) = connection::change(&admin, Slot::Draft, "draft_replaced", |_, _| {
        Ok(Change { settings: given.clone(), metadata: None, answer: () })
    })
    .await?;
    Ok(Json(stored.into()))
}

/// Change the draft. Where there is none, it begins as a copy of the connection.
#[utoipa::path(
    patch, path = "/orgs/{org}/sso/draft", security(("token" = ["org_admin"])),
    request_body(content = ConnectionShape, example = json!({"account_key": "ssoid"})),
    responses((status = 200, body = ConnectionShape)),
    extensions(("x-refusals" = json!(connection::REFUSALS))),
)]
async fn change(
    OrgAdmin(admin): OrgAdmin,
    body: JsonObject,
) -> Result<Json<ConnectionShape>, Problem> {
    let (stored, ()) = connection::change(&admin, Slot::Draft, "draft_changed", |current, _| {
        let current = current.ok_or_else(|| Problem::not_found("connection"))?;
        let settings = settings(body.clone(), Some(&current.settings))?;
        Ok(Change { settings, metadata: None, answer: () })
    })
    .await?;
    Ok(Json(stored.into()))
}

/// Throw the draft away.
#[utoipa::path(
    delete, path = "/orgs/{org}/sso/draft", security(("token" = ["org_admin"])),
    responses((status = 204)),
)]
async fn remove(OrgAdmin(admin): OrgAdmin) -> Result<StatusCode, Problem> {
    let audit = admin.audit(Category::Configuration, "draft_removed", String::new());
    admin.app.store().delete_connection(&admin.org.name, Slot::Draft, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make the draft the connection. Live sessions go on.
///
/// The state `enforced` needs a test login that passed through this very draft.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/draft/promote", security(("token" = ["org_admin"])),
    responses((status = 200, body = ConnectionShape)),
    extensions(("x-refusals" = json!([
        ApiCode::ChangedMeanwhile,
        ApiCode::Setting(SettingCode::ServiceCertificateRequired),
        ApiCode::Setting(SettingCode::TestLoginRequired),
    ]))),
)]
async fn promote(OrgAdmin(admin): OrgAdmin) -> Result<Json<ConnectionShape>, Problem> {
    Ok(Json(connection::promote(&admin).await?.into()))
}
