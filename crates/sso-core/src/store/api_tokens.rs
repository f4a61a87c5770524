//! Storage of the tokens by which an organization's own scripts use the Admin API (SPEC 6,
//! `api-tokens`). Only the hash of a secret is stored.

use super::{AuditEntry, Listed, Page, StoreError};
use crate::ids::ApiTokenId;
use crate::org::OrgName;
use crate::provisioning::AdminRole;
use std::future::Future;
use time::OffsetDateTime;

/// Storage of tokens for the Admin API. Each change carries its audit entry into the same transaction.
pub trait ApiTokenStore: Send + Sync {
    /// Adds a token, by the SHA-256 of its secret. NotFound `org`, conflict `api_token_exists` (its
    /// identifier or its secret is another's).
    fn add_api_token(
        &self,
        token: ApiToken,
        secret_hash: [u8; 32],
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a token of an organization, expired or not.
    fn api_token(
        &self,
        org: &OrgName,
        id: ApiTokenId,
    ) -> impl Future<Output = Result<Option<ApiToken>, StoreError>> + Send;

    /// The token with this SHA-256 of the secret, of whichever organization, expired or not.
    fn api_token_by_secret(
        &self,
        secret_hash: &[u8; 32],
    ) -> impl Future<Output = Result<Option<ApiToken>, StoreError>> + Send;

    /// Lists the tokens of an organization, oldest first, expired ones among them.
    fn api_tokens(
        &self,
        org: &OrgName,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<ApiToken>, StoreError>> + Send;

    /// Removes a token, which is refused from then on. NotFound `token`.
    fn delete_api_token(
        &self,
        org: &OrgName,
        id: ApiTokenId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A token for the Admin API, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its identifier, which the audit trail has for its holder's name.
    pub id: ApiTokenId,
    /// The one organization that it is good for.
    pub org: OrgName,
    /// What it is for, in the words of who made it.
    pub description: String,
    /// What it may do.
    pub role: AdminRole,
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
