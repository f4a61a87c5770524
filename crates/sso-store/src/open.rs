//! Opening a database: which engine, its migrations, and whether the master key is the right one.

use crate::engine::{Engine, Failure, Sql, Transaction, sql};
use crate::migrations::Schema;
use crate::seal::{Place, Sealed, Sealer};
use crate::{AnyStore, MasterKey};
use std::path::{Path, PathBuf};

/// Why a database was not opened: one sentence, without a secret.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is of no engine.
    #[error("the database URL must be sqlite://PATH or postgres://…: {0}")]
    Url(String),
    /// The SQLite file could not be opened.
    #[error("the database file {} cannot be opened: {reason}", path.display())]
    CannotOpen {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// PostgreSQL did not answer, or did not let us in.
    #[error("PostgreSQL at {server} cannot be used: {reason}")]
    CannotConnect {
        /// Host and port.
        server: String,
        /// What it said.
        reason: String,
    },
    /// The database has a migration that this program does not know.
    #[error(
        "the database was written by a newer version of this program (it has {0}): start that version, or restore a backup"
    )]
    Newer(String),
    /// The database lacks a migration, and is not to be changed.
    #[error(
        "the database was written by an older version of this program (it lacks {0}): start the service once with this version"
    )]
    Older(String),
    /// There is no database, and none is to be made.
    #[error("there is no database {}", .0.display())]
    Absent(PathBuf),
    /// A migration is not what it was when it was applied.
    #[error("the database was made by another build of this program: its {0} differs")]
    Changed(String),
    /// A migration failed; nothing of it is stored.
    #[error("the database could not be brought up to date: {name}: {reason}")]
    Migration {
        /// The migration.
        name: String,
        /// What the engine said.
        reason: String,
    },
    /// The secrets in the database were sealed under another key.
    #[error("the master key is not the one that this database was sealed with")]
    WrongMasterKey,
    /// The engine failed.
    #[error("the database failed: {0}")]
    Engine(String),
}

/// Opens the database of a URL, `sqlite://PATH` or `postgres://…`, makes or migrates its tables, and
/// checks that the master key is the one that its secrets are sealed under.
pub async fn open(url: &str, key: &MasterKey) -> Result<AnyStore, OpenError> {
    open_with(url, key, Schema::BringUpToDate).await
}

/// Opens a database that a service has made, and changes none of its tables: for a command beside a
/// service, which may be of another version.
///
/// # Errors
/// As [`open`], and [`OpenError::Absent`] or [`OpenError::Older`] where `open` would make or migrate.
pub async fn open_existing(url: &str, key: &MasterKey) -> Result<AnyStore, OpenError> {
    open_with(url, key, Schema::MustBeCurrent).await
}

async fn open_with(url: &str, key: &MasterKey, schema: Schema) -> Result<AnyStore, OpenError> {
    let engine = match url.split_once("://") {
        Some(("sqlite", "")) => return Err(OpenError::Url("it names no file".to_owned())),
        Some(("sqlite", path)) => Engine::sqlite(Path::new(path), schema).await?,
        Some(("postgres" | "postgresql", _)) => Engine::postgres(url, schema).await?,
        Some((scheme, _)) => return Err(OpenError::Url(format!("{scheme} is neither"))),
        None => return Err(OpenError::Url("it names no engine".to_owned())),
    };
    let sealer = Sealer::new(key.clone(), Sealer::FIRST_VERSION);
    check_master_key(&engine, &sealer).await?;
    Ok(AnyStore::new(engine, sealer))
}

const KEY_CHECK: Place<'_> = Place { table: "master_keys", column: "key_check", row: "1" };
const KNOWN_TEXT: &[u8] = b"sealed under this master key";

async fn check_master_key(engine: &Engine, sealer: &Sealer) -> Result<(), OpenError> {
    let failed = |failure: Failure| {
        OpenError::Engine(sso_core::store::StoreError::from(failure).to_string())
    };
    let ours = sealer.seal(&KEY_CHECK, KNOWN_TEXT).map_err(failed)?;
    let stored =
        engine.write(ours, |tx, ours| Box::pin(first_key_check(tx, ours))).await.map_err(failed)?;
    match sealer.open(&KEY_CHECK, &stored) {
        Ok(text) if text.as_slice() == KNOWN_TEXT => Ok(()),
        _ => Err(OpenError::WrongMasterKey),
    }
}

/// Stores the check of the first start; answers the one that is stored.
async fn first_key_check(tx: &mut dyn Transaction, ours: &Sealed) -> Result<Sealed, Failure> {
    const INSERT: &Sql =
        sql!("INSERT INTO master_keys (version, key_check) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    const READ: &Sql = sql!("SELECT version, key_check FROM master_keys WHERE version = $1");
    let version = ours.key_version;
    tx.execute(INSERT, &[version.into(), (&ours.bytes).into()]).await?;
    let rows = tx.query(READ, &[version.into()]).await?;
    let mut row =
        rows.into_iter().next().ok_or_else(|| Failure::unreadable("no master key check"))?;
    Ok(Sealed { key_version: row.integer()?, bytes: row.bytes()? })
}
