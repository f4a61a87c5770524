//! What an enhanced client brings: a response in an envelope (SAML Profiles 4.2, SPEC 5.5).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::body::{self, BodyError};
use crate::http::failure::Failure;
use crate::metadata::KeyRefresher;
use crate::routes::finished;
use crate::routes::posted::Posted;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use sso_core::bindings::paos;
use sso_core::flow::ClientResponse;
use sso_core::xml::Limits;
use std::sync::Arc;

/// Whether a post is one of an enhanced client.
pub(super) fn is_meant(headers: &HeaderMap) -> bool {
    body::media_type(headers).as_deref() == Some(paos::MEDIA_TYPE)
}

/// Takes the envelope.
pub(super) async fn consume(
    app: &Arc<App>,
    org: &str,
    request: Request,
) -> Result<Response, Failure> {
    let posted = Posted::without_form(app, &request);
    let envelope = body::read(request.into_body(), Limits::MESSAGE.bytes).await?;
    let brought = ClientResponse {
        org,
        envelope: &envelope,
        browser: posted.browser.as_deref(),
        session: posted.session.as_deref(),
    };
    let ended = app.bridge.finish_ecp(brought, &KeyRefresher(app.clone())).await?;
    Ok(finished::answer(app, &posted, ended))
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => {
                Self::Request(ApiCode::BodyTooLarge, "The envelope is larger than 256 KiB.")
            }
            BodyError::Broken => Self::Request(
                ApiCode::MalformedBody,
                "The envelope did not arrive whole. Try again.",
            ),
        }
    }
}
