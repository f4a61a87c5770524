//! JSON bodies, read strictly: what cannot be parsed is 400, what breaks the shape is 422 and names
//! the field (SPEC 6).

use super::api_code::ApiCode;
use super::body::{self, BodyError, FORM_LIMIT};
use super::problem::Problem;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sso_core::setting::SettingCode;

/// A JSON object of the request, its top-level `null`s taken away: a field that is null has its
/// default.
#[derive(Debug, Clone)]
pub(crate) struct JsonObject(pub(crate) serde_json::Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        match body::media_type(request.headers()).as_deref() {
            Some("application/json" | "application/merge-patch+json") => {}
            _ => {
                return Err(Problem::new(
                    ApiCode::UnsupportedMediaType,
                    "The body must be application/json.",
                ));
            }
        }
        Self::parse(&body::read(request.into_body(), FORM_LIMIT).await?)
    }
}

impl JsonObject {
    /// Reads an object from a body.
    pub(crate) fn parse(content: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(content) {
            Ok(Value::Object(object)) => match object.iter().find(|(_, value)| has_nul(value)) {
                None => Ok(Self(object)),
                Some((field, _)) => Err(Problem::field(
                    ApiCode::Setting(SettingCode::Invalid),
                    field.clone(),
                    "It has the character NUL.",
                )),
            },
            Ok(_) => Err(Problem::new(ApiCode::MalformedBody, "The body must be a JSON object.")),
            Err(e) => {
                Err(Problem::new(ApiCode::MalformedBody, format!("The body is not JSON: {e}.")))
            }
        }
    }

    /// The names of its fields, for the audit trail.
    pub(crate) fn fields(&self) -> String {
        self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Reads the object as `T`. A field that is null is as if it were absent.
    pub(crate) fn read<T: DeserializeOwned>(mut self) -> Result<T, Problem> {
        self.0.retain(|_, value| !value.is_null());
        serde_path_to_error::deserialize(Value::Object(self.0)).map_err(|e| {
            let path = e.path().to_string();
            let problem = e.into_inner().to_string();
            let field = match path.as_str() {
                "." => named(&problem).unwrap_or_default().to_owned(),
                _ => path,
            };
            let problem = format!("{}.", without_value(&problem));
            Problem::field(ApiCode::Setting(SettingCode::Invalid), field, problem)
        })
    }

    /// Reads `T` from `current` with each field that this object names replaced whole
    /// (SPEC 6, PATCH). A field that is null gets its default back.
    pub(crate) fn patch<T: DeserializeOwned + serde::Serialize>(
        self,
        current: &T,
    ) -> Result<T, Problem> {
        let mut whole = match serde_json::to_value(current) {
            Ok(Value::Object(whole)) => whole,
            _ => serde_json::Map::new(),
        };
        whole.extend(self.0);
        Self(whole).read()
    }
}

/// Whether a text somewhere in a value has NUL: a character of no text, which PostgreSQL does not store.
/// The reader bounds the depth.
pub(crate) fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => {
            fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The field that a message of serde names in backquotes, for fields that are unknown or missing.
fn named(problem: &str) -> Option<&str> {
    problem.split('`').nth(1)
}

/// A message of serde without the value that it found, which may be a secret in the wrong place
/// (SPEC 4.8). A value stands before what was expected, so the last of these is serde's own; an address
/// stands in quotes after what is wrong with it.
fn without_value(problem: &str) -> String {
    let shows = ["invalid type: ", "invalid value: ", "unknown variant "];
    match problem.rsplit_once(", expected ") {
        Some((found, expected)) if shows.iter().any(|start| found.starts_with(start)) => {
            format!("Expected {expected}")
        }
        _ => problem.split_once(": \"").map_or(problem, |(wrong, _)| wrong).to_owned(),
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => {
                Self::new(ApiCode::BodyTooLarge, "The body is larger than this path takes.")
            }
            BodyError::Broken => Self::new(ApiCode::MalformedBody, "The body stopped short."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without_value;

    #[test]
    fn no_value_is_told_back() {
        for (said, told) in [
            ("invalid type: string \"a, expected b\", expected u32", "Expected u32"),
            ("invalid value: integer `-1`, expected u32", "Expected u32"),
            ("unknown variant `x`, expected `a` or `b`", "Expected `a` or `b`"),
            ("relative URL without a base: \"x: \\\"y\"", "relative URL without a base"),
            ("unknown field `x`, expected `a` or `b`", "unknown field `x`, expected `a` or `b`"),
            ("missing field `x`", "missing field `x`"),
        ] {
            assert_eq!(without_value(said), told);
        }
    }
}
