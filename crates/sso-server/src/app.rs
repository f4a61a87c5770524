//! What every endpoint works with.

use crate::config::{AdminToken, PublicUrl, TrustedProxies};
use crate::http::cookies::Cookies;
use sso_core::connection::ServiceUrls;
use sso_core::ids::AuditId;
use sso_core::org::{Org, OrgName};
use sso_core::random::Random;
use sso_core::store::{AuditEntry, Category};
use sso_core::time::Clock;
use sso_store::AnyStore;
use std::sync::Arc;
use time::OffsetDateTime;

/// The running service, as its endpoints see it.
pub(crate) struct App {
    pub(crate) store: AnyStore,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) public_url: PublicUrl,
    pub(crate) cookies: Cookies,
    pub(crate) admin_token: AdminToken,
    pub(crate) trusted_proxies: TrustedProxies,
}

impl App {
    pub(crate) fn store(&self) -> &AnyStore {
        &self.store
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// The addresses that an organization's SAML messages name.
    pub(crate) fn service_urls(&self, org: &Org) -> ServiceUrls {
        ServiceUrls::new(self.public_url.url(), &org.name)
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
