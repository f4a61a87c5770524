//! `POST /saml/{org}/acs`: the assertion consumer (SAML Bindings 3.5, SPEC 5.1).
//!
//! It takes nothing but a form with each field once (ATTACKS WEB-06).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::form::{Form, FormError};
use crate::metadata::KeyRefresher;
use crate::telemetry::metrics::Outcome;
use crate::templates::{self, Post};
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use sso_core::error::Code;
use sso_core::flow::{FinishedLogin, PostedResponse, SignedInBrowser};
use std::sync::Arc;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

/// The field that marks a post as one that came from our own page, so that there is no second.
const POSTED_AGAIN: &str = "sso_posted_again";

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
            description = "A form that posts the same again, where the cookie did not come."
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
    let form = Form::read(request).await?;
    let Some(saml_response) = form.get("SAMLResponse") else {
        let code = match form.get("SAMLart") {
            Some(_) => Code::BindingNotAllowed,
            None => Code::MissingMessage,
        };
        return Err(Failure::before_message(code));
    };
    let comes = app.cookies.login_comes_from_other_sites();
    if browser.is_none() && !comes && form.get(POSTED_AGAIN).is_none() {
        return Ok(post_again(&path, &form));
    }
    let posted = PostedResponse {
        org: &org,
        saml_response,
        relay_state: form.get("RelayState"),
        browser: browser.as_deref(),
    };
    let keys = KeyRefresher(app.clone());
    match app.bridge.finish_login_with(posted, &keys).await? {
        FinishedLogin::SignedIn(person) => Ok(signed_in(&app, &person)),
        FinishedLogin::Refused(refusal) => Err(Failure::from(*refusal)),
        FinishedLogin::UnknownOrg => Err(Failure::unknown_org()),
    }
}

/// On loopback the login cookie is `Lax`, which no browser sends with a post from another site. The
/// page posts the same fields again, from here, and the cookie comes along (DESIGN 6).
fn post_again(path: &str, form: &Form) -> Response {
    let fields = form.fields().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    templates::page(&Post {
        sentence: "You are being signed in.",
        action: path,
        fields: fields.chain([(POSTED_AGAIN, "1")]).collect(),
    })
}

fn signed_in(app: &App, person: &SignedInBrowser) -> Response {
    let target = person.return_to.as_deref().unwrap_or("/welcome");
    let mut response = Redirect::to(target).into_response();
    let mobile_seconds = person.mobile.then(|| (person.expires_at - app.now()).whole_seconds());
    let cookie = app.cookies.set_session(&person.session_token, mobile_seconds);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response.extensions_mut().insert(Outcome::ACCEPTED);
    response
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
