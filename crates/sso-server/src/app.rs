//! What every endpoint works with.

use crate::config::{AdminToken, PublicUrl, TrustedProxies};
use crate::http::cookies::Cookies;
use sso_core::flow::Bridge;
use sso_core::ids::AuditId;
use sso_core::org::OrgName;
use sso_core::random::Random;
use sso_core::store::{AuditEntry, Category};
use sso_store::AnyStore;
use time::OffsetDateTime;

/// The running service, as its endpoints see it.
pub(crate) struct App {
    pub(crate) bridge: Bridge<AnyStore>,
    pub(crate) public_url: PublicUrl,
    pub(crate) cookies: Cookies,
    pub(crate) admin_token: AdminToken,
    pub(crate) trusted_proxies: TrustedProxies,
}

impl App {
    pub(crate) fn store(&self) -> &AnyStore {
        self.bridge.store()
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.bridge.clock().now()
    }

    pub(crate) fn random(&self) -> &dyn Random {
        self.bridge.random()
    }

    /// The audit entry of an act of the operator, now.
    pub(crate) fn audit(
        &self,
        org: &OrgName,
        category: Category,
        act: &str,
        details: String,
    ) -> AuditEntry {
        let timestamp = self.now();
        AuditEntry {
            id: AuditId::new(timestamp, self.random()),
            org: org.clone(),
            administrator: crate::http::operator::OPERATOR.to_owned(),
            timestamp,
            category,
            sub_category: act.to_owned(),
            details,
        }
    }
}
