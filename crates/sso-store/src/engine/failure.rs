//! Why a use case failed, before it is told in the words of the port.

use sso_core::store::{CommitError, StoreError};

/// Why a use case failed. Its transaction is rolled back.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A unique value is taken. A use case says what that means, or it is an engine's failure.
    Unique,
    /// A row that is referred to does not exist. As above.
    ForeignKey,
    /// Two transactions met and this one was undone (PostgreSQL): the use case runs again.
    Serialization,
    /// An answer of the port.
    Store(StoreError),
    /// An answer of [`commit_sign_in`](sso_core::store::SignInStore::commit_sign_in).
    Commit(CommitError),
    /// The engine failed; the text is for the log.
    Engine(String),
}

impl Failure {
    /// A conflict that the port names.
    pub(crate) fn conflict(name: &'static str) -> Self {
        Self::Store(StoreError::Conflict(name))
    }

    /// Something missing that the port names.
    pub(crate) fn not_found(name: &'static str) -> Self {
        Self::Store(StoreError::NotFound(name))
    }

    /// A stored row that this program cannot have written.
    pub(crate) fn unreadable(what: impl std::fmt::Display) -> Self {
        Self::Engine(format!("a stored row cannot be read: {what}"))
    }

    /// Says what a taken unique value means here.
    pub(crate) fn if_unique(self, meaning: Failure) -> Self {
        if matches!(self, Self::Unique) { meaning } else { self }
    }

    /// Says what a missing row that is referred to means here.
    pub(crate) fn if_foreign_key(self, meaning: Failure) -> Self {
        if matches!(self, Self::ForeignKey) { meaning } else { self }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        let text = match failure {
            Failure::Store(error) | Failure::Commit(CommitError::Store(error)) => return error,
            Failure::Unique => "a unique value is taken".to_owned(),
            Failure::ForeignKey => "a row that is referred to does not exist".to_owned(),
            Failure::Serialization => "it met other transactions at every try".to_owned(),
            Failure::Commit(error) => error.to_string(),
            Failure::Engine(text) => text,
        };
        Self::Engine(text)
    }
}

impl From<Failure> for CommitError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Commit(error) => error,
            other => Self::Store(other.into()),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ffi;
        match error.sqlite_error().map(|e| e.extended_code) {
            Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => Self::Unique,
            Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Self::ForeignKey,
            _ => Self::Engine(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        let Some(database) = error.as_database_error() else {
            return Self::Engine(error.to_string());
        };
        // serialization_failure, deadlock_detected
        if matches!(database.code().as_deref(), Some("40001" | "40P01")) {
            return Self::Serialization;
        }
        match database.kind() {
            ErrorKind::UniqueViolation => Self::Unique,
            ErrorKind::ForeignKeyViolation => Self::ForeignKey,
            _ => Self::Engine(error.to_string()),
        }
    }
}
