//! What every endpoint works with.

use crate::config::{Config, PublicUrl, StartError, TrustedProxies, Webhook};
use crate::http::cookies::Cookies;
use crate::http::operator::Operator;
use crate::outgoing::Outgoing;
use crate::telemetry::metrics::Metrics;
use sso_core::flow::Bridge;
use sso_core::ids::{AuditId, NodeId};
use sso_core::org::OrgName;
use sso_core::random::Random;
use sso_core::store::{AuditEntry, Category};
use sso_core::time::Clock;
use sso_store::AnyStore;
use std::sync::Arc;
use time::OffsetDateTime;

/// The running service, as its endpoints see it.
pub(crate) struct App {
    pub(crate) bridge: Bridge<AnyStore>,
    /// The same for dry runs: it answers as the other, and nothing that it writes is kept.
    pub(crate) trial: Bridge<AnyStore>,
    pub(crate) public_url: PublicUrl,
    pub(crate) cookies: Cookies,
    pub(crate) operator: Operator,
    pub(crate) trusted_proxies: TrustedProxies,
    /// How long login traces are kept.
    pub(crate) traces_kept: time::Duration,
    /// How long the messages of logins are kept, and the most bytes of them.
    pub(crate) messages_kept: (time::Duration, u64),
    /// The way to other people's servers.
    pub(crate) outgoing: Outgoing,
    /// This process, among those that work on the same database.
    pub(crate) node: NodeId,
    /// Where notices are posted; `None`: nowhere.
    pub(crate) webhook: Option<Webhook>,
    pub(crate) metrics: Metrics,
}

impl App {
    /// Puts together what the endpoints work with. `operator` is who may use the Admin API.
    ///
    /// # Errors
    /// The system's TLS cannot be used.
    pub(crate) fn new(
        config: &Config,
        store: AnyStore,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        operator: Operator,
    ) -> Result<Self, StartError> {
        let outgoing = Outgoing::new(config.outgoing_networks.clone())
            .map_err(|error| StartError::Process(error.to_string()))?;
        let node = NodeId::new(clock.now(), &*random);
        let url = config.public_url.url();
        let trial = Bridge::new(store.trial(), clock.clone(), random.clone(), url.clone());
        let bridge = Bridge::new(store, clock, random, url.clone())
            .with_cookie_domain(config.cookie_domain.clone());
        let bridge = match config.messages_kept.is_zero() {
            true => bridge.without_messages(),
            false => bridge,
        };
        Ok(Self {
            cookies: Cookies(bridge.cookies()),
            bridge,
            trial,
            public_url: config.public_url.clone(),
            operator,
            trusted_proxies: config.trusted_proxies.clone(),
            traces_kept: config.traces_kept,
            messages_kept: (config.messages_kept, config.message_bytes),
            outgoing,
            node,
            webhook: config.webhook.clone(),
            metrics: Metrics::new(),
        })
    }

    pub(crate) fn store(&self) -> &AnyStore {
        self.bridge.store()
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.bridge.clock().now()
    }

    pub(crate) fn random(&self) -> &dyn Random {
        self.bridge.random()
    }

    /// The audit entry of an act of an administrator, now.
    pub(crate) fn audit(
        &self,
        administrator: &str,
        org: &OrgName,
        category: Category,
        act: &str,
        details: String,
    ) -> AuditEntry {
        let timestamp = self.now();
        AuditEntry {
            id: AuditId::new(timestamp, self.random()),
            org: org.clone(),
            administrator: administrator.to_owned(),
            timestamp,
            category,
            sub_category: act.to_owned(),
            details,
        }
    }
}
