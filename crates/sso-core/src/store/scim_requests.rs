//! Storage of what directories asked over SCIM, and what became of it (SPEC 11.1). It is for people who look
//! for a fault; what was changed is in the audit trail, with the change.

use super::{Listed, Page, StoreError};
use crate::ids::{ApiTokenId, ScimRequestId};
use crate::org::OrgName;
use serde::{Deserialize, Serialize};
use std::future::Future;
use time::OffsetDateTime;

/// The most requests that are kept of one organization; the oldest make room.
pub const MOST_SCIM_REQUESTS: u64 = 20_000;

/// Storage of requests.
pub trait ScimRequestStore: Send + Sync {
    /// Keeps a request, in the place of the one that is [`MOST_SCIM_REQUESTS`] older. NotFound `org`.
    fn put_scim_request(
        &self,
        request: ScimRequest,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a request of an organization.
    fn scim_request(
        &self,
        org: &OrgName,
        id: ScimRequestId,
    ) -> impl Future<Output = Result<Option<ScimRequest>, StoreError>> + Send;

    /// Lists requests of an organization, newest first.
    fn scim_requests(
        &self,
        org: &OrgName,
        filter: &ScimRequestFilter,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<ScimRequest>, StoreError>> + Send;
}

/// A request, without its body, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScimRequest {
    /// Its number.
    pub id: ScimRequestId,
    /// The organization whose token it came with.
    pub org: OrgName,
    /// When it came, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The token.
    pub token: ApiTokenId,
    /// The address that it came from.
    pub client: String,
    /// The method.
    pub method: String,
    /// The path below `/scim/v2`.
    pub path: String,
    /// Of the query the parameters of RFC 7644 3.4.2, as they read. A filter by a password is left out.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub query: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// Why it was refused.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub error: Option<ScimRequestError>,
    /// What was changed, as the audit trail says it, and what of a bulk was refused.
    pub changed: Vec<String>,
    /// Whether it was a dry run: it was answered as if it were done, and nothing was changed.
    pub dry_run: bool,
    /// How long it took.
    pub milliseconds: u64,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScimRequestError {
    /// The `scimType` of RFC 7644 table 9, where it has one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub scim_type: Option<String>,
    /// The sentence that the directory was told.
    pub detail: String,
}

/// Which requests are listed. The default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScimRequestFilter {
    /// Only those of this token.
    pub token: Option<ApiTokenId>,
    /// Only those that were refused, or only those that were not.
    pub refused: Option<bool>,
    /// Only those that ask for a change.
    pub writes: bool,
}

impl ScimRequest {
    /// Whether it was refused.
    pub fn is_refused(&self) -> bool {
        self.error.is_some()
    }

    /// Whether it asked for a change.
    pub fn is_write(&self) -> bool {
        let changes = matches!(self.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE");
        changes && !self.path.ends_with("/.search")
    }
}

impl ScimRequestFilter {
    /// Whether a request is listed.
    pub fn matches(&self, request: &ScimRequest) -> bool {
        self.token.is_none_or(|token| request.token == token)
            && self.refused.is_none_or(|refused| request.is_refused() == refused)
            && (!self.writes || request.is_write())
    }
}
