//! Logins of people who were here before, ready to be committed.

use crate::identity_provider::{IdentityProvider, Person};
use sso_core::connection::{Saml2Settings, Slot};
use sso_core::ids::{AccountId, AuditId, ConnectionId, SessionId, TraceId, saml_id};
use sso_core::login::{BrowserBinding, Outcome, PendingLogin, Trace};
use sso_core::org::Org;
use sso_core::provisioning::{SignInPlan, account_keys, plan};
use sso_core::random::{self, Random};
use sso_core::store::{
    AuditEntry, Category, ConfigurationStore, NewSession, SignInRecords, SignInStore, StoredTrace,
};
use sso_store::AnyStore;
use std::sync::Arc;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const BEGINNING: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
/// How many people take turns.
const PEOPLE: usize = 500;

pub struct Login {
    pub plan: SignInPlan,
    pub records: SignInRecords,
}

pub struct Logins {
    store: Arc<AnyStore>,
    idp: IdentityProvider,
    org: Org,
    settings: Saml2Settings,
    turn: usize,
    now: OffsetDateTime,
}

/// openssl's, as in the service.
struct OpensslRandom;

impl Random for OpensslRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the source that the others are given")]
    fn fill(&self, buffer: &mut [u8]) {
        openssl::rand::rand_bytes(buffer).expect("randomness");
    }
}

impl Logins {
    /// Makes an organization, and signs everybody in once.
    pub async fn begin(store: Arc<AnyStore>) -> Self {
        let json = serde_json::json!({"name": "corp", "domains": ["corp.example"]});
        let org: Org = serde_json::from_value(json).expect("an organization");
        let idp = IdentityProvider::new(BEGINNING, &OpensslRandom);
        let settings = IdentityProvider::settings();
        let mut logins = Self { store, idp, org, settings, turn: 0, now: BEGINNING };
        let made = logins.audit("org_created");
        logins.store.create_org(logins.org.clone(), made).await.expect("made");
        for _ in 0..PEOPLE {
            for login in logins.plan(1).await {
                let committed = logins.store.commit_sign_in(login.plan, login.records).await;
                committed.expect("a first login");
            }
        }
        logins
    }

    /// Begins logins, has them answered, verifies and decides them.
    pub async fn plan(&mut self, count: usize) -> Vec<Login> {
        let mut logins = Vec::with_capacity(count);
        for _ in 0..count {
            logins.push(self.next().await);
        }
        logins
    }

    async fn next(&mut self) -> Login {
        let random = &OpensslRandom;
        let person = Person::new(&format!("person-{}", self.turn % PEOPLE))
            .with("city", "Zürich")
            .with("jobTitle", "Head of everything that nobody else does")
            .with("businessPhone", "+41 44 000 00 00");
        self.turn += 1;
        // A hundred a second.
        self.now += Duration::milliseconds(10);
        let now = self.now;
        let request_id = saml_id(random);
        let browser = BrowserBinding(token_digest(now, random));
        let pending = PendingLogin {
            request_id: request_id.clone(),
            org: self.org.name.clone(),
            target_org: self.org.name.clone(),
            connection: ConnectionId::new(now, random),
            slot: Slot::Live,
            browser,
            relay_state: Some(saml_id(random)),
            return_to: Some("/".to_owned()),
            mobile: false,
            replaces: None,
            created_at: now,
        };
        self.store.put_pending_login(pending).await.expect("kept");
        let mut trace = Trace::recording();
        let login = self.idp.sign_in(&person, Some(&request_id), &saml_id(random), now, &mut trace);
        let rules = self.settings.common().accounts;
        let keys = account_keys(&login, &self.org, rules).expect("keys");
        let found = self.store.candidates(&self.org.name, &keys).await.expect("candidates");
        let id = AccountId::new(now, random);
        let plan = plan(&login, &found, &self.org, rules, now, id).expect("a plan");
        let records = SignInRecords {
            request_id: Some(request_id),
            session: NewSession {
                id: SessionId::new(now, random),
                token_hash: token_digest(now, random),
                connection: ConnectionId::new(now, random),
                slot: Slot::Live,
                name_id: login.name_id().clone(),
                session_indexes: login.session_indexes().to_vec(),
                sp_entity_id: Some(self.settings.sp_entity_id.clone()),
                authn_context: login.authn_context().map(str::to_owned),
                authenticated_at: now,
                idle_seconds: 28_800,
                expires_at: now + Duration::hours(24),
            },
            browser: Some(browser),
            replaces: None,
            trace: StoredTrace {
                id: TraceId::new(now, random),
                at: now,
                org: self.org.name.clone(),
                protocol: "saml2".to_owned(),
                flow: "sp_initiated".to_owned(),
                outcome: Outcome::Accepted,
                code: None,
                name_id: Some(login.name_id().value.clone()),
                account: Some(plan.account().id),
                steps: trace.steps().to_vec(),
            },
            audit: plan.events().iter().map(|event| self.audit(event.kind.as_str())).collect(),
            first_use: None,
        };
        Login { plan, records }
    }

    fn audit(&self, act: &str) -> AuditEntry {
        AuditEntry {
            id: AuditId::new(self.now, &OpensslRandom),
            org: self.org.name.clone(),
            administrator: "person-1@corp.example".to_owned(),
            timestamp: self.now,
            category: Category::SignIn,
            sub_category: act.to_owned(),
            details: "person-1@corp.example (acc_0193…) by single sign-on".to_owned(),
        }
    }
}

/// As the flow makes it: the millisecond, then a digest.
fn token_digest(now: OffsetDateTime, random: &dyn Random) -> [u8; 32] {
    let mut digest = random::bytes::<32>(random);
    let millis = (now.unix_timestamp_nanos() / 1_000_000) as u64;
    digest[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    digest
}
