//! The entries of the audit trail for what is done to accounts, and for what is noticed (SPEC 13).

use super::Bridge;
use crate::error::Rejection;
use crate::ids::{AuditId, TraceId};
use crate::org::OrgName;
use crate::provisioning::{Event, EventKind};
use crate::store::{AuditEntry, Category, Store};
use time::OffsetDateTime;

impl<S: Store> Bridge<S> {
    /// The entry of an event, which `administrator` brought about: who it is, or who signed in.
    pub(super) fn audited(
        &self,
        event: &Event,
        administrator: &str,
        org: &OrgName,
        now: OffsetDateTime,
    ) -> AuditEntry {
        AuditEntry {
            id: AuditId::new(now, self.random()),
            org: org.clone(),
            administrator: administrator.to_owned(),
            timestamp: now,
            category: match event.kind {
                EventKind::SignIn => Category::SignIn,
                _ => Category::Users,
            },
            sub_category: event.kind.as_str().to_owned(),
            details: event.details.clone(),
        }
    }

    /// The entry of a login that two engines did not agree on (SPEC 4.7). Who it was is just what they may
    /// not agree on, so that it is entered as the service's own.
    pub(super) fn alarm(
        &self,
        rejection: &Rejection,
        trace: TraceId,
        org: &OrgName,
        now: OffsetDateTime,
    ) -> AuditEntry {
        AuditEntry {
            id: AuditId::new(now, self.random()),
            org: org.clone(),
            administrator: "service".to_owned(),
            timestamp: now,
            category: Category::Security,
            sub_category: rejection.code.as_str().to_owned(),
            details: format!("trace: {trace}; {}", rejection.found),
        }
    }
}
