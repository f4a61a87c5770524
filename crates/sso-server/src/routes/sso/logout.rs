//! `GET /sso/{org}/logout`: ends the session here, whatever else fails (SPEC 2, `single_logout`).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::page_query::PageQuery;
use crate::http::{leave, signed_out};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sso_core::flow::{SignOut, SignedOut};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(logout))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct LogoutQuery {
    /// Where the person goes then: a path of this service, or an address of the organization.
    return_to: Option<String>,
}

/// End the session.
#[utoipa::path(
    get, path = "/sso/{org}/logout", tag = "sign-in",
    params(LogoutQuery),
    responses(
        (
            status = 200, content_type = "text/html; charset=utf-8", body = String,
            description = "The page that says so, or a form that tells the identity provider.",
            headers(("Set-Cookie"))
        ),
        (
            status = 303,
            description = "To where it was asked to go, or to `logout_url`, to tell the identity provider.",
            headers(("Location"), ("Set-Cookie"))
        ),
    ),
    extensions(
        ("x-refusals" = json!([ApiCode::MalformedQuery, ApiCode::NotFound, ApiCode::Unavailable])),
    ),
)]
async fn logout(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    PageQuery(query): PageQuery<LogoutQuery>,
    headers: HeaderMap,
) -> Response {
    let session = app.cookies.session(&headers);
    let return_to = query.return_to.as_deref();
    let asked = SignOut { org: &org, session: session.as_deref(), return_to };
    let mut response = match app.bridge.sign_out_with(asked, &app.outgoing).await {
        Ok(SignedOut::Leave(outbound)) => {
            leave::carrying(&outbound, "You are on your way to your organization’s sign-out.")
        }
        Ok(SignedOut::Done(end)) => signed_out::ended(&app, &org, end).await,
        Ok(SignedOut::UnknownOrg) => Failure::unknown_org().into_response(),
        Err(error) => Failure::from(error).into_response(),
    };
    response.headers_mut().append(header::SET_COOKIE, app.cookies.clear_session());
    response
}
