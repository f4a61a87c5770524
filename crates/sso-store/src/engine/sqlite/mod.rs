//! SQLite: one writer thread, which groups whole transactions, and readers on threads of their own.

mod connect;
#[cfg(test)]
mod plans;
mod readers;
mod statements;
mod writer;

use super::{Ending, Failure, UseCase};
use crate::OpenError;
use crate::migrations::Schema;
use readers::Readers;
use std::path::Path;
use writer::Writer;

/// A SQLite database in WAL mode. Every commit is on disk before it is answered.
pub(crate) struct Sqlite {
    writer: Writer,
    readers: Readers,
}

impl Sqlite {
    pub(super) fn open(path: &Path, schema: Schema) -> Result<Self, OpenError> {
        let writer = connect::writer(path, schema)?;
        let readers = (0..readers::COUNT)
            .map(|_| connect::reader(path))
            .collect::<Result<Vec<_>, OpenError>>()?;
        Ok(Self { writer: Writer::start(writer)?, readers: Readers::start(readers)? })
    }

    pub(super) async fn write<I, T>(
        &self,
        input: I,
        run: UseCase<I, T>,
        ending: Ending,
    ) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.writer.run(input, run, ending).await
    }

    pub(super) async fn read<I, T>(&self, input: I, run: UseCase<I, T>) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.readers.run(input, run).await
    }
}

fn stopped() -> Failure {
    Failure::Engine("a thread of the database has stopped".to_owned())
}

fn cannot_start(error: std::io::Error) -> OpenError {
    OpenError::Engine(format!("a thread cannot be started: {error}"))
}

#[cfg(test)]
mod tests {
    use super::Sqlite;
    use crate::engine::{BoxFuture, Ending, Failure, Sql, Transaction, sql};
    use crate::migrations::Schema;

    /// What a use case of these tests gives.
    type Done<'t> = BoxFuture<'t, Result<u64, Failure>>;

    fn add<'t>(tx: &'t mut dyn Transaction, key: &'t [u8; 32]) -> Done<'t> {
        const INSERT: &Sql =
            sql!("INSERT INTO replay_records (assertion_key, expires_at) VALUES ($1, 0)");
        Box::pin(async move { tx.execute(INSERT, &[key.into()]).await })
    }

    fn add_and_panic<'t>(tx: &'t mut dyn Transaction, key: &'t [u8; 32]) -> Done<'t> {
        Box::pin(async move {
            add(tx, key).await?;
            panic!("on purpose")
        })
    }

    fn count<'t>(tx: &'t mut dyn Transaction, _: &'t ()) -> Done<'t> {
        const COUNT: &Sql = sql!("SELECT COUNT(*) FROM replay_records");
        Box::pin(async {
            let mut rows = tx.query(COUNT, &[]).await?;
            rows.first_mut().map_or(Ok(0), |row| row.count())
        })
    }

    fn count_and_panic<'t>(tx: &'t mut dyn Transaction, input: &'t ()) -> Done<'t> {
        Box::pin(async {
            count(tx, input).await?;
            panic!("on purpose")
        })
    }

    #[tokio::test]
    async fn a_use_case_that_panics_fails_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sso.db");
        let sqlite = Sqlite::open(&path, Schema::BringUpToDate).unwrap();
        // At once, so that they share a commit.
        let (before, panicked, after) = tokio::join!(
            sqlite.write([1; 32], add, Ending::Kept),
            sqlite.write([2; 32], add_and_panic, Ending::Kept),
            sqlite.write([3; 32], add, Ending::Kept),
        );
        assert!(before.is_ok() && after.is_ok());
        assert!(matches!(panicked, Err(Failure::Engine(reason)) if reason.contains("panicked")));
        // More often than there are readers.
        for _ in 0..=super::readers::COUNT {
            assert!(sqlite.read((), count_and_panic).await.is_err());
        }
        assert_eq!(sqlite.read((), count).await.unwrap(), 2);
        assert!(sqlite.write([2; 32], add, Ending::Kept).await.is_ok());
    }

    #[tokio::test]
    async fn a_trial_is_answered_and_undone_alone() {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = Sqlite::open(&folder.path().join("sso.db"), Schema::BringUpToDate).unwrap();
        assert_eq!(sqlite.write([1; 32], add, Ending::Undone).await.unwrap(), 1);
        assert_eq!(sqlite.read((), count).await.unwrap(), 0);
        // Among others that share its commit.
        let done = tokio::join!(
            sqlite.write([1; 32], add, Ending::Kept),
            sqlite.write([2; 32], add, Ending::Undone),
            sqlite.write([2; 32], add, Ending::Kept),
        );
        assert_eq!((done.0.unwrap(), done.1.unwrap(), done.2.unwrap()), (1, 1, 1));
        assert_eq!(sqlite.read((), count).await.unwrap(), 2);
    }
}
