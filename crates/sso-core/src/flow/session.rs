//! Who is signed in (SPEC 5.4, `GET /session`).

use super::{Bridge, token};
use crate::provisioning::Account;
use crate::store::{Session, Store, StoreError};

impl<S: Store> Bridge<S> {
    /// The session of a cookie and its account, if it is live.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn session(&self, token: &str) -> Result<Option<(Session, Account)>, StoreError> {
        match token::hash(token) {
            Some(hash) => self.store.session(&hash, self.clock.now()).await,
            None => Ok(None),
        }
    }
}
