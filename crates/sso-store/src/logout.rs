//! Logouts: pending ones, and the sessions that one from outside ends (SPEC 5.3).

use crate::AnyStore;
use crate::audit::append_trace;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::{
    TraceRow, name_id_key, pending_logout, pending_logout_columns, session, session_columns,
};
use crate::sessions::remove_session;
use crate::sign_in::record_use;
use sso_core::login::ReplayRecord;
use sso_core::logout::PendingLogout;
use sso_core::store::{
    CommitError, LogoutRecords, LogoutStore, Session, StoreError, StoredTrace, Subject,
};

impl LogoutStore for AnyStore {
    async fn put_pending_logout(&self, logout: PendingLogout) -> Result<(), StoreError> {
        Ok(self.engine.write(logout, |tx, logout| Box::pin(put_pending(tx, logout))).await?)
    }

    async fn pending_logout(&self, request_id: &str) -> Result<Option<PendingLogout>, StoreError> {
        let request_id = request_id.to_owned();
        Ok(self.engine.read(request_id, |tx, id| Box::pin(read_pending(tx, id))).await?)
    }

    async fn finish_logout(&self, request_id: &str, trace: StoredTrace) -> Result<(), CommitError> {
        let input = (request_id.to_owned(), TraceRow::new(trace)?);
        let finish = self.engine.write(input, |tx, (id, trace)| Box::pin(finish(tx, id, trace)));
        Ok(finish.await?)
    }

    async fn end_subject_sessions(
        &self,
        subject: Subject,
        records: LogoutRecords,
    ) -> Result<Vec<Session>, CommitError> {
        let trace = records.trace.map(TraceRow::new).transpose()?;
        let input = (subject, records.replay, trace);
        let ended = self.engine.write(input, |tx, (subject, replay, trace)| {
            Box::pin(end_sessions(tx, subject, replay.as_ref(), trace.as_ref()))
        });
        Ok(ended.await?)
    }
}

async fn put_pending(tx: &mut dyn Transaction, logout: &PendingLogout) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO pending_logouts (",
        pending_logout_columns!(),
        ", expires_at, consumed) VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE)"
    );
    let values = [
        (&logout.request_id).into(),
        logout.org.as_str().into(),
        logout.connection.to_bytes().into(),
        (&logout.relay_state).into(),
        (&logout.return_to).into(),
        logout.created_at.into(),
        logout.expires_at().into(),
    ];
    tx.execute(INSERT, &values)
        .await
        .map(drop)
        .map_err(|failure| failure.if_unique(Failure::conflict("request_exists")))
}

async fn read_pending(
    tx: &mut dyn Transaction,
    request_id: &str,
) -> Result<Option<PendingLogout>, Failure> {
    const READ: &Sql =
        sql!("SELECT ", pending_logout_columns!(), " FROM pending_logouts WHERE request_id = $1");
    let rows = tx.query(READ, &[request_id.into()]).await?;
    rows.into_iter().next().map(|mut row| pending_logout(&mut row)).transpose()
}

async fn finish(
    tx: &mut dyn Transaction,
    request_id: &str,
    trace: &TraceRow,
) -> Result<(), Failure> {
    const CONSUME: &Sql =
        sql!("UPDATE pending_logouts SET consumed = TRUE WHERE request_id = $1 AND NOT consumed");
    if tx.execute(CONSUME, &[request_id.into()]).await? == 0 {
        return Err(Failure::Commit(CommitError::RequestAlreadyUsed));
    }
    append_trace(tx, trace).await
}

/// The sessions of all accounts that signed in with a NameID, some of them perhaps with another.
pub(crate) const READ_SUBJECT: &Sql = sql!(
    "SELECT ",
    session_columns!(),
    " FROM sessions s WHERE s.org = $1 AND s.account IN \
     (SELECT account FROM session_subjects WHERE org = $1 AND name_id_key = $2) ORDER BY s.id"
);

async fn end_sessions(
    tx: &mut dyn Transaction,
    subject: &Subject,
    replay: Option<&ReplayRecord>,
    trace: Option<&TraceRow>,
) -> Result<Vec<Session>, Failure> {
    if let Some(replay) = replay {
        record_use(tx, replay).await?;
    }
    let key = name_id_key(&subject.name_id.formatted());
    let of = [subject.org.as_str().into(), (&key).into()];
    let found = tx.query(READ_SUBJECT, &of).await?;
    let found = found.into_iter().map(|mut row| session(&mut row));
    let mut ended = Vec::new();
    for session in found.collect::<Result<Vec<_>, _>>()? {
        if subject.has(&session) && remove_session(tx, &session.made.token_hash).await? {
            ended.push(session);
        }
    }
    if let Some(trace) = trace {
        append_trace(tx, trace).await?;
    }
    Ok(ended)
}
