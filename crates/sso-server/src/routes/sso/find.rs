//! `GET /login?email=` and `GET /login?org=`: finds the organization by e-mail domain, domain or
//! name, then begins its login (SPEC 5.1).

use super::login::{LoginQuery, begin};
use crate::app::App;
use crate::http::failure::Failure;
use crate::http::page_query::PageQuery;
use crate::templates::{self, SignIn};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/login", get(find))
}

/// `email` or `org`; the page at `/` sends whatever the person typed as `org`.
#[derive(Debug, Deserialize)]
struct FindQuery {
    email: Option<String>,
    org: Option<String>,
}

async fn find(
    State(app): State<Arc<App>>,
    PageQuery(query): PageQuery<FindQuery>,
    PageQuery(asked): PageQuery<LoginQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let given = query.email.or(query.org).unwrap_or_default().trim().to_owned();
    let org = given.rsplit_once('@').map_or(given.as_str(), |(_, domain)| domain);
    if let Some(response) = begin(&app, org, &asked, &headers).await? {
        return Ok(response);
    }
    let page = templates::page(&SignIn {
        given: &given,
        unknown: !given.is_empty(),
        return_to: asked.return_to.as_deref(),
    });
    let status = if given.is_empty() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    Ok((status, page).into_response())
}
