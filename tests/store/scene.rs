//! What the cases share: an organization, its identity provider, and logins there. A plan comes from
//! a signed assertion that was verified; there is no other way to one.

use sso_core::connection::{Connection, ConnectionState, Saml2Settings, Settings, Slot};
use sso_core::ids::{AccountId, AuditId, CertificateId, ConnectionId, SessionId, TraceId, saml_id};
use sso_core::login::{BrowserBinding, Outcome, PendingLogin, Step, Trace, VerifiedLogin};
use sso_core::org::{Org, OrgName};
use sso_core::provisioning::{Account, SignInPlan, account_keys, plan};
use sso_core::random;
use sso_core::store::{
    AuditEntry, AuditFilter, Category, CertificateState, CommitError, NewIdpCertificate,
    NewSession, Page, ServiceCertificate, SignInRecords, SignedIn, Store, StoredTrace,
};
use sso_tests::{IdentityProvider, Person, SeededRandom};
use std::collections::BTreeSet;
use std::sync::Arc;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// When everything happens, unless a case says otherwise.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

/// A store with the organization `corp` in it, and people who sign in there.
pub(crate) struct Scene<S> {
    pub(crate) store: Arc<S>,
    pub(crate) org: Org,
    pub(crate) settings: Saml2Settings,
    idp: IdentityProvider,
    random: SeededRandom,
}

/// A login that was verified and decided, and is to be committed.
pub(crate) struct Login {
    pub(crate) plan: SignInPlan,
    pub(crate) records: SignInRecords,
}

impl<S: Store> Scene<S> {
    pub(crate) async fn new(store: Arc<S>) -> Self {
        let scene = Self::without_org(store);
        let made = scene.audit("org_created");
        scene.store.create_org(scene.org.clone(), made).await.expect("the organization is made");
        scene
    }

    /// The same, but for the organization, which is not in the store.
    pub(crate) fn without_org(store: Arc<S>) -> Self {
        let random = SeededRandom::new(1);
        Self {
            store,
            org: org("corp", &["corp.example"]),
            settings: IdentityProvider::settings(),
            idp: IdentityProvider::new(NOW, &random),
            random,
        }
    }

    /// Signs a person in: a login is begun, answered, decided and committed.
    pub(crate) async fn sign_in(&self, person: &Person) -> Result<SignedIn, CommitError> {
        let login = self.login(person, NOW).await;
        self.commit(login).await
    }

    /// Signs a person in for the first time, and gives the account.
    pub(crate) async fn account(&self, person: &Person) -> Account {
        self.sign_in(person).await.expect("a first login").account
    }

    /// Begins a login, has it answered, and decides it.
    pub(crate) async fn login(&self, person: &Person, now: OffsetDateTime) -> Login {
        let request_id = self.begin(now).await;
        self.answer(person, &request_id, now).await
    }

    /// Begins a login, and gives its request ID.
    pub(crate) async fn begin(&self, now: OffsetDateTime) -> String {
        let login = self.pending(now);
        self.store.put_pending_login(login.clone()).await.expect("a new request");
        login.request_id
    }

    /// Has a request answered by a new assertion, and decides it.
    pub(crate) async fn answer(
        &self,
        person: &Person,
        request_id: &str,
        now: OffsetDateTime,
    ) -> Login {
        let assertion_id = saml_id(&self.random);
        self.decide(&self.verified(person, request_id, &assertion_id, now), request_id, now).await
    }

    /// Has a request answered by an assertion.
    pub(crate) fn verified(
        &self,
        person: &Person,
        request_id: &str,
        assertion_id: &str,
        now: OffsetDateTime,
    ) -> VerifiedLogin {
        self.idp.sign_in(person, Some(request_id), assertion_id, now, &mut Trace::off())
    }

    /// A login that the identity provider began.
    pub(crate) fn verified_unsolicited(&self, person: &Person) -> VerifiedLogin {
        self.idp.sign_in(person, None, &saml_id(&self.random), NOW, &mut Trace::off())
    }

    /// Decides a login that the identity provider began.
    pub(crate) async fn unsolicited(&self, person: &Person) -> Login {
        let login = self.verified_unsolicited(person);
        let mut decided = self.decide(&login, "", NOW).await;
        decided.records.request_id = None;
        decided
    }

    /// Looks up whose login it is and decides what becomes of the account.
    pub(crate) async fn decide(
        &self,
        login: &VerifiedLogin,
        request_id: &str,
        now: OffsetDateTime,
    ) -> Login {
        let rules = self.settings.common().accounts;
        let keys = account_keys(login, &self.org, rules).expect("the keys of the login");
        let found = self.store.candidates(&self.org.name, &keys).await.expect("candidates");
        let id = AccountId::new(now, &self.random);
        let plan = plan(login, &found, &self.org, rules, now, id).expect("a plan");
        let trace = self.trace(now, plan.account().id);
        let audit = plan.events().iter().map(|event| self.audit_at(event.kind.as_str(), now));
        let records = SignInRecords {
            request_id: Some(request_id.to_owned()),
            session: NewSession {
                id: SessionId::new(now, &self.random),
                token_hash: random::bytes(&self.random),
                connection: self.signed_in_through().await,
                slot: Slot::Live,
                name_id: login.name_id().clone(),
                session_indexes: login.session_indexes().to_vec(),
                sp_entity_id: Some(self.settings.sp_entity_id.clone()),
                authn_context: login.authn_context().map(str::to_owned),
                authenticated_at: now,
                idle_seconds: 1_800,
                expires_at: now + Duration::hours(8),
            },
            browser: None,
            replaces: None,
            trace,
            audit: audit.collect(),
            first_use: None,
        };
        Login { plan, records }
    }

    pub(crate) async fn commit(&self, login: Login) -> Result<SignedIn, CommitError> {
        self.store.commit_sign_in(login.plan, login.records).await
    }

    /// A login that is about to begin.
    pub(crate) fn pending(&self, now: OffsetDateTime) -> PendingLogin {
        PendingLogin {
            request_id: saml_id(&self.random),
            org: self.org.name.clone(),
            target_org: self.org.name.clone(),
            connection: ConnectionId::new(now, &self.random),
            slot: Slot::Live,
            browser: BrowserBinding(random::bytes(&self.random)),
            relay_state: Some("state".to_owned()),
            return_to: Some("/after".to_owned()),
            mobile: true,
            replaces: Some(random::bytes(&self.random)),
            created_at: now,
        }
    }

    /// The connection that sessions are made through: the live one, which is made where there is none. Its
    /// entry is of no organization, and long after all that a case counts.
    async fn signed_in_through(&self) -> ConnectionId {
        let live = self.store.connection(&self.org.name, Slot::Live).await.expect("read");
        let made = live.unwrap_or_else(|| self.connection(Slot::Live, 1));
        if made.revision == 1 {
            let later = self.audit_at("made", NOW + Duration::days(10_000));
            let audit = AuditEntry { org: OrgName::of_the_service(), ..later };
            // There already, or the organization is not, which is for the case to see.
            let _ = self.store.put_connection(made.clone(), audit).await;
        }
        made.id
    }

    /// Gives a connection a state.
    pub(crate) fn set_state(&self, connection: &mut Connection, state: ConnectionState) {
        match &mut connection.settings {
            Settings::Saml2(settings) => settings.state = state,
            Settings::WsFed(settings) => settings.state = state,
        }
    }

    /// A connection of the organization, with this revision.
    pub(crate) fn connection(&self, slot: Slot, revision: u64) -> Connection {
        Connection {
            id: ConnectionId::new(NOW, &self.random),
            org: self.org.name.clone(),
            slot,
            revision,
            settings: self.settings.clone().into(),
            metadata_certificates: vec![vec![0x30, 0, 0xff], vec![1; 700]],
            metadata_document: Some("<EntityDescriptor name=\"Zoë\"/>".to_owned()),
        }
    }

    /// A service certificate that was made some hours after [`NOW`].
    pub(crate) fn certificate(&self, state: CertificateState, hours: i64) -> ServiceCertificate {
        let id = CertificateId::new(NOW, &self.random);
        let alias = format!("made after {hours} h");
        let der = random::bytes::<64>(&self.random).to_vec();
        let chain = vec![vec![0x30, 0xff], vec![7; 300]];
        let made_at = NOW + Duration::hours(hours);
        ServiceCertificate { state, ..ServiceCertificate::next(id, alias, der, chain, made_at) }
    }

    /// An identity provider's certificate that is imported some hours after [`NOW`].
    pub(crate) fn idp_certificate(&self, hours: i64) -> NewIdpCertificate {
        let ServiceCertificate { id, alias, der, created_at, .. } =
            self.certificate(CertificateState::Next, hours);
        NewIdpCertificate { id, alias, der, created_at }
    }

    /// The organization's audit trail, newest first.
    pub(crate) async fn trail(&self) -> Vec<AuditEntry> {
        let (all, page) = (AuditFilter::default(), Page::first(200));
        self.store.audit(&self.org.name, &all, &page).await.expect("the trail").items
    }

    /// The entries of the trail, by what they are.
    pub(crate) async fn trail_ids(&self) -> BTreeSet<AuditId> {
        let (all, mut page) = (AuditFilter::default(), Page::first(200));
        let mut ids = BTreeSet::new();
        loop {
            let part = self.store.audit(&self.org.name, &all, &page).await.expect("the trail");
            ids.extend(part.items.iter().map(|entry| entry.id));
            page.cursor = part.next;
            if page.cursor.is_none() {
                return ids;
            }
        }
    }

    /// An audit entry of the organization.
    pub(crate) fn audit(&self, act: &str) -> AuditEntry {
        self.audit_at(act, NOW)
    }

    pub(crate) fn audit_at(&self, act: &str, now: OffsetDateTime) -> AuditEntry {
        AuditEntry {
            id: AuditId::new(now, &self.random),
            org: self.org.name.clone(),
            administrator: "operator".to_owned(),
            timestamp: now,
            category: Category::Configuration,
            sub_category: act.to_owned(),
            details: "in a test".to_owned(),
        }
    }

    /// The trace of an accepted login.
    pub(crate) fn trace(&self, at: OffsetDateTime, account: AccountId) -> StoredTrace {
        StoredTrace {
            id: TraceId::new(at, &self.random),
            at,
            org: self.org.name.clone(),
            protocol: "saml2".to_owned(),
            flow: "sp_initiated".to_owned(),
            outcome: Outcome::Accepted,
            code: None,
            name_id: Some("ann-id".to_owned()),
            account: Some(account),
            steps: vec![Step {
                rule: "audience".into(),
                clause: "SAML Core 2.5.1.4".into(),
                ok: true,
                expected: "ours".into(),
                found: "ours".to_owned(),
                hint: "".into(),
            }],
        }
    }

    pub(crate) fn random(&self) -> &SeededRandom {
        &self.random
    }
}

/// Another organization, as it is stored first.
pub(crate) fn org(name: &str, domains: &[&str]) -> Org {
    let org = serde_json::from_value(serde_json::json!({
        "name": name,
        "display_name": format!("{name} — the organization"),
        "domains": domains,
        "primary_admin": format!("zoë@{name}.example"),
    }));
    Org { revision: 1, ..org.expect("an organization") }
}

pub(crate) fn name(org: &str) -> OrgName {
    org.parse().expect("a name")
}
