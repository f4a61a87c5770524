//! What the Admin API answers when it does not do what it was asked: `application/problem+json`
//! (RFC 9457) with a code of a closed list (SPEC 6).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::StoreError;
use std::borrow::Cow;

macro_rules! api_codes {
    ($($variant:ident $code:literal $status:literal $title:literal;)+) => {
        /// The closed list of codes of the Admin API. Each is documented in `docs/error-codes.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ApiCode {
            $(#[doc = concat!("`", $code, "` (", $status, "). ", $title)] $variant,)+
            /// A setting breaks a rule (422).
            Setting(SettingCode),
        }

        impl ApiCode {
            /// Every code, by status.
            pub fn all() -> Vec<ApiCode> {
                let mut all = vec![$(ApiCode::$variant),+];
                all.extend(SettingCode::ALL.iter().copied().map(ApiCode::Setting));
                all.sort_by_key(|code| code.status());
                all
            }

            /// The stable name in snake_case.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(ApiCode::$variant => $code,)+
                    ApiCode::Setting(code) => code.as_str(),
                }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self {
                    $(ApiCode::$variant => $status,)+
                    ApiCode::Setting(_) => 422,
                }
            }

            /// What the code means, in one sentence.
            pub fn title(self) -> &'static str {
                match self {
                    $(ApiCode::$variant => $title,)+
                    ApiCode::Setting(code) => code.title(),
                }
            }
        }
    };
}

api_codes! {
    MalformedBody "malformed_body" 400 "The body is not what its content type says, or stopped short.";
    MalformedQuery "malformed_query" 400 "The query has a parameter that is unknown or cannot be read.";
    Unauthorized "unauthorized" 401 "The request carries no token that is known here.";
    NotSignedIn "not_signed_in" 401 "The request carries no live session.";
    NotFound "not_found" 404 "There is no such thing.";
    MethodNotAllowed "method_not_allowed" 405 "The path does not take this method.";
    OrgExists "org_exists" 409 "An organization has this name already.";
    DomainTaken "domain_taken" 409 "A domain belongs to another organization.";
    CertificateRetired "certificate_retired" 409 "A service certificate was retired.";
    ChangedMeanwhile "changed_meanwhile" 409 "Somebody else changed it meanwhile. Read it again.";
    BodyTooLarge "body_too_large" 413 "The body is larger than this path takes.";
    UnsupportedMediaType "unsupported_media_type" 415 "The path does not take this content type.";
    Internal "internal" 500 "The service failed. Its log says why.";
    Unavailable "unavailable" 503 "The database does not answer.";
}

/// A refusal of the Admin API. It never holds a secret or the text of an engine's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    code: ApiCode,
    detail: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
}

impl Problem {
    /// A refusal; `detail` says in a sentence what is wrong this time.
    pub fn new(code: ApiCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), field: None }
    }

    /// A refusal for the sake of one field, named by its path in the body.
    pub fn field(
        code: ApiCode,
        field: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code, detail: detail.into(), field: Some(field.into()) }
    }

    /// There is no such thing, or it is not the organization's.
    pub fn not_found(what: &str) -> Self {
        Self::new(ApiCode::NotFound, format!("There is no such {what}."))
    }
}

#[derive(Serialize)]
struct Shape<'a> {
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let body = Shape {
            title: self.code.title(),
            status,
            code: self.code.as_str(),
            detail: &self.detail,
            field: self.field.as_deref(),
        };
        let mut response = axum::Json(body).into_response();
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.code == ApiCode::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(what) => Self::not_found(what),
            StoreError::Conflict("org_exists") => {
                Self::field(ApiCode::OrgExists, "name", "Another organization has this name.")
            }
            StoreError::Conflict("domain_taken") => Self::field(
                ApiCode::DomainTaken,
                "domains",
                "Another organization has one of these domains.",
            ),
            StoreError::InvalidCursor => {
                Self::new(ApiCode::MalformedQuery, "cursor must be the `next` of this very list.")
            }
            StoreError::Conflict("certificate_retired") => Self::new(
                ApiCode::CertificateRetired,
                "A retired certificate does not come back. Generate another one.",
            ),
            StoreError::Conflict(_) => Self::new(ApiCode::ChangedMeanwhile, "Read it again."),
            StoreError::Engine(reason) => {
                tracing::error!(%reason, "the database failed");
                Self::new(ApiCode::Unavailable, "Try again; the log has the reason.")
            }
        }
    }
}

impl From<InvalidSetting> for Problem {
    fn from(invalid: InvalidSetting) -> Self {
        Self::field(ApiCode::Setting(invalid.code), invalid.field, invalid.problem)
    }
}
