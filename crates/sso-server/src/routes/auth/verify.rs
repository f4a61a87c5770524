//! `GET /auth/verify`: whether a proxy may let a request through, and whose it is (SPEC 6).
//!
//! Only `SSO_TRUSTED_PROXIES` are answered. No `X-Sso-…` header of a request is ever read, in any
//! spelling: what a proxy learns comes from the session alone.

use super::identity_headers;
use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::forwarded::Asked;
use crate::http::problem::Problem;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use sso_core::flow::Identified;
use std::net::SocketAddr;
use std::sync::Arc;
use url::form_urlencoded;
use utoipa::IntoResponses;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

/// Why a proxy is told nothing, or that nobody is signed in.
const REFUSALS: [ApiCode; 4] = [
    ApiCode::ForwardedUnclear,
    ApiCode::NotSignedIn,
    ApiCode::ProxyNotTrusted,
    ApiCode::Unavailable,
];

/// Somebody is signed in, whom the headers name.
#[derive(IntoResponses)]
#[response(
    status = 200,
    headers(
        ("X-Sso-Org"),
        ("X-Sso-Account"),
        ("X-Sso-Email"),
        ("X-Sso-Name"),
        ("X-Sso-Groups"),
        ("X-Sso-Token"),
    )
)]
struct LetIn;

/// Nobody is signed in, and a page was asked for: to the login.
#[derive(IntoResponses)]
#[response(status = 303, headers(("Location")))]
struct ToLogin;

/// Envoy puts the path that was asked for behind the one that it is given, and keeps the method.
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .routes(routes!(verify))
        .routes(routes!(verify_or_login).map(|get| get.fallback(verify_or_login)))
        .routes(routes!(verify_or_login_root).map(|get| get.fallback(verify_or_login)))
        .routes(routes!(verify_or_login_path).map(|get| get.fallback(verify_or_login)))
}

/// Whether a proxy that decides by the status may let a request through, and whose it is.
///
/// For nginx: 200, or 401 with the address of the login.
#[utoipa::path(
    get, path = "/auth/verify", tag = "forward-auth",
    responses(LetIn),
    extensions(("x-refusals" = json!(REFUSALS))),
)]
async fn verify(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = asked(&app, peer, &headers)?;
    match identify(&app, &headers, &asked).await? {
        Some(person) => Ok(let_in(&person)),
        None => Ok(not_signed_in(&login(&app, &asked))),
    }
}

/// Whether a proxy that hands our answer on to the browser may let a request through.
///
/// For Traefik, Caddy and Envoy: 200, or a redirect to the login. What does not ask for a page, a
/// script's request for data, is told 401 instead. Any method is answered like `GET`.
#[utoipa::path(
    get, path = "/auth/verify-or-login", tag = "forward-auth",
    responses(LetIn, ToLogin),
    extensions(("x-refusals" = json!(REFUSALS))),
)]
async fn verify_or_login(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = asked(&app, peer, &headers)?;
    match identify(&app, &headers, &asked).await? {
        Some(person) => Ok(let_in(&person)),
        None if takes_a_page(&headers) => Ok(Redirect::to(&login(&app, &asked)).into_response()),
        None => Ok(not_signed_in(&login(&app, &asked))),
    }
}

/// The same where the proxy puts the path `/` behind ours.
#[utoipa::path(
    get, path = "/auth/verify-or-login/", tag = "forward-auth",
    responses(LetIn, ToLogin),
    extensions(("x-refusals" = json!(REFUSALS))),
)]
async fn verify_or_login_root(
    app: State<Arc<App>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    verify_or_login(app, peer, headers).await
}

/// The same where the proxy puts the path behind ours that was asked for.
#[utoipa::path(
    get, path = "/auth/verify-or-login/{*path}", tag = "forward-auth",
    params(
        ("path" = String, Path, description = "The path that was asked for; it may have slashes."),
    ),
    responses(LetIn, ToLogin),
    extensions(("x-refusals" = json!(REFUSALS))),
)]
async fn verify_or_login_path(
    app: State<Arc<App>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    verify_or_login(app, peer, headers).await
}

/// What was asked for, if a trusted proxy says so.
fn asked(app: &App, peer: SocketAddr, headers: &HeaderMap) -> Result<Asked, Problem> {
    if !app.trusted_proxies.contains(peer.ip()) {
        return Err(Problem::new(
            ApiCode::ProxyNotTrusted,
            "Set SSO_TRUSTED_PROXIES to the address from which your proxy connects.",
        ));
    }
    Asked::read(headers, app.public_url.url().scheme())
}

async fn identify(
    app: &App,
    headers: &HeaderMap,
    asked: &Asked,
) -> Result<Option<Identified>, Problem> {
    match app.cookies.session(headers) {
        Some(token) => Ok(app.bridge.identify(&token, &asked.host).await?),
        None => Ok(None),
    }
}

fn let_in(person: &Identified) -> Response {
    AppendHeaders(identity_headers::of(person)).into_response()
}

fn not_signed_in(login: &str) -> Response {
    let problem = Problem::new(ApiCode::NotSignedIn, format!("Sign in at {login}"));
    let mut response = problem.into_response();
    // A proxy reads it by which browsers do not follow a 401.
    if let Ok(login) = HeaderValue::from_str(login) {
        response.headers_mut().insert(header::LOCATION, login);
    }
    response
}

/// Where to sign in, and come back from. The login holds the way back to its own allow-list.
fn login(app: &App, asked: &Asked) -> String {
    let mut login = app.public_url.join("/login");
    if let Some(url) = &asked.url {
        login.push_str("?return_to=");
        login.extend(form_urlencoded::byte_serialize(url.as_str().as_bytes()));
    }
    login
}

fn takes_a_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.to_ascii_lowercase().contains("text/html"))
}
