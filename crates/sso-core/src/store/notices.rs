//! Storage of notices (SPEC 13): what somebody is to be told of before it stops a login, kept so that it
//! is told once, and in an outbox until it has been delivered.

use super::{AuditEntry, Category, StoreError};
use crate::ids::NoticeId;
use crate::org::OrgName;
use serde::{Deserialize, Serialize};
use std::future::Future;
use time::{Duration, OffsetDateTime};

/// Storage of notices and of their deliveries.
pub trait NoticeStore: Send + Sync {
    /// Keeps a notice, with its entry in the audit trail and a delivery by each of these channels, due at
    /// once. `false` where the organization has one of the same key: then nothing is done, on whichever
    /// node. NotFound `org`.
    fn raise(
        &self,
        notice: Notice,
        audit: AuditEntry,
        channels: &[Channel],
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Takes deliveries that are due, the oldest first, at most `most`. Each counts as an attempt, and is
    /// due again at `again_at`: no other node takes it meanwhile, and none is lost with this one.
    fn take_deliveries(
        &self,
        channel: Channel,
        now: OffsetDateTime,
        again_at: OffsetDateTime,
        most: u16,
    ) -> impl Future<Output = Result<Vec<Delivery>, StoreError>> + Send;

    /// Makes a delivery that failed due at another time.
    fn put_delivery_off(
        &self,
        notice: NoticeId,
        channel: Channel,
        until: OffsetDateTime,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes a delivery out of the outbox: it arrived, or is given up.
    fn end_delivery(
        &self,
        notice: NoticeId,
        channel: Channel,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Something that somebody is to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its identifier, by which whoever receives it twice knows it.
    pub id: NoticeId,
    /// Whom it concerns.
    pub org: OrgName,
    /// When it was raised, in UTC.
    pub at: OffsetDateTime,
    /// What it is about.
    pub kind: NoticeKind,
    /// What makes it one notice: another one of this key is not raised while this one is kept
    /// (docs/retention.md).
    pub key: String,
    /// What it says, in one sentence. Never a secret.
    pub sentence: String,
    /// The same for programs.
    pub facts: serde_json::Map<String, serde_json::Value>,
}

macro_rules! notice_kinds {
    ($($(#[$doc:meta])* $variant:ident $name:literal $category:ident;)+) => {
        /// What a notice is about: a closed list, by stable names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum NoticeKind {
            $($(#[$doc])* $variant,)+
        }

        impl NoticeKind {
            /// Every kind.
            pub const ALL: &'static [NoticeKind] = &[$(NoticeKind::$variant),+];

            /// The stable name in snake_case. The audit trail has it as the sub-category.
            pub fn as_str(self) -> &'static str {
                match self { $(NoticeKind::$variant => $name,)+ }
            }

            /// Where the audit trail has it.
            pub fn category(self) -> Category {
                match self { $(NoticeKind::$variant => Category::$category,)+ }
            }
        }
    };
}

notice_kinds! {
    /// A service certificate expires (SPEC 7).
    ServiceCertificateExpiry "service_certificate_expiry" Certificates;
    /// A certificate of the identity provider expires (SPEC 8).
    IdpCertificateExpiry "idp_certificate_expiry" Certificates;
    /// A token for the Admin API or for SCIM expires.
    ApiTokenExpiry "api_token_expiry" Security;
    /// A plan for a service certificate is due and cannot be carried out (SPEC 7).
    CertificatePlanBlocked "certificate_plan_blocked" Certificates;
    /// The metadata of the identity provider could not be refreshed (SPEC 2).
    MetadataRefreshFailed "metadata_refresh_failed" Configuration;
    /// The metadata of the identity provider has changed in a way that waits for an administrator (SPEC 2).
    MetadataApprovalNeeded "metadata_approval_needed" Configuration;
    /// A directory removes more than the organization's brake lets pass (SPEC 11.1).
    RemovalsHeld "removals_held" Security;
}

/// A way by which notices are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A signed POST to the operator's own address.
    Webhook,
}

/// A notice that is to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What.
    pub notice: Notice,
    /// How often it was attempted, this time included.
    pub attempts: u32,
}

/// How long to wait after each attempt that failed: three days in all.
const PAUSES: [Duration; 9] = [
    Duration::seconds(10),
    Duration::minutes(1),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(5),
    Duration::hours(14),
    Duration::hours(24),
    Duration::hours(24),
];

/// How long to wait after so many attempts that failed; `None`: it is given up.
pub fn pause_after(attempts: u32) -> Option<Duration> {
    let place = usize::try_from(attempts.saturating_sub(1)).ok()?;
    PAUSES.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_tried_for_about_three_days() {
        let pauses: Vec<Duration> = (1..).map_while(pause_after).collect();
        assert_eq!(pauses.first(), Some(&Duration::seconds(10)));
        assert!(pauses.is_sorted());
        let all: Duration = pauses.iter().copied().sum();
        assert_eq!(all.whole_days(), 2, "{all}");
        assert_eq!(pause_after(u32::MAX), None);
    }

    #[test]
    fn a_kind_is_stored_by_its_name() {
        for kind in NoticeKind::ALL {
            let stored = serde_json::to_value(kind).expect("a name");
            assert_eq!(stored, kind.as_str());
        }
    }
}
