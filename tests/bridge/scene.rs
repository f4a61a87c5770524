//! A bridge with the organization `corp`, its identity provider, and a browser.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::bindings::Outbound;
use sso_core::connection::{Connection, Settings, Slot};
use sso_core::error::Code;
use sso_core::flow::{Bridge, FinishedLogin, PostedResponse, Refusal, SignedInBrowser};
use sso_core::flow::{StartLogin, StartedLogin};
use sso_core::ids::{AuditId, ConnectionId, TraceId};
use sso_core::login::PendingLogin;
use sso_core::org::Org;
use sso_core::store::{
    AuditEntry, Category, ConfigurationStore, MemoryStore, Page, SignInStore as _, StoredTrace,
    TraceStore,
};
use sso_core::time::Clock;
use sso_tests::{IdentityProvider, Person, SeededRandom, SetClock, request_id};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

pub(crate) struct Scene {
    pub(crate) bridge: Bridge<MemoryStore>,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) idp: IdentityProvider,
    pub(crate) random: SeededRandom,
    assertions: AtomicU32,
}

/// A login that a browser has begun.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub(crate) request_id: String,
    pub(crate) relay_state: String,
    pub(crate) cookie: String,
}

impl Scene {
    /// `corp` and its connection.
    pub(crate) async fn new() -> Self {
        let scene = Self::without_connection().await;
        scene.connect(IdentityProvider::settings(), &[scene.idp.certificate()]).await;
        scene
    }

    pub(crate) async fn without_connection() -> Self {
        let clock = Arc::new(SetClock::at(NOW));
        let random = SeededRandom::new(7);
        let idp = IdentityProvider::new(NOW, &random);
        let public_url = Url::parse("https://sso.example").expect("a URL");
        let source = Arc::new(SeededRandom::new(8));
        let bridge = Bridge::new(MemoryStore::default(), clock.clone(), source, public_url);
        let scene = Self { bridge, clock, idp, random, assertions: AtomicU32::new(0) };
        scene.make_org("corp", "corp.example").await;
        scene
    }

    pub(crate) async fn make_org(&self, name: &str, domain: &str) -> Org {
        let org: Org = serde_json::from_value(serde_json::json!({
            "name": name, "domains": [domain],
        }))
        .expect("an organization");
        let made = self.audit(&org, "org_created");
        self.bridge.store().create_org(org.clone(), made).await.expect("made");
        org
    }

    pub(crate) async fn org(&self, name: &str) -> Org {
        self.bridge.store().org(name).await.expect("a store").expect("an organization")
    }

    /// Makes or replaces the connection of `corp`.
    pub(crate) async fn connect(&self, settings: impl Into<Settings>, certificates: &[&[u8]]) {
        self.connect_org("corp", settings, certificates).await;
    }

    pub(crate) async fn connect_org(
        &self,
        org: &str,
        settings: impl Into<Settings>,
        certificates: &[&[u8]],
    ) {
        let org = self.org(org).await;
        let store = self.bridge.store();
        let before = store.connection(&org.name, Slot::Live).await.expect("a store");
        let connection = Connection {
            id: before
                .as_ref()
                .map_or_else(|| ConnectionId::new(NOW, &self.random), |before| before.id),
            org: org.name.clone(),
            slot: Slot::Live,
            revision: before.map_or(1, |before| before.revision + 1),
            settings: settings.into(),
            metadata_certificates: certificates.iter().map(|der| der.to_vec()).collect(),
            metadata_document: None,
        };
        let changed = self.audit(&org, "connection_changed");
        store.put_connection(connection, changed).await.expect("stored");
    }

    pub(crate) fn audit(&self, org: &Org, act: &str) -> AuditEntry {
        AuditEntry {
            id: AuditId::new(NOW, &self.random),
            org: org.name.clone(),
            administrator: "operator".to_owned(),
            timestamp: NOW,
            category: Category::Configuration,
            sub_category: act.to_owned(),
            details: String::new(),
        }
    }

    pub(crate) async fn start(&self, asked: StartLogin<'_>) -> StartedLogin {
        self.bridge.start_login(asked).await.expect("a store that answers")
    }

    /// Begins a login at `corp`.
    pub(crate) async fn begin(&self, asked: StartLogin<'_>) -> Begun {
        let org = if asked.org.is_empty() { "corp" } else { asked.org };
        match self.start(StartLogin { org, ..asked }).await {
            StartedLogin::Leave { to: Outbound::Redirect(url), browser } => {
                let field = |name: &str| {
                    let found = url.query_pairs().find(|(field, _)| field == name);
                    found.expect(name).1.into_owned()
                };
                Begun {
                    request_id: request_id(&field("SAMLRequest")),
                    relay_state: field("RelayState"),
                    cookie: browser,
                }
            }
            other => panic!("no redirect: {other:?}"),
        }
    }

    /// The response to a login, signed now, as a form field.
    pub(crate) fn answer(&self, begun: &Begun, person: &Person) -> String {
        self.response(Some(&begun.request_id), person)
    }

    pub(crate) fn response(&self, request_id: Option<&str>, person: &Person) -> String {
        let number = self.assertions.fetch_add(1, Ordering::Relaxed);
        let id = format!("_assertion-{number}");
        STANDARD.encode(self.idp.response(person, request_id, &id, self.clock.now()))
    }

    /// The login that waits for its answer under that ID.
    pub(crate) async fn pending(&self, request_id: &str) -> PendingLogin {
        let found = self.bridge.store().pending_login(request_id).await;
        found.expect("a store").expect("a login that was begun")
    }

    pub(crate) async fn post(&self, posted: PostedResponse<'_>) -> FinishedLogin {
        self.bridge.finish_login(posted).await.expect("a store that answers")
    }

    /// Posts a response as the browser that began the login does.
    pub(crate) async fn finish(
        &self,
        begun: &Begun,
        response: &str,
    ) -> Result<SignedInBrowser, Box<Refusal>> {
        outcome(
            self.post(PostedResponse {
                org: "corp",
                saml_response: response,
                relay_state: Some(&begun.relay_state),
                browser: Some(&begun.cookie),
                ..PostedResponse::default()
            })
            .await,
        )
    }

    /// Signs a person in from the beginning.
    pub(crate) async fn sign_in(&self, person: &Person) -> Result<SignedInBrowser, Box<Refusal>> {
        let begun = self.begin(StartLogin::default()).await;
        let response = self.answer(&begun, person);
        self.finish(&begun, &response).await
    }

    pub(crate) async fn traces(&self) -> Vec<StoredTrace> {
        let org = self.org("corp").await;
        let page = Page { limit: 200, cursor: None };
        self.bridge.store().traces(&org.name, &page).await.expect("a store").items
    }

    /// The trace of that number.
    pub(crate) async fn trace(&self, id: TraceId) -> StoredTrace {
        let org = self.org("corp").await;
        self.bridge.store().trace(&org.name, id).await.expect("a store").expect("a trace")
    }
}

pub(crate) fn outcome(finished: FinishedLogin) -> Result<SignedInBrowser, Box<Refusal>> {
    match finished {
        FinishedLogin::SignedIn(person) => Ok(*person),
        FinishedLogin::Refused(refusal) => Err(refusal),
        other => panic!("neither an end nor a refusal: {other:?}"),
    }
}

/// The code of a refusal, which its trace must have too.
pub(crate) async fn refused(scene: &Scene, result: Result<SignedInBrowser, Box<Refusal>>) -> Code {
    let refusal = result.expect_err("a refusal");
    let trace = scene.trace(refusal.trace).await;
    assert_eq!(trace.code.as_deref(), Some(refusal.rejection.code.as_str()));
    let last = trace.steps.last().expect("a step");
    assert_eq!((last.ok, &*last.rule), (false, refusal.rejection.code.as_str()));
    assert_eq!(trace.steps.iter().filter(|step| !step.ok).count(), 1, "one refusal, told once");
    refusal.rejection.code
}
