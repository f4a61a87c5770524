//! `GET /saml/{org}/metadata`: our service provider metadata, from the moment that the organization
//! exists (SPEC 2).

use crate::app::App;
use crate::http::failure::Failure;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/saml/{org}/metadata", get(export))
}

async fn export(State(app): State<Arc<App>>, Path(org): Path<String>) -> Result<Response, Failure> {
    let document = app.bridge.metadata(&org).await?.ok_or_else(Failure::unknown_org)?;
    // An organization that exists: nothing in its name or its domain ends the quotation.
    let headers = [
        (CONTENT_TYPE, "application/samlmetadata+xml".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{org}-metadata.xml\"")),
    ];
    Ok((headers, document).into_response())
}
