//! Drafts: test logins that passed, and promotion.

use super::MemoryStore;
use crate::connection::Connection;
use crate::ids::ConnectionId;
use crate::store::{AuditEntry, CommitError, DraftStore, PassedTest, StoreError, StoredTrace};

impl DraftStore for MemoryStore {
    async fn commit_test_login(
        &self,
        request_id: &str,
        passed: PassedTest,
        trace: StoredTrace,
    ) -> Result<(), CommitError> {
        let mut state = self.state();
        match state.pending_logins.get_mut(request_id) {
            Some(pending) if !pending.consumed => pending.consumed = true,
            _ => return Err(CommitError::RequestAlreadyUsed),
        }
        if state.connections.values().any(|connection| connection.id == passed.connection) {
            state.passed_tests.insert(passed.connection, passed);
        }
        state.append_trace(trace);
        Ok(())
    }

    async fn passed_test(
        &self,
        connection: ConnectionId,
    ) -> Result<Option<PassedTest>, StoreError> {
        Ok(self.state().passed_tests.get(&connection).cloned())
    }

    async fn promote_draft(
        &self,
        draft: Connection,
        live: Connection,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let place = (draft.org.clone(), draft.slot);
        let stored = state.connections.get(&place);
        let is_current =
            |stored: &Connection| stored.id == draft.id && stored.revision == draft.revision;
        if !stored.is_some_and(is_current) {
            return Err(StoreError::Conflict("connection_changed"));
        }
        state.require_next_connection(&live)?;
        state.connections.remove(&place);
        let source = state.take_source(draft.id);
        if let Some(passed) = state.passed_tests.remove(&draft.id) {
            state.passed_tests.insert(live.id, PassedTest { connection: live.id, ..passed });
        }
        if let Some(source) = source {
            state.inherit_source(source, live.id);
        }
        state.write_connection(live);
        state.append_audit(audit);
        Ok(())
    }
}
