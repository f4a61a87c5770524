//! `/api/v1/orgs/{org}/sso`: the connection (SPEC 2).

use super::find_org;
use crate::app::App;
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::{ApiCode, Problem};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sso_core::certs;
use sso_core::connection::{Connection, Saml2Settings, SettingsContext, Slot};
use sso_core::ids::ConnectionId;
use sso_core::org::Org;
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{Category, ConfigurationStore as _, StoreError};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/orgs/{org}/sso", get(read).put(replace).patch(change).delete(remove))
}

/// A connection as the Admin API shows it: its settings and `protocol`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ConnectionShape {
    protocol: Protocol,
    #[serde(flatten)]
    settings: Saml2Settings,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Protocol {
    Saml2,
}

impl From<Saml2Settings> for ConnectionShape {
    fn from(settings: Saml2Settings) -> Self {
        Self { protocol: Protocol::Saml2, settings }
    }
}

/// How often a change is tried again where another change came between reading and writing.
const ATTEMPTS: usize = 5;

async fn read(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
) -> Result<Json<ConnectionShape>, Problem> {
    let org = find_org(&app, &org).await?;
    let connection = app.store().connection(&org.name, Slot::Live).await?;
    let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
    Ok(Json(connection.settings.into()))
}

async fn replace(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    body: JsonObject,
) -> Result<Json<ConnectionShape>, Problem> {
    let org = find_org(&app, &org).await?;
    let given: Saml2Settings = saml2(body)?.read()?;
    let stored = write(&app, &org, "connection_replaced", |_| Ok(given.clone())).await?;
    Ok(Json(stored.into()))
}

async fn change(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    body: JsonObject,
) -> Result<Json<ConnectionShape>, Problem> {
    let org = find_org(&app, &org).await?;
    let body = saml2(body)?;
    let stored = write(&app, &org, "connection_changed", |current| match current {
        Some(current) => body.clone().patch(&current.settings),
        None => Err(Problem::not_found("connection")),
    })
    .await?;
    Ok(Json(stored.into()))
}

async fn remove(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
) -> Result<StatusCode, Problem> {
    let org = find_org(&app, &org).await?;
    let audit = app.audit(&org.name, Category::Configuration, "connection_removed", String::new());
    app.store().delete_connection(&org.name, Slot::Live, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes `protocol` off a body. SAML 2.0 is the one there is.
fn saml2(mut body: JsonObject) -> Result<JsonObject, Problem> {
    match body.0.remove("protocol") {
        None | Some(Value::Null) => Ok(body),
        Some(Value::String(text)) if text == "saml2" => Ok(body),
        Some(other) => Err(InvalidSetting::new(
            SettingCode::Invalid,
            "protocol",
            format!("{other} is no protocol that is spoken here; saml2 is."),
        )
        .into()),
    }
}

/// Reads the connection, decides its settings, holds them to their rules and writes it, as often as
/// somebody else's change comes between.
pub(super) async fn write(
    app: &App,
    org: &Org,
    act: &str,
    decide: impl Fn(Option<&Connection>) -> Result<Saml2Settings, Problem>,
) -> Result<Saml2Settings, Problem> {
    let certificates = app.store().service_certificates(&org.name).await?;
    let context = SettingsContext { can_sign: certs::signing(&certificates).is_some() };
    for _ in 0..ATTEMPTS {
        let current = app.store().connection(&org.name, Slot::Live).await?;
        let mut settings = decide(current.as_ref())?;
        if settings.sp_entity_id.is_empty() {
            settings.sp_entity_id = match &current {
                Some(current) => current.settings.sp_entity_id.clone(),
                None => app.bridge.service_urls(org).metadata,
            };
        }
        settings.check(context)?;
        let connection = next(app, org, current, settings);
        let stored = connection.settings.clone();
        let audit = app.audit(
            &org.name,
            Category::Configuration,
            act,
            format!("idp_entity_id: {}, revision: {}", stored.idp_entity_id, connection.revision),
        );
        match app.store().put_connection(connection, audit).await {
            Err(StoreError::Conflict(_)) => continue,
            other => return other.map(|()| stored).map_err(Problem::from),
        }
    }
    Err(Problem::new(ApiCode::ChangedMeanwhile, "The connection keeps changing. Try again."))
}

/// The connection with new settings: the same one, one revision further, or a new one.
fn next(app: &App, org: &Org, current: Option<Connection>, settings: Saml2Settings) -> Connection {
    match current {
        Some(current) => Connection { revision: current.revision + 1, settings, ..current },
        None => Connection {
            id: ConnectionId::new(app.now(), app.random()),
            org: org.name.clone(),
            slot: Slot::Live,
            revision: 1,
            settings,
            metadata_certificates: Vec::new(),
            metadata_document: None,
        },
    }
}
