//! `GET /wsfed/{org}`: a federation service has a browser signed out here, by `wsignoutcleanup1.0` in a
//! frame of its own page, or sends it back from its own sign-out (WS-Federation 1.2, 13.2.4; SPEC 3).
//!
//! No token is taken here: in an address it would stand in logs and histories (ATTACKS WSF-09).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::headers::Framed;
use crate::http::page_query::PageQuery;
use crate::http::signed_out;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sso_core::error::Code;
use sso_core::flow::{CleanUp, SignOutEnd};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(sign_out))
}

/// What a federation service sends a browser with. Other parameters are passed over.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SignOutQuery {
    /// `wsignoutcleanup1.0`, or `wsignout1.0`: end the session of this browser. Without it the browser
    /// comes back signed out.
    wa: Option<String>,
    /// Where the browser goes then: an address of the identity provider.
    wreply: Option<String>,
    #[param(ignore)]
    wresult: Option<String>,
    /// Where the person goes who comes back signed out: a path of this service, or an address of the
    /// organization.
    return_to: Option<String>,
}

/// End the session of a browser that its identity provider signs out.
#[utoipa::path(
    get, path = "/wsfed/{org}", tag = "sign-in",
    params(SignOutQuery),
    responses(
        (
            status = 200, content_type = "text/html; charset=utf-8", body = String,
            description = "The page that says so. A clean-up's may be framed.",
            headers(("Set-Cookie" = Option<String>))
        ),
        (
            status = 303, description = "To `wreply` or `return_to`, where that is allowed.",
            headers(("Location"), ("Set-Cookie" = Option<String>))
        ),
        (
            status = 403, content_type = "text/html; charset=utf-8", body = String,
            description = "A token in an address is not taken."
        ),
    ),
    extensions(
        ("x-refusals" = json!([ApiCode::MalformedQuery, ApiCode::NotFound, ApiCode::Unavailable])),
    ),
)]
async fn sign_out(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    PageQuery(query): PageQuery<SignOutQuery>,
    headers: HeaderMap,
) -> Response {
    match query.wa.as_deref() {
        Some("wsignoutcleanup1.0" | "wsignout1.0") => {}
        Some("wsignin1.0") => return token_in_address(),
        _ if query.wresult.is_some() => return token_in_address(),
        None => {
            let ended = app.bridge.signed_out(&org, query.return_to.as_deref()).await;
            return match ended {
                Ok(ended) => answer(&app, &org, ended).await,
                Err(error) => Failure::from(error).into_response(),
            };
        }
        Some(_) => {
            return Failure::Request(ApiCode::MalformedQuery, "Check the address.").into_response();
        }
    }
    let (session, named) = (app.cookies.session(&headers), app.cookies.clean_up(&headers));
    let asked = CleanUp {
        org: &org,
        session: session.as_deref(),
        named: named.as_deref(),
        reply: query.wreply.as_deref(),
    };
    let ended = app.bridge.clean_up(asked).await;
    let is_clean = matches!(ended, Ok(Some(_)));
    let mut response = match ended {
        Ok(ended) => answer(&app, &org, ended).await,
        Err(error) => Failure::from(error).into_response(),
    };
    for cookie in [app.cookies.clear_session(), app.cookies.clear_clean_up()] {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    if is_clean {
        response.extensions_mut().insert(Framed);
    }
    response
}

async fn answer(app: &App, org: &str, ended: Option<SignOutEnd>) -> Response {
    match ended {
        Some(end) => signed_out::ended(app, org, end).await,
        None => Failure::unknown_org().into_response(),
    }
}

fn token_in_address() -> Response {
    Failure::before_message(Code::BindingNotAllowed).into_response()
}
