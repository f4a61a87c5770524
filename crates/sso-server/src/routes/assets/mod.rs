//! `/assets/…`: the style, the script and the picture of our pages, from our own origin.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

/// The routes, for the service and for the demo's identity provider.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let asset = |kind: &'static str, content: &'static str| {
        get(async move || {
            ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=3600")], content)
                .into_response()
        })
    };
    Router::new()
        .route("/assets/style.css", asset("text/css; charset=utf-8", include_str!("style.css")))
        .route("/assets/post.js", asset("text/javascript; charset=utf-8", include_str!("post.js")))
        .route("/assets/icon.svg", asset("image/svg+xml", include_str!("icon.svg")))
}
