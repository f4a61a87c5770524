//! `/api/v1/orgs/{org}/logins/{trace}/…`: the message of a login, where it was kept: read as it came, and
//! held to the draft of the connection (SPEC 6, 13). It tells of a person, so that each is recorded.

use super::account::AccountShape;
use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::path::Path;
use crate::http::problem::Problem;
use axum::Json;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use sso_core::connection::Slot;
use sso_core::flow::{ReplayError, ReplayedLogin, TestOutcome};
use sso_core::ids::TraceId;
use sso_core::provisioning::Account;
use sso_core::store::{AuditStore as _, Category, MessageStore as _, StoredTrace, TraceStore as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(message)).routes(routes!(replay))
}

/// What would come of a login.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LoginReplay)]
struct ReplayShape {
    /// The connection that it was held to: `draft`, or `live` where there is no draft.
    connection: Slot,
    /// Its trace as it would be.
    trace: StoredTrace,
    /// The attributes as they came, where the message is accepted.
    attributes: Vec<AttributeShape>,
    /// What would become of the account; null where nobody would be signed in.
    #[schema(required)]
    account: Option<ForeseenShape>,
}

/// An attribute of an assertion.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AssertionAttribute)]
#[serde(deny_unknown_fields)]
pub(super) struct AttributeShape {
    /// Its name; in SAML 1.1 after its namespace and `/`.
    pub(super) name: String,
    /// Its values, in their order.
    #[schema(max_items = 1000)]
    pub(super) values: Vec<String>,
}

/// What would become of an account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ForeseenAccount)]
pub(super) struct ForeseenShape {
    /// Whether it would be made, updated (or linked), or signed in to as it is.
    change: AccountChange,
    /// The account as it would be. The identifier of one that would be made is nobody's.
    account: AccountShape,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum AccountChange {
    Created,
    Updated,
    SignedIn,
}

impl ForeseenShape {
    pub(super) fn new(outcome: TestOutcome, account: Account) -> Self {
        let change = match outcome {
            TestOutcome::Created => AccountChange::Created,
            TestOutcome::Updated => AccountChange::Updated,
            TestOutcome::SignedIn => AccountChange::SignedIn,
        };
        Self { change, account: AccountShape::from(account) }
    }
}

impl From<ReplayedLogin> for ReplayShape {
    fn from(replayed: ReplayedLogin) -> Self {
        let ReplayedLogin { slot, trace, attributes, account } = replayed;
        let attribute = |(name, values)| AttributeShape { name, values };
        Self {
            connection: slot,
            trace,
            attributes: attributes.into_iter().map(attribute).collect(),
            account: account.map(|(outcome, account)| ForeseenShape::new(outcome, account)),
        }
    }
}

/// Read the message of a login as it came: what was encrypted is.
///
/// It is kept for a short time, and of the logins that the connection's `keep_messages` says.
#[utoipa::path(
    get, path = "/orgs/{org}/logins/{trace}/message", security(("token" = ["org_admin"])),
    params(("trace" = TraceId, Path, description = "The number of the trace.")),
    responses((status = 200, content_type = "application/xml", body = String)),
    extensions(("x-refusals" = json!([ApiCode::MessageNotKept]))),
)]
async fn message(
    OrgAdmin(admin): OrgAdmin,
    Path((_, trace)): Path<(String, TraceId)>,
) -> Result<Response, Problem> {
    let (store, org) = (admin.app.store(), &admin.org.name);
    let Some(message) = store.message(org, trace).await? else {
        return Err(match store.trace(org, trace).await? {
            Some(_) => ReplayError::NoMessage.into(),
            None => ReplayError::UnknownTrace.into(),
        });
    };
    record(&admin, "login_message_read", trace).await?;
    let name = format!("attachment; filename=\"{trace}.xml\"");
    let headers = [(CONTENT_TYPE, "application/xml"), (CONTENT_DISPOSITION, &name)];
    Ok((headers, message.xml).into_response())
}

/// Hold the message of a login to the draft, as of when it came. Nobody is signed in, and nothing changes.
///
/// The answer is the trace as it would be, and what would become of the account. Where there is no draft, it
/// is held to the connection. That it was used before counts for nothing.
#[utoipa::path(
    post, path = "/orgs/{org}/logins/{trace}/replay", security(("token" = ["org_admin"])),
    params(("trace" = TraceId, Path, description = "The number of the trace.")),
    responses((status = 200, body = ReplayShape)),
    extensions(("x-refusals" = json!([ApiCode::MessageNotKept]))),
)]
async fn replay(
    OrgAdmin(admin): OrgAdmin,
    Path((_, trace)): Path<(String, TraceId)>,
) -> Result<Json<ReplayShape>, Problem> {
    let replayed = admin.app.bridge.replay(&admin.org, trace).await?;
    record(&admin, "login_replayed", trace).await?;
    Ok(Json(replayed.into()))
}

/// Somebody was told of a person.
async fn record(admin: &Access, act: &str, trace: TraceId) -> Result<(), Problem> {
    let entry = admin.audit(Category::Reports, act, format!("trace: {trace}"));
    Ok(admin.app.store().record(entry).await?)
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::UnknownTrace => Self::not_found("login trace"),
            ReplayError::NoConnection => Self::not_found("connection"),
            ReplayError::NoMessage => Self::new(
                ApiCode::MessageNotKept,
                "The message of this login was not kept, or is past its time. The connection's \
                 keep_messages says which are kept from now on.",
            ),
            ReplayError::Store(error) => error.into(),
        }
    }
}
