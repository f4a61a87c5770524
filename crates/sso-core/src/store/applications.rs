//! Storage of the applications that are registered with the service (SPEC 6, `apps`).

use super::{AuditEntry, Listed, Page, StoreError};
use crate::application::Application;
use crate::ids::ApplicationId;
use std::future::Future;

/// Storage of applications. Each change carries its audit entry into the same transaction.
pub trait ApplicationStore: Send + Sync {
    /// Adds an application, with revision 1. Conflict `application_exists` (its identifier is
    /// another's).
    fn add_application(
        &self,
        application: Application,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads an application.
    fn application(
        &self,
        id: ApplicationId,
    ) -> impl Future<Output = Result<Option<Application>, StoreError>> + Send;

    /// Lists applications, oldest first.
    fn applications(
        &self,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<Application>, StoreError>> + Send;

    /// Those that have an address of this [origin](crate::application::origin), read by an index.
    fn applications_at(
        &self,
        origin: &str,
    ) -> impl Future<Output = Result<Vec<Application>, StoreError>> + Send;

    /// Replaces the settings of an application, planned on its `revision`, which grows by one. NotFound
    /// `application`, conflict `application_changed`.
    fn update_application(
        &self,
        application: Application,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes an application: no login ends there any more. NotFound `application`.
    fn delete_application(
        &self,
        id: ApplicationId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
