//! `POST /saml/{org}/slo/soap`: logout requests that an identity provider's server sends (SAML Bindings
//! 3.2; SPEC 5.3). Whatever is refused is a SOAP fault that tells the public code and nothing else.

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::body::{self, BodyError};
use crate::metadata::KeyRefresher;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sso_core::bindings::soap;
use sso_core::flow::SoapLogout;
use sso_core::xml::Limits;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(by_soap))
}

/// Take a logout request of an identity provider's server.
#[utoipa::path(
    post, path = "/saml/{org}/slo/soap", tag = "sign-in",
    request_body(content = String, content_type = "text/xml", description = "A SOAP 1.1 envelope."),
    responses(
        (
            status = 200, content_type = "text/xml; charset=utf-8", body = String,
            description = "The sessions have ended; an envelope with a LogoutResponse."
        ),
        (
            status = 500, content_type = "text/xml; charset=utf-8", body = String,
            description = "Refused: an envelope with a fault."
        ),
    ),
    extensions(("x-soap-faults" = json!([
        ApiCode::MalformedBody,
        ApiCode::NotFound,
        ApiCode::BodyTooLarge,
        ApiCode::UnsupportedMediaType,
        ApiCode::Unavailable,
    ]))),
)]
async fn by_soap(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    request: Request,
) -> Response {
    // The second is of SOAP 1.2; pysaml2 sends it with envelopes of SOAP 1.1.
    let media_type = body::media_type(request.headers());
    if !matches!(media_type.as_deref(), Some("text/xml" | "application/soap+xml")) {
        return refused(ApiCode::UnsupportedMediaType);
    }
    let envelope = match body::read(request.into_body(), Limits::MESSAGE.bytes).await {
        Ok(envelope) => envelope,
        Err(BodyError::TooLarge) => return refused(ApiCode::BodyTooLarge),
        Err(BodyError::Broken) => return refused(ApiCode::MalformedBody),
    };
    match app.bridge.logout_by_soap(&org, &envelope, &KeyRefresher(app.clone())).await {
        Ok(SoapLogout::Answer(answer)) => enveloped(StatusCode::OK, answer),
        Ok(SoapLogout::Refused(refusal)) => {
            fault(StatusCode::INTERNAL_SERVER_ERROR, refusal.rejection.code.public())
        }
        Ok(SoapLogout::UnknownOrg) => refused(ApiCode::NotFound),
        Err(error) => {
            tracing::error!(%error, "the database failed");
            refused(ApiCode::Unavailable)
        }
    }
}

fn refused(code: ApiCode) -> Response {
    let status = StatusCode::from_u16(code.status());
    fault(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), code.as_str())
}

fn fault(status: StatusCode, code: &str) -> Response {
    enveloped(status, soap::fault(code))
}

fn enveloped(status: StatusCode, envelope: String) -> Response {
    (status, [(header::CONTENT_TYPE, soap::MEDIA_TYPE)], envelope).into_response()
}
