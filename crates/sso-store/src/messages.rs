//! The messages of logins, each sealed (SPEC 13).

use crate::AnyStore;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::seal::{Place, Sealed};
use sso_core::ids::TraceId;
use sso_core::org::OrgName;
use sso_core::store::{MessageStore, StoreError, StoredMessage};
use time::OffsetDateTime;

/// A message is bound to its organization too, so that its row cannot be given to another.
pub(crate) fn message_row(org: &OrgName, trace: TraceId) -> String {
    format!("{org}/{trace}")
}

fn place(row: &str) -> Place<'_> {
    Place { table: "messages", column: "message", row }
}

struct Row {
    trace: TraceId,
    org: OrgName,
    at: OffsetDateTime,
    sealed: Sealed,
}

impl MessageStore for AnyStore {
    async fn put_message(&self, message: StoredMessage) -> Result<(), StoreError> {
        let StoredMessage { trace, org, at, xml } = message;
        let sealed = self.seal(&place(&message_row(&org, trace)), &xml).await?;
        let row = Row { trace, org, at, sealed };
        Ok(self.engine.write(row, |tx, row| Box::pin(insert(tx, row))).await?)
    }

    async fn message(
        &self,
        org: &OrgName,
        trace: TraceId,
    ) -> Result<Option<StoredMessage>, StoreError> {
        let found =
            self.engine.read((org.clone(), trace), |tx, key| Box::pin(read(tx, key))).await?;
        let Some(Row { trace, org, at, sealed }) = found else { return Ok(None) };
        let xml = self.open_sealed(&place(&message_row(&org, trace)), &sealed).await?.to_vec();
        Ok(Some(StoredMessage { trace, org, at, xml }))
    }
}

impl AnyStore {
    /// Removes the oldest messages where all of them are more than so many bytes.
    pub(crate) async fn purge_messages_over(&self, most: u64) -> Result<u64, Failure> {
        /// Those with more than so many bytes from them to the newest.
        const OVER: &Sql = sql!(
            "DELETE FROM messages WHERE trace IN (SELECT trace FROM \
             (SELECT trace, CAST(SUM(size) OVER (ORDER BY at DESC, trace DESC) AS BIGINT) AS newer \
             FROM messages) AS m WHERE newer > $1 LIMIT $2)"
        );
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        // Nearly always there is room: the sum is read beside the one writer of SQLite, not by it.
        if self.engine.read((), |tx, ()| Box::pin(bytes(tx))).await? <= most {
            return Ok(0);
        }
        self.purge_table(OVER, most).await
    }
}

async fn insert(tx: &mut dyn Transaction, row: &Row) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO messages (trace, org, at, size, message, key_version) \
         VALUES ($1, $2, $3, $4, $5, $6)"
    );
    let Row { trace, org, at, sealed } = row;
    let values = [
        trace.to_bytes().into(),
        org.as_str().into(),
        (*at).into(),
        (sealed.bytes.len() as i64).into(),
        (&sealed.bytes).into(),
        sealed.key_version.into(),
    ];
    tx.execute(INSERT, &values)
        .await
        .map(drop)
        .map_err(|failure| failure.if_unique(Failure::conflict("message_exists")))
}

async fn read(
    tx: &mut dyn Transaction,
    (org, trace): &(OrgName, TraceId),
) -> Result<Option<Row>, Failure> {
    const READ: &Sql =
        sql!("SELECT at, message, key_version FROM messages WHERE org = $1 AND trace = $2");
    let rows = tx.query(READ, &[org.as_str().into(), trace.to_bytes().into()]).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    let at = row.instant()?;
    let sealed = Sealed { bytes: row.bytes()?, key_version: row.integer()? };
    Ok(Some(Row { trace: *trace, org: org.clone(), at, sealed }))
}

async fn bytes(tx: &mut dyn Transaction) -> Result<i64, Failure> {
    const SUM: &Sql = sql!("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM messages");
    let rows = tx.query(SUM, &[]).await?;
    rows.into_iter().next().map_or(Ok(0), |mut row| row.integer())
}
