//! Sessions, as administrators see them.

use super::MemoryStore;
use crate::ids::{AccountId, SessionId};
use crate::org::OrgName;
use crate::store::{AuditEntry, Listed, Page, Session, SessionStore, StoreError, WhichSessions};
use time::OffsetDateTime;

impl SessionStore for MemoryStore {
    async fn sessions(
        &self,
        org: &OrgName,
        account: AccountId,
        now: OffsetDateTime,
        page: &Page,
    ) -> Result<Listed<Session>, StoreError> {
        let after = page.after::<SessionId>()?;
        let state = self.state();
        let mut live: Vec<Session> = state
            .sessions
            .values()
            .filter(|session| session.org == *org && session.account == account)
            .filter(|session| session.is_live(now) && Some(session.made.id) > after)
            .filter(|session| state.is_enabled(session.made.connection))
            .cloned()
            .collect();
        live.sort_unstable_by_key(|session| session.made.id);
        live.truncate(page.fetch());
        Ok(page.listed(live, |session| session.made.id))
    }

    async fn end_sessions(
        &self,
        org: &OrgName,
        account: AccountId,
        which: WhichSessions,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let before = state.sessions.len();
        state.sessions.retain(|_, live| {
            !(which.means(live.made.id) && live.org == *org && live.account == account)
        });
        if matches!(which, WhichSessions::One(_)) && state.sessions.len() == before {
            return Err(StoreError::NotFound("session"));
        }
        state.append_audit(audit);
        Ok(())
    }
}
