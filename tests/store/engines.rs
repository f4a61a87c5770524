//! The engines that the cases run on, and a way into the databases past the store.

use sso_core::store::MemoryStore;
use sso_store::{AnyStore, MasterKey, OpenError};
use sso_tests::PostgresCluster;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) fn memory() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new())
}

/// A database that outlasts the stores which open it.
pub(crate) enum Database {
    Sqlite(TempDir),
    Postgres(String),
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(PostgresCluster::shared().database())
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", file(folder).display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    pub(crate) async fn open(&self) -> Arc<AnyStore> {
        Arc::new(self.try_open(&master_key(0x5a)).await.expect("the database opens"))
    }

    pub(crate) async fn try_open(&self, key: &MasterKey) -> Result<AnyStore, OpenError> {
        sso_store::open(&self.url(), key).await
    }

    /// Runs SQL past the store.
    pub(crate) fn run(&self, sql: &str) {
        self.kept().run(sql);
    }

    /// Everything that it keeps as text, but for the tables that are named.
    pub(crate) fn dump(&self, without: &[&str]) -> String {
        self.kept().dump(without)
    }

    /// Whether the bytes stand anywhere in what the database keeps, as they are or in hex.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let kept = self.kept().bytes();
        let found = |part: &[u8]| kept.windows(part.len()).any(|window| window == part);
        found(bytes) || found(hex.as_bytes())
    }

    fn kept(&self) -> sso_tests::Database {
        match self {
            Self::Sqlite(folder) => sso_tests::Database::Sqlite(file(folder)),
            Self::Postgres(url) => sso_tests::Database::Postgres(url.clone()),
        }
    }
}

pub(crate) fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("sso.db")
}

/// A master key of one byte, repeated.
pub(crate) fn master_key(byte: u8) -> MasterKey {
    MasterKey::read(&[byte; 32]).expect("32 bytes")
}
