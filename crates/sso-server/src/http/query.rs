//! Queries of the Admin API: a parameter that is unknown, repeated or unreadable, or has control
//! characters, is 400.

use super::api_code::ApiCode;
use super::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use sso_core::store::Page;

/// The query, read as `T`, which denies unknown fields.
#[derive(Debug, Clone)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        if pairs.any(|(name, value)| {
            name.contains(char::is_control) || value.contains(char::is_control)
        }) {
            return Err(Problem::new(
                ApiCode::MalformedQuery,
                "A parameter has control characters.",
            ));
        }
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|e| Problem::new(ApiCode::MalformedQuery, format!("{}.", e.body_text())))
    }
}

/// The parameters of a list (SPEC 6).
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// The most items of the answer.
    #[param(minimum = 1, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

impl ListQuery {
    /// The page asked for: 50 items where no limit is given, at most 200 whatever is asked.
    pub(crate) fn page(self) -> Result<Page, Problem> {
        page(self.limit, self.cursor)
    }
}

/// The page that `limit` and `cursor` ask for.
pub(crate) fn page(limit: Option<u32>, cursor: Option<String>) -> Result<Page, Problem> {
    match limit.unwrap_or(50) {
        0 => Err(Problem::new(ApiCode::MalformedQuery, "limit must be at least 1.")),
        limit => Ok(Page { limit: limit.min(200) as u16, cursor }),
    }
}
