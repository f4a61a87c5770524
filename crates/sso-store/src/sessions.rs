//! Sessions, as administrators see them (SPEC 10).

use crate::AnyStore;
use crate::audit::append_audit;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::{session, session_columns};
use sso_core::ids::{AccountId, SessionId};
use sso_core::org::OrgName;
use sso_core::store::{AuditEntry, Listed, Page, Session, SessionStore, StoreError};
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
        session: Option<SessionId>,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (org.clone(), account, session, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, account, session, audit)| {
                Box::pin(end(tx, org, *account, *session, audit))
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
        " FROM sessions s WHERE s.org = $1 AND s.account = $2 AND s.ends_at > $3 AND s.id > $4 \
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
    session: Option<SessionId>,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const ALL: &Sql = sql!("DELETE FROM sessions WHERE org = $1 AND account = $2");
    const ONE: &Sql = sql!("DELETE FROM sessions WHERE org = $1 AND account = $2 AND id = $3");
    let of = [org.as_str().into(), account.to_bytes().into()];
    match session {
        None => tx.execute(ALL, &of).await.map(drop)?,
        Some(id) => {
            let [org, account] = of;
            if tx.execute(ONE, &[org, account, id.to_bytes().into()]).await? == 0 {
                return Err(Failure::not_found("session"));
            }
        }
    }
    append_audit(tx, audit).await
}
