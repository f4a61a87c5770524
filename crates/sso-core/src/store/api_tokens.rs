//! Storage of the tokens by which an organization's own scripts use the Admin API, and its directory SCIM
//! (SPEC 6, `api-tokens`, `scim-tokens`). Only the hash of a secret is stored.

use super::{AuditEntry, Listed, Page, StoreError};
use crate::ids::ApiTokenId;
use crate::org::OrgName;
use crate::provisioning::AdminRole;
use serde::{Deserialize, Serialize};
use std::future::Future;
use time::OffsetDateTime;

/// Storage of tokens. Each change carries its audit entry into the same transaction.
pub trait ApiTokenStore: Send + Sync {
    /// Adds a token, by the SHA-256 of its secret. NotFound `org`, conflict `api_token_exists` (its
    /// identifier or its secret is another's).
    fn add_api_token(
        &self,
        token: ApiToken,
        secret_hash: [u8; 32],
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a token of an organization that is of this use, expired or not.
    fn api_token(
        &self,
        org: &OrgName,
        of: TokenUse,
        id: ApiTokenId,
    ) -> impl Future<Output = Result<Option<ApiToken>, StoreError>> + Send;

    /// The token with this SHA-256 of the secret, of whichever organization, expired or not.
    fn api_token_by_secret(
        &self,
        secret_hash: &[u8; 32],
    ) -> impl Future<Output = Result<Option<ApiToken>, StoreError>> + Send;

    /// Lists the tokens of an organization that are of this use, oldest first, expired ones among them.
    fn api_tokens(
        &self,
        org: &OrgName,
        of: TokenUse,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<ApiToken>, StoreError>> + Send;

    /// Whether an organization has a token with this right that is live at `now`.
    fn has_live_token(
        &self,
        org: &OrgName,
        right: TokenRight,
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives a token another right, of the same use. NotFound `token`.
    fn set_token_right(
        &self,
        org: &OrgName,
        id: ApiTokenId,
        right: TokenRight,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<ApiToken, StoreError>> + Send;

    /// Removes a token of this use, which is refused from then on. NotFound `token`.
    fn delete_api_token(
        &self,
        org: &OrgName,
        of: TokenUse,
        id: ApiTokenId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    /// The Admin API.
    AdminApi,
    /// SCIM: a directory writes accounts.
    Scim,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenRight {
    /// At the Admin API, accounts alone.
    UserAdmin,
    /// At the Admin API, everything of the organization but what is the operator's.
    OrgAdmin,
    /// At SCIM, accounts and groups; no role.
    Scim,
    /// At SCIM, the same without changing anything: each request is answered as if it were done.
    ScimDryRun,
}

impl TokenRight {
    /// What a token with it is for.
    pub fn usage(self) -> TokenUse {
        match self {
            Self::UserAdmin | Self::OrgAdmin => TokenUse::AdminApi,
            Self::Scim | Self::ScimDryRun => TokenUse::Scim,
        }
    }

    /// The role at the Admin API, if that is what it is for.
    pub fn role(self) -> Option<AdminRole> {
        match self {
            Self::UserAdmin => Some(AdminRole::UserAdmin),
            Self::OrgAdmin => Some(AdminRole::OrgAdmin),
            Self::Scim | Self::ScimDryRun => None,
        }
    }
}

impl From<AdminRole> for TokenRight {
    fn from(role: AdminRole) -> Self {
        match role {
            AdminRole::UserAdmin => Self::UserAdmin,
            AdminRole::OrgAdmin => Self::OrgAdmin,
        }
    }
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its identifier, which the audit trail has for its holder's name.
    pub id: ApiTokenId,
    /// The one organization that it is good for.
    pub org: OrgName,
    /// What it is for, in the words of who made it.
    pub description: String,
    /// What it may do.
    pub right: TokenRight,
    /// Who made it, as the audit trail calls them.
    pub created_by: String,
    /// When, in UTC.
    pub created_at: OffsetDateTime,
    /// From when on it is refused, in UTC.
    pub expires_at: OffsetDateTime,
}

impl ApiToken {
    /// Whether it has not expired.
    pub fn is_live(&self, now: OffsetDateTime) -> bool {
        now < self.expires_at
    }
}
