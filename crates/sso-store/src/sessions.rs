//! Sessions, as administrators see them (SPEC 10).

use crate::AnyStore;
use crate::audit::append_audit;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::{session, session_columns, while_enabled};
use sso_core::ids::{AccountId, SessionId};
use sso_core::org::OrgName;
use sso_core::store::{AuditEntry, Listed, Page, Session, SessionStore, StoreError, WhichSessions};
use time::OffsetDateTime;

impl SessionStore for AnyStore {
    async fn sessions(
        &self,
        org: &OrgName,
        account: AccountId,
        now: OffsetDateTime,
        page: &Page,
    ) -> Result<Listed<Session>, StoreError> {
        let after = page.after()?.map_or([0; 16], SessionId::to_bytes);
        let input = (org.clone(), account, now, after, page.fetch());
        let rows = self
            .engine
            .read(input, |tx, (org, account, now, after, most)| {
                Box::pin(list(tx, org, *account, *now, *after, *most))
            })
            .await?;
        Ok(page.listed(rows, |session| session.made.id))
    }

    async fn end_sessions(
        &self,
        org: &OrgName,
        account: AccountId,
        which: WhichSessions,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (org.clone(), account, which, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, account, which, audit)| {
                Box::pin(end(tx, org, *account, *which, audit))
            })
            .await?)
    }
}

async fn list(
    tx: &mut dyn Transaction,
    org: &OrgName,
    account: AccountId,
    now: OffsetDateTime,
    after: [u8; 16],
    most: usize,
) -> Result<Vec<Session>, Failure> {
    const READ: &Sql = sql!(
        "SELECT ",
        session_columns!(),
        " FROM sessions s",
        while_enabled!(),
        " WHERE s.org = $1 AND s.account = $2 AND s.ends_at > $3 AND s.id > $4 \
         ORDER BY s.id LIMIT $5"
    );
    let values = [
        org.as_str().into(),
        account.to_bytes().into(),
        now.into(),
        after.into(),
        (most as i64).into(),
    ];
    tx.query(READ, &values).await?.iter_mut().map(session).collect()
}

async fn end(
    tx: &mut dyn Transaction,
    org: &OrgName,
    account: AccountId,
    which: WhichSessions,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const ALL: &Sql = sql!("DELETE FROM sessions WHERE org = $1 AND account = $2");
    const ONE: &Sql = sql!("DELETE FROM sessions WHERE org = $1 AND account = $2 AND id = $3");
    const ALL_BUT: &Sql = sql!("DELETE FROM sessions WHERE org = $1 AND account = $2 AND id <> $3");
    let (org, account) = (org.as_str(), account.to_bytes());
    let (sql, named): (_, Option<SessionId>) = match which {
        WhichSessions::All => (ALL, None),
        WhichSessions::One(id) => (ONE, Some(id)),
        WhichSessions::AllBut(id) => (ALL_BUT, Some(id)),
    };
    let ended = match named {
        None => tx.execute(sql, &[org.into(), account.into()]).await?,
        Some(id) => tx.execute(sql, &[org.into(), account.into(), id.to_bytes().into()]).await?,
    };
    if ended == 0 && matches!(which, WhichSessions::One(_)) {
        return Err(Failure::not_found("session"));
    }
    append_audit(tx, audit).await
}
