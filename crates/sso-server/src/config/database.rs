//! Which database the service uses.

use super::StartError;
use std::path::{Path, PathBuf};

/// Where the rows are.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// One file, for one node.
    Sqlite(PathBuf),
    /// PostgreSQL, for several nodes. The URL may hold a password.
    Postgres(String),
}

impl Database {
    /// Reads the setting `database_url`; unset, it is `sso.db` in the data folder.
    ///
    /// # Errors
    /// A URL of another kind of database. The sentence never repeats the URL, which may hold a
    /// password.
    pub fn read(url: Option<&str>, data_dir: &Path) -> Result<Self, StartError> {
        let Some(url) = url else { return Ok(Self::Sqlite(data_dir.join("sso.db"))) };
        if let Some(file) = url.strip_prefix("sqlite://") {
            if file.is_empty() || file.contains('?') {
                return Err(StartError::setting(
                    "database_url",
                    "sqlite:// must be followed by the name of a file and nothing else",
                ));
            }
            return Ok(Self::Sqlite(PathBuf::from(file)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(StartError::setting("database_url", "it must begin with sqlite:// or postgres://"))
    }

    /// The URL by which the store opens it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Whether several nodes can use it.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(file) => f.debug_tuple("Sqlite").field(file).finish(),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}
