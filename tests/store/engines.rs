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
        match self {
            Self::Sqlite(folder) => rusqlite::Connection::open(file(folder))
                .and_then(|connection| connection.execute_batch(sql))
                .expect("the SQL runs"),
            Self::Postgres(url) => drop(PostgresCluster::shared().run(url, sql)),
        }
    }

    /// Whether the bytes stand anywhere in what the database keeps, as they are or in hex.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let found = |text: &[u8], part: &[u8]| text.windows(part.len()).any(|w| w == part);
        match self {
            Self::Sqlite(folder) => std::fs::read_dir(folder.path())
                .expect("the folder")
                .map(|entry| std::fs::read(entry.expect("a file").path()).expect("its bytes"))
                .any(|text| found(&text, bytes) || found(&text, hex.as_bytes())),
            Self::Postgres(url) => {
                let dump = PostgresCluster::shared().dump(url);
                found(dump.as_bytes(), bytes) || found(dump.as_bytes(), hex.as_bytes())
            }
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
