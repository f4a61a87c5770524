//! `/api/v1/orgs/{org}/sso/metadata/…`: metadata that was imported by its address is fetched again, and
//! what of it is risky is approved or rejected (SPEC 2, 6).

use super::connection;
use super::sso_metadata::of_documents;
use crate::http::access::{Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::metadata;
use axum::Json;
use serde::{Deserialize, Serialize};
use sso_core::connection::Slot;
use sso_core::metadata::{ImportReport, MetadataChange, MetadataSource, Proposal, RefreshFailure};
use time::OffsetDateTime;
use url::Url;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default()
        .routes(routes!(refresh))
        .routes(routes!(approve))
        .routes(routes!(reject))
}

/// Where the metadata of a connection comes from, and how it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MetadataState {
    /// Where it is fetched; null where it was handed in, and nothing refreshes it.
    url: Option<Url>,
    /// Which entity of the document is meant; null where it has one.
    entity_id: Option<String>,
    /// The certificate that must have signed it, PEM.
    pin: Option<String>,
    /// When the copy in use was taken.
    #[serde(with = "time::serde::rfc3339")]
    taken_at: OffsetDateTime,
    /// Until when that says that it is in force.
    #[serde(with = "time::serde::rfc3339::option")]
    valid_until: Option<OffsetDateTime>,
    /// For how many seconds the document says that it may be kept.
    cache_seconds: Option<i64>,
    /// When its host last answered well.
    #[serde(with = "time::serde::rfc3339")]
    checked_at: OffsetDateTime,
    /// When its host is asked next.
    #[serde(with = "time::serde::rfc3339::option")]
    due_at: Option<OffsetDateTime>,
    /// Why the last refresh failed, if it did. The copy in use is the last good one.
    failure: Option<Failure>,
    /// Whether a change waits for an administrator.
    pending_approval: bool,
    /// The change that waits.
    pending: Option<Pending>,
}

/// Why a refresh failed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MetadataFailure)]
struct Failure {
    /// The reason, of a closed list.
    #[schema(pattern = "^[a-z0-9_]+$")]
    code: String,
    /// What was wrong.
    detail: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// How many refreshes have failed since one that did not.
    times: u32,
}

/// A change that waits for an administrator.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MetadataPending)]
struct Pending {
    /// Its name, for whoever approves or rejects it.
    #[schema(pattern = "^[0-9a-f]{16}$")]
    id: String,
    /// When it was found.
    #[serde(with = "time::serde::rfc3339")]
    found_at: OffsetDateTime,
    /// What it would change.
    changes: Vec<MetadataChange>,
}

impl From<MetadataSource> for MetadataState {
    fn from(source: MetadataSource) -> Self {
        let failure =
            |RefreshFailure { code, detail, at, times }| Failure { code, detail, at, times };
        let pending = |proposal: Proposal| Pending {
            id: metadata::proposal_id(&proposal),
            found_at: proposal.found_at,
            changes: proposal.changes,
        };
        Self {
            url: source.url,
            entity_id: source.entity_id,
            pin: source.pin,
            taken_at: source.taken_at,
            valid_until: source.valid_until,
            cache_seconds: source.cache_duration.map(time::Duration::whole_seconds),
            checked_at: source.checked_at,
            due_at: source.due_at,
            failure: source.failure.map(failure),
            pending_approval: source.proposal.is_some(),
            pending: source.proposal.map(pending),
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DecisionQuery {
    /// The `id` of the change that was seen: another one is refused.
    pub(super) pending: Option<String>,
}

/// Fetch the metadata again, and use it.
///
/// A change of the entity ID, of a host or of all keys waits for an approval: then `pending_approval` is
/// true, and `GET` with `Accept: application/json` shows what waits.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/metadata/refresh", security(("token" = ["org_admin"])),
    responses((status = 200, body = ImportReport)),
    extensions(("x-refusals" = json!(refusals(&[ApiCode::MetadataNotByUrl])))),
)]
async fn refresh(OrgAdmin(admin): OrgAdmin) -> Result<Json<ImportReport>, Problem> {
    let by = admin.principal.name();
    metadata::refresh(&admin.app, &admin.org.name, Slot::Live, by).await.map(Json)
}

/// Use the metadata that waits.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/metadata/approve", security(("token" = ["org_admin"])),
    params(DecisionQuery),
    responses((status = 200, body = ImportReport)),
    extensions(("x-refusals" = json!(refusals(&[ApiCode::NothingToApprove])))),
)]
async fn approve(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<DecisionQuery>,
) -> Result<Json<ImportReport>, Problem> {
    let (org, by) = (&admin.org.name, admin.principal.name());
    let seen = query.pending.as_deref();
    metadata::approve(&admin.app, org, Slot::Live, by, seen).await.map(Json)
}

/// Throw away the metadata that waits. The same change is not proposed again.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/metadata/reject", security(("token" = ["org_admin"])),
    params(DecisionQuery),
    responses((status = 200, body = MetadataState)),
    extensions(("x-refusals" = json!([ApiCode::NothingToApprove, ApiCode::ChangedMeanwhile]))),
)]
async fn reject(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<DecisionQuery>,
) -> Result<Json<MetadataState>, Problem> {
    let (org, by) = (&admin.org.name, admin.principal.name());
    let seen = query.pending.as_deref();
    let source = metadata::reject(&admin.app, org, Slot::Live, by, seen).await?;
    Ok(Json(source.into()))
}

/// What a document from an address can be refused for, and what settings of it.
pub(super) fn refusals(own: &[ApiCode]) -> Vec<ApiCode> {
    let connection = connection::REFUSALS.iter().chain(own).copied();
    of_documents().into_iter().chain(connection).collect()
}
