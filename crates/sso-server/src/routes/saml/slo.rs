//! `GET, POST /saml/{org}/slo`: logout messages of the identity provider, as a browser brings them
//! (SAML Bindings 3.4, 3.5; SPEC 5.3).
//!
//! It works in a frame of the identity provider's page and without any cookie: that is how identity
//! providers tell every service of a logout.

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::{self, Failure};
use crate::http::form::Form;
use crate::http::{headers, leave, signed_out};
use crate::metadata::KeyRefresher;
use crate::templates::{self, Link};
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use sso_core::bindings::{Outbound, Parameter};
use sso_core::error::Code;
use sso_core::flow::{BroughtLogout, LogoutMessage, LogoutOutcome, Refusal};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(by_redirect, by_post))
}

/// The query as a client sees it. The signature is over its octets, so that it is read as it came.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it declares what the library reads")]
struct BroughtQuery {
    /// A LogoutRequest, deflated and in base64.
    #[param(rename = "SAMLRequest")]
    saml_request: Option<String>,
    /// Or a LogoutResponse.
    #[param(rename = "SAMLResponse")]
    saml_response: Option<String>,
    /// What the answer carries back.
    #[param(rename = "RelayState")]
    relay_state: Option<String>,
    /// How the query is signed.
    #[param(rename = "SigAlg")]
    algorithm: Option<String>,
    /// The signature, in base64.
    #[param(rename = "Signature")]
    signature: Option<String>,
}

/// The form as a client sees it. [`Form`] reads it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it declares what `Form` reads")]
struct BroughtForm {
    /// A LogoutRequest, in base64.
    #[schema(rename = "SAMLRequest")]
    saml_request: Option<String>,
    /// Or a LogoutResponse.
    #[schema(rename = "SAMLResponse")]
    saml_response: Option<String>,
    /// What the answer carries back.
    #[schema(rename = "RelayState")]
    relay_state: Option<String>,
}

/// Take a logout message of an identity provider by the redirect binding.
#[utoipa::path(
    get, path = "/saml/{org}/slo", tag = "sign-in",
    params(BroughtQuery),
    responses(
        (
            status = 200, content_type = "text/html; charset=utf-8", body = String,
            description = "Signed out: a form that takes our answer back, or a page that says so."
        ),
        (
            status = 303, description = "Signed out: with our answer, or to where the logout was asked to go.",
            headers(("Location"))
        ),
        (
            status = 403, content_type = "text/html; charset=utf-8", body = String,
            description = "Refused: nothing has changed."
        ),
    ),
    extensions(
        ("x-refusals" = json!([ApiCode::MalformedQuery, ApiCode::NotFound, ApiCode::Unavailable])),
    ),
)]
async fn by_redirect(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    act(&app, &org, LogoutMessage::Query(&query), &headers).await
}

/// Take a logout message of an identity provider by the POST binding.
#[utoipa::path(
    post, path = "/saml/{org}/slo", tag = "sign-in",
    request_body(content = BroughtForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (
            status = 200, content_type = "text/html; charset=utf-8", body = String,
            description = "Signed out: a form that takes our answer back, or a page that says so."
        ),
        (
            status = 303, description = "Signed out: with our answer, or to where the logout was asked to go.",
            headers(("Location"))
        ),
        (
            status = 403, content_type = "text/html; charset=utf-8", body = String,
            description = "Refused: nothing has changed."
        ),
    ),
    extensions(("x-refusals" = json!([
        ApiCode::MalformedBody,
        ApiCode::NotFound,
        ApiCode::BodyTooLarge,
        ApiCode::UnsupportedMediaType,
        ApiCode::Unavailable,
    ]))),
)]
async fn by_post(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let headers = request.headers().clone();
    let form = Form::read(request).await?;
    let field = |parameter: Parameter| Some((parameter, form.get(parameter.name())?));
    let (parameter, message) = match (field(Parameter::Request), field(Parameter::Response)) {
        (Some(found), None) | (None, Some(found)) => found,
        (None, None) => return Err(Failure::before_message(Code::MissingMessage)),
        (Some(_), Some(_)) => return Err(Failure::before_message(Code::DuplicateParameter)),
    };
    let relay_state = form.get("RelayState");
    act(&app, &org, LogoutMessage::Form { parameter, message, relay_state }, &headers).await
}

async fn act(
    app: &Arc<App>,
    org: &str,
    message: LogoutMessage<'_>,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let session = app.cookies.session(headers);
    let brought = BroughtLogout { org, message, session: session.as_deref() };
    match app.bridge.logout(brought, &KeyRefresher(app.clone())).await? {
        LogoutOutcome::Asked { answer, own_session } => {
            let mut response = match answer {
                Some(outbound) => answered(app, &outbound),
                None => signed_out::by_the_identity_provider(),
            };
            if own_session {
                let cookie = app.cookies.clear_session();
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        LogoutOutcome::Answered(end) => Ok(signed_out::ended(app, org, end).await),
        LogoutOutcome::Refused(refusal) => Ok(refused(&refusal)),
        LogoutOutcome::UnknownOrg => Err(Failure::unknown_org()),
    }
}

/// Our answer on its way, in the identity provider's frame where it asked in one.
fn answered(app: &App, outbound: &Outbound) -> Response {
    let mut response = leave::carrying(outbound, "You are being signed out.");
    if let Outbound::PostForm { action, .. } = outbound {
        headers::framed_by(&mut response, app, action);
    }
    response
}

/// The page of a message that is not acted on. It is not said that anybody is signed out.
fn refused(refusal: &Refusal) -> Response {
    let sign_out = format!("/sso/{}/logout", refusal.org.name);
    let page = templates::page(&templates::Refusal {
        title: "That did not sign you out",
        advice: "Nothing has changed here. Sign out of this service below; if this comes back, give your \
                 administrator the code and the trace number.",
        message: None,
        code: refusal.rejection.code.public(),
        trace: Some(refusal.trace.to_string()),
        org: Some(refusal.org.shown_name()),
        contact: refusal.org.contact.as_deref(),
        links: vec![Link { href: sign_out, text: "Sign out of this service" }],
    });
    (failure::refused_status(refusal.rejection.code), page).into_response()
}
