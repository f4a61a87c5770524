//! Why the service does not start: one sentence, for a person.

use std::path::{Path, PathBuf};

/// Why the service does not start. Its text is the sentence that the operator reads; it never holds
/// the value of a secret.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting cannot be used.
    #[error("{name} (SSO_{}): {problem}", .name.to_ascii_uppercase())]
    Setting {
        /// Its name in `sso.toml`; the environment variable is `SSO_` and the name in capitals.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// An environment variable is not text.
    #[error("{name}: the value is not UTF-8 text")]
    Environment {
        /// The variable.
        name: String,
    },
    /// The configuration file cannot be used.
    #[error("{}: {problem}", .file.display())]
    ConfigFile {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, with the line.
        problem: String,
    },
    /// A file or folder that the service needs cannot be read or made.
    #[error("{}: {problem}", .path.display())]
    Path {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, and why it failed.
        problem: String,
    },
    /// The service cannot listen where it should.
    #[error("cannot listen on {listen} ({setting}): {problem}")]
    Listen {
        /// The address.
        listen: std::net::SocketAddr,
        /// Where the address is set.
        setting: &'static str,
        /// Why not.
        problem: String,
    },
    /// The system lacks what every process needs.
    #[error("the process cannot start: {0}")]
    Process(String),
    /// The demo cannot do what it is there for.
    #[error("demo: {0}")]
    Demo(String),
    /// The database cannot be used.
    #[error("the database cannot be used (SSO_DATABASE_URL): {0}")]
    Database(String),
}

impl StartError {
    pub(crate) fn setting(name: &'static str, problem: impl Into<String>) -> Self {
        Self::Setting { name, problem: problem.into() }
    }

    pub(crate) fn path(path: &Path, problem: impl Into<String>) -> Self {
        Self::Path { path: path.to_owned(), problem: problem.into() }
    }
}
