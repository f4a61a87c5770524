//! Tokens for the Admin API and for SCIM.

use super::MemoryStore;
use crate::ids::ApiTokenId;
use crate::org::OrgName;
use crate::store::{
    ApiToken, ApiTokenStore, AuditEntry, Listed, Page, StoreError, TokenRight, TokenUse,
};
use time::OffsetDateTime;

impl ApiTokenStore for MemoryStore {
    async fn add_api_token(
        &self,
        token: ApiToken,
        secret_hash: [u8; 32],
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.require_org(&token.org)?;
        let taken = state.api_tokens.values().any(|known| known.id == token.id);
        if taken || state.api_tokens.contains_key(&secret_hash) {
            return Err(StoreError::Conflict("api_token_exists"));
        }
        state.api_tokens.insert(secret_hash, token);
        state.append_audit(audit);
        Ok(())
    }

    async fn api_token(
        &self,
        org: &OrgName,
        of: TokenUse,
        id: ApiTokenId,
    ) -> Result<Option<ApiToken>, StoreError> {
        let state = self.state();
        let mut tokens = state.api_tokens.values().filter(|token| token.right.usage() == of);
        Ok(tokens.find(|token| token.org == *org && token.id == id).cloned())
    }

    async fn api_token_by_secret(
        &self,
        secret_hash: &[u8; 32],
    ) -> Result<Option<ApiToken>, StoreError> {
        Ok(self.state().api_tokens.get(secret_hash).cloned())
    }

    async fn api_tokens(
        &self,
        org: &OrgName,
        of: TokenUse,
        page: &Page,
    ) -> Result<Listed<ApiToken>, StoreError> {
        let after = page.after::<ApiTokenId>()?;
        let state = self.state();
        let listed = |token: &&ApiToken| {
            token.org == *org && token.right.usage() == of && after.is_none_or(|id| token.id > id)
        };
        let mut rows: Vec<ApiToken> = state.api_tokens.values().filter(listed).cloned().collect();
        rows.sort_by_key(|token| token.id);
        rows.truncate(page.fetch());
        Ok(page.listed(rows, |token| token.id))
    }

    async fn has_live_token(
        &self,
        org: &OrgName,
        right: TokenRight,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let live =
            |token: &ApiToken| token.org == *org && token.right == right && token.is_live(now);
        Ok(self.state().api_tokens.values().any(live))
    }

    async fn set_token_right(
        &self,
        org: &OrgName,
        id: ApiTokenId,
        right: TokenRight,
        audit: AuditEntry,
    ) -> Result<ApiToken, StoreError> {
        let mut state = self.state();
        let of = right.usage();
        let token = state.api_tokens.values_mut().find(|token| token.org == *org && token.id == id);
        let token = token.filter(|token| token.right.usage() == of);
        let token = token.ok_or(StoreError::NotFound("token"))?;
        token.right = right;
        let changed = token.clone();
        state.append_audit(audit);
        Ok(changed)
    }

    async fn delete_api_token(
        &self,
        org: &OrgName,
        of: TokenUse,
        id: ApiTokenId,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let before = state.api_tokens.len();
        let removed =
            |token: &ApiToken| token.org == *org && token.right.usage() == of && token.id == id;
        state.api_tokens.retain(|_, token| !removed(token));
        if state.api_tokens.len() == before {
            return Err(StoreError::NotFound("token"));
        }
        state.append_audit(audit);
        Ok(())
    }
}
