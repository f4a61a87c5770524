//! What is counted, for Prometheus (SPEC 6, 14). Nobody is asked for a token at `/metrics`, so nothing
//! here names an organization, and a refused login counts under the code that its browser was shown: which
//! check of the cryptography failed would be an oracle (SPEC 4.5, 4.8).

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use sso_core::store::NoticeKind;

/// The metrics of this process.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    logins: Family<Outcome, Counter>,
    notices: Family<Kind, Counter>,
    posts: Family<Outcome, Counter>,
    scim_requests: Family<Outcome, Counter>,
    expiring: Family<Expiring, Gauge>,
    earliest: Family<What, Gauge>,
    dropped: Family<What, Counter<u64>>,
}

/// How something ended. Of a login: `accepted`, or the code that the browser was shown; its answer carries it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Outcome {
    pub(crate) outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct What {
    what: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Expiring {
    what: &'static str,
    within_days: u16,
}

impl Outcome {
    /// The person is signed in.
    pub(crate) const ACCEPTED: Self = Self { outcome: "accepted" };
    /// A notice was taken where it was posted.
    pub(crate) const DELIVERED: Self = Self { outcome: "delivered" };
    /// A notice was not taken, and will be posted again.
    pub(crate) const PUT_OFF: Self = Self { outcome: "put_off" };
    /// A notice was never taken, and will not be posted again.
    pub(crate) const GIVEN_UP: Self = Self { outcome: "given_up" };
}

impl Metrics {
    /// Nothing was counted yet; every kind of notice is there from the beginning, at zero.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("sso");
        let (logins, notices) = (Family::default(), Family::<Kind, Counter>::default());
        let (expiring, earliest) = (Family::default(), Family::default());
        let posts = Family::<Outcome, Counter>::default();
        let dropped = Family::<What, Counter<u64>>::default();
        registry.register(
            "logins",
            "Logins that ended, by how: accepted, or the code that the browser was shown",
            logins.clone(),
        );
        registry.register("notices", "Notices that this node raised, by kind", notices.clone());
        registry.register(
            "webhook_posts",
            "Notices that this node posted to SSO_WEBHOOK_URL, by how that ended",
            posts.clone(),
        );
        let scim_requests = Family::<Outcome, Counter>::default();
        registry.register(
            "scim_requests",
            "Requests over SCIM, done or refused; not_kept: those among them that the log has no room for",
            scim_requests.clone(),
        );
        registry.register(
            "expiring",
            "Certificates and tokens in use that expire within so many days; 0: have expired",
            expiring.clone(),
        );
        registry.register(
            "earliest_expiry_timestamp_seconds",
            "When the first certificate or token that has not expired does, as Unix time",
            earliest.clone(),
        );
        registry.register(
            "dropped",
            "Traces and messages of logins that were not kept, being more than an organization may have kept",
            dropped.clone(),
        );
        for kind in NoticeKind::ALL {
            drop(notices.get_or_create(&Kind { kind: kind.as_str() }));
        }
        for outcome in [Outcome::DELIVERED, Outcome::PUT_OFF, Outcome::GIVEN_UP] {
            drop(posts.get_or_create(&outcome));
        }
        Self { registry, logins, notices, posts, scim_requests, expiring, earliest, dropped }
    }

    /// Counts a login that ended.
    pub(crate) fn login_ended(&self, outcome: &Outcome) {
        self.logins.get_or_create(outcome).inc();
    }

    /// Counts a notice.
    pub(crate) fn noticed(&self, kind: NoticeKind) {
        self.notices.get_or_create(&Kind { kind: kind.as_str() }).inc();
    }

    /// Counts an attempt to post a notice.
    pub(crate) fn posted(&self, outcome: &Outcome) {
        self.posts.get_or_create(outcome).inc();
    }

    /// Counts a request over SCIM.
    pub(crate) fn scim_request(&self, outcome: &Outcome) {
        self.scim_requests.get_or_create(outcome).inc();
    }

    /// Says how many things of a kind expire within so many days.
    pub(crate) fn expiring(&self, what: &'static str, within_days: u16, count: u64) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.expiring.get_or_create(&Expiring { what, within_days }).set(count);
    }

    /// Says when the first thing of a kind expires; `None`: there is none.
    pub(crate) fn earliest_expiry(&self, what: &'static str, at: Option<i64>) {
        match at {
            Some(at) => drop(self.earliest.get_or_create(&What { what }).set(at)),
            None => drop(self.earliest.remove(&What { what })),
        }
    }

    /// Says how many traces or messages were dropped since the start.
    pub(crate) fn dropped(&self, what: &'static str, count: u64) {
        let counter = self.dropped.get_or_create(&What { what });
        counter.inc_by(count.saturating_sub(counter.get()));
    }

    /// Everything, in the text format of OpenMetrics 1.0.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
