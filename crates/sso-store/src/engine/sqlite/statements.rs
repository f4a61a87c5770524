//! Statements on a SQLite connection: prepared once, then taken from the connection's cache.

use crate::engine::value::Field;
use crate::engine::{BoxFuture, Failure, Fields, Sql, Transaction, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A transaction that is open on a connection.
pub(super) struct Statements<'c>(pub(super) &'c mut Connection);

impl Statements<'_> {
    fn prepare(&self, sql: &Sql, values: &[Value<'_>]) -> Result<CachedStatement<'_>, Failure> {
        let mut statement = self.0.prepare_cached(sql.sqlite)?;
        for (index, value) in values.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, value)?;
        }
        Ok(statement)
    }

    fn rows(&self, sql: &Sql, values: &[Value<'_>]) -> Result<Vec<Fields>, Failure> {
        let mut statement = self.prepare(sql, values)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let fields = (0..columns).map(|i| field(row.get_ref(i)?)).collect::<Result<_, _>>()?;
            out.push(Fields::new(fields));
        }
        Ok(out)
    }
}

impl Transaction for Statements<'_> {
    fn execute<'a>(
        &'a mut self,
        sql: &'static Sql,
        values: &'a [Value<'a>],
    ) -> BoxFuture<'a, Result<u64, Failure>> {
        let changed =
            self.prepare(sql, values).and_then(|mut statement| Ok(statement.raw_execute()? as u64));
        Box::pin(std::future::ready(changed))
    }

    fn query<'a>(
        &'a mut self,
        sql: &'static Sql,
        values: &'a [Value<'a>],
    ) -> BoxFuture<'a, Result<Vec<Fields>, Failure>> {
        Box::pin(std::future::ready(self.rows(sql, values)))
    }
}

/// Runs a use case to its end. It never waits, since each statement has run when it is awaited. One
/// that panics fails alone: its transaction is undone, and the thread goes on with the others.
pub(super) fn finish<T>(run: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let run = || pin!(run).poll(&mut Context::from_waker(Waker::noop()));
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Poll::Ready(result)) => result,
        Ok(Poll::Pending) => Err(Failure::Engine("a use case waited for something".to_owned())),
        Err(_) => Err(Failure::Engine("a use case panicked".to_owned())),
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Integer(Some(integer)) => ValueRef::Integer(*integer),
            Self::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Text(None) | Self::Integer(None) | Self::Bytes(None) => ValueRef::Null,
            Self::Id(id) => ValueRef::Blob(id),
            Self::Flag(flag) => ValueRef::Integer((*flag).into()),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

fn field(value: ValueRef<'_>) -> Result<Field, Failure> {
    Ok(match value {
        ValueRef::Null => Field::Null,
        ValueRef::Integer(integer) => Field::Integer(integer),
        ValueRef::Text(text) => {
            Field::Text(std::str::from_utf8(text).map_err(Failure::unreadable)?.to_owned())
        }
        ValueRef::Blob(bytes) => Field::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => return Err(Failure::unreadable("a real number")),
    })
}
