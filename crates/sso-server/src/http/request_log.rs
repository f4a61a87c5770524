//! One log line an answer, and a number by which to find it. Neither the query nor any header of a
//! request is logged (ATTACKS WEB-09).

use crate::app::App;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use sso_core::encoding::encode_hex;
use sso_core::random;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument as _;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Numbers a request, runs it inside a span of that number, logs how it ended, and counts a login that
/// ended with it.
pub(crate) async fn log(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let id = encode_hex(&random::bytes::<8>(app.random()));
    let client = client(&app, request.headers(), peer);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("request", %id);
    async {
        let begun = Instant::now();
        let mut response = next.run(request).await;
        let status = response.status().as_u16();
        let milliseconds = begun.elapsed().as_millis() as u64;
        tracing::info!(%method, path, status, %client, milliseconds, "answered");
        if let Some(outcome) = response.extensions().get() {
            app.metrics.login_ended(outcome);
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}

/// Where a request came from. Of `X-Forwarded-For` there may be several headers: they are one list.
pub(crate) fn client(app: &App, headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
    app.trusted_proxies.client(peer.ip(), &lines.join(","))
}
