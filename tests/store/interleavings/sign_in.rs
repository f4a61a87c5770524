//! Signing in as the service does, without a browser.

use super::corp;
use crate::scene::NOW;
use sso_core::connection::{Saml2Settings, Slot};
use sso_core::flow::Bridge;
use sso_core::ids::{AccountId, AuditId, ConnectionId, SessionId, TraceId};
use sso_core::login::{Outcome, VerifiedLogin};
use sso_core::org::{Org, OrgName};
use sso_core::provisioning::{account_keys, plan};
use sso_core::random;
use sso_core::store::{
    AuditEntry, Category, CommitError, NewSession, SignInRecords, Store, StoredTrace,
};
use sso_tests::IdentityProvider;

/// Signs somebody in as the service does: read, decide, commit, and again where others came between.
pub(super) async fn sign_in<S: Store>(bridge: &Bridge<S>, login: &VerifiedLogin) -> String {
    let (org, settings): (Org, Saml2Settings) = (corp(), IdentityProvider::settings());
    let random = bridge.random();
    for _ in 0..8 {
        let rules = settings.common().accounts;
        let keys = account_keys(login, &org, rules).expect("keys");
        let found = bridge.store().candidates(&org.name, &keys).await.expect("candidates");
        let id = AccountId::new(NOW, random);
        let plan = match plan(login, &found, &org, rules, NOW, id) {
            Ok(plan) => plan,
            Err(refused) => return refused.code.as_str().to_owned(),
        };
        let audit = plan.events().iter();
        let audit = audit.map(|event| entry(bridge, &org.name, event.kind.as_str())).collect();
        let records = SignInRecords {
            request_id: None,
            session: NewSession {
                id: SessionId::new(NOW, random),
                token_hash: random::bytes(random),
                connection: ConnectionId::new(NOW, random),
                slot: Slot::Live,
                name_id: login.name_id().clone(),
                session_indexes: Vec::new(),
                sp_entity_id: None,
                authn_context: None,
                authenticated_at: NOW,
                idle_seconds: 1_800,
                expires_at: NOW + time::Duration::hours(8),
            },
            trace: StoredTrace {
                id: TraceId::new(NOW, random),
                at: NOW,
                org: org.name.clone(),
                protocol: "saml2".to_owned(),
                flow: "sp_initiated".to_owned(),
                outcome: Outcome::Accepted,
                code: None,
                name_id: None,
                account: Some(plan.account().id),
                steps: Vec::new(),
            },
            browser: None,
            replaces: None,
            audit,
            first_use: None,
        };
        match bridge.store().commit_sign_in(plan, records).await {
            Ok(_) => return "ok".to_owned(),
            Err(CommitError::Conflict) => {}
            Err(other) => panic!("{other}"),
        }
    }
    "account_changed".to_owned()
}

pub(super) fn entry<S: Store>(bridge: &Bridge<S>, org: &OrgName, act: &str) -> AuditEntry {
    AuditEntry {
        id: AuditId::new(NOW, bridge.random()),
        org: org.clone(),
        administrator: "somebody".to_owned(),
        timestamp: NOW,
        category: Category::Users,
        sub_category: act.to_owned(),
        details: String::new(),
    }
}
