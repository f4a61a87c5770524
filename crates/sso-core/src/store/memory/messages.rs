//! The messages of logins.

use super::MemoryStore;
use crate::ids::TraceId;
use crate::org::OrgName;
use crate::store::{Cutoffs, MessageStore, StoreError, StoredMessage};
use std::collections::BTreeMap;

impl MessageStore for MemoryStore {
    async fn put_message(&self, message: StoredMessage) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.messages.contains_key(&message.trace) {
            return Err(StoreError::Conflict("message_exists"));
        }
        state.messages.insert(message.trace, message);
        Ok(())
    }

    async fn message(
        &self,
        org: &OrgName,
        trace: TraceId,
    ) -> Result<Option<StoredMessage>, StoreError> {
        let state = self.state();
        Ok(state.messages.get(&trace).filter(|message| message.org == *org).cloned())
    }
}

/// Removes what is too old, and then the oldest of what is too much; says how many those were. Traces are
/// numbered in the order in which they were made.
pub(super) fn purge(messages: &mut BTreeMap<TraceId, StoredMessage>, cutoffs: &Cutoffs) -> u64 {
    let before = messages.len();
    messages.retain(|_, message| message.at >= cutoffs.messages_before);
    let mut bytes: u64 = messages.values().map(|message| message.xml.len() as u64).sum();
    while bytes > cutoffs.message_bytes
        && let Some((_, oldest)) = messages.pop_first()
    {
        bytes -= oldest.xml.len() as u64;
    }
    (before - messages.len()) as u64
}
