//! Opening a SQLite file: who may read it, how it is kept, and its migrations.

use crate::OpenError;
use crate::migrations::{self, Applied, Migration, Schema};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// How long a statement waits for another process, for example a command beside the service.
const BUSY: Duration = Duration::from_secs(5);

/// Statements that a connection keeps prepared: more than there are.
const STATEMENTS: usize = 128;

/// Opens the file for writing. Where `schema` says so, it is made and given the migrations it lacks.
pub(super) fn writer(path: &Path, schema: Schema) -> Result<Connection, OpenError> {
    let cannot_open = |reason: String| OpenError::CannotOpen { path: path.to_owned(), reason };
    if schema == Schema::MustBeCurrent && !path.exists() {
        return Err(OpenError::Absent(path.to_owned()));
    }
    make_private(path).map_err(|error| cannot_open(error.to_string()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let mut connection = open(path, flags).map_err(|error| cannot_open(error.to_string()))?;
    let set = |connection: &Connection| -> rusqlite::Result<()> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -8_192)?;
        connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)
    };
    set(&connection).map_err(|error| cannot_open(error.to_string()))?;
    migrate(&mut connection, schema)?;
    Ok(connection)
}

/// Opens the file for reading.
pub(super) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    open(path, flags)
        .map_err(|error| OpenError::CannotOpen { path: path.to_owned(), reason: error.to_string() })
}

fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    // Each connection stays on one thread, so SQLite needs no lock of its own.
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Makes the file readable by its owner alone. SQLite gives the same mode to the files beside it.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = options.mode(0o600).open(path)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    options.open(path)?;
    Ok(())
}

fn migrate(connection: &mut Connection, schema: Schema) -> Result<(), OpenError> {
    let engine = |error: rusqlite::Error| OpenError::Engine(error.to_string());
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(engine)?;
    transaction
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS schema_migrations (
                name TEXT NOT NULL PRIMARY KEY,
                checksum BLOB NOT NULL
            ) STRICT",
        )
        .map_err(engine)?;
    let applied = {
        let mut statement = transaction
            .prepare("SELECT name, checksum FROM schema_migrations ORDER BY name")
            .map_err(engine)?;
        let rows = statement
            .query_map([], |row| Ok(Applied { name: row.get(0)?, checksum: row.get(1)? }))
            .map_err(engine)?;
        rows.collect::<rusqlite::Result<Vec<_>>>().map_err(engine)?
    };
    for Migration { name, sqlite, .. } in migrations::missing(&applied, schema, |m| m.sqlite)? {
        let apply = || {
            transaction.execute_batch(sqlite)?;
            transaction.execute(
                "INSERT INTO schema_migrations (name, checksum) VALUES (?1, ?2)",
                (name, migrations::checksum(sqlite)),
            )
        };
        apply().map_err(|error| OpenError::Migration {
            name: (*name).to_owned(),
            reason: error.to_string(),
        })?;
    }
    transaction.commit().map_err(engine)
}
