//! `/saml/{org}/acs`: the assertion consumer. Responses are posted in a form (SAML Bindings 3.5, SPEC 5.1), or
//! by a [client] in an envelope; an [artifact] comes in a query or a form.
//!
//! Of a form it takes each field once (ATTACKS WEB-06).

mod artifact;
mod client;

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::metadata::KeyRefresher;
use crate::routes::finished;
use crate::routes::posted::Posted;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::response::Response;
use sso_core::error::Code;
use sso_core::flow::PostedResponse;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(artifact::by_artifact, consume))
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
    saml_response: Option<String>,
    /// Or the artifact that stands for it.
    #[schema(rename = "SAMLart")]
    artifact: Option<String>,
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
    request_body(content(
        (PostedForm = "application/x-www-form-urlencoded"),
        (String = "application/vnd.paos+xml"),
    )),
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
    if client::is_meant(request.headers()) {
        return client::consume(&app, &org, request).await;
    }
    let posted = Posted::from_request(request, &app).await?;
    let form = &posted.form;
    let (response, artifact) = (form.get("SAMLResponse"), form.get("SAMLart"));
    if response.is_some() && artifact.is_some() {
        return Err(Failure::before_message(Code::DuplicateParameter));
    }
    if response.is_none() && artifact.is_none() {
        return Err(Failure::before_message(Code::MissingMessage));
    }
    if let Some(page) = finished::without_cookie(&app, &posted) {
        return Ok(page);
    }
    if let Some(artifact) = artifact {
        return artifact::resolve(&app, &org, artifact, &posted).await;
    }
    let response = PostedResponse {
        org: &org,
        saml_response: response.unwrap_or_default(),
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
