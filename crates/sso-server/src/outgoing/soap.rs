//! Asking identity providers from server to server (SAML Bindings 3.2).

use super::{Outgoing, OutgoingError};
use crate::http::body;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use sso_core::bindings::soap;
use sso_core::flow::BackChannel;
use sso_core::xml::Limits;
use std::time::Duration;
use url::Url;

/// How long an exchange may take: a person waits for it.
const TIME: Duration = Duration::from_secs(10);

impl BackChannel for Outgoing {
    async fn post(&self, to: &Url, envelope: String) -> Result<Vec<u8>, String> {
        self.exchange_envelopes(to, envelope).await.map_err(|error| error.to_string())
    }
}

impl Outgoing {
    async fn exchange_envelopes(
        &self,
        to: &Url,
        envelope: String,
    ) -> Result<Vec<u8>, OutgoingError> {
        let unsendable = |_| OutgoingError::not_allowed("The envelope cannot be sent.");
        let request = Request::post("/")
            .header(CONTENT_TYPE, soap::MEDIA_TYPE)
            .header("SOAPAction", format!("\"{}\"", soap::ACTION))
            .body(Body::from(envelope))
            .map_err(unsendable)?;
        let answer = self.send(to, request, TIME).await?;
        let body = body::read(answer.body, Limits::MESSAGE.bytes).await;
        let body = body.map_err(|error| OutgoingError::of_body(error, answer.deadline))?;
        Ok(body.to_vec())
    }
}
