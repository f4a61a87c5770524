//! `POST /wsfed/{org}`: takes the token of a federation service (WS-Federation 1.2, 13.2.2; SPEC 3).
//!
//! It takes nothing but a form with each field once (ATTACKS WEB-06), and the token itself: what
//! `wresultptr` points at is never fetched (ATTACKS WSF-06).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::metadata::KeyRefresher;
use crate::routes::finished;
use crate::routes::posted::Posted;
use axum::extract::{Path, State};
use axum::response::Response;
use sso_core::error::Code;
use sso_core::flow::PostedToken;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(consume))
}

/// What comes that is no sign-in at all.
const REFUSALS: [ApiCode; 5] = [
    ApiCode::MalformedBody,
    ApiCode::NotFound,
    ApiCode::BodyTooLarge,
    ApiCode::UnsupportedMediaType,
    ApiCode::Unavailable,
];

/// The form as a client sees it. [`Posted`] reads it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it declares what `Posted` reads")]
struct PostedTokenForm {
    /// `wsignin1.0`.
    wa: Option<String>,
    /// The answer of WS-Trust with the token.
    wresult: String,
    /// What the sign-in request carried.
    wctx: Option<String>,
}

/// Take the token of a federation service and sign the person in.
///
/// A person who is refused is led to the `error_url` of the connection, with `error_code` and `trace`,
/// or sees a page with both.
#[utoipa::path(
    post, path = "/wsfed/{org}", tag = "sign-in",
    request_body(
        content = PostedTokenForm, content_type = "application/x-www-form-urlencoded",
    ),
    responses(
        (
            status = 200, content_type = "text/html; charset=utf-8", body = String,
            description = "A form that posts the same again from here, so that cookies come along; or the question whether to replace another person's session."
        ),
        (
            status = 303,
            description = "Signed in: to where the login was asked to go. Or refused.",
            headers(("Location"), ("Set-Cookie" = Option<String>))
        ),
        (
            status = 403, content_type = "text/html; charset=utf-8", body = String,
            description = "Refused."
        ),
    ),
    extensions(("x-refusals" = json!(REFUSALS))),
)]
async fn consume(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let form = &posted.form;
    if form.get("wa").is_some_and(|action| action != "wsignin1.0") {
        return Err(Failure::before_message(Code::UnexpectedMessage));
    }
    let Some(wresult) = form.get("wresult") else {
        let code = match form.get("wresultptr") {
            Some(_) => Code::BindingNotAllowed,
            None => Code::MissingMessage,
        };
        return Err(Failure::before_message(code));
    };
    if let Some(page) = finished::without_cookie(&app, &posted) {
        return Ok(page);
    }
    let token = PostedToken {
        org: &org,
        wresult,
        wctx: form.get("wctx"),
        browser: posted.browser.as_deref(),
        session: posted.session.as_deref(),
        restarted: posted.restarted.as_deref(),
        form: form.fields(),
    };
    let keys = KeyRefresher(app.clone());
    let ended = app.bridge.finish_wsfed_login_with(token, &keys).await?;
    Ok(finished::answer(&app, &posted, ended))
}
