//! What the Admin API answers when it does not do what it was asked: `application/problem+json`
//! (RFC 9457) with a code of a closed list (SPEC 6).

use super::api_code::ApiCode;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sso_core::certs::{CertificateError, ImportError, MAX_IDP_CERTIFICATES};
use sso_core::flow::{AccountError, GroupError};
use sso_core::metadata::MetadataError;
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{SERVICE_URI_TAKEN, StoreError};
use std::borrow::Cow;

/// A refusal of the Admin API. It never holds a secret or the text of an engine's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    code: ApiCode,
    detail: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
}

impl Problem {
    /// A refusal; `detail` says in a sentence what is wrong this time.
    pub(crate) fn new(code: ApiCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), field: None }
    }

    /// A refusal for the sake of one field, named by its path in the body.
    pub(crate) fn field(
        code: ApiCode,
        field: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code, detail: detail.into(), field: Some(field.into()) }
    }

    /// The realm of a connection is another organization's.
    pub(crate) fn service_uri_taken() -> Self {
        let detail = "Another organization has this realm. Tokens for it would be both's.";
        Self::field(ApiCode::ServiceUriTaken, "service_uri", detail)
    }

    /// What it is refused for.
    pub(crate) fn code(&self) -> ApiCode {
        self.code
    }

    /// What is wrong this time.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The service failed. The reason goes to the log alone.
    pub(crate) fn internal(reason: &dyn std::fmt::Display) -> Self {
        tracing::error!(%reason, "a request failed");
        Self::new(ApiCode::Internal, "The log has the reason.")
    }

    /// There is no such thing, or it is not the organization's.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(ApiCode::NotFound, format!("There is no such {what}."))
    }
}

/// What the service answers when it does not do what it was asked (RFC 9457).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Shape<'a> {
    /// What the code means.
    title: &'a str,
    /// The status of the answer.
    status: u16,
    /// The reason, of a closed list.
    #[schema(pattern = "^[a-z0-9_]+$")]
    code: &'a str,
    /// What is wrong this time.
    detail: &'a str,
    /// The field of the body that is at fault, by its path.
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
            StoreError::Conflict(SERVICE_URI_TAKEN) => Self::service_uri_taken(),
            StoreError::InvalidCursor => {
                Self::new(ApiCode::MalformedQuery, "cursor must be the `next` of this very list.")
            }
            StoreError::Conflict("certificate_retired") => Self::new(
                ApiCode::CertificateRetired,
                "A retired certificate does not come back. Generate another one.",
            ),
            StoreError::Conflict("certificate_active") => Self::new(
                ApiCode::CertificateActive,
                "It signs what is sent. Activate another one, then retire or remove this one.",
            ),
            StoreError::Conflict("certificate_exists") => {
                Self::new(ApiCode::CertificateExists, "It stands in the list by another name.")
            }
            StoreError::Conflict("certificate_limit") => Self::new(
                ApiCode::CertificateLimit,
                format!("There are {MAX_IDP_CERTIFICATES}. Remove one that is not used any more."),
            ),
            StoreError::AttributeTaken(field) => {
                taken(ApiCode::AttributeTaken, field.as_str().to_owned())
            }
            StoreError::Conflict("email_taken") => taken(ApiCode::EmailTaken, "email"),
            StoreError::Conflict("ssoid_taken") => taken(ApiCode::SsoidTaken, "ssoid"),
            StoreError::Conflict("uid_taken") => taken(ApiCode::UidTaken, "uid"),
            StoreError::Conflict("group_not_empty") => Self::new(
                ApiCode::GroupNotEmpty,
                "Take its members out, and the groups below it, then remove it.",
            ),
            StoreError::Conflict("group_sso_id_taken") => Self::field(
                ApiCode::GroupSsoIdTaken,
                "sso_id",
                "No two groups of an organization share it.",
            ),
            StoreError::Conflict("group_top_level") => {
                Self::new(ApiCode::GroupTopLevel, "It was made with the organization.")
            }
            StoreError::Conflict("user_limit_reached") => Self::new(
                ApiCode::UserLimitReached,
                "Deactivate an account, or have provisioning.max_active_users raised.",
            ),
            StoreError::Conflict(_) => Self::new(ApiCode::ChangedMeanwhile, "Read it again."),
            StoreError::Engine(reason) => {
                tracing::error!(%reason, "the database failed");
                Self::new(ApiCode::Unavailable, "Try again; the log has the reason.")
            }
        }
    }
}

fn managed_externally() -> Problem {
    let detail = "Change it in the directory, or remove the SCIM tokens. Deactivating and roles stay by hand.";
    Problem::new(ApiCode::ManagedExternally, detail)
}

/// A value that another account of the organization has.
fn taken(code: ApiCode, field: impl Into<Cow<'static, str>>) -> Problem {
    Problem::field(code, field, "No two accounts of an organization share it.")
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotPermitted => Self::new(
                ApiCode::OrgAdminOnly,
                "The account or the role is not for a User Administrator to change.",
            ),
            AccountError::ManagedExternally(_) => managed_externally(),
            AccountError::RemovalsHeld(held) => Self::internal(&held),
            AccountError::PrimaryAdmin(_) => Self::new(
                ApiCode::PrimaryAdmin,
                "Make somebody else the organization's primary_admin first.",
            ),
            AccountError::Invalid(invalid) => invalid.into(),
            AccountError::Store(error) => error.into(),
        }
    }
}

impl From<GroupError> for Problem {
    fn from(error: GroupError) -> Self {
        let invalid = |field, problem: &'static str| {
            Self::field(ApiCode::Setting(SettingCode::Invalid), field, problem)
        };
        match error {
            GroupError::ManagedExternally(_) => managed_externally(),
            GroupError::RemovalsHeld(held) => Self::internal(&held),
            GroupError::Invalid(invalid) => invalid.into(),
            GroupError::Store(StoreError::NotFound("account")) => {
                invalid("members", "One of them is no account of the organization.")
            }
            GroupError::Store(StoreError::NotFound("parent")) => {
                invalid("parents", "One of them is no group of the organization.")
            }
            GroupError::Store(StoreError::Conflict("group_circle")) => {
                invalid("parents", "The group would be a part of itself.")
            }
            GroupError::Store(error) => error.into(),
        }
    }
}

impl From<InvalidSetting> for Problem {
    fn from(invalid: InvalidSetting) -> Self {
        Self::field(ApiCode::Setting(invalid.code), invalid.field, invalid.problem)
    }
}

impl From<MetadataError> for Problem {
    fn from(error: MetadataError) -> Self {
        Self::new(ApiCode::from(&error), error.to_string())
    }
}

impl From<CertificateError> for Problem {
    fn from(error: CertificateError) -> Self {
        Self::new(ApiCode::from(error), error.to_string())
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        Self::new(ApiCode::from(error), error.to_string())
    }
}
