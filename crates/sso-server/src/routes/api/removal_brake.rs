//! `/api/v1/orgs/{org}/removal-brake`: how many accounts and groups the organization's directory may remove in
//! a time, and lifting it (SPEC 11.1).

use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use axum::Json;
use serde::{Deserialize, Serialize};
use sso_core::provisioning::{BrakeAct, BrakeSettings, LONGEST_LIFT, RemovalBrake};
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{AccountStore as _, Category, RemovalBrakeStore as _};
use time::OffsetDateTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(read, change)).routes(routes!(lift))
}

/// The brake as it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RemovalBrake)]
struct BrakeShape {
    #[serde(flatten)]
    settings: BrakeSettings,
    /// How many removals pass in the time that runs: the share of the accounts, or the minimum.
    bound: u64,
    /// How many have passed in the time that runs.
    removals: u64,
    /// When that time began.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    counted_since: Option<OffsetDateTime>,
    /// Since when removals are held.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    held_since: Option<OffsetDateTime>,
    /// Until when all pass.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    lifted_until: Option<OffsetDateTime>,
}

/// Read how many removals the directory may make, and how many it has made.
#[utoipa::path(
    get, path = "/orgs/{org}/removal-brake", security(("token" = ["org_admin"])),
    responses((status = 200, body = BrakeShape)),
)]
async fn read(OrgAdmin(admin): OrgAdmin) -> Result<Json<BrakeShape>, Problem> {
    let brake = admin.app.store().removal_brake(&admin.org.name).await?;
    shape(&admin, brake).await
}

/// Change how many removals the directory may make.
#[utoipa::path(
    patch, path = "/orgs/{org}/removal-brake", security(("token" = ["org_admin"])),
    request_body(content = BrakeSettings, example = json!({"percent": 5})),
    responses((status = 200, body = BrakeShape)),
)]
async fn change(OrgAdmin(admin): OrgAdmin, body: JsonObject) -> Result<Json<BrakeShape>, Problem> {
    let details = format!("fields: {}", body.fields());
    let stored = admin.app.store().removal_brake(&admin.org.name).await?;
    let settings: BrakeSettings = body.patch(&stored.settings)?;
    settings.check()?;
    act(&admin, BrakeAct::Set(settings), "removal_brake_changed", details).await
}

/// How it is lifted.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = LiftRemovalBrake)]
#[serde(deny_unknown_fields)]
struct Lift {
    /// For how many hours all removals pass. With 0 as many pass as ever, counted anew.
    #[serde(default)]
    #[schema(maximum = 168, default = 0)]
    hours: u32,
}

/// Let removals pass again that are held.
#[utoipa::path(
    post, path = "/orgs/{org}/removal-brake/lift", operation_id = "lift",
    security(("token" = ["org_admin"])),
    request_body(content = Lift, example = json!({"hours": 2})),
    responses((status = 200, body = BrakeShape)),
)]
async fn lift(OrgAdmin(admin): OrgAdmin, body: JsonObject) -> Result<Json<BrakeShape>, Problem> {
    let Lift { hours } = body.read()?;
    if hours > LONGEST_LIFT {
        let problem = format!("It must be 0 to {LONGEST_LIFT}.");
        return Err(InvalidSetting::new(SettingCode::Invalid, "hours", problem).into());
    }
    act(&admin, BrakeAct::Lift(hours), "removal_brake_lifted", format!("hours: {hours}")).await
}

async fn act(
    admin: &Access,
    act: BrakeAct,
    name: &str,
    details: String,
) -> Result<Json<BrakeShape>, Problem> {
    let audit = Some(admin.audit(Category::Security, name, details));
    let (store, now) = (admin.app.store(), admin.app.now());
    let (brake, _) = store.brake(&admin.org.name, act, now, audit).await?;
    shape(admin, brake).await
}

async fn shape(admin: &Access, brake: RemovalBrake) -> Result<Json<BrakeShape>, Problem> {
    let accounts = admin.app.store().count_accounts(&admin.org.name).await?;
    let bound = brake.bound(accounts);
    let RemovalBrake { settings, removals, counted_since, held_since, lifted_until, .. } = brake;
    Ok(Json(BrakeShape { settings, bound, removals, counted_since, held_since, lifted_until }))
}
