//! The Admin API as an operator's script uses it: JSON in, JSON out, and the status is checked.

use reqwest::{Method, StatusCode};
use serde_json::Value;

/// A client of the Admin API (SPEC 6).
pub struct Admin {
    base: String,
    token: String,
    client: reqwest::Client,
}

impl Admin {
    /// A client with the operator's token. `base` ends in `/api/v1/`.
    pub fn new(base: String, token: &str) -> Self {
        Self { base, token: token.to_owned(), client: reqwest::Client::new() }
    }

    /// Reads a thing.
    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, StatusCode::OK, |request| request).await
    }

    /// Makes a thing, and asserts 201.
    pub async fn create(&self, path: &str, thing: Value) -> Value {
        self.call(Method::POST, path, StatusCode::CREATED, |request| request.json(&thing)).await
    }

    /// Carries out an action, and asserts 200.
    pub async fn act(&self, path: &str) -> Value {
        self.call(Method::POST, path, StatusCode::OK, |request| request).await
    }

    /// Changes fields of a thing, and asserts 200.
    pub async fn patch(&self, path: &str, fields: Value) -> Value {
        self.call(Method::PATCH, path, StatusCode::OK, |request| request.json(&fields)).await
    }

    /// Posts an XML document as it is, and asserts 200.
    pub async fn post_xml(&self, path: &str, document: String) -> Value {
        self.call(Method::POST, path, StatusCode::OK, |request| {
            request.header("Content-Type", "application/samlmetadata+xml").body(document)
        })
        .await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        expected: StatusCode,
        fill: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Value {
        let request = self.client.request(method.clone(), format!("{}{path}", self.base));
        let answer = fill(request.bearer_auth(&self.token)).send().await.expect("an answer");
        let status = answer.status();
        let body = answer.text().await.expect("a body");
        assert_eq!(status, expected, "{method} {path}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|e| panic!("{method} {path}: {e}: {body}"))
    }
}
