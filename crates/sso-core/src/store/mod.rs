//! The port to storage: use cases, each atomic, no transaction object (DESIGN 5).
//!
//! One trait an area. Each method holds on every node at once: uniqueness is the database's, never a
//! read before a write. A lost race answers [`CommitError::Conflict`] or [`StoreError::Conflict`],
//! and the caller reads and decides again. Instants are kept to the microsecond.

mod account_list;
mod accounts;
mod api_tokens;
mod applications;
mod attribute_schemas;
mod audit;
mod configuration;
mod drafts;
mod expiry;
mod groups;
mod idp_certificates;
mod leases;
mod logout;
mod memory;
mod messages;
mod metadata;
mod notices;
mod page;
mod removal_brakes;
mod scim_requests;
mod service_certificates;
mod sessions;
mod sign_in;
mod token_keys;

pub use crate::certs::{
    CertificateState, IdpCertificate, IdpCertificateState, NewIdpCertificate, ServiceCertificate,
};
pub use crate::provisioning::AccountKeys;
pub use account_list::{
    AccountFilter, AccountOrder, AccountPlace, AccountSort, Direction, SortKey, fold_name,
};
pub use accounts::{AccountLookup, AccountStore, AccountWalk};
pub use api_tokens::{ApiToken, ApiTokenStore, TokenRight, TokenUse};
pub use applications::ApplicationStore;
pub use attribute_schemas::AttributeSchemaStore;
pub use audit::{AuditEntry, AuditFilter, AuditStore, Category, StoredTrace, TraceStore};
pub use configuration::{ConfigurationStore, SERVICE_URI_TAKEN};
pub use drafts::{DraftStore, PassedTest};
pub use expiry::{Expiring, ExpirySource, ExpiryStore};
pub use groups::{GroupFilter, GroupRemoval, GroupStore};
pub use idp_certificates::{FirstUse, IdpCertificateStore};
pub use leases::LeaseStore;
pub use logout::{LogoutRecords, LogoutStore, Subject};
pub use memory::MemoryStore;
pub use messages::{MessageStore, StoredMessage};
pub use metadata::{KeyRefreshClaim, MetadataStore};
pub use notices::{Channel, Delivery, Notice, NoticeKind, NoticeStore, pause_after};
pub use page::{Listed, Page};
pub use removal_brakes::RemovalBrakeStore;
pub use scim_requests::{
    MOST_SCIM_REQUESTS, ScimRequest, ScimRequestError, ScimRequestFilter, ScimRequestStore,
};
pub use service_certificates::{ServiceCertificateStore, ServiceKey, StepEnd};
pub use sessions::{SessionStore, WhichSessions};
pub use sign_in::{
    CommitError, Cutoffs, NewSession, Purged, Session, SignInRecords, SignInStore, SignedIn,
};
pub use token_keys::{TokenKey, TokenKeyStore};

use crate::profile::OwnField;

/// Everything a store does. A service needs all of it; an embedding application too.
pub trait Store:
    SignInStore
    + ConfigurationStore
    + AttributeSchemaStore
    + DraftStore
    + ServiceCertificateStore
    + IdpCertificateStore
    + ApiTokenStore
    + ApplicationStore
    + AccountStore
    + GroupStore
    + SessionStore
    + LogoutStore
    + TraceStore
    + MessageStore
    + AuditStore
    + ExpiryStore
    + NoticeStore
    + RemovalBrakeStore
    + ScimRequestStore
    + TokenKeyStore
    + LeaseStore
    + MetadataStore
{
}

impl<S> Store for S where
    S: SignInStore
        + ConfigurationStore
        + AttributeSchemaStore
        + DraftStore
        + ServiceCertificateStore
        + IdpCertificateStore
        + ApiTokenStore
        + ApplicationStore
        + AccountStore
        + GroupStore
        + SessionStore
        + LogoutStore
        + TraceStore
        + MessageStore
        + AuditStore
        + ExpiryStore
        + NoticeStore
        + RemovalBrakeStore
        + ScimRequestStore
        + TokenKeyStore
        + LeaseStore
        + MetadataStore
{
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What was to be changed changed meanwhile, or something unique exists already.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// Another account of the organization has the value of this attribute, which is unique by the
    /// organization's schema.
    #[error("conflict: another account has the value of {0}")]
    AttributeTaken(OwnField),
    /// What was to be changed does not exist.
    #[error("not found: {0}")]
    NotFound(&'static str),
    /// The cursor of a [`Page`] is not one that a list gave out.
    #[error("the cursor is not one of this list")]
    InvalidCursor,
    /// The engine failed; the text is for the log.
    #[error("storage failed: {0}")]
    Engine(String),
}
