//! What a SCIM client is answered: `application/scim+json`, refusals in the form of RFC 7644 3.12.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use sso_core::flow::{AccountError, GroupError};
use sso_core::scim::{ScimError, ScimType, group};
use sso_core::setting::InvalidSetting;
use sso_core::store::{AuditEntry, StoreError};

/// What is answered when it was done.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Option<Value>,
    /// Where the resource is.
    pub(super) location: Option<String>,
    /// The version of the resource, as an entity tag.
    pub(super) version: Option<String>,
    /// What was changed, for the log.
    pub(super) changed: Vec<String>,
}

/// What the log has of an answer.
#[derive(Clone, Default)]
pub(super) struct Outcome {
    pub(super) changed: Vec<String>,
    pub(super) error: Option<ScimError>,
}

impl Answer {
    /// A list, or something else that is no resource with a version.
    pub(super) fn of(body: Value) -> Self {
        Self { body: Some(body), ..Self::nothing(StatusCode::OK) }
    }

    /// Done, and there is nothing to tell.
    pub(super) fn nothing(status: StatusCode) -> Self {
        Self { status, body: None, location: None, version: None, changed: Vec::new() }
    }

    /// The same, with what was changed on the way, as the audit trail has it.
    pub(super) fn with_changes(mut self, audit: &[AuditEntry]) -> Self {
        let told = audit.iter().map(|entry| format!("{}: {}", entry.sub_category, entry.details));
        self.changed.extend(told);
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match &self.body {
            Some(body) => scim(body),
            None => ().into_response(),
        };
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if self.status == StatusCode::CREATED {
            put(headers, header::LOCATION, self.location.as_deref());
        }
        put(headers, header::ETAG, self.version.as_deref());
        let outcome = Outcome { changed: self.changed, error: None };
        response.extensions_mut().insert(outcome);
        response
    }
}

/// Why it was not done.
#[derive(Debug)]
pub(super) struct Refused(pub(super) ScimError);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = scim(&self.0.to_json());
        *response.status_mut() =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if self.0.status == 401 {
            put(response.headers_mut(), header::WWW_AUTHENTICATE, Some("Bearer"));
        }
        response.extensions_mut().insert(Outcome { changed: Vec::new(), error: Some(self.0) });
        response
    }
}

impl Refused {
    /// A defect of ours: the route does not stand behind the layer that knows the token.
    pub(super) fn outside_of_its_layer() -> Self {
        tracing::error!("a route of SCIM stands outside of its layer");
        Self(ScimError::new(500, "The service failed."))
    }

    /// The token opens nothing here.
    pub(super) fn token() -> Self {
        Self(ScimError::new(401, "The token is not known here, or has expired."))
    }

    fn removals_held() -> Self {
        let detail = "Too much was removed in too short a time: what is more is held until an administrator \
                      of the organization lets it pass (removals_held).";
        Self(ScimError::new(403, detail))
    }
}

fn scim(body: &Value) -> Response {
    let kind = HeaderValue::from_static("application/scim+json");
    ([(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: Option<&str>) {
    if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
        headers.insert(name, value);
    }
}

impl From<ScimError> for Refused {
    fn from(error: ScimError) -> Self {
        Self(error)
    }
}

impl From<InvalidSetting> for Refused {
    fn from(invalid: InvalidSetting) -> Self {
        let InvalidSetting { code, field, problem } = invalid;
        let detail = format!("{field} ({}): {problem}", code.as_str());
        Self(ScimError::bad(ScimType::InvalidValue, detail))
    }
}

impl From<AccountError> for Refused {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Invalid(invalid) => invalid.into(),
            AccountError::PrimaryAdmin(_) => {
                let detail =
                    "The account of the primary administrator stays active (primary_admin).";
                Self(ScimError::new(403, detail))
            }
            AccountError::RemovalsHeld(_) => Self::removals_held(),
            AccountError::NotPermitted | AccountError::ManagedExternally(_) => {
                Self(ScimError::new(403, "It is not permitted."))
            }
            AccountError::Store(error) => error.into(),
        }
    }
}

impl From<GroupError> for Refused {
    fn from(error: GroupError) -> Self {
        match error {
            GroupError::Invalid(invalid) => invalid.into(),
            GroupError::Store(StoreError::NotFound("account" | "group_below")) => {
                Self(group::unknown_member())
            }
            GroupError::Store(StoreError::Conflict("group_circle")) => {
                let detail = "The group would be a part of itself (group_circle).";
                Self(ScimError::bad(ScimType::InvalidValue, detail))
            }
            GroupError::RemovalsHeld(_) => Self::removals_held(),
            GroupError::ManagedExternally(_) => Self(ScimError::new(403, "It is not permitted.")),
            GroupError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        let refused = match error {
            StoreError::NotFound(_) => ScimError::not_found(),
            StoreError::Conflict(code @ ("uid_taken" | "ssoid_taken" | "email_taken")) => {
                let attribute = match code {
                    "uid_taken" => "userName",
                    "ssoid_taken" => "externalId",
                    _ => "e-mail address",
                };
                ScimError::taken(format!("Another user has this {attribute} ({code})."))
            }
            StoreError::AttributeTaken(field) => {
                ScimError::taken(format!("Another user has this {field} (attribute_taken)."))
            }
            StoreError::Conflict("group_sso_id_taken") => {
                ScimError::taken("Another group has this externalId (group_sso_id_taken).")
            }
            StoreError::Conflict("user_limit_reached") => ScimError::new(
                403,
                "The organization has as many active accounts as it may have (user_limit_reached).",
            ),
            StoreError::Conflict(_) | StoreError::InvalidCursor => {
                ScimError::new(409, "Somebody else changed it meanwhile. Try again.")
            }
            StoreError::Engine(reason) => {
                tracing::error!(%reason, "the database failed");
                ScimError::new(503, "The database does not answer. Try again.")
            }
        };
        Self(refused)
    }
}
