//! Paths and methods that there are not: a page for browsers, a problem for the Admin API.

use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::problem::Problem;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};

pub(super) async fn path(request: Request) -> Response {
    if is_api(&request) {
        return Problem::not_found("path").into_response();
    }
    Failure::Request(ApiCode::NotFound, "Check the address.").into_response()
}

pub(super) async fn method(request: Request) -> Response {
    if is_api(&request) {
        return Problem::new(ApiCode::MethodNotAllowed, "The path does not take this method.")
            .into_response();
    }
    Failure::Request(ApiCode::MethodNotAllowed, "This address is not opened this way.")
        .into_response()
}

fn is_api(request: &Request) -> bool {
    request.uri().path().starts_with("/api/") || request.uri().path() == "/session"
}
