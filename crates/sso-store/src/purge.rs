//! The purge: what is past its time, in parts, so that logins go on in between (docs/retention.md).

use crate::AnyStore;
use crate::engine::{Failure, Sql, Transaction, micros, sql};
use crate::trails::{AUDIT, SCIM_REQUESTS, TRACES};
use sso_core::store::{Cutoffs, Purged};

/// The most rows that one transaction removes.
pub(crate) const PART: i64 = 500;

const PENDING_LOGINS: &Sql = sql!(
    "DELETE FROM pending_logins WHERE request_id IN \
     (SELECT request_id FROM pending_logins WHERE expires_at <= $1 LIMIT $2)"
);
const PENDING_LOGOUTS: &Sql = sql!(
    "DELETE FROM pending_logouts WHERE request_id IN \
     (SELECT request_id FROM pending_logouts WHERE expires_at <= $1 LIMIT $2)"
);
const REPLAY_RECORDS: &Sql = sql!(
    "DELETE FROM replay_records WHERE assertion_key IN \
     (SELECT assertion_key FROM replay_records WHERE expires_at <= $1 LIMIT $2)"
);
const SESSIONS: &Sql = sql!(
    "DELETE FROM sessions WHERE token_hash IN \
     (SELECT token_hash FROM sessions WHERE ends_at <= $1 LIMIT $2)"
);
const SESSION_SUBJECTS: &Sql = sql!(
    "DELETE FROM session_subjects WHERE (org, name_id_key, account) IN \
     (SELECT org, name_id_key, account FROM session_subjects WHERE kept_until <= $1 LIMIT $2)"
);
const OLD_MESSAGES: &Sql =
    sql!("DELETE FROM messages WHERE trace IN (SELECT trace FROM messages WHERE at < $1 LIMIT $2)");
const NOTICES: &Sql =
    sql!("DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE at < $1 LIMIT $2)");

impl AnyStore {
    pub(crate) async fn purge_rows(&self, cutoffs: &Cutoffs) -> Result<Purged, Failure> {
        self.purge_table(SESSION_SUBJECTS, micros(cutoffs.now)).await?;
        Ok(Purged {
            pending_logins: self.purge_table(PENDING_LOGINS, micros(cutoffs.now)).await?,
            pending_logouts: self.purge_table(PENDING_LOGOUTS, micros(cutoffs.now)).await?,
            replay_records: self.purge_table(REPLAY_RECORDS, micros(cutoffs.now)).await?,
            sessions: self.purge_table(SESSIONS, micros(cutoffs.now)).await?,
            traces: self.purge_trail(TRACES, cutoffs.traces_before).await?,
            messages: self.purge_table(OLD_MESSAGES, micros(cutoffs.messages_before)).await?
                + self.purge_messages_over(cutoffs.message_bytes).await?,
            scim_requests: self.purge_trail(SCIM_REQUESTS, cutoffs.traces_before).await?,
            audit_entries: self.purge_trail(AUDIT, cutoffs.audit_before).await?,
            notices: self.purge_table(NOTICES, micros(cutoffs.audit_before)).await?,
        })
    }

    pub(crate) async fn purge_table(&self, sql: &'static Sql, cutoff: i64) -> Result<u64, Failure> {
        let mut removed = 0;
        loop {
            let part = self
                .engine
                .write((sql, cutoff), |tx, (sql, cutoff)| Box::pin(part(tx, sql, *cutoff)))
                .await?;
            removed += part;
            if part < PART as u64 {
                return Ok(removed);
            }
        }
    }
}

async fn part(tx: &mut dyn Transaction, sql: &'static Sql, cutoff: i64) -> Result<u64, Failure> {
    tx.execute(sql, &[cutoff.into(), PART.into()]).await
}
