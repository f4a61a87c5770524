//! `/api/v1/orgs/{org}/sso`: the connection (SPEC 2).

use super::connection::{self, Change};
use crate::http::access::{Gate, OrgAdmin};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sso_core::connection::{Saml2Settings, Slot};
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{Category, ConfigurationStore as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(read, replace, change, remove))
}

/// A connection as the Admin API shows it: its settings and `protocol`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Connection)]
pub(super) struct ConnectionShape {
    #[schema(required = false, default = "saml2")]
    protocol: Protocol,
    #[serde(flatten)]
    settings: Saml2Settings,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Protocol {
    Saml2,
}

impl From<Saml2Settings> for ConnectionShape {
    fn from(settings: Saml2Settings) -> Self {
        Self { protocol: Protocol::Saml2, settings }
    }
}

/// Read the connection.
#[utoipa::path(
    get, path = "/orgs/{org}/sso", security(("token" = ["org_admin"])),
    responses((status = 200, body = ConnectionShape)),
)]
async fn read(OrgAdmin(admin): OrgAdmin) -> Result<Json<ConnectionShape>, Problem> {
    let connection = admin.app.store().connection(&admin.org.name, Slot::Live).await?;
    let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
    Ok(Json(connection.settings.into()))
}

/// Make the connection, or replace it whole.
#[utoipa::path(
    put, path = "/orgs/{org}/sso", security(("token" = ["org_admin"])),
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
    let given: Saml2Settings = saml2(body)?.read()?;
    let (stored, ()) = connection::change(&admin, "connection_replaced", |_, _| {
        Ok(Change { settings: given.clone(), metadata: None, answer: () })
    })
    .await?;
    Ok(Json(stored.into()))
}

/// Change the connection.
#[utoipa::path(
    patch, path = "/orgs/{org}/sso", security(("token" = ["org_admin"])),
    request_body(
        content = ConnectionShape,
        example = json!({
            "auto_create": true,
            "attribute_map": {"preset": null, "map": {"mail": ["uid", "email"], "NameID": "ssoid"}},
        }),
    ),
    responses((status = 200, body = ConnectionShape)),
    extensions(("x-refusals" = json!(connection::REFUSALS))),
)]
async fn change(
    OrgAdmin(admin): OrgAdmin,
    body: JsonObject,
) -> Result<Json<ConnectionShape>, Problem> {
    let body = saml2(body)?;
    let (stored, ()) = connection::change(&admin, "connection_changed", |current, _| {
        let current = current.ok_or_else(|| Problem::not_found("connection"))?;
        let settings = body.clone().patch(&current.settings)?;
        Ok(Change { settings, metadata: None, answer: () })
    })
    .await?;
    Ok(Json(stored.into()))
}

/// Remove the connection. Nobody can sign in then.
#[utoipa::path(
    delete, path = "/orgs/{org}/sso", security(("token" = ["org_admin"])),
    responses((status = 204)),
)]
async fn remove(OrgAdmin(admin): OrgAdmin) -> Result<StatusCode, Problem> {
    let audit = admin.audit(Category::Configuration, "connection_removed", String::new());
    admin.app.store().delete_connection(&admin.org.name, Slot::Live, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes `protocol` off a body. SAML 2.0 is the one there is.
fn saml2(mut body: JsonObject) -> Result<JsonObject, Problem> {
    match body.0.remove("protocol") {
        None | Some(Value::Null) => Ok(body),
        Some(Value::String(text)) if text == "saml2" => Ok(body),
        Some(Value::String(text)) if text == "wsfed" => Err(InvalidSetting::new(
            SettingCode::NotSupported,
            "protocol",
            "WS-Federation is not spoken yet.",
        )
        .into()),
        Some(_) => Err(InvalidSetting::new(
            SettingCode::Invalid,
            "protocol",
            "It is neither \"saml2\" nor \"wsfed\".",
        )
        .into()),
    }
}
