//! The operator of the demo, who sets it up over the Admin API.

use crate::admin_client::AdminClient;
use crate::config::{AdminToken, Config, StartError};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Value;

/// The most bytes of an answer that is read.
const ANSWER_LIMIT: usize = 1 << 20;

/// A client of the Admin API with the operator's token.
pub(super) struct Operator(AdminClient);

/// What a request carries.
pub(super) enum Content {
    /// Nothing.
    Nothing,
    /// A JSON object.
    Json(Value),
    /// A metadata document.
    Metadata(String),
}

impl Operator {
    /// A client of a service that was started with these settings.
    pub(super) fn new(routes: Router, config: &Config) -> Result<Self, StartError> {
        let file = AdminToken::file(&config.data_dir);
        let token =
            std::fs::read_to_string(&file).map_err(|e| StartError::path(&file, e.to_string()))?;
        Ok(Self(AdminClient::new(routes, token.trim())))
    }

    /// Reads a thing; `None` where there is no such thing.
    pub(super) async fn get(&self, path: &str) -> Result<Option<Value>, StartError> {
        match self.send(Method::GET, path, Content::Nothing).await? {
            (StatusCode::NOT_FOUND, _) => Ok(None),
            answer => good(path, answer).map(Some),
        }
    }

    /// Makes or does something.
    pub(super) async fn post(&self, path: &str, content: Content) -> Result<Value, StartError> {
        good(path, self.send(Method::POST, path, content).await?)
    }

    /// Changes fields of a thing.
    pub(super) async fn patch(&self, path: &str, fields: Value) -> Result<Value, StartError> {
        good(path, self.send(Method::PATCH, path, Content::Json(fields)).await?)
    }

    /// The command line by which a person reads a thing.
    pub(super) fn example(&self, path: &str, config: &Config) -> String {
        let url = config.public_url.join(&format!("/api/v1/{path}"));
        let token = AdminToken::file(&config.data_dir);
        format!("curl -H \"Authorization: Bearer $(cat {})\" {url}", token.display())
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        content: Content,
    ) -> Result<(StatusCode, Value), StartError> {
        let fail = |problem: String| StartError::Demo(format!("{path}: {problem}"));
        let (kind, body) = match content {
            Content::Nothing => (None, Body::empty()),
            Content::Json(value) => (Some("application/json"), Body::from(value.to_string())),
            Content::Metadata(text) => (Some("application/samlmetadata+xml"), Body::from(text)),
        };
        let mut request = Request::builder().method(method).uri(format!("/api/v1/{path}"));
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request = request.body(body).map_err(|e| fail(e.to_string()))?;
        let answer = self.0.send(request).await;
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), ANSWER_LIMIT).await;
        let body = body.map_err(|e| fail(e.to_string()))?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

fn good(path: &str, (status, body): (StatusCode, Value)) -> Result<Value, StartError> {
    if status.is_success() {
        return Ok(body);
    }
    Err(StartError::Demo(format!("{path} answered {status}: {body}")))
}
