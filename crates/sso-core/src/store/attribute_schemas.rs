//! Storage of the attributes that organizations define (SPEC 11.4). The schema is read with the organization.

use super::{AuditEntry, StoreError};
use crate::org::OrgName;
use crate::profile::AttributeSchema;
use std::future::Future;

/// Storage of attribute schemas.
pub trait AttributeSchemaStore: Send + Sync {
    /// Replaces the attribute schema of an organization, planned on its `revision`, which grows by one. What
    /// accounts hold changes with it, in the same transaction: the values of an attribute that is gone go,
    /// and the revision of each account that had one grows; those of one that becomes unique are so from
    /// then on. What else is stored stays as it is, and is held to the rules where it is next written.
    ///
    /// NotFound `org`; conflict `org_changed`; [`StoreError::AttributeTaken`] where two accounts share a
    /// value of an attribute that would become unique, or one is longer than
    /// [`AttributeSchema::LONGEST_UNIQUE`].
    fn put_attribute_schema(
        &self,
        org: &OrgName,
        revision: u64,
        schema: AttributeSchema,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
