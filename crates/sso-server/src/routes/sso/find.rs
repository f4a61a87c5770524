//! `GET /login?email=` and `GET /login?org=`: finds the organization by e-mail domain, domain or
//! name, then begins its login (SPEC 5.1).

use super::login::{LoginQuery, begin};
use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::page_query::PageQuery;
use crate::templates::{self, SignIn};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(find))
}

/// `email` or `org`; the page at `/` sends whatever the person typed as `org`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct FindQuery {
    /// The e-mail address of the person.
    email: Option<String>,
    /// The name or a domain of the organization, or an e-mail address.
    org: Option<String>,
}

/// Begin a login at the organization of an e-mail address, a domain or a name.
#[utoipa::path(
    get, path = "/login", tag = "sign-in",
    params(FindQuery, LoginQuery),
    responses(
        (
            status = 200, content_type = "text/html; charset=utf-8", body = String,
            description = "The page to sign in at, or a form that goes to the identity provider."
        ),
        (
            status = 303, description = "To the identity provider by the redirect binding.",
            headers(("Location"), ("Set-Cookie"))
        ),
        (
            status = 403, content_type = "text/html; charset=utf-8", body = String,
            description = "The login cannot begin; the page says why."
        ),
    ),
    extensions(
        ("x-refusals" = json!([ApiCode::MalformedQuery, ApiCode::NotFound, ApiCode::Unavailable])),
    ),
)]
async fn find(
    State(app): State<Arc<App>>,
    PageQuery(query): PageQuery<FindQuery>,
    PageQuery(mut asked): PageQuery<LoginQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let given = query.email.or(query.org).unwrap_or_default().trim().to_owned();
    let org = given.rsplit_once('@').map_or(given.as_str(), |(_, domain)| domain);
    if asked.login_hint.is_none() && given.contains('@') {
        asked.login_hint = Some(given.clone());
    }
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
