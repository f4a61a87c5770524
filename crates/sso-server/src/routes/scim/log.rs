//! What directories ask, and what becomes of it (SPEC 11.1), for whoever looks for a fault. No body is kept,
//! no header, and of a query only what RFC 7644 gives a meaning, so that no secret is.

use super::access::KnownToken;
use super::answer::{Outcome, Refused};
use crate::app::App;
use crate::http::request_log;
use crate::telemetry::metrics;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sso_core::ids::ScimRequestId;
use sso_core::store::{ScimRequest, ScimRequestError};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// The parameters that are kept (RFC 7644 3.4.2, 3.9).
const KEPT: [&str; 7] =
    ["filter", "sortBy", "sortOrder", "startIndex", "count", "attributes", "excludedAttributes"];
/// The most characters of a path or a query that are kept.
const LONGEST: usize = 1_000;
/// The most changes of one request that are told.
const MOST_CHANGES: usize = 100;

/// Lets a request through that carries a live SCIM token, and keeps what became of it, also where the token
/// has expired: that is what a directory that stands still most often comes to. It stands before every path of
/// SCIM. What cannot be kept is answered all the same.
pub(super) async fn log(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let token = match KnownToken::of(request.headers(), &app).await {
        Ok(token) => token,
        Err(refused) => return refused.into_response(),
    };
    let (at, begun) = (app.now(), Instant::now());
    let mut kept = ScimRequest {
        id: ScimRequestId::new(at, app.random()),
        org: token.0.org.clone(),
        at,
        token: token.0.id,
        client: request_log::client(&app, request.headers(), peer).to_string(),
        method: request.method().as_str().chars().take(16).collect(),
        path: request.uri().path().chars().take(LONGEST).collect(),
        query: request.uri().query().and_then(query),
        status: 0,
        error: None,
        changed: Vec::new(),
        dry_run: token.is_dry_run(),
        milliseconds: 0,
    };
    let mut response = match token.0.is_live(at) {
        true => {
            request.extensions_mut().insert(token);
            next.run(request).await
        }
        false => Refused::token().into_response(),
    };
    let Outcome { mut changed, error } = response.extensions_mut().remove().unwrap_or_default();
    if changed.len() > MOST_CHANGES {
        let more = changed.len() - MOST_CHANGES;
        changed.truncate(MOST_CHANGES);
        changed.push(format!("and {more} more"));
    }
    kept.status = response.status().as_u16();
    kept.error = error.map(|error| ScimRequestError {
        scim_type: error.kind.map(|kind| kind.as_str().to_owned()),
        detail: error.detail.into_owned(),
    });
    kept.changed = changed;
    kept.milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    keep(&app, kept).await;
    response
}

async fn keep(app: &App, request: ScimRequest) {
    let outcome = if request.is_refused() { "refused" } else { "done" };
    app.metrics.scim_request(&metrics::Outcome { outcome });
    match app.bridge.keep_scim_request(request).await {
        Ok(true) => {}
        Ok(false) => app.metrics.scim_request(&metrics::Outcome { outcome: "not_kept" }),
        Err(error) => tracing::warn!(%error, "a request over SCIM could not be kept"),
    }
}

/// What of a query is kept, as it reads.
fn query(text: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    let known = pairs.filter_map(|(name, value)| {
        let name = KEPT.into_iter().find(|known| known.eq_ignore_ascii_case(&name))?;
        let is_secret = value.to_ascii_lowercase().contains("password");
        let value = if is_secret { "…" } else { &*value };
        Some(format!("{name}={value}"))
    });
    let all = known.collect::<Vec<_>>().join("&");
    let shown = all.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    (!all.is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::query;

    #[test]
    fn of_a_query_what_has_a_meaning_is_kept() {
        for (asked, kept) in [
            (
                "Filter=userName%20eq%20%22a%22&count=2&token=x",
                Some("filter=userName eq \"a\"&count=2"),
            ),
            ("filter=Password+eq+%22x%22", Some("filter=…")),
            ("access_token=x&aadOptscim062020", None),
            ("", None),
        ] {
            assert_eq!(query(asked).as_deref(), kept, "{asked}");
        }
    }
}
