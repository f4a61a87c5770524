//! Storage of the key that tokens for applications are signed with (SPEC 6, `/oauth2/jwks`).

use super::StoreError;
use std::future::Future;
use time::OffsetDateTime;

/// Storage of the key that tokens are signed with: one for the whole service, on all its nodes.
pub trait TokenKeyStore: Send + Sync {
    /// The key, if one was made.
    fn token_key(&self) -> impl Future<Output = Result<Option<TokenKey>, StoreError>> + Send;

    /// Keeps a key that was just made, sealed at rest, unless there is one already. Answers the one
    /// that is kept, so that all who make one at once go on with the same.
    fn first_token_key(
        &self,
        made: TokenKey,
    ) -> impl Future<Output = Result<TokenKey, StoreError>> + Send;
}

/// The key that tokens are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenKey {
    /// When it was made, in UTC.
    pub created_at: OffsetDateTime,
    /// The private key, PKCS#8 DER.
    pub private_key: Vec<u8>,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKey").field("created_at", &self.created_at).finish_non_exhaustive()
    }
}
