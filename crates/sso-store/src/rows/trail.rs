//! The audit trail. (A trace is one document.)

use crate::engine::{Failure, Fields};
use sso_core::ids::AuditId;
use sso_core::store::AuditEntry;

/// The columns that make an entry of the audit trail.
macro_rules! audit_columns {
    () => {
        "org, id, at, administrator, category, sub_category, details"
    };
}
pub(crate) use audit_columns;

/// Reads [`audit_columns`].
pub(crate) fn audit_entry(row: &mut Fields) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry {
        org: row.parsed()?,
        id: AuditId::from_bytes(row.array()?),
        timestamp: row.instant()?,
        administrator: row.text()?,
        category: row.choice()?,
        sub_category: row.text()?,
        details: row.text()?,
    })
}
