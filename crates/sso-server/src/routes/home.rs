//! `GET /`: where a person chooses the organization to sign in at.

use super::browser;
use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::templates::{self, SignIn};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(home))
}

/// The page where a person chooses the organization to sign in at.
#[utoipa::path(
    get, path = "/", tag = "pages",
    responses(
        (status = 200, content_type = "text/html; charset=utf-8", body = String),
        (
            status = 303, description = "Somebody is signed in: to the page that says who.",
            headers(("Location"))
        ),
    ),
    extensions(("x-refusals" = json!([ApiCode::Unavailable]))),
)]
async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Failure> {
    if browser::session(&app, &headers).await?.is_some() {
        return Ok(Redirect::to("/welcome").into_response());
    }
    Ok(templates::page(&SignIn { given: "", unknown: false, return_to: None }))
}
