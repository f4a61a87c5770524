//! `GET /`: where a person chooses the organization to sign in at.

use super::browser;
use crate::app::App;
use crate::http::failure::Failure;
use crate::templates::{self, SignIn};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/", get(home))
}

async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Failure> {
    if browser::session(&app, &headers).await?.is_some() {
        return Ok(Redirect::to("/welcome").into_response());
    }
    Ok(templates::page(&SignIn { given: "", unknown: false, return_to: None }))
}
