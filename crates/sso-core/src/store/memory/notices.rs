//! Notices and their deliveries.

use super::MemoryStore;
use crate::ids::NoticeId;
use crate::store::{AuditEntry, Channel, Delivery, Notice, NoticeStore, StoreError};
use time::OffsetDateTime;

/// A delivery in the outbox.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub(super) notice: NoticeId,
    channel: Channel,
    attempts: u32,
    due_at: OffsetDateTime,
}

impl NoticeStore for MemoryStore {
    async fn raise(
        &self,
        notice: Notice,
        audit: AuditEntry,
        channels: &[Channel],
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        state.require_org(&notice.org)?;
        let mut kept = state.notices.values();
        if kept.any(|kept| kept.org == notice.org && kept.key == notice.key) {
            return Ok(false);
        }
        let waiting = |channel: &Channel| Waiting {
            notice: notice.id,
            channel: *channel,
            attempts: 0,
            due_at: notice.at,
        };
        state.deliveries.extend(channels.iter().map(waiting));
        state.notices.insert(notice.id, notice);
        state.append_audit(audit);
        Ok(true)
    }

    async fn take_deliveries(
        &self,
        channel: Channel,
        now: OffsetDateTime,
        again_at: OffsetDateTime,
        most: u16,
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut state = self.state();
        let state = &mut *state;
        state.deliveries.sort_by_key(|waiting| (waiting.due_at, waiting.notice));
        let due = |waiting: &&mut Waiting| waiting.channel == channel && waiting.due_at <= now;
        let due = state.deliveries.iter_mut().filter(due).take(usize::from(most));
        let taken = due.filter_map(|waiting| {
            waiting.attempts = waiting.attempts.saturating_add(1);
            waiting.due_at = again_at;
            let notice = state.notices.get(&waiting.notice)?.clone();
            Some(Delivery { notice, attempts: waiting.attempts })
        });
        Ok(taken.collect())
    }

    async fn put_delivery_off(
        &self,
        notice: NoticeId,
        channel: Channel,
        until: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let its = |waiting: &&mut Waiting| waiting.notice == notice && waiting.channel == channel;
        if let Some(waiting) = state.deliveries.iter_mut().find(its) {
            waiting.due_at = until;
        }
        Ok(())
    }

    async fn end_delivery(&self, notice: NoticeId, channel: Channel) -> Result<(), StoreError> {
        let its = |waiting: &Waiting| waiting.notice == notice && waiting.channel == channel;
        self.state().deliveries.retain(|waiting| !its(waiting));
        Ok(())
    }
}
