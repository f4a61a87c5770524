//! The key that tokens are signed with.

use super::MemoryStore;
use crate::store::{StoreError, TokenKey, TokenKeyStore};

impl TokenKeyStore for MemoryStore {
    async fn token_key(&self) -> Result<Option<TokenKey>, StoreError> {
        Ok(self.state().token_key.clone())
    }

    async fn first_token_key(&self, made: TokenKey) -> Result<TokenKey, StoreError> {
        Ok(self.state().token_key.get_or_insert(made).clone())
    }
}
