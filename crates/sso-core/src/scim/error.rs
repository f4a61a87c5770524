//! What a SCIM client is told when it is not done (RFC 7644 3.12).

use std::borrow::Cow;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// The kind of a 400 or 409, of the closed list of RFC 7644 table 9.
    pub kind: Option<ScimType>,
    /// What is wrong, in a sentence. Never a secret.
    pub detail: Cow<'static, str>,
}

/// The kinds of errors (RFC 7644 table 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// The filter cannot be read, or compares what cannot be compared.
    InvalidFilter,
    /// More would have to be looked through than this service does.
    TooMany,
    /// Another resource has a value that is unique.
    Uniqueness,
    /// What is read-only would change.
    Mutability,
    /// The body is not what the request takes.
    InvalidSyntax,
    /// The path of a PATCH cannot be read.
    InvalidPath,
    /// The path of a PATCH leads to nothing.
    NoTarget,
    /// A value is missing or cannot be.
    InvalidValue,
}

impl ScimType {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
        }
    }
}

impl ScimError {
    /// A refusal without a kind.
    pub fn new(status: u16, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, kind: None, detail: detail.into() }
    }

    /// A request that is at fault.
    pub fn bad(kind: ScimType, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status: 400, kind: Some(kind), detail: detail.into() }
    }

    /// A value that another resource has.
    pub fn taken(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status: 409, kind: Some(ScimType::Uniqueness), detail: detail.into() }
    }

    /// There is no such resource in the organization.
    pub fn not_found() -> Self {
        Self::new(404, "There is no such resource.")
    }

    /// As the body of an answer.
    pub fn to_json(&self) -> serde_json::Value {
        let mut body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(kind), Some(body)) = (self.kind, body.as_object_mut()) {
            body.insert("scimType".to_owned(), kind.as_str().into());
        }
        body
    }
}
