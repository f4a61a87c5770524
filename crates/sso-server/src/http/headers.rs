//! The security headers of every answer (ATTACKS 15).

use crate::app::App;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use url::Url;

/// Nothing is loaded but our own style and script; nothing is inline; nobody frames us. A form may
/// go to any https address, since a browser holds the redirects after a form to this too, and they
/// end at identity providers and applications.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     base-uri 'none'; frame-ancestors 'none'; form-action 'self' https:";

/// The same for a service on loopback, whose identity provider may be on loopback too.
pub(crate) const LOOPBACK_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     base-uri 'none'; frame-ancestors 'none'; form-action 'self' https: http:";

/// The same for the one page that others frame.
const FRAMED_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
     form-action 'none'";

/// Marks an answer that an identity provider shows in a frame of its own page: that of a clean-up
/// (SPEC 3). There is nothing on it that a click could do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Framed;

/// Lets pages of the origin of an address show an answer in a frame: an identity provider that tells every
/// service of a logout does it in frames. (Where a policy says who may, `X-Frame-Options` counts no more:
/// Content Security Policy 3, 6.4.2.)
pub(crate) fn framed_by(response: &mut Response, app: &App, address: &Url) {
    let by = format!("frame-ancestors {}", address.origin().ascii_serialization());
    let policy = policy(app).replace("frame-ancestors 'none'", &by);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn policy(app: &App) -> &'static str {
    if app.public_url.is_secure() { POLICY } else { LOOPBACK_POLICY }
}

/// Adds the headers that an answer does not have yet.
pub(crate) async fn add(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_framed = response.extensions().get::<Framed>().is_some();
    let policy = match is_framed {
        true => FRAMED_POLICY,
        false => policy(&app),
    };
    if !is_framed {
        let deny = HeaderValue::from_static("DENY");
        response.headers_mut().entry(header::X_FRAME_OPTIONS).or_insert(deny);
    }
    let headers: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // The origin alone, and not over http: some identity providers refuse a post whose Origin
        // is null, which is what stricter policies make of it.
        (header::REFERRER_POLICY, "strict-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in headers {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
