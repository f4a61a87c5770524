//! SQLite: one writer thread, which groups whole transactions, and readers on threads of their own.

mod connect;
mod readers;
mod statements;
mod writer;

use super::{Failure, UseCase};
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

    pub(super) async fn write<I, T>(&self, input: I, run: UseCase<I, T>) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.writer.run(input, run).await
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
