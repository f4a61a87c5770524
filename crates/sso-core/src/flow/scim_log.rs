//! What directories asked over SCIM, kept for whoever looks for a fault (SPEC 11.1). What is refused has a
//! budget of its own, so that a directory that goes through all its people does not crowd it out.

use super::Bridge;
use super::budget::Budget;
use crate::store::{ScimRequest, Store, StoreError};

/// The requests kept for one organization in one minute, of those that were refused and of the others: more
/// than the 25 a second that Entra ID wants a service to take.
const A_MINUTE: u64 = 2_100;

/// The budgets of the log.
pub(super) struct ScimLog {
    done: Budget,
    refused: Budget,
}

impl Default for ScimLog {
    fn default() -> Self {
        Self { done: Budget::of(A_MINUTE), refused: Budget::of(A_MINUTE) }
    }
}

impl<S: Store> Bridge<S> {
    /// Keeps a request, within the budget of its organization. `false`: it was not kept.
    ///
    /// # Errors
    /// The store failed.
    pub async fn keep_scim_request(&self, request: ScimRequest) -> Result<bool, StoreError> {
        let ScimLog { done, refused } = &self.scim_log;
        let budget = if request.is_refused() { refused } else { done };
        let kept = budget.take(1, &request.org, request.at);
        if kept {
            self.store.put_scim_request(request).await?;
        }
        Ok(kept)
    }
}
