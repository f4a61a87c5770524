//! `POST /saml/{org}/acs`: the assertion consumer (SAML Bindings 3.5, SPEC 5.1).
//!
//! It takes nothing but a form with each field once (ATTACKS WEB-06).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::metadata::KeyRefresher;
use crate::routes::finished;
use crate::routes::posted::Posted;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use sso_core::error::Code;
use sso_core::flow::PostedResponse;
use std::sync::Arc;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(consume).map(|methods| methods.fallback(wrong_binding)))
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
struct PostedForm {
    /// The response, in base64.
    #[schema(rename = "SAMLResponse")]
    saml_response: String,
    /// What the request carried.
    #[schema(rename = "RelayState")]
    relay_state: Option<String>,
}

/// Take the response of an identity provider and sign the person in.
///
/// A person who is refused is led to the `error_url` of the connection, with `error_code` and `trace`,
/// or sees a page with both.
#[utoipa::path(
    post, path = "/saml/{org}/acs", tag = "sign-in",
    request_body(content = PostedForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (
            status = 200, content_type = "text/html; charset=utf-8", body = String,
            description = "A form that posts the same again from here, so that cookies come along; a form that goes to the identity provider with a request of ours; or the question whether to replace another person's session."
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
    let Some(saml_response) = form.get("SAMLResponse") else {
        let code = match form.get("SAMLart") {
            Some(_) => Code::BindingNotAllowed,
            None => Code::MissingMessage,
        };
        return Err(Failure::before_message(code));
    };
    if let Some(page) = finished::without_cookie(&app, &posted) {
        return Ok(page);
    }
    let response = PostedResponse {
        org: &org,
        saml_response,
        relay_state: form.get("RelayState"),
        browser: posted.browser.as_deref(),
        session: posted.session.as_deref(),
        restarted: posted.restarted.as_deref(),
        form: form.fields(),
    };
    let keys = KeyRefresher(app.clone());
    let ended = app.bridge.finish_login_with(response, &keys).await?;
    Ok(finished::answer(&app, &posted, ended))
}

/// A response in a query is one by the wrong binding (SAML Profiles 4.1.4.5).
async fn wrong_binding(request: Request) -> Failure {
    let query = request.uri().query().unwrap_or_default();
    let message = url::form_urlencoded::parse(query.as_bytes())
        .any(|(name, _)| matches!(&*name, "SAMLResponse" | "SAMLart"));
    if message {
        Failure::before_message(Code::BindingNotAllowed)
    } else {
        Failure::Request(ApiCode::MethodNotAllowed, "A sign-in is posted here, not opened.")
    }
}
