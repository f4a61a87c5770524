//! `/assets/…`: the style, the script and the picture of our pages, from our own origin.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes, for the service and for the demo's identity provider.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> OpenApiRouter<S> {
    OpenApiRouter::default().routes(routes!(style)).routes(routes!(script)).routes(routes!(icon))
}

/// The style of our pages.
#[utoipa::path(
    get, path = "/assets/style.css", tag = "pages",
    responses((status = 200, content_type = "text/css; charset=utf-8", body = String)),
)]
async fn style() -> impl IntoResponse {
    asset("text/css; charset=utf-8", include_str!("style.css"))
}

/// The script that carries a form on.
#[utoipa::path(
    get, path = "/assets/post.js", tag = "pages",
    responses((status = 200, content_type = "text/javascript; charset=utf-8", body = String)),
)]
async fn script() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", include_str!("post.js"))
}

/// The picture of our pages.
#[utoipa::path(
    get, path = "/assets/icon.svg", tag = "pages",
    responses((status = 200, content_type = "image/svg+xml", body = String)),
)]
async fn icon() -> impl IntoResponse {
    asset("image/svg+xml", include_str!("icon.svg"))
}

fn asset(kind: &'static str, content: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=3600")], content)
}
