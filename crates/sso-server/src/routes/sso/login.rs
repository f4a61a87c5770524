//! `GET /sso/{org}/login`: an SP-initiated login begins (SPEC 5.1).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::leave;
use crate::http::page_query::PageQuery;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use sso_core::flow::{StartLogin, StartedLogin};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/sso/{org}/login", get(login))
}

/// What a login may ask for. Other parameters are passed over, as an application's links may carry
/// more than is meant for us.
#[derive(Debug, Default, Deserialize)]
pub(super) struct LoginQuery {
    pub(super) return_to: Option<String>,
    pub(super) partner: Option<String>,
    pub(super) test: Option<String>,
    pub(super) force_authn: Option<String>,
    pub(super) client: Option<String>,
}

async fn login(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    PageQuery(query): PageQuery<LoginQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    begin(&app, &org, &query, &headers).await?.ok_or_else(Failure::unknown_org)
}

/// Begins a login at an organization. `None` where there is no such organization.
pub(super) async fn begin(
    app: &App,
    org: &str,
    query: &LoginQuery,
    headers: &HeaderMap,
) -> Result<Option<Response>, Failure> {
    if query.partner.is_some() || query.test.is_some() {
        return Err(Failure::Request(
            ApiCode::MalformedQuery,
            "Neither partners nor test logins are there yet.",
        ));
    }
    let cookie = app.cookies.login(headers);
    let asked = StartLogin {
        org,
        return_to: query.return_to.as_deref(),
        force_authn: query.force_authn.as_deref() == Some("1"),
        mobile: query.client.as_deref() == Some("mobile"),
        browser: cookie.as_deref(),
    };
    match app.bridge.start_login(asked).await? {
        StartedLogin::Leave { to, browser } => {
            Ok(Some(leave::to(&to, app.cookies.set_login(&browser))))
        }
        StartedLogin::Refused { rejection, org } => Err(Failure::not_begun(&rejection, *org)),
        StartedLogin::UnknownOrg => Ok(None),
    }
}
