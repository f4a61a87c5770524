//! What a SCIM client sends: a JSON body, the parameters of a query, the versions that it goes by.

use super::answer::Refused;
use crate::http::body::{self, BodyError};
use crate::http::json::has_nul;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use serde_json::Value;
use sso_core::scim::{Query, ScimError, ScimType, Selection};
use std::collections::HashMap;

/// The most bytes of a body.
pub(super) const BODY_LIMIT: usize = body::FORM_LIMIT;

/// A JSON body. Clients name its type in one of several ways, or not at all.
pub(super) struct Json(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Json {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        if request.headers().contains_key("content-type") {
            match body::media_type(request.headers()).as_deref() {
                Some("application/scim+json" | "application/json") => {}
                _ => {
                    let detail = "The body must be application/scim+json.";
                    return Err(Refused(ScimError::new(415, detail)));
                }
            }
        }
        let content = body::read(request.into_body(), BODY_LIMIT).await.map_err(|error| {
            Refused(match error {
                BodyError::TooLarge => ScimError::new(413, "The body is larger than 1 MiB."),
                BodyError::Broken => invalid("The body stopped short."),
            })
        })?;
        match serde_json::from_slice::<Value>(&content) {
            Ok(value) if has_nul(&value) => Err(Refused(ScimError::bad(
                ScimType::InvalidValue,
                "A text has the character NUL.",
            ))),
            Ok(value @ Value::Object(_)) => Ok(Self(value)),
            Ok(_) => Err(Refused(invalid("The body must be a JSON object."))),
            Err(error) => Err(Refused(invalid(format!("The body is not JSON: {error}.")))),
        }
    }
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> ScimError {
    ScimError::bad(ScimType::InvalidSyntax, detail)
}

/// The parameters of a query (RFC 7644 3.4.2). What is unknown is passed over: Entra ID adds
/// `aadOptscim062020`.
pub(super) struct Parameters(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let mut values = HashMap::new();
        for (name, value) in pairs {
            if value.contains(char::is_control) {
                let detail = "A parameter has control characters.";
                return Err(Refused(ScimError::bad(ScimType::InvalidValue, detail)));
            }
            values.entry(name.to_ascii_lowercase()).or_insert_with(|| value.into_owned());
        }
        Ok(Self(values))
    }
}

impl Parameters {
    /// Those that the body of a `.search` has (RFC 7644 3.4.3).
    pub(super) fn of_search(body: &Value) -> Self {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Array(names) => {
                Some(names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
            }
            _ => None,
        };
        let values = body.as_object().into_iter().flatten();
        let values =
            values.filter_map(|(name, value)| Some((name.to_ascii_lowercase(), text(value)?)));
        Self(values.collect())
    }

    pub(super) fn query(&self) -> Result<Query, ScimError> {
        Query::read(|name| self.get(name))
    }

    pub(super) fn selection(&self) -> Result<Selection, ScimError> {
        let names = |name: &str| self.get(name).unwrap_or_default().split(',');
        Selection::read(names("attributes"), names("excludedAttributes"))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_ascii_lowercase()).map(String::as_str)
    }
}

/// The versions that a client goes by (RFC 7644 3.14).
#[derive(Debug, Clone, Default)]
pub(super) struct Versions {
    only: Option<String>,
    not: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Versions {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        Ok(Self {
            only: header(&parts.headers, &IF_MATCH),
            not: header(&parts.headers, &IF_NONE_MATCH),
        })
    }
}

impl Versions {
    /// The one version that an operation of a bulk names.
    pub(super) fn only(version: Option<&str>) -> Self {
        Self { only: version.map(str::to_owned), not: None }
    }

    /// Holds a resource that is to be changed to the version that the client knows.
    pub(super) fn hold(&self, version: &str) -> Result<(), ScimError> {
        match &self.only {
            Some(known) if !names(known, version) => {
                Err(ScimError::new(412, "The resource has another version by now."))
            }
            _ => Ok(()),
        }
    }

    /// Whether the client knows a resource as it is.
    pub(super) fn knows(&self, version: &str) -> bool {
        self.not.as_deref().is_some_and(|known| names(known, version))
    }
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let all: Vec<&str> = headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).collect();
    (!all.is_empty()).then(|| all.join(","))
}

/// Whether a list of entity tags has this one; all are compared as weak ones.
fn names(known: &str, version: &str) -> bool {
    let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.split(',').any(|tag| tag.trim() == "*" || weak(tag) == weak(version))
}
