//! Logouts: pending ones, and the sessions that one from outside ends.

use super::{MemoryStore, replay_key};
use crate::logout::PendingLogout;
use crate::store::{
    CommitError, LogoutRecords, LogoutStore, Session, StoreError, StoredTrace, Subject,
};

/// A pending logout. One that was consumed stays until it is purged.
pub(super) struct Waiting {
    pub(super) logout: PendingLogout,
    consumed: bool,
}

impl LogoutStore for MemoryStore {
    async fn put_pending_logout(&self, logout: PendingLogout) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.pending_logouts.contains_key(&logout.request_id) {
            return Err(StoreError::Conflict("request_exists"));
        }
        let request_id = logout.request_id.clone();
        state.pending_logouts.insert(request_id, Waiting { logout, consumed: false });
        Ok(())
    }

    async fn pending_logout(&self, request_id: &str) -> Result<Option<PendingLogout>, StoreError> {
        Ok(self.state().pending_logouts.get(request_id).map(|waiting| waiting.logout.clone()))
    }

    async fn finish_logout(&self, request_id: &str, trace: StoredTrace) -> Result<(), CommitError> {
        let mut state = self.state();
        let waiting = state.pending_logouts.get_mut(request_id);
        let Some(waiting) = waiting.filter(|waiting| !waiting.consumed) else {
            return Err(CommitError::RequestAlreadyUsed);
        };
        waiting.consumed = true;
        state.append_trace(trace);
        Ok(())
    }

    async fn end_subject_sessions(
        &self,
        subject: Subject,
        records: LogoutRecords,
    ) -> Result<Vec<Session>, CommitError> {
        let mut state = self.state();
        if let Some(replay) = records.replay {
            let key = replay_key(&replay);
            if state.replays.contains_key(&key) {
                return Err(CommitError::Replayed);
            }
            state.replays.insert(key, replay);
        }
        let mut ended: Vec<Session> =
            state.sessions.values().filter(|session| subject.has(session)).cloned().collect();
        ended.sort_unstable_by_key(|session| session.made.id);
        for session in &ended {
            state.sessions.remove(&session.made.token_hash);
        }
        if let Some(trace) = records.trace {
            state.append_trace(trace);
        }
        Ok(ended)
    }
}
