//! Where the metadata of connections comes from.

use crate::AnyStore;
use crate::audit::append_audit;
use crate::configuration::write_connection;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::document;
use sso_core::connection::{Connection, Slot};
use sso_core::ids::ConnectionId;
use sso_core::metadata::MetadataSource;
use sso_core::org::OrgName;
use sso_core::store::{AuditEntry, KeyRefreshClaim, MetadataStore, StoreError};
use time::{Duration, OffsetDateTime};

impl MetadataStore for AnyStore {
    async fn metadata_source(
        &self,
        connection: ConnectionId,
    ) -> Result<Option<MetadataSource>, StoreError> {
        Ok(self.engine.read(connection, |tx, id| Box::pin(read(tx, *id))).await?)
    }

    async fn put_metadata(
        &self,
        connection: Connection,
        source: MetadataSource,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let input = (connection, source, audit);
        Ok(self
            .engine
            .write(input, |tx, (connection, source, audit)| {
                Box::pin(async move {
                    write_connection(tx, connection).await?;
                    put(tx, source, audit).await
                })
            })
            .await?)
    }

    async fn put_metadata_source(
        &self,
        source: MetadataSource,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let input = (source, audit);
        Ok(self.engine.write(input, |tx, (source, audit)| Box::pin(put(tx, source, audit))).await?)
    }

    async fn due_metadata(
        &self,
        now: OffsetDateTime,
        most: usize,
    ) -> Result<Vec<(OrgName, Slot)>, StoreError> {
        let input = (now, most);
        Ok(self.engine.read(input, |tx, (now, most)| Box::pin(due(tx, *now, *most))).await?)
    }

    async fn claim_key_refresh(
        &self,
        connection: ConnectionId,
        now: OffsetDateTime,
        every: Duration,
        longest: Duration,
    ) -> Result<KeyRefreshClaim, StoreError> {
        let claim =
            Claim { connection, now, asked_before: now - every, running_after: now - longest };
        // Most that ask are told no, which needs no write.
        match self.engine.read(claim, |tx, claim| Box::pin(standing(tx, claim))).await? {
            KeyRefreshClaim::Claimed => {
                Ok(self.engine.write(claim, |tx, claim| Box::pin(take(tx, claim))).await?)
            }
            refused => Ok(refused),
        }
    }

    async fn end_key_refresh(&self, connection: ConnectionId) -> Result<(), StoreError> {
        Ok(self.engine.write(connection, |tx, id| Box::pin(end(tx, *id))).await?)
    }
}

/// A claim to refresh the keys of a connection.
#[derive(Clone, Copy)]
struct Claim {
    connection: ConnectionId,
    now: OffsetDateTime,
    /// The one before must have been made at this instant or earlier.
    asked_before: OffsetDateTime,
    /// One that was made after this instant, and was not ended, is still running.
    running_after: OffsetDateTime,
}

pub(crate) async fn read(
    tx: &mut dyn Transaction,
    connection: ConnectionId,
) -> Result<Option<MetadataSource>, Failure> {
    const READ: &Sql = sql!("SELECT document FROM metadata_sources WHERE connection = $1");
    let rows = tx.query(READ, &[connection.to_bytes().into()]).await?;
    rows.into_iter().next().map(|mut row| row.document()).transpose()
}

pub(crate) async fn put(
    tx: &mut dyn Transaction,
    source: &MetadataSource,
    audit: &[AuditEntry],
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO metadata_sources (connection, revision, due_at, document, is_asking) \
         VALUES ($1, $2, $3, $4, FALSE) ON CONFLICT DO NOTHING"
    );
    const UPDATE: &Sql = sql!(
        "UPDATE metadata_sources SET revision = $2, due_at = $3, document = $4 \
         WHERE connection = $1 AND revision = $2 - 1"
    );
    let text = document(source)?;
    let values = [
        source.connection.to_bytes().into(),
        (source.revision as i64).into(),
        source.due_at.into(),
        (&text).into(),
    ];
    let sql = if source.revision == 1 { INSERT } else { UPDATE };
    let written = tx
        .execute(sql, &values)
        .await
        .map_err(|failure| failure.if_foreign_key(Failure::not_found("connection")))?;
    if written == 0 {
        return Err(match has_connection(tx, source.connection).await? {
            true => Failure::conflict("metadata_changed"),
            false => Failure::not_found("connection"),
        });
    }
    for entry in audit {
        append_audit(tx, entry).await?;
    }
    Ok(())
}

async fn has_connection(tx: &mut dyn Transaction, id: ConnectionId) -> Result<bool, Failure> {
    const READ: &Sql = sql!("SELECT id FROM connections WHERE id = $1");
    Ok(!tx.query(READ, &[id.to_bytes().into()]).await?.is_empty())
}

async fn due(
    tx: &mut dyn Transaction,
    now: OffsetDateTime,
    most: usize,
) -> Result<Vec<(OrgName, Slot)>, Failure> {
    const READ: &Sql = sql!(
        "SELECT c.org, c.slot FROM metadata_sources s JOIN connections c ON c.id = s.connection \
         WHERE s.due_at <= $1 ORDER BY s.due_at, s.connection LIMIT $2"
    );
    let rows = tx.query(READ, &[now.into(), (most as i64).into()]).await?;
    rows.into_iter().map(|mut row| Ok((row.parsed()?, row.choice()?))).collect()
}

/// What a claim would be answered; it takes nothing.
async fn standing(tx: &mut dyn Transaction, claim: &Claim) -> Result<KeyRefreshClaim, Failure> {
    const READ: &Sql =
        sql!("SELECT due_at, asked_at, is_asking FROM metadata_sources WHERE connection = $1");
    let rows = tx.query(READ, &[claim.connection.to_bytes().into()]).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(KeyRefreshClaim::Spent) };
    let (due_at, asked_at) = (row.optional_instant()?, row.optional_instant()?);
    let is_asking = row.flag()?;
    if is_asking && asked_at.is_some_and(|at| at > claim.running_after) {
        return Ok(KeyRefreshClaim::Running);
    }
    let is_early = asked_at.is_some_and(|at| at > claim.asked_before);
    if due_at.is_none() || is_early {
        return Ok(KeyRefreshClaim::Spent);
    }
    Ok(KeyRefreshClaim::Claimed)
}

/// Takes the claim, of several at once for one alone.
async fn take(tx: &mut dyn Transaction, claim: &Claim) -> Result<KeyRefreshClaim, Failure> {
    const TAKE: &Sql = sql!(
        "UPDATE metadata_sources SET asked_at = $2, is_asking = TRUE \
         WHERE connection = $1 AND due_at IS NOT NULL AND (asked_at IS NULL OR asked_at <= $3)"
    );
    let values = [claim.connection.to_bytes().into(), claim.now.into(), claim.asked_before.into()];
    match tx.execute(TAKE, &values).await? {
        0 => standing(tx, claim).await,
        _ => Ok(KeyRefreshClaim::Claimed),
    }
}

async fn end(tx: &mut dyn Transaction, connection: ConnectionId) -> Result<(), Failure> {
    const END: &Sql = sql!("UPDATE metadata_sources SET is_asking = FALSE WHERE connection = $1");
    tx.execute(END, &[connection.to_bytes().into()]).await.map(drop)
}
