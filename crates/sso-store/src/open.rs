//! Opening a database: which engine, its migrations, and whether the master key is the right one.

use crate::engine::{Engine, Failure};
use crate::key_ring::{self, KeyRing};
use crate::migrations::Schema;
use crate::{AnyStore, MasterKeys};
use sso_core::store::StoreError;
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
    /// Some secrets are sealed under a key that is not there.
    #[error(
        "the database has secrets sealed under version {0} of the master key, which is not in the key file: \
         put that key back into it"
    )]
    MissingMasterKey(i64),
    /// The engine failed.
    #[error("the database failed: {0}")]
    Engine(String),
}

/// Opens the database of a URL, `sqlite://PATH` or `postgres://…`, makes or migrates its tables, and
/// checks that the master keys are those that its secrets are sealed under.
pub async fn open(url: &str, keys: impl Into<MasterKeys>) -> Result<AnyStore, OpenError> {
    open_with(url, keys.into(), Schema::BringUpToDate).await
}

/// Opens a database that a service has made, and changes none of its tables: for a command beside a
/// service, which may be of another version.
///
/// # Errors
/// As [`open`], and [`OpenError::Absent`] or [`OpenError::Older`] where `open` would make or migrate.
pub async fn open_existing(url: &str, keys: impl Into<MasterKeys>) -> Result<AnyStore, OpenError> {
    open_with(url, keys.into(), Schema::MustBeCurrent).await
}

async fn open_with(url: &str, keys: MasterKeys, schema: Schema) -> Result<AnyStore, OpenError> {
    let engine = match url.split_once("://") {
        Some(("sqlite", "")) => return Err(OpenError::Url("it names no file".to_owned())),
        Some(("sqlite", path)) => Engine::sqlite(Path::new(path), schema).await?,
        Some(("postgres" | "postgresql", _)) => Engine::postgres(url, schema).await?,
        Some((scheme, _)) => return Err(OpenError::Url(format!("{scheme} is neither"))),
        None => return Err(OpenError::Url("it names no engine".to_owned())),
    };
    let failed = |failure: Failure| OpenError::Engine(StoreError::from(failure).to_string());
    let versions = key_ring::versions(&engine, &keys).await.map_err(failed)?;
    let ring = KeyRing::new(keys);
    match (ring.learn(&versions), versions.len()) {
        (None, _) => Ok(AnyStore::new(engine, ring)),
        (Some(_), 1) => Err(OpenError::WrongMasterKey),
        (Some(version), _) => Err(OpenError::MissingMasterKey(version)),
    }
}
