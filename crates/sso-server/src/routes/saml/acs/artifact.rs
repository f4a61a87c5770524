//! An artifact, in a query or a form: the response that it stands for is asked for from server to server
//! (SAML Bindings 3.6, SPEC 5.5). No response itself is taken in a query.

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::metadata::KeyRefresher;
use crate::routes::finished;
use crate::routes::posted::Posted;
use axum::extract::{Path, Request, State};
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};
use sso_core::error::Code;
use sso_core::flow::BroughtArtifact;
use std::sync::Arc;

/// The query as a client sees it. [`Posted`] reads it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it declares what `Posted` reads")]
struct ArtifactQuery {
    /// The artifact that stands for the response, in base64.
    #[param(rename = "SAMLart")]
    artifact: Option<String>,
    /// What the request carried.
    #[param(rename = "RelayState")]
    relay_state: Option<String>,
}

/// Take an artifact of an identity provider, ask it for the response, and sign the person in.
///
/// Only where the connection asks for its responses so. Who is refused fares as with a posted response.
#[utoipa::path(
    get, path = "/saml/{org}/acs", tag = "sign-in",
    params(ArtifactQuery),
    responses(
        (
            status = 200, content_type = "text/html; charset=utf-8", body = String,
            description = "A form that goes to the identity provider with a request of ours, or what came of a test login."
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
    extensions(("x-refusals" = json!([
        ApiCode::MalformedQuery,
        ApiCode::NotFound,
        ApiCode::MethodNotAllowed,
        ApiCode::Unavailable,
    ]))),
)]
pub(super) async fn by_artifact(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    if request.method() != Method::GET {
        // A HEAD, as what looks at links sends: the artifact would be used up and nobody signed in.
        let allowed = [(header::ALLOW, "GET, POST")];
        let sentence = "A sign-in is opened or posted here.";
        let refused = Failure::Request(ApiCode::MethodNotAllowed, sentence);
        return Ok((allowed, refused).into_response());
    }
    let posted = Posted::in_query(&app, &request)?;
    if posted.form.get("SAMLResponse").is_some() {
        return Err(Failure::before_message(Code::BindingNotAllowed));
    }
    let Some(artifact) = posted.form.get("SAMLart") else {
        return Err(Failure::before_message(Code::MissingMessage));
    };
    resolve(&app, &org, artifact, &posted).await
}

/// Asks for what an artifact stands for.
pub(super) async fn resolve(
    app: &Arc<App>,
    org: &str,
    artifact: &str,
    posted: &Posted,
) -> Result<Response, Failure> {
    let brought = BroughtArtifact {
        org,
        artifact,
        relay_state: posted.form.get("RelayState"),
        browser: posted.browser.as_deref(),
        session: posted.session.as_deref(),
        restarted: posted.restarted.as_deref(),
        parameters: posted.form.fields(),
    };
    let keys = KeyRefresher(app.clone());
    let ended = app.bridge.finish_artifact(brought, &keys, &app.outgoing).await?;
    Ok(finished::answer(app, posted, ended))
}
