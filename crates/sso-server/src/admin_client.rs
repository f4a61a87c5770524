//! A client of the Admin API inside this process: its requests go to the service's routes directly.
//! It is an ordinary client otherwise, held to every rule that the API has (SPEC 6).

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use axum::response::Response;
use tower::ServiceExt as _;

/// A client with a token.
pub(crate) struct AdminClient {
    routes: Router,
    authorization: Option<HeaderValue>,
}

impl AdminClient {
    /// A client of these routes. One whose token is no header value is told so by the API.
    pub(crate) fn new(routes: Router, token: &str) -> Self {
        let authorization = HeaderValue::from_str(&format!("Bearer {token}")).ok();
        let authorization = authorization.map(|mut value| {
            value.set_sensitive(true);
            value
        });
        Self { routes, authorization }
    }

    /// Sends a request and waits for the answer.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Response {
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(header::AUTHORIZATION, authorization.clone());
        }
        match self.routes.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        }
    }
}
