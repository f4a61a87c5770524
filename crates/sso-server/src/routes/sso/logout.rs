//! `GET /sso/{org}/logout`: ends the session here, whatever else fails (SPEC 2, `single_logout`).

use crate::app::App;
use crate::http::failure::Failure;
use crate::http::page_query::PageQuery;
use crate::templates::{self, SignedOut};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/sso/{org}/logout", get(logout))
}

#[derive(Debug, Deserialize)]
struct LogoutQuery {
    return_to: Option<String>,
}

async fn logout(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    PageQuery(query): PageQuery<LogoutQuery>,
    headers: HeaderMap,
) -> Response {
    let session = app.cookies.session(&headers);
    let ended = app.bridge.sign_out(&org, session.as_deref(), query.return_to.as_deref()).await;
    let mut response = match ended {
        Ok(Some(signed_out)) => match signed_out.next {
            Some(next) => Redirect::to(next.as_str()).into_response(),
            None => templates::page(&SignedOut { sign_in: "/".to_owned() }),
        },
        Ok(None) => Failure::unknown_org().into_response(),
        Err(error) => Failure::from(error).into_response(),
    };
    response.headers_mut().append(header::SET_COOKIE, app.cookies.clear_session());
    response
}
