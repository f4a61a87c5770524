//! Storage of organizations and connections.

use super::{AuditEntry, Listed, Page, StoreError};
use crate::connection::{Connection, Slot};
use crate::org::{Org, OrgName};
use std::future::Future;

/// The conflict of a connection whose realm another organization has.
pub const SERVICE_URI_TAKEN: &str = "service_uri_taken";

/// Storage of configuration. Each change carries its audit entry into the same transaction.
pub trait ConfigurationStore: Send + Sync {
    /// Makes an organization, with revision 1. Conflict `org_exists` or `domain_taken` (a domain
    /// belongs to another).
    fn create_org(
        &self,
        org: Org,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces everything of an organization but its name and its attribute schema, planned on its `revision`; the revision
    /// grows by one. Ends every session of one whose single sign-on is off. NotFound `org`, conflict
    /// `org_changed` or `domain_taken`.
    fn update_org(
        &self,
        org: Org,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Finds an organization by its name or one of its domains, without regard to case (SPEC 1).
    fn org(
        &self,
        name_or_domain: &str,
    ) -> impl Future<Output = Result<Option<Org>, StoreError>> + Send;

    /// Lists organizations by name.
    fn orgs(&self, page: &Page) -> impl Future<Output = Result<Listed<Org>, StoreError>> + Send;

    /// Reads a connection.
    fn connection(
        &self,
        org: &OrgName,
        slot: Slot,
    ) -> impl Future<Output = Result<Option<Connection>, StoreError>> + Send;

    /// Makes or replaces a connection. `connection.revision` is the one it will have; the row stored
    /// must have the one before it (none for revision 1), else conflict `connection_changed`. Ends what was
    /// signed in through one that is disabled. NotFound `org`, conflict [`SERVICE_URI_TAKEN`] (its
    /// [realm](Connection::realm) is another's).
    fn put_connection(
        &self,
        connection: Connection,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes a connection, and ends what was signed in through it. NotFound `connection`.
    fn delete_connection(
        &self,
        org: &OrgName,
        slot: Slot,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether the store answers (readiness).
    fn ping(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}
