//! Who may use the Admin API: for now the operator alone (SPEC 6).

use super::api_code::ApiCode;
use super::problem::Problem;
use crate::app::App;
use crate::config::AdminToken;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The operator, as this process knows them.
pub(crate) struct Operator {
    /// What the audit trail calls them.
    pub(crate) name: &'static str,
    /// What proves that a request is theirs.
    pub(crate) token: AdminToken,
}

impl Operator {
    /// The name of whoever sends the operator's token to a running service.
    pub(crate) const OVER_HTTP: &str = "operator";
}

/// Lets a request through that carries the operator's token. It stands before the whole Admin API,
/// paths that do not exist among them, so that nobody else learns what exists.
pub(crate) async fn require(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match bearer(request.headers()) {
        Some(token) if app.operator.token.matches(token) => next.run(request).await,
        Some(_) => {
            Problem::new(ApiCode::Unauthorized, "The token is not the operator's.").into_response()
        }
        None => Problem::new(
            ApiCode::Unauthorized,
            "Send the operator's token as \"Authorization: Bearer TOKEN\".",
        )
        .into_response(),
    }
}

/// The token of the one `Authorization` header, by RFC 6750 2.1.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    let alone = values.next().is_none();
    (alone && scheme.eq_ignore_ascii_case("bearer")).then_some(token.trim())
}
