//! Storage in memory, for embedding applications that need no more and for tests: the same
//! uniqueness, conflicts and atomicity as a database, gone with the process.

mod accounts;
mod api_tokens;
mod applications;
mod attribute_schemas;
mod audit;
mod configuration;
mod drafts;
mod expiry;
mod groups;
mod idp_certificates;
mod leases;
mod logout;
mod messages;
mod metadata;
mod notices;
mod removal_brakes;
mod scim_requests;
mod service_certificates;
mod sessions;
mod sign_in;
mod token_keys;

use super::{
    ApiToken, AuditEntry, IdpCertificate, Notice, PassedTest, ScimRequest, ServiceKey, Session,
    StoredMessage, StoredTrace, TokenKey,
};
use crate::application::Application;
use crate::connection::{Connection, Slot};
use crate::ids::{
    AccountId, ApplicationId, AuditId, CertificateId, CertificateRequestId, ConnectionId, GroupId,
    NodeId, NoticeId, ScimRequestId, TraceId,
};
use crate::login::{PendingLogin, ReplayRecord};
use crate::org::{Org, OrgName};
use crate::provisioning::{Account, Group, RemovalBrake};
use accounts::UniqueKey;
use metadata::Sourced;
use service_certificates::RequestedKey;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use time::OffsetDateTime;

/// A store in memory. Each method holds one lock: it checks everything, then changes everything.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    orgs: BTreeMap<OrgName, Org>,
    domains: HashMap<String, OrgName>,
    connections: HashMap<(OrgName, Slot), Connection>,
    metadata: HashMap<ConnectionId, Sourced>,
    passed_tests: HashMap<ConnectionId, PassedTest>,
    certificates: BTreeMap<(OrgName, CertificateId), ServiceKey>,
    certificate_requests: BTreeMap<(OrgName, CertificateRequestId), RequestedKey>,
    /// Oldest first.
    idp_certificates: HashMap<OrgName, Vec<IdpCertificate>>,
    /// By the hash of the secret.
    api_tokens: HashMap<[u8; 32], ApiToken>,
    applications: BTreeMap<ApplicationId, Application>,
    pending_logins: HashMap<String, Pending>,
    pending_logouts: HashMap<String, logout::Waiting>,
    replays: HashMap<ReplayKey, ReplayRecord>,
    accounts: BTreeMap<(OrgName, AccountId), Account>,
    /// Which account has a unique value.
    owners: HashMap<(OrgName, UniqueKey), AccountId>,
    groups: BTreeMap<(OrgName, GroupId), Group>,
    /// Who belongs to a group, but for the top-level one.
    members: BTreeSet<(OrgName, GroupId, AccountId)>,
    /// By the hash of the token.
    sessions: HashMap<[u8; 32], Session>,
    traces: BTreeMap<(OrgName, TraceId), StoredTrace>,
    messages: BTreeMap<TraceId, StoredMessage>,
    audit: BTreeMap<(OrgName, AuditId), AuditEntry>,
    scim_requests: BTreeMap<(OrgName, ScimRequestId), ScimRequest>,
    brakes: BTreeMap<OrgName, RemovalBrake>,
    token_key: Option<TokenKey>,
    /// Whose, and until when.
    leases: HashMap<&'static str, (NodeId, OffsetDateTime)>,
    notices: BTreeMap<NoticeId, Notice>,
    /// The outbox.
    deliveries: Vec<notices::Waiting>,
}

/// A pending login. One that was consumed stays until it is purged, to tell of its second use.
struct Pending {
    login: PendingLogin,
    consumed: bool,
}

/// What makes a replay record: issuer, assertion ID and instant.
type ReplayKey = (String, String, OffsetDateTime);

fn replay_key(replay: &ReplayRecord) -> ReplayKey {
    (replay.issuer.clone(), replay.assertion_id.clone(), replay.issued_at)
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// No method leaves the state half changed, so that of a thread that panicked is good.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
