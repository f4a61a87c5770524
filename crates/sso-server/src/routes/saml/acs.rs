//! `POST /saml/{org}/acs`: the assertion consumer (SAML Bindings 3.5, SPEC 5.1).
//!
//! It takes nothing but a form with each field once (ATTACKS WEB-06).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::form::{Form, FormError};
use crate::metadata::KeyRefresher;
use crate::routes::finished;
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

/// The form as a client sees it. [`Form`] reads it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it declares what `Form` reads")]
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
    request: Request,
) -> Result<Response, Failure> {
    let path = request.uri().path().to_owned();
    let browser = app.cookies.login(request.headers());
    let session = app.cookies.session(request.headers());
    let restarted = app.cookies.restarted(request.headers());
    let form = Form::read(request).await?;
    let Some(saml_response) = form.get("SAMLResponse") else {
        let code = match form.get("SAMLart") {
            Some(_) => Code::BindingNotAllowed,
            None => Code::MissingMessage,
        };
        return Err(Failure::before_message(code));
    };
    if let Some(page) = finished::without_cookie(&app, &path, &form, browser.as_deref()) {
        return Ok(page);
    }
    let posted = PostedResponse {
        org: &org,
        saml_response,
        relay_state: form.get("RelayState"),
        browser: browser.as_deref(),
        session: session.as_deref(),
        restarted: restarted.as_deref(),
        form: form.fields(),
    };
    let keys = KeyRefresher(app.clone());
    let ended = app.bridge.finish_login_with(posted, &keys).await?;
    Ok(finished::answer(&app, &path, &form, restarted.as_deref(), ended))
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

impl From<FormError> for Failure {
    fn from(error: FormError) -> Self {
        match error {
            FormError::NotAForm => Self::Request(
                ApiCode::UnsupportedMediaType,
                "The answer of a sign-in must be posted as a form.",
            ),
            FormError::TooLarge => {
                Self::Request(ApiCode::BodyTooLarge, "The form is larger than 1 MiB.")
            }
            FormError::Broken => {
                Self::Request(ApiCode::MalformedBody, "The form did not arrive whole. Try again.")
            }
            FormError::Duplicate => Self::before_message(Code::DuplicateParameter),
        }
    }
}
