//! Queries of pages: a parameter that comes twice is refused with a page; what is unknown is passed
//! over, since links of applications may carry more than is meant for us.

use super::api_code::ApiCode;
use super::failure::Failure;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The query of a page.
#[derive(Debug, Clone)]
pub(crate) struct PageQuery<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for PageQuery<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|_| Failure::Request(ApiCode::MalformedQuery, "Check the address."))
    }
}
