//! `/api/v1/orgs/{org}/sso/preview`: what the connection, its draft or settings that are only tried would make
//! of a person (SPEC 6, 9). Nothing is stored, and nobody signed in.

use super::login_messages::{AttributeShape, ForeseenShape};
use super::sso::settings;
use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sso_core::connection::{Connection, Settings, Slot};
use sso_core::error::Rejection;
use sso_core::flow::{Previewed, TestOutcome};
use sso_core::ids::TraceId;
use sso_core::login::{NameIdKey, Step, Trace};
use sso_core::profile::ProfileField;
use sso_core::provisioning::{Preview, Statement};
use sso_core::setting::SettingCode;
use sso_core::store::{AuditStore as _, Category, ConfigurationStore as _};
use time::OffsetDateTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The most attributes of a question, and the most values of one.
const MOST: usize = 1_000;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(preview))
}

/// What the settings are tried on: what an identity provider would say, or the message of a login that was
/// kept.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Question {
    /// The login whose message it is.
    trace: Option<TraceId>,
    /// A message instead, as XML.
    #[schema(max_length = 262_144)]
    message: Option<String>,
    /// When that came; now, if nothing is said.
    #[serde(default, with = "time::serde::rfc3339::option")]
    at: Option<OffsetDateTime>,
    /// The attributes, in their order.
    #[serde(default)]
    #[schema(max_items = 1000)]
    attributes: Vec<AttributeShape>,
    /// The NameID.
    name_id: Option<NameIdShape>,
    /// Fields of the connection that are only tried, as a change of it has them.
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: serde_json::Map<String, Value>,
}

/// How an identity provider would name a person.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = PreviewNameId)]
#[serde(deny_unknown_fields)]
struct NameIdShape {
    /// The value.
    #[schema(max_length = 2048)]
    value: String,
    /// The format, by its URI.
    #[schema(max_length = 1024)]
    format: Option<String>,
}

/// What would become of a person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MappingPreview)]
struct PreviewShape {
    /// What the settings began from: the draft, or the live connection where there is no draft.
    connection: Slot,
    /// The attributes as they came.
    attributes: Vec<AttributeShape>,
    /// Which field of the profile they fill, and with what.
    fields: Vec<FilledShape>,
    /// Why the login would be refused; null where somebody would be signed in.
    #[schema(required)]
    refusal: Option<Step>,
    /// What would become of the account; null where the login would be refused.
    #[schema(required)]
    account: Option<ForeseenShape>,
    /// The fields that would have another value.
    changed: Vec<ProfileField>,
    /// What the trace would say of the decision.
    notes: Vec<Step>,
}

/// A field of the profile, and what fills it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FilledField)]
struct FilledShape {
    /// The field.
    field: ProfileField,
    /// The values; none where each attribute for it came empty.
    values: Vec<String>,
}

/// Try a mapping: what an assertion, or attributes that are given, would make of the account.
///
/// The account rules of the draft are tried, or those of the connection where there is no draft, with the
/// fields of `settings` instead of its own. A message is first held to every rule of what is stored, as of
/// when it came.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/preview", operation_id = "sso_preview",
    security(("token" = ["org_admin"])),
    request_body(
        content = Question,
        example = json!({
            "attributes": [{"name": "mail", "values": ["ann@acme.example"]}],
            "settings": {"attribute_map": {"preset": "standard", "map": {"mail": ["uid", "email"]}}},
        }),
    ),
    responses((status = 200, body = PreviewShape)),
    extensions(("x-refusals" = json!([ApiCode::MessageNotKept]))),
)]
async fn preview(
    OrgAdmin(admin): OrgAdmin,
    body: JsonObject,
) -> Result<Json<PreviewShape>, Problem> {
    let Question { trace, message, at, attributes, name_id, settings } = body.read()?;
    let connection = connection(&admin).await?;
    let tried = tried(&admin, settings, &connection)?;
    let (rules, slot) = (tried.common().accounts, connection.slot);
    let (bridge, org) = (&admin.app.bridge, &admin.org);
    let is_said = !attributes.is_empty() || name_id.is_some();
    if usize::from(trace.is_some()) + usize::from(message.is_some()) + usize::from(is_said) > 1 {
        let problem = "One of trace, message and attributes says who it is.";
        return Err(Problem::field(ApiCode::Setting(SettingCode::Invalid), "trace", problem));
    }
    let previewed = match (trace, message) {
        (Some(trace), _) => {
            let previewed = bridge.preview_login(org, connection, rules, trace).await?;
            let told = admin.audit(Category::Reports, "login_previewed", format!("trace: {trace}"));
            admin.app.store().record(told).await?;
            previewed
        }
        (None, Some(message)) => {
            let at = at.unwrap_or_else(|| admin.app.now());
            bridge.preview_given(org, connection, rules, message.as_bytes(), at).await?
        }
        (None, None) => {
            let statement = statement(attributes, name_id, &tried)?;
            Ok(bridge.preview(org, rules, statement).await?)
        }
    };
    Ok(Json(match previewed {
        Ok(previewed) => shown(slot, previewed),
        Err(refused) => PreviewShape {
            connection: slot,
            attributes: Vec::new(),
            fields: Vec::new(),
            refusal: step(&refused),
            account: None,
            changed: Vec::new(),
            notes: Vec::new(),
        },
    }))
}

/// The draft, or the live connection where there is none.
async fn connection(admin: &Access) -> Result<Connection, Problem> {
    let store = admin.app.store();
    let draft = store.connection(&admin.org.name, Slot::Draft).await?;
    let current = match draft {
        Some(draft) => Some(draft),
        None => store.connection(&admin.org.name, Slot::Live).await?,
    };
    current.ok_or_else(|| Problem::not_found("connection"))
}

/// Its settings with those that are only tried.
fn tried(
    admin: &Access,
    given: serde_json::Map<String, Value>,
    connection: &Connection,
) -> Result<Settings, Problem> {
    let current = &connection.settings;
    let tried = settings(JsonObject(given), Some(current))?;
    tried.check_fields(Some(current), &admin.org.attribute_schema)?;
    Ok(tried)
}

fn statement(
    attributes: Vec<AttributeShape>,
    name_id: Option<NameIdShape>,
    settings: &Settings,
) -> Result<Statement, Problem> {
    if attributes.iter().any(|attribute| attribute.values.len() > MOST) || attributes.len() > MOST {
        let problem = format!("There are at most {MOST}, with at most {MOST} values each.");
        return Err(Problem::field(ApiCode::Setting(SettingCode::Invalid), "attributes", problem));
    }
    let name_id = name_id.unwrap_or(NameIdShape { value: String::new(), format: None });
    Ok(Statement {
        name_id: NameIdKey {
            issuer: settings.issuer().to_owned(),
            format: name_id.format,
            name_qualifier: None,
            sp_name_qualifier: None,
            value: name_id.value,
        },
        attributes: attributes.into_iter().map(|one| (one.name, one.values)).collect(),
        solicited: true,
    })
}

fn shown(connection: Slot, previewed: Previewed) -> PreviewShape {
    let Previewed { statement, mapped, decision } = previewed;
    let attributes = statement.attributes.into_iter();
    let (refusal, foreseen, changed, notes) = match decision {
        Err(refused) => (step(&refused), None, Vec::new(), Vec::new()),
        Ok(Preview { change, changed, notes }) => {
            let notes =
                notes.into_iter().map(|note| Step::note(note.event, note.clause, note.found));
            let outcome = TestOutcome::of(&change);
            let account = change.account().clone();
            (None, Some(ForeseenShape::new(outcome, account)), changed, notes.collect())
        }
    };
    PreviewShape {
        connection,
        attributes: attributes.map(|(name, values)| AttributeShape { name, values }).collect(),
        fields: mapped
            .into_iter()
            .map(|filled| FilledShape { field: filled.field, values: filled.values })
            .collect(),
        refusal,
        account: foreseen,
        changed,
        notes,
    }
}

/// A refusal as a trace has it.
fn step(refused: &Rejection) -> Option<Step> {
    let mut trace = Trace::recording();
    trace.reject(refused);
    trace.steps().last().cloned()
}
