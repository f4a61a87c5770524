//! The key that tokens for applications are signed with, its private half sealed.

use crate::AnyStore;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::seal::{Place, Sealed};
use sso_core::store::{StoreError, TokenKey, TokenKeyStore};
use time::OffsetDateTime;

/// The first key is of generation 1. That the number is unique is what makes it the only one.
const FIRST: i64 = 1;
const PLACE: Place<'_> = Place { table: "token_keys", column: "private_key", row: "1" };

impl TokenKeyStore for AnyStore {
    async fn token_key(&self) -> Result<Option<TokenKey>, StoreError> {
        let row = self.engine.read((), |tx, ()| Box::pin(read(tx))).await?;
        match row {
            Some(row) => Ok(Some(self.opened(row).await?)),
            None => Ok(None),
        }
    }

    async fn first_token_key(&self, made: TokenKey) -> Result<TokenKey, StoreError> {
        let sealed = self.seal(&PLACE, &made.private_key).await?;
        let row = Row { created_at: made.created_at, sealed };
        let kept = self.engine.write(row, |tx, row| Box::pin(first(tx, row))).await?;
        Ok(self.opened(kept).await?)
    }
}

struct Row {
    created_at: OffsetDateTime,
    sealed: Sealed,
}

impl AnyStore {
    async fn opened(&self, row: Row) -> Result<TokenKey, Failure> {
        let private_key = self.open_sealed(&PLACE, &row.sealed).await?.to_vec();
        Ok(TokenKey { created_at: row.created_at, private_key })
    }
}

async fn read(tx: &mut dyn Transaction) -> Result<Option<Row>, Failure> {
    const READ: &Sql =
        sql!("SELECT created_at, private_key, key_version FROM token_keys WHERE generation = $1");
    let rows = tx.query(READ, &[FIRST.into()]).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    let created_at = row.instant()?;
    let bytes = row.bytes()?;
    Ok(Some(Row { created_at, sealed: Sealed { bytes, key_version: row.integer()? } }))
}

/// Of several that are made at once the first that is written stays.
async fn first(tx: &mut dyn Transaction, made: &Row) -> Result<Row, Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO token_keys (generation, created_at, private_key, key_version) \
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
    );
    let Row { created_at, sealed } = made;
    let values =
        [FIRST.into(), (*created_at).into(), (&sealed.bytes).into(), sealed.key_version.into()];
    tx.execute(INSERT, &values).await?;
    read(tx).await?.ok_or_else(|| Failure::unreadable("no key of tokens"))
}
