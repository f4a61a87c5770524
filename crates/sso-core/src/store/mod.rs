//! The port to storage: use cases, each atomic, no transaction object (DESIGN 5).
//!
//! One trait an area. Each method holds on every node at once: uniqueness is the database's, never a
//! read before a write. A lost race answers [`CommitError::Conflict`] or [`StoreError::Conflict`],
//! and the caller reads and decides again.

mod accounts;
mod audit;
mod configuration;
pub mod memory;
mod sign_in;

pub use crate::certs::{CertificateState, ServiceCertificate};
pub use crate::provisioning::AccountKeys;
pub use accounts::{AccountFilter, AccountStore};
pub use audit::{AuditEntry, AuditStore, Category, StoredTrace, TraceStore};
pub use configuration::{ConfigurationStore, ServiceKey};
pub use sign_in::{CommitError, NewSession, Purged, Session, SignInRecords, SignInStore, SignedIn};

/// Everything a store does. A service needs all of it; an embedding application too.
pub trait Store: SignInStore + ConfigurationStore + AccountStore + TraceStore + AuditStore {}

impl<S: SignInStore + ConfigurationStore + AccountStore + TraceStore + AuditStore> Store for S {}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What was to be changed changed meanwhile, or something unique exists already.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// What was to be changed does not exist.
    #[error("not found: {0}")]
    NotFound(&'static str),
    /// The engine failed; the text is for the log.
    #[error("storage failed: {0}")]
    Engine(String),
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The most items, at least 1.
    pub limit: u16,
    /// The `next` of the page before; `None` for the first.
    pub cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next part begins; `None` where there is none.
    pub next: Option<String>,
}
