//! What a service keeps, read past it: rows, and everything.

use crate::postgres;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::path::{Path, PathBuf};

/// The database of a service.
#[derive(Debug, Clone)]
pub enum Database {
    /// The file.
    Sqlite(PathBuf),
    /// The URL.
    Postgres(String),
}

impl Database {
    /// Runs SQL.
    pub fn run(&self, sql: &str) {
        match self {
            Self::Sqlite(file) => open(file).execute_batch(sql).expect("the SQL runs"),
            Self::Postgres(url) => drop(postgres::run(url, sql)),
        }
    }

    /// The rows that a query answers, each field as text. The SQL is one that both engines read, the
    /// fields have no `|`.
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        match self {
            Self::Sqlite(file) => query(&open(file), sql).expect("the rows"),
            Self::Postgres(url) => {
                let rows = postgres::run(url, sql);
                rows.lines().map(|row| row.split('|').map(str::to_owned).collect()).collect()
            }
        }
    }

    /// Everything that it keeps, a line for each row, sorted, so that two dumps of one state are
    /// equal. `without`: tables that are left out.
    pub fn dump(&self, without: &[&str]) -> String {
        let tables = match self {
            Self::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table'",
            Self::Postgres(_) => "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
        };
        let tables = self.rows(tables).concat();
        let kept = tables.iter().filter(|table| !without.contains(&table.as_str()));
        let mut lines = match self {
            Self::Sqlite(_) => kept.flat_map(|table| self.lines(table)).collect::<Vec<_>>(),
            Self::Postgres(url) => {
                let row = |table| format!("SELECT '{table} ' || row_to_json(t) FROM {table} t");
                let rows = kept.map(row).collect::<Vec<_>>().join(" UNION ALL ");
                postgres::run(url, &rows).lines().map(str::to_owned).collect()
            }
        };
        lines.sort();
        lines.join("\n")
    }

    /// Every byte that it keeps: the files of SQLite, the dump of PostgreSQL.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Sqlite(file) => {
                let files = ["", "-wal", "-shm"].map(|end| format!("{}{end}", file.display()));
                files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect()
            }
            Self::Postgres(url) => postgres::dump(url).into_bytes(),
        }
    }

    fn lines(&self, table: &str) -> Vec<String> {
        let rows = self.rows(&format!("SELECT * FROM {table}"));
        rows.iter().map(|row| format!("{table} {row:?}")).collect()
    }
}

fn open(file: &Path) -> Connection {
    Connection::open(file).expect("the file opens")
}

fn query(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<Vec<String>>> {
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let rows = statement
        .query_map([], |row| (0..columns).map(|column| Ok(text(row.get_ref(column)?))).collect())?;
    rows.collect()
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(integer) => integer.to_string(),
        ValueRef::Real(real) => real.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
