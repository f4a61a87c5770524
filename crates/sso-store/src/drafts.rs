//! Drafts of connections: test logins that passed, and promotion (SPEC 2, `state`).

use crate::AnyStore;
use crate::audit::{append_audit, append_trace};
use crate::configuration::write_connection;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::metadata;
use crate::pending_logins::consume;
use crate::rows::{TraceRow, choice};
use sso_core::connection::Connection;
use sso_core::ids::{ConnectionId, TraceId};
use sso_core::store::{AuditEntry, CommitError, DraftStore, PassedTest, StoreError, StoredTrace};

impl DraftStore for AnyStore {
    async fn commit_test_login(
        &self,
        request_id: &str,
        passed: PassedTest,
        trace: StoredTrace,
    ) -> Result<(), CommitError> {
        let input = (request_id.to_owned(), passed, TraceRow::new(trace)?);
        Ok(self
            .engine
            .write(input, |tx, (request_id, passed, trace)| {
                Box::pin(commit(tx, request_id, passed, trace))
            })
            .await?)
    }

    async fn passed_test(
        &self,
        connection: ConnectionId,
    ) -> Result<Option<PassedTest>, StoreError> {
        Ok(self.engine.read(connection, |tx, id| Box::pin(passed(tx, *id))).await?)
    }

    async fn promote_draft(
        &self,
        draft: Connection,
        live: Connection,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (draft, live, audit);
        Ok(self
            .engine
            .write(input, |tx, (draft, live, audit)| Box::pin(promote(tx, draft, live, audit)))
            .await?)
    }
}

async fn commit(
    tx: &mut dyn Transaction,
    request_id: &str,
    passed: &PassedTest,
    trace: &TraceRow,
) -> Result<(), Failure> {
    consume(tx, request_id).await?;
    remember(tx, passed).await?;
    append_trace(tx, trace).await
}

async fn remember(tx: &mut dyn Transaction, passed: &PassedTest) -> Result<(), Failure> {
    const FORGET: &Sql = sql!("DELETE FROM passed_tests WHERE connection = $1");
    const INSERT: &Sql = sql!(
        "INSERT INTO passed_tests (connection, settings, trace, at) \
         SELECT id, $2, $3, $4 FROM connections WHERE id = $1"
    );
    let connection = passed.connection.to_bytes();
    tx.execute(FORGET, &[connection.into()]).await?;
    let values = [
        connection.into(),
        (&passed.settings).into(),
        passed.trace.to_bytes().into(),
        passed.at.into(),
    ];
    // A connection that was removed meanwhile has nothing to remember.
    tx.execute(INSERT, &values).await.map(drop)
}

async fn passed(
    tx: &mut dyn Transaction,
    connection: ConnectionId,
) -> Result<Option<PassedTest>, Failure> {
    const READ: &Sql = sql!("SELECT settings, trace, at FROM passed_tests WHERE connection = $1");
    let rows = tx.query(READ, &[connection.to_bytes().into()]).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    Ok(Some(PassedTest {
        connection,
        settings: row.array()?,
        trace: TraceId::from_bytes(row.array()?),
        at: row.instant()?,
    }))
}

async fn promote(
    tx: &mut dyn Transaction,
    draft: &Connection,
    live: &Connection,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    // By its slot, too: a first connection keeps the identifier of the draft that it was.
    const REMOVE: &Sql =
        sql!("DELETE FROM connections WHERE id = $1 AND revision = $2 AND slot = $3");
    // Both go with the draft's row.
    let (passed, source) = (passed(tx, draft.id).await?, metadata::read(tx, draft.id).await?);
    let slot = choice(&draft.slot)?;
    let values = [draft.id.to_bytes().into(), (draft.revision as i64).into(), (&slot).into()];
    if tx.execute(REMOVE, &values).await? == 0 {
        return Err(Failure::conflict("connection_changed"));
    }
    write_connection(tx, live).await?;
    if let Some(passed) = passed {
        remember(tx, &PassedTest { connection: live.id, ..passed }).await?;
    }
    if let Some(source) = source {
        let before = metadata::read(tx, live.id).await?;
        metadata::put(tx, &source.for_connection(live.id, before.as_ref()), &[]).await?;
    }
    append_audit(tx, audit).await
}
