//! `/api/v1/orgs/{org}/audit`: the audit trail, newest first, as JSON or CSV (SPEC 6, 13), and
//! `/api/v1/audit`, that of the service itself. Reading either is itself recorded.

use crate::app::App;
use crate::http::access::{Gate, OperatorOnly, OrgAdmin};
use crate::http::problem::Problem;
use crate::http::query::{Query, page};
use crate::http::spreadsheet::Csv;
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{BoxError, Json};
use futures_util::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use sso_core::org::OrgName;
use sso_core::store::{AuditEntry, AuditFilter, AuditStore as _, Category, Listed, Page};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How many rows of CSV are read and sent at once.
const ROWS_AT_ONCE: u16 = 200;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(read)).routes(routes!(read_service))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// As what it is read.
    #[serde(default)]
    #[param(inline, default = "json")]
    format: Format,
    /// The first instant, itself among them.
    #[serde(default, with = "time::serde::rfc3339::option")]
    from: Option<OffsetDateTime>,
    /// The last instant, itself not among them.
    #[serde(default, with = "time::serde::rfc3339::option")]
    to: Option<OffsetDateTime>,
    /// Who did it, exactly.
    administrator: Option<String>,
    /// The kind of act.
    #[param(inline)]
    category: Option<Category>,
    /// The most items of the answer; more than 200 count as 200.
    #[param(minimum = 1, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

impl AuditQuery {
    /// What the entry of reading says.
    fn details(&self) -> String {
        format!("format: {}", if self.format == Format::Csv { "csv" } else { "json" })
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Json,
    Csv,
}

/// An entry as it is shown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditEntry)]
struct EntryShape {
    /// Who did it: an account, a token, `operator`, or the person signing in.
    administrator: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
    /// The kind of act.
    category: Category,
    /// The act, for example `account_created`.
    sub_category: String,
    /// What was done to what. Never a secret.
    details: String,
}

impl From<AuditEntry> for EntryShape {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { administrator, timestamp, category, sub_category, details, .. } = entry;
        Self { administrator, timestamp, category, sub_category, details }
    }
}

/// Read the audit trail, the newest first. Reading it is itself recorded.
///
/// As CSV it is the whole of it, unless `limit` asks for a part.
#[utoipa::path(
    get, path = "/orgs/{org}/audit", security(("token" = ["org_admin"])),
    params(AuditQuery),
    responses(
        (
            status = 200, content((Listed<EntryShape> = "application/json"), (String = "text/csv")),
            headers(
                (
                    "Content-Disposition" = Option<String>,
                    description = "The name of the file, of a CSV."
                ),
            )
        ),
    ),
)]
async fn read(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    let read = admin.audit(Category::Reports, READ, query.details());
    show(admin.app, admin.org.name, query, read).await
}

/// Read the audit trail of the service itself, of what is no organization's, the newest first. Reading it is
/// itself recorded.
///
/// As CSV it is the whole of it, unless `limit` asks for a part.
#[utoipa::path(
    get, path = "/audit", security(("token" = ["operator"])),
    params(AuditQuery),
    responses(
        (
            status = 200, content((Listed<EntryShape> = "application/json"), (String = "text/csv")),
            headers(
                (
                    "Content-Disposition" = Option<String>,
                    description = "The name of the file, of a CSV."
                ),
            )
        ),
    ),
)]
async fn read_service(
    operator: OperatorOnly,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    let service = OrgName::of_the_service();
    let read = operator.audit(&service, Category::Reports, READ, query.details());
    show(operator.app, service, query, read).await
}

/// The act of reading a trail.
const READ: &str = "audit_read";

/// Shows a trail after its reading was recorded.
async fn show(
    app: Arc<App>,
    org: OrgName,
    query: AuditQuery,
    read: AuditEntry,
) -> Result<Response, Problem> {
    let AuditQuery { format, from, to, administrator, category, limit, cursor } = query;
    let filter = AuditFilter { from, to, administrator, category };
    // A file is the whole of it, unless a part is asked for.
    let is_whole = format == Format::Csv && limit.is_none();
    let page = match is_whole {
        true => Page { limit: ROWS_AT_ONCE, cursor },
        false => page(limit, cursor)?,
    };
    let first = app.store().audit(&org, &filter, &page).await?;
    // What cannot be recorded is not shown.
    app.store().record(read).await?;
    match format {
        Format::Json => {
            let Listed { items, next } = first;
            let items: Vec<_> = items.into_iter().map(EntryShape::from).collect();
            Ok(Json(Listed { items, next }).into_response())
        }
        Format::Csv => {
            let rest = first.next.clone().filter(|_| is_whole);
            Ok(file(app, org, filter, first, rest))
        }
    }
}

/// A file that begins with a part of the list and goes on with the rest, never held as a whole. Where
/// the database fails midway the file stops short, so that nobody takes it for the whole.
fn file(
    app: Arc<App>,
    org: OrgName,
    filter: AuditFilter,
    first: Listed<AuditEntry>,
    rest: Option<String>,
) -> Response {
    let whose = if org == OrgName::of_the_service() { "service" } else { org.as_str() };
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{whose}-audit.csv\"")),
    ];
    let begins = stream::iter([head(), rows(&first.items)]);
    let goes_on = stream::unfold(rest, move |cursor| {
        let (app, org, filter) = (app.clone(), org.clone(), filter.clone());
        async move {
            let page = Page { limit: ROWS_AT_ONCE, cursor: Some(cursor?) };
            Some(match app.store().audit(&org, &filter, &page).await {
                Ok(part) => (rows(&part.items), part.next),
                Err(error) => {
                    tracing::error!(%error, "an audit file stopped short");
                    (Err(error.into()), None)
                }
            })
        }
    });
    (headers, Body::from_stream(begins.chain(goes_on))).into_response()
}

fn head() -> Result<Vec<u8>, BoxError> {
    let mut csv = Csv::new();
    csv.row(["Administrator", "Timestamp", "Category", "Sub Category", "Details"])?;
    Ok(csv.into_bytes()?)
}

fn rows(entries: &[AuditEntry]) -> Result<Vec<u8>, BoxError> {
    let mut csv = Csv::new();
    for entry in entries {
        let timestamp = entry.timestamp.format(&Rfc3339)?;
        let category = serde_json::to_value(entry.category)?;
        csv.row([
            &entry.administrator,
            &timestamp,
            category.as_str().unwrap_or_default(),
            &entry.sub_category,
            &entry.details,
        ])?;
    }
    Ok(csv.into_bytes()?)
}
