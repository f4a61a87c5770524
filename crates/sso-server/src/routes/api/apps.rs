//! `/api/v1/apps`: the applications that people sign in to, which are the operator's (SPEC 6).

use super::location;
use crate::http::access::{Gate, OperatorOnly};
use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use sso_core::application::{Application, ApplicationSettings};
use sso_core::ids::ApplicationId;
use sso_core::org::OrgName;
use sso_core::store::{ApplicationStore as _, AuditEntry, Category, Listed, StoreError};
use time::OffsetDateTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How often a change is tried again that somebody else's came before.
const ATTEMPTS: usize = 5;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(list, create)).routes(routes!(read, change, remove))
}

/// An application as it is shown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Application)]
struct ApplicationShape {
    /// Its identifier.
    id: ApplicationId,
    #[serde(flatten)]
    settings: ApplicationSettings,
    /// When it was registered.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl From<Application> for ApplicationShape {
    fn from(application: Application) -> Self {
        let Application { id, settings, created_at, .. } = application;
        Self { id, settings, created_at }
    }
}

/// List the applications, oldest first.
#[utoipa::path(
    get, path = "/apps",
    params(ListQuery), security(("token" = ["operator"])),
    responses((status = 200, body = Listed<ApplicationShape>)),
)]
async fn list(
    operator: OperatorOnly,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<ApplicationShape>>, Problem> {
    let Listed { items, next } = operator.app.store().applications(&query.page()?).await?;
    Ok(Json(Listed { items: items.into_iter().map(ApplicationShape::from).collect(), next }))
}

/// Register an application: a login may end at its addresses and at what lies beneath them.
#[utoipa::path(
    post, path = "/apps",
    request_body(
        content = ApplicationSettings,
        example = json!({"name": "Wiki", "urls": ["https://wiki.example/"]}),
    ),
    security(("token" = ["operator"])),
    responses((status = 201, body = ApplicationShape, headers(("Location")))),
)]
async fn create(
    operator: OperatorOnly,
    body: JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<ApplicationShape>), Problem> {
    let settings: ApplicationSettings = body.read()?;
    settings.check()?;
    let now = operator.app.now();
    let id = ApplicationId::new(now, operator.app.random());
    let application = Application { id, revision: 1, created_at: now, settings };
    let audit = audit(&operator, "application_created", id, &application.settings);
    operator.app.store().add_application(application.clone(), audit).await?;
    let at = location(&format!("apps/{id}"));
    Ok((StatusCode::CREATED, at, Json(application.into())))
}

/// Read an application.
#[utoipa::path(
    get, path = "/apps/{id}", security(("token" = ["operator"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, body = ApplicationShape)),
)]
async fn read(
    operator: OperatorOnly,
    Path(id): Path<ApplicationId>,
) -> Result<Json<ApplicationShape>, Problem> {
    Ok(Json(stored(&operator, id).await?.into()))
}

/// Change an application.
#[utoipa::path(
    patch, path = "/apps/{id}", security(("token" = ["operator"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    request_body(content = ApplicationSettings, example = json!({"mobile": true})),
    responses((status = 200, body = ApplicationShape)),
    extensions(("x-refusals" = json!([ApiCode::ChangedMeanwhile]))),
)]
async fn change(
    operator: OperatorOnly,
    Path(id): Path<ApplicationId>,
    body: JsonObject,
) -> Result<Json<ApplicationShape>, Problem> {
    for _ in 0..ATTEMPTS {
        let before = stored(&operator, id).await?;
        let settings: ApplicationSettings = body.clone().patch(&before.settings)?;
        settings.check()?;
        let changed = Application { settings, ..before };
        let audit = audit(&operator, "application_changed", id, &changed.settings);
        match operator.app.store().update_application(changed.clone(), audit).await {
            Err(StoreError::Conflict("application_changed")) => {}
            other => return other.map(|()| Json(changed.into())).map_err(Problem::from),
        }
    }
    Err(Problem::new(ApiCode::ChangedMeanwhile, "The application keeps changing. Try again."))
}

/// Remove an application. No login ends there any more.
#[utoipa::path(
    delete, path = "/apps/{id}", security(("token" = ["operator"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    responses((status = 204)),
)]
async fn remove(
    operator: OperatorOnly,
    Path(id): Path<ApplicationId>,
) -> Result<StatusCode, Problem> {
    let before = stored(&operator, id).await?;
    let audit = audit(&operator, "application_removed", id, &before.settings);
    operator.app.store().delete_application(id, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn stored(operator: &OperatorOnly, id: ApplicationId) -> Result<Application, Problem> {
    let found = operator.app.store().application(id).await?;
    found.ok_or_else(|| Problem::not_found("application"))
}

/// The entry of an act in the trail of the service itself: an application is no organization's.
fn audit(
    operator: &OperatorOnly,
    act: &str,
    id: ApplicationId,
    settings: &ApplicationSettings,
) -> AuditEntry {
    let urls: Vec<&str> = settings.urls.iter().map(|url| url.as_str()).collect();
    let details = format!(
        "id: {id}, name: {}, mobile: {}, urls: {}",
        settings.name,
        settings.mobile,
        urls.join(" ")
    );
    operator.audit(&OrgName::of_the_service(), Category::Configuration, act, details)
}
