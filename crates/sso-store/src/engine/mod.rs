//! The seam between use cases and databases: a use case is written once, over statements whose SQL
//! both engines understand, and an engine runs it in a transaction.

mod failure;
mod postgres;
mod sql;
mod sqlite;
mod value;

pub(crate) use failure::Failure;
pub(crate) use sql::{Sql, sql};
pub(crate) use value::{Fields, Value, micros};

use crate::OpenError;
use crate::migrations::Schema;
use postgres::Postgres;
use sqlite::Sqlite;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

/// A future that is sent between threads.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The statements of one transaction.
pub(crate) trait Transaction: Send {
    /// Runs a statement and says how many rows it changed.
    fn execute<'a>(
        &'a mut self,
        sql: &'static Sql,
        values: &'a [Value<'a>],
    ) -> BoxFuture<'a, Result<u64, Failure>>;

    /// Runs a statement and reads the rows that it answers.
    fn query<'a>(
        &'a mut self,
        sql: &'static Sql,
        values: &'a [Value<'a>],
    ) -> BoxFuture<'a, Result<Vec<Fields>, Failure>>;
}

/// A use case: what it was asked, and what it does in a transaction. It may run again after it
/// failed with [`Failure::Serialization`], so it leaves the input as it is.
pub(crate) type UseCase<I, T> =
    for<'t> fn(&'t mut dyn Transaction, &'t I) -> BoxFuture<'t, Result<T, Failure>>;

/// What becomes of what a use case did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It is committed.
    Kept,
    /// It is undone, and answered as if it had been committed.
    Undone,
}

/// One of the two databases.
pub(crate) struct Engine {
    database: Arc<Database>,
    ending: Ending,
}

enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Engine {
    /// Opens a SQLite file.
    pub(crate) async fn sqlite(path: &Path, schema: Schema) -> Result<Self, OpenError> {
        Sqlite::open(path, schema).map(|sqlite| Self::of(Database::Sqlite(sqlite)))
    }

    /// Connects to PostgreSQL.
    pub(crate) async fn postgres(url: &str, schema: Schema) -> Result<Self, OpenError> {
        let postgres = Postgres::open(url, schema).await?;
        Ok(Self::of(Database::Postgres(postgres)))
    }

    fn of(database: Database) -> Self {
        Self { database: Arc::new(database), ending: Ending::Kept }
    }

    /// The same database, with whatever is written undone at the end of its transaction.
    pub(crate) fn trial(&self) -> Self {
        Self { database: Arc::clone(&self.database), ending: Ending::Undone }
    }

    /// What it is called in a database URL.
    pub(crate) fn name(&self) -> &'static str {
        match *self.database {
            Database::Sqlite(_) => "sqlite",
            Database::Postgres(_) => "postgres",
        }
    }

    /// Runs a use case in one transaction: when this returns, all of it is on disk or none; none in any
    /// case where it is a [`trial`](Self::trial).
    pub(crate) async fn write<I, T>(&self, input: I, run: UseCase<I, T>) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        match &*self.database {
            Database::Sqlite(sqlite) => sqlite.write(input, run, self.ending).await,
            Database::Postgres(postgres) => postgres.write(&input, run, self.ending).await,
        }
    }

    /// Runs a use case that changes nothing.
    pub(crate) async fn read<I, T>(&self, input: I, run: UseCase<I, T>) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        match &*self.database {
            Database::Sqlite(sqlite) => sqlite.read(input, run).await,
            Database::Postgres(postgres) => postgres.read(&input, run).await,
        }
    }
}
