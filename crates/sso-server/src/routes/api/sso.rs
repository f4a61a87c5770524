//! `/api/v1/orgs/{org}/sso`: the connection (SPEC 2, 3).

use super::connection::{self, Change};
use crate::http::access::{Gate, OrgAdmin};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use sso_core::connection::{Protocol, Saml2Settings, Settings, Slot, WsFedSettings};
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{Category, ConfigurationStore as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(read, replace, change, remove))
}

/// A connection as the Admin API shows it: its settings and `protocol`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = Connection)]
#[expect(clippy::large_enum_variant, reason = "it declares what is read, and none is ever made")]
pub(super) enum ConnectionShape {
    /// By SAML 2.0.
    Saml2(Saml2Connection),
    /// By WS-Federation.
    WsFed(WsFedConnection),
}

/// A connection that speaks SAML 2.0.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(super) struct Saml2Connection {
    /// `saml2`.
    #[schema(required = false, default = "saml2")]
    protocol: Saml2,
    #[serde(flatten)]
    settings: Saml2Settings,
}

/// A connection that speaks WS-Federation.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(super) struct WsFedConnection {
    /// `wsfed`.
    protocol: Wsfed,
    #[serde(flatten)]
    settings: WsFedSettings,
}

#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Saml2 {
    Saml2,
}

#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Wsfed {
    Wsfed,
}

impl From<Settings> for ConnectionShape {
    fn from(settings: Settings) -> Self {
        match settings {
            Settings::Saml2(settings) => {
                Self::Saml2(Saml2Connection { protocol: Saml2::Saml2, settings })
            }
            Settings::WsFed(settings) => {
                Self::WsFed(WsFedConnection { protocol: Wsfed::Wsfed, settings })
            }
        }
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
    let given = settings(body, None)?;
    let (stored, ()) = connection::change(&admin, Slot::Live, "connection_replaced", |_, _| {
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
    let (stored, ()) =
        connection::change(&admin, Slot::Live, "connection_changed", |current, _| {
            let current = current.ok_or_else(|| Problem::not_found("connection"))?;
            let settings = settings(body.clone(), Some(&current.settings))?;
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

/// The settings that a body gives, or that it changes what there is into. One that changes the protocol
/// and no more leaves the identity provider what it is (SPEC 3).
pub(super) fn settings(
    mut body: JsonObject,
    current: Option<&Settings>,
) -> Result<Settings, Problem> {
    let protocol = match (body.0.remove("protocol"), current) {
        (None, Some(current)) => current.protocol(),
        (None | Some(Value::Null), _) => Protocol::default(),
        (Some(Value::String(text)), _) if text == "saml2" => Protocol::Saml2,
        (Some(Value::String(text)), _) if text == "wsfed" => Protocol::Wsfed,
        (Some(_), _) => return Err(no_protocol().into()),
    };
    let Some(current) = current else {
        return match protocol {
            Protocol::Saml2 => body.read().map(Settings::Saml2),
            Protocol::Wsfed => body.read().map(Settings::WsFed),
        };
    };
    match current.spoken(protocol) {
        Settings::Saml2(current) => body.patch(&current).map(Settings::Saml2),
        Settings::WsFed(current) => body.patch(&current).map(Settings::WsFed),
    }
}

fn no_protocol() -> InvalidSetting {
    let problem = "It is neither \"saml2\" nor \"wsfed\".";
    InvalidSetting::new(SettingCode::Invalid, "protocol", problem)
}
