//! Sessions (SPEC 5.4): made by a login, read and ended by their token, listed and ended by administrators (SPEC 10).

use crate::AnyStore;
use crate::audit::append_audit;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::{
    account, account_columns, choice, document, name_id_key, session, session_columns,
    stored_indexes, while_enabled,
};
use sso_core::ids::{AccountId, SessionId};
use sso_core::org::OrgName;
use sso_core::provisioning::Account;
use sso_core::store::{AuditEntry, Listed, Page, Session, SessionStore, StoreError, WhichSessions};
use time::{Duration, OffsetDateTime};

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

pub(crate) async fn insert_session(
    tx: &mut dyn Transaction,
    session: &Session,
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO sessions (id, token_hash, connection, slot, name_id, session_index, \
         more_session_indexes, sp_entity_id, authn_context, authenticated_at, idle_seconds, \
         expires_at, org, account, last_used_at, ends_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    );
    let made = &session.made;
    let slot = choice(&made.slot)?;
    let name_id = document(&made.name_id)?;
    let (session_index, more_session_indexes) = stored_indexes(&made.session_indexes)?;
    let values = [
        made.id.to_bytes().into(),
        (&made.token_hash).into(),
        made.connection.to_bytes().into(),
        (&slot).into(),
        (&name_id).into(),
        session_index.into(),
        (&more_session_indexes).into(),
        (&made.sp_entity_id).into(),
        (&made.authn_context).into(),
        made.authenticated_at.into(),
        i64::from(made.idle_seconds).into(),
        made.expires_at.into(),
        session.org.as_str().into(),
        session.account.to_bytes().into(),
        session.last_used_at.into(),
        made.ends_at(session.last_used_at).into(),
    ];
    let inserted = tx.execute(INSERT, &values).await;
    inserted.map_err(|failure| failure.if_unique(Failure::conflict("session_exists")))?;
    keep_subject(tx, session).await
}

/// Has a logout find the session by its NameID. What is found is kept for a while longer than it has to be,
/// so that those who come again within it write nothing.
async fn keep_subject(tx: &mut dyn Transaction, session: &Session) -> Result<(), Failure> {
    const LONGER: Duration = Duration::days(7);
    const KEEP: &Sql = sql!(
        "INSERT INTO session_subjects (org, name_id_key, account, kept_until) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (org, name_id_key, account) \
         DO UPDATE SET kept_until = excluded.kept_until WHERE session_subjects.kept_until < $5"
    );
    let ends = session.made.expires_at;
    let name_id_key = name_id_key(&session.made.name_id.formatted());
    let values = [
        session.org.as_str().into(),
        (&name_id_key).into(),
        session.account.to_bytes().into(),
        ends.saturating_add(LONGER).into(),
        ends.into(),
    ];
    tx.execute(KEEP, &values).await.map(drop)
}

/// A session that has not ended, with its account, which may still use it.
pub(crate) const READ_SESSION: &Sql = sql!(
    "SELECT ",
    session_columns!(),
    ", ",
    account_columns!(),
    " FROM sessions s JOIN accounts a ON a.org = s.org AND a.id = s.account",
    while_enabled!(),
    " WHERE s.token_hash = $1 AND s.ends_at > $2 AND a.status = 'active'"
);

pub(crate) async fn live_session(
    tx: &mut dyn Transaction,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<(Session, Account)>, Failure> {
    let rows = tx.query(READ_SESSION, &[token_hash.into(), now.into()]).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    Ok(Some((session(&mut row)?, account(&mut row)?)))
}

/// Writes down a use, unless a later one is.
pub(crate) async fn touch(tx: &mut dyn Transaction, session: &Session) -> Result<(), Failure> {
    const TOUCH: &Sql = sql!(
        "UPDATE sessions SET last_used_at = $2, ends_at = $3 \
         WHERE token_hash = $1 AND last_used_at < $2"
    );
    let used = session.last_used_at;
    let ends_at = session.made.ends_at(used);
    let values = [(&session.made.token_hash).into(), used.into(), ends_at.into()];
    tx.execute(TOUCH, &values).await.map(drop)
}

/// Ends a session, and gives it as it was.
pub(crate) async fn end_by_token(
    tx: &mut dyn Transaction,
    token_hash: &[u8; 32],
) -> Result<Option<Session>, Failure> {
    const READ: &Sql =
        sql!("SELECT ", session_columns!(), " FROM sessions s WHERE s.token_hash = $1");
    let rows = tx.query(READ, &[token_hash.into()]).await?;
    let found = rows.into_iter().next().map(|mut row| session(&mut row)).transpose()?;
    Ok(if remove_session(tx, token_hash).await? { found } else { None })
}

/// Removes a session. Of two who do so at once, one has done it.
pub(crate) async fn remove_session(
    tx: &mut dyn Transaction,
    token_hash: &[u8; 32],
) -> Result<bool, Failure> {
    const REMOVE: &Sql = sql!("DELETE FROM sessions WHERE token_hash = $1");
    Ok(tx.execute(REMOVE, &[token_hash.into()]).await? > 0)
}
