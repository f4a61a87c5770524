//! The tables that have secrets, each sealed in one column under a version of the master key: what a rotation
//! finds, seals anew and counts.

use crate::engine::{Failure, Fields, Sql, Transaction, Value, sql};
use crate::seal::{Place, Sealed};
use crate::{certificate_requests, messages, service_certificates};
use sso_core::ids::{CertificateId, CertificateRequestId, TraceId};

/// How many secrets one transaction seals anew.
const PART: i64 = 10;

/// A table with a sealed column.
pub(crate) struct SealedTable {
    table: &'static str,
    column: &'static str,
    /// The identifiers of its rows, then the sealed value.
    read: &'static Sql,
    /// What of a row tells it from the others, and its place.
    row: fn(&mut Fields) -> Result<(RowId, String), Failure>,
    write: &'static Sql,
    count: &'static Sql,
}

/// The primary key of a row.
#[derive(Clone, Copy)]
pub(crate) enum RowId {
    Id([u8; 16]),
    Number(i64),
}

/// A secret that is sealed under another version than the one that seals.
pub(crate) struct OldSecret {
    pub(crate) id: RowId,
    row: String,
    pub(crate) sealed: Sealed,
}

/// A table by its name, its sealed column, its primary key, and the columns by which a row is placed.
macro_rules! sealed {
    ($table:literal, $column:literal, $key:literal, $columns:literal, $row:expr) => {
        SealedTable {
            table: $table,
            column: $column,
            read: sql!(
                "SELECT ",
                $columns,
                ", ",
                $column,
                ", key_version FROM ",
                $table,
                " WHERE key_version <> $1 ORDER BY ",
                $key,
                " LIMIT $2"
            ),
            row: $row,
            write: sql!(
                "UPDATE ",
                $table,
                " SET ",
                $column,
                " = $3, key_version = $4 WHERE ",
                $key,
                " = $1 AND key_version = $2"
            ),
            count: sql!("SELECT COUNT(*) FROM ", $table, " WHERE key_version = $1"),
        }
    };
}

/// Every table with sealed values. What a migration adds is added here, or a rotation loses it.
pub(crate) const SEALED: [SealedTable; 4] = [
    sealed!("service_certificates", "private_key", "id", "id, org", |row| {
        let id: [u8; 16] = row.array()?;
        let certificate = CertificateId::from_bytes(id);
        Ok((RowId::Id(id), service_certificates::key_row(&row.parsed()?, certificate)))
    }),
    sealed!("certificate_requests", "private_key", "id", "id, org", |row| {
        let id: [u8; 16] = row.array()?;
        let request = CertificateRequestId::from_bytes(id);
        Ok((RowId::Id(id), certificate_requests::key_row(&row.parsed()?, request)))
    }),
    sealed!("token_keys", "private_key", "generation", "generation", |row| {
        let generation = row.integer()?;
        Ok((RowId::Number(generation), generation.to_string()))
    }),
    sealed!("messages", "message", "trace", "trace, org", |row| {
        let trace: [u8; 16] = row.array()?;
        let place = messages::message_row(&row.parsed()?, TraceId::from_bytes(trace));
        Ok((RowId::Id(trace), place))
    }),
];

impl SealedTable {
    /// The place of one of its secrets.
    pub(crate) fn place<'s>(&self, secret: &'s OldSecret) -> Place<'s> {
        Place { table: self.table, column: self.column, row: &secret.row }
    }

    /// A few of the secrets that are not sealed under this version.
    pub(crate) async fn old_secrets(
        &self,
        tx: &mut dyn Transaction,
        version: i64,
    ) -> Result<Vec<OldSecret>, Failure> {
        let mut rows = tx.query(self.read, &[version.into(), PART.into()]).await?;
        let old = |fields: &mut Fields| {
            let (id, row) = (self.row)(fields)?;
            let bytes = fields.bytes()?;
            Ok(OldSecret { id, row, sealed: Sealed { bytes, key_version: fields.integer()? } })
        };
        rows.iter_mut().map(old).collect()
    }

    /// Writes secrets that were sealed anew, each with the version under which it was. A row that was removed,
    /// or sealed anew by another command, meanwhile is passed over.
    pub(crate) async fn write_anew(
        &self,
        tx: &mut dyn Transaction,
        anew: &[(RowId, i64, Sealed)],
    ) -> Result<(), Failure> {
        for (id, old_version, new) in anew {
            let id: Value<'_> = match *id {
                RowId::Id(id) => id.into(),
                RowId::Number(number) => number.into(),
            };
            let values = [id, (*old_version).into(), (&new.bytes).into(), new.key_version.into()];
            tx.execute(self.write, &values).await?;
        }
        Ok(())
    }

    /// How many of its secrets are sealed under this version.
    pub(crate) async fn count(
        &self,
        tx: &mut dyn Transaction,
        version: i64,
    ) -> Result<u64, Failure> {
        let mut rows = tx.query(self.count, &[version.into()]).await?;
        rows.first_mut().map_or(Ok(0), |row| row.count())
    }
}
