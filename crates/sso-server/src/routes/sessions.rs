//! `/sessions`: where the person who asks is signed in, and ending that (SPEC 5.4). A session is its own
//! right: nobody is told of, or ends, another person's.
//!
//! Another site can have a browser send none of this: the cookie is `Lax`, `DELETE` is asked for first, and
//! the form of our page carries a proof that only the page has (ATTACKS WEB-01).

use super::api::SessionShape;
use super::browser;
use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::form::Form;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{ListQuery, Query};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;
use sso_core::flow::Ending;
use sso_core::ids::SessionId;
use sso_core::store::Listed;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .routes(routes!(list, end_all))
        .routes(routes!(end_one))
        .routes(routes!(end_by_form))
}

/// The field of the form that names a session, or [`OTHERS`].
pub(super) const SESSION: &str = "session";
/// All sessions but that of the browser.
pub(super) const OTHERS: &str = "others";
/// The field of the form that proves our page.
pub(super) const PROOF: &str = "proof";

/// A session of one's own.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OwnSession)]
struct OwnSessionShape {
    #[serde(flatten)]
    session: SessionShape,
    /// Whether it is that of the browser that asks.
    is_current: bool,
}

/// List where the person who asks is signed in, oldest first.
#[utoipa::path(
    get, path = "/sessions", tag = "sessions",
    params(ListQuery),
    responses((status = 200, body = Listed<OwnSessionShape>)),
    extensions(
        ("x-refusals" =
            json!([ApiCode::NotSignedIn, ApiCode::MalformedQuery, ApiCode::Unavailable])),
    ),
)]
async fn list(
    State(app): State<Arc<App>>,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Json<Listed<OwnSessionShape>>, Problem> {
    let token = app.cookies.session(&headers).ok_or_else(not_signed_in)?;
    let found = app.bridge.own_sessions(&token, &query.page()?).await?;
    let own = found.ok_or_else(not_signed_in)?;
    let current = own.current.made.id;
    let items = own.all.items.into_iter().map(|session| OwnSessionShape {
        is_current: session.made.id == current,
        session: session.into(),
    });
    Ok(Json(Listed { items: items.collect(), next: own.all.next }))
}

/// Sign the person who asks out everywhere.
#[utoipa::path(
    delete, path = "/sessions", tag = "sessions",
    responses((status = 204, headers(("Set-Cookie")))),
    extensions(("x-refusals" = json!([ApiCode::NotSignedIn, ApiCode::Unavailable]))),
)]
async fn end_all(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    end(&app, &headers, Ending::All).await
}

/// End one session of the person who asks.
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "sessions",
    params(("id" = SessionId, Path, description = "The session.")),
    responses((status = 204, headers(("Set-Cookie" = Option<String>)))),
    extensions(
        ("x-refusals" = json!([ApiCode::NotSignedIn, ApiCode::NotFound, ApiCode::Unavailable])),
    ),
)]
async fn end_one(
    State(app): State<Arc<App>>,
    Path(id): Path<SessionId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    end(&app, &headers, Ending::One(id)).await
}

async fn end(app: &App, headers: &HeaderMap, ending: Ending) -> Result<Response, Problem> {
    let token = app.cookies.session(headers).ok_or_else(not_signed_in)?;
    let stays = app.bridge.end_own_sessions(&token, ending).await?.ok_or_else(not_signed_in)?;
    Ok(signed_out_unless(app, stays, StatusCode::NO_CONTENT.into_response()))
}

/// The form as a client sees it. [`Form`] reads it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it declares what `Form` reads")]
struct EndingForm {
    /// The session, or `others`.
    session: String,
    /// What the page has, and nobody else.
    proof: String,
}

/// End a session of one's own, or all others, by the form of the page at `/welcome`.
#[utoipa::path(
    post, path = "/sessions/end", tag = "pages",
    request_body(content = EndingForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (
            status = 303, description = "Done, or there was no such session: back to the page.",
            headers(("Location"), ("Set-Cookie" = Option<String>))
        ),
    ),
    extensions(
        ("x-refusals" = json!([
            ApiCode::FormNotOurs,
            ApiCode::MalformedBody,
            ApiCode::BodyTooLarge,
            ApiCode::UnsupportedMediaType,
            ApiCode::Unavailable,
        ])),
    ),
)]
async fn end_by_form(State(app): State<Arc<App>>, request: Request) -> Result<Response, Failure> {
    let back = Redirect::to("/welcome").into_response();
    if browser::session(&app, request.headers()).await?.is_none() {
        return Ok(back);
    }
    let token = app.cookies.session(request.headers()).unwrap_or_default();
    let form = Form::read(request).await?;
    if !app.bridge.is_own_form(&token, form.get(PROOF)) {
        return Err(Failure::Request(
            ApiCode::FormNotOurs,
            "Go back to the page, and try again from there.",
        ));
    }
    let ending = match form.get(SESSION) {
        Some(OTHERS) => Some(Ending::Others),
        named => named.and_then(|id| id.parse().ok()).map(Ending::One),
    };
    let Some(ending) = ending else { return Ok(back) };
    match app.bridge.end_own_sessions(&token, ending).await {
        Ok(stays) => Ok(signed_out_unless(&app, stays.unwrap_or_default(), back)),
        Err(sso_core::store::StoreError::NotFound(_)) => Ok(back),
        Err(error) => Err(error.into()),
    }
}

/// Takes the cookie away where its session has ended.
fn signed_out_unless(app: &App, stays: bool, mut response: Response) -> Response {
    if !stays {
        response.headers_mut().append(header::SET_COOKIE, app.cookies.clear_session());
    }
    response
}

fn not_signed_in() -> Problem {
    Problem::new(ApiCode::NotSignedIn, "Sign in at /, or at /sso/{org}/login.")
}
