//! Whatever comes between what (SPEC 9, 10, 11.1): logins, what a directory sends, what administrators do,
//! all at once over two connections to one database, end in a state that some order of them, one after the
//! other, ends in, each with the answer that it got. Another organization's account of the same name is
//! not touched, and nobody comes to a role that no administrator gave.
//!
//! The orders are tried on the store in memory, so that it and the databases are held to each other, too.

use crate::engines::{Database, master_key};
use crate::scene::{NOW, org};
use sso_core::connection::{Saml2Settings, Slot};
use sso_core::flow::{AccountError, Administrator, Bridge, DirectoryClient};
use sso_core::ids::{AccountId, AuditId, ConnectionId, SessionId, TraceId};
use sso_core::login::{Outcome, Trace, VerifiedLogin};
use sso_core::org::{Org, OrgName};
use sso_core::profile::{ProfileField, ProfileValue};
use sso_core::provisioning::by_hand::AccountEdit;
use sso_core::provisioning::{
    Account, AdminRole, DirectoryAccount, DirectoryDocument, Role, UidSaid, account_keys, plan,
};
use sso_core::random;
use sso_core::store::{
    AccountFilter, AccountLookup, AccountOrder, AuditEntry, AuditFilter, Category, CommitError,
    MemoryStore, NewSession, Page, SignInRecords, Store, StoreError, StoredTrace,
};
use sso_tests::{IdentityProvider, Person, SeededRandom, SetClock};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Barrier;

/// How many rounds an engine has, and how much happens at once in each.
const ROUNDS: u64 = 24;
const AT_ONCE: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// A login whose assertion says a job title, as of an hour.
    Login(&'static str, u8),
    DirectoryMakes(&'static str),
    DirectoryWrites(&'static str, u8),
    DirectorySays(&'static str, bool),
    DirectoryRemoves(&'static str),
    AdministratorWrites(&'static str, u8),
    AdministratorPromotes(&'static str),
    AdministratorDeactivates(&'static str),
    AdministratorReactivates(&'static str),
}

use Act::*;

/// An act, with the login that it is, if it is one.
#[derive(Clone)]
struct Step {
    act: Act,
    login: Option<Arc<VerifiedLogin>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_interleaving_on_sqlite_is_some_order() {
    rounds(Database::sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_interleaving_on_postgresql_is_some_order() {
    rounds(Database::postgres).await;
}

async fn rounds(database: impl Fn() -> Database) {
    let idp = IdentityProvider::new(NOW, &SeededRandom::new(7));
    let mut kinds = BTreeMap::new();
    for seed in 0..ROUNDS {
        let database = database();
        let (begun, steps) = draw(&idp, seed);
        let one = bridge(database.try_open(&master_key(0x5a)).await.expect("it opens"), seed);
        let two = bridge(database.try_open(&master_key(0x5a)).await.expect("it opens"), seed + 500);
        begin(&one, &begun).await;
        let other = seen(&one, "other").await;

        let together = Arc::new(Barrier::new(steps.len()));
        let bridges = [Arc::new(one), Arc::new(two)];
        let tasks: Vec<_> = steps
            .iter()
            .zip(bridges.iter().cycle())
            .map(|(step, bridge)| {
                let (step, bridge, together) = (step.clone(), bridge.clone(), together.clone());
                tokio::spawn(async move {
                    together.wait().await;
                    carry_out(&bridge, &step).await
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.expect("no panic"));
        }
        let ended = seen(&bridges[0], "corp").await;
        assert_eq!(seen(&bridges[1], "other").await, other, "seed {seed}");
        for answer in &answers {
            *kinds.entry(answer.clone()).or_insert(0) += 1;
        }
        let promoted = steps.iter().any(|step| matches!(step.act, AdministratorPromotes(_)));
        assert!(promoted || !ended.iter().any(|line| line.contains("OrgAdmin")), "{ended:#?}");
        if !is_some_order(&begun, &steps, &answers, &ended).await {
            let acts: Vec<Act> = steps.iter().map(|step| step.act).collect();
            panic!("seed {seed}: no order of {acts:?} with {answers:?} ends in {ended:#?}");
        }
    }
    println!("{kinds:?}");
    assert!(kinds.get("ok").copied().unwrap_or(0) > 40 && kinds.len() > 3, "{kinds:?}");
}

/// What there is at the beginning, and what happens at once then.
fn draw(idp: &IdentityProvider, seed: u64) -> (Vec<Step>, Vec<Step>) {
    let random = SeededRandom::new(seed + 1_000);
    let drawn = |of: u8| {
        let [byte] = random::bytes(&random);
        byte % of
    };
    let step = |number: usize, act: Act| {
        let login = match act {
            Login(name, hour) => {
                let person = Person::new(name)
                    .with("jobTitle", &format!("title-{hour}"))
                    .with("updateTimeStamp", &format!("2026-11-21T0{hour}:00:00Z"));
                let assertion = format!("_{seed}-{number}");
                let request = Some("_request");
                Some(Arc::new(idp.sign_in(&person, request, &assertion, NOW, &mut Trace::off())))
            }
            _ => None,
        };
        Step { act, login }
    };
    let begun = match drawn(4) {
        0 => vec![],
        1 => vec![step(100, Login("ann", 1))],
        2 => vec![step(100, DirectoryMakes("ann")), step(101, DirectorySays("ann", false))],
        _ => vec![step(100, DirectoryMakes("ann"))],
    };
    let steps = (0..AT_ONCE).map(|number| {
        let name = if drawn(5) == 0 { "bob" } else { "ann" };
        let value = drawn(8) + 1;
        let act = match drawn(11) {
            0 | 1 => Login(name, value),
            2 => DirectoryMakes(name),
            3 => DirectoryWrites(name, value),
            4 => DirectorySays(name, false),
            5 => DirectorySays(name, true),
            6 => DirectoryRemoves(name),
            7 => AdministratorWrites(name, value),
            8 => AdministratorPromotes(name),
            9 => AdministratorDeactivates(name),
            _ => AdministratorReactivates(name),
        };
        step(number, act)
    });
    (begun, steps.collect())
}

/// Whether some order, one after the other, gives these answers and ends in this state. What was refused
/// because others came between too often, or with an edit, did not happen.
async fn is_some_order(
    begun: &[Step],
    steps: &[Step],
    answers: &[String],
    ended: &[String],
) -> bool {
    let happened: Vec<usize> =
        (0..steps.len()).filter(|at| answers[*at] != "account_changed").collect();
    for order in orders(&happened) {
        let bridge = bridge(MemoryStore::new(), 9);
        begin(&bridge, begun).await;
        let mut same = true;
        for at in order {
            same = same && carry_out(&bridge, &steps[at]).await == answers[at];
        }
        if same && seen(&bridge, "corp").await == ended {
            return true;
        }
    }
    false
}

fn orders(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, first) in of.iter().enumerate() {
        let mut rest = of.to_vec();
        rest.remove(at);
        for order in orders(&rest) {
            all.push([vec![*first], order].concat());
        }
    }
    all
}

fn bridge<S: Store>(store: S, seed: u64) -> Bridge<S> {
    let url = "https://sso.example".parse().expect("a URL");
    Bridge::new(store, Arc::new(SetClock::at(NOW)), Arc::new(SeededRandom::new(seed)), url)
}

fn corp() -> Org {
    org("corp", &["corp.example"])
}

/// Two organizations, each with an account of the same name in the second, and what happens first.
async fn begin<S: Store>(bridge: &Bridge<S>, begun: &[Step]) {
    for org in [corp(), org("other", &["other.example"])] {
        let made = entry(bridge, &org.name, "org_created");
        bridge.store().create_org(org, made).await.expect("made");
    }
    let theirs = said("ann", 0, None);
    let by = DirectoryClient { name: "their directory" };
    let mut theirs = theirs;
    theirs.fields.insert(ProfileField::Email, None);
    let other = org("other", &["other.example"]);
    bridge.create_directory_account(&other, &theirs, by).await.expect("made");
    for step in begun {
        assert_eq!(carry_out(bridge, step).await, "ok");
    }
}

/// Carries an act out: `ok`, or the code of what it was refused for.
async fn carry_out<S: Store>(bridge: &Bridge<S>, step: &Step) -> String {
    let org = corp();
    let directory = DirectoryClient { name: "directory" };
    let admin = Administrator { name: "admin", role: AdminRole::OrgAdmin };
    let done: Result<(), AccountError> = match step.act {
        Login(..) => return sign_in(bridge, step.login.as_ref().expect("a login")).await,
        DirectoryMakes(name) => {
            let said = said(name, 0, None);
            bridge.create_directory_account(&org, &said, directory).await.map(drop)
        }
        DirectoryWrites(name, value) => {
            change(bridge, name, move |stored| written(stored, Some(value), None)).await
        }
        DirectorySays(name, active) => {
            change(bridge, name, move |stored| written(stored, None, Some(active))).await
        }
        DirectoryRemoves(name) => match id_of(bridge, name).await {
            None => return "absent".to_owned(),
            Some(id) => {
                let may = |_: &Account| Ok::<(), AccountError>(());
                bridge.remove_directory_account(&org, id, directory, may).await
            }
        },
        AdministratorWrites(name, value) => {
            let city = ProfileValue::Text(format!("city-{value}"));
            let profile = BTreeMap::from([
                (ProfileField::City, Some(city)),
                (ProfileField::FirstName, Some(ProfileValue::Text("First".to_owned()))),
                (ProfileField::LastName, Some(ProfileValue::Text("Last".to_owned()))),
            ]);
            edit(bridge, name, AccountEdit { profile, ..AccountEdit::default() }).await
        }
        AdministratorPromotes(name) => {
            let role = Some(Role::OrgAdmin);
            edit(bridge, name, AccountEdit { role, ..AccountEdit::default() }).await
        }
        AdministratorDeactivates(name) => match id_of(bridge, name).await {
            None => return "absent".to_owned(),
            Some(id) => bridge.deactivate_account(&org, id, admin).await.map(drop),
        },
        AdministratorReactivates(name) => match id_of(bridge, name).await {
            None => return "absent".to_owned(),
            Some(id) => bridge.reactivate_account(&org, id, admin).await.map(drop),
        },
    };
    match done {
        Ok(()) => "ok".to_owned(),
        Err(AccountError::Store(StoreError::NotFound(_))) => "absent".to_owned(),
        Err(AccountError::Store(StoreError::Conflict(code))) => code.to_owned(),
        Err(other) => panic!("{:?}: {other}", step.act),
    }
}

async fn change<S: Store>(
    bridge: &Bridge<S>,
    name: &str,
    say: impl Fn(&Account) -> DirectoryAccount + Send + Sync,
) -> Result<(), AccountError> {
    let absent = AccountError::Store(StoreError::NotFound("account"));
    let id = id_of(bridge, name).await.ok_or(absent)?;
    let by = DirectoryClient { name: "directory" };
    let say = |stored: &Account| Ok::<_, AccountError>(say(stored));
    bridge.change_directory_account(&corp(), id, by, say).await.map(drop)
}

async fn edit<S: Store>(
    bridge: &Bridge<S>,
    name: &str,
    edit: AccountEdit,
) -> Result<(), AccountError> {
    let absent = AccountError::Store(StoreError::NotFound("account"));
    let id = id_of(bridge, name).await.ok_or(absent)?;
    let by = Administrator { name: "admin", role: AdminRole::OrgAdmin };
    bridge.edit_account(&corp(), id, &edit, by).await.map(drop)
}

async fn id_of<S: Store>(bridge: &Bridge<S>, name: &str) -> Option<AccountId> {
    let lookup = AccountLookup::Uid(format!("{name}@corp.example"));
    let found = bridge.store().find_accounts(&corp().name, &lookup, 1).await.expect("found");
    found.first().map(|account| account.id)
}

/// What a directory says of somebody.
fn said(name: &str, value: u8, active: Option<bool>) -> DirectoryAccount {
    let text = |text: String| Some(ProfileValue::Text(text));
    let address = text(format!("{name}@corp.example"));
    let fields = BTreeMap::from([
        (ProfileField::Uid, address.clone()),
        (ProfileField::Email, address),
        (ProfileField::DisplayName, text(format!("{name}-{value}"))),
    ]);
    DirectoryAccount {
        fields,
        active,
        document: DirectoryDocument::default(),
        uid: UidSaid::Stated,
    }
}

/// What a PATCH makes of an account as it is stored.
fn written(stored: &Account, value: Option<u8>, active: Option<bool>) -> DirectoryAccount {
    let mut fields: BTreeMap<ProfileField, Option<ProfileValue>> = [
        ProfileField::Uid,
        ProfileField::Email,
        ProfileField::FirstName,
        ProfileField::LastName,
        ProfileField::DisplayName,
        ProfileField::JobTitle,
        ProfileField::City,
    ]
    .map(|field| (field, stored.profile.get(field).cloned()))
    .into();
    if let Some(value) = value {
        fields.insert(ProfileField::DisplayName, Some(format!("written-{value}").into()));
    }
    let document = stored.directory.clone().unwrap_or_default();
    DirectoryAccount { fields, active, document, uid: UidSaid::Unspoken }
}

/// Signs somebody in as the service does: read, decide, commit, and again where others came between.
async fn sign_in<S: Store>(bridge: &Bridge<S>, login: &VerifiedLogin) -> String {
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
                session_index: None,
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

fn entry<S: Store>(bridge: &Bridge<S>, org: &OrgName, act: &str) -> AuditEntry {
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

/// The state of an organization, a line for each thing, without identifiers and revisions.
async fn seen<S: Store>(bridge: &Bridge<S>, of: &str) -> Vec<String> {
    let org: OrgName = of.parse().expect("a name");
    let store = bridge.store();
    let (filter, order) = (AccountFilter::default(), AccountOrder::default());
    let all = store.accounts(&org, &filter, order, &Page::first(100)).await;
    let mut lines = Vec::new();
    for account in all.expect("read").items {
        let sessions = store.sessions(&org, account.id, NOW, &Page::first(100)).await;
        let sessions = sessions.expect("read").items.len();
        let Account { profile, name_id, status, role, groups, source, directory, .. } = &account;
        let (stamp, assertion) = (account.update_time_stamp, account.written_by_assertion);
        lines.push(format!(
            "{profile:?} {name_id:?} {status:?} {role:?} {groups:?} {source:?} {directory:?} {stamp:?} \
             {assertion} {:?} sessions {sessions}",
            account.last_login_at
        ));
    }
    lines.sort();
    let count = store.count_accounts(&org).await.expect("counted");
    assert_eq!(count, lines.len() as u64, "{of}");
    let trail = store.audit(&org, &AuditFilter::default(), &Page::first(200)).await;
    let mut acts: Vec<String> =
        trail.expect("read").items.into_iter().map(|entry| entry.sub_category).collect();
    acts.sort();
    lines.push(acts.join(" "));
    lines
}
