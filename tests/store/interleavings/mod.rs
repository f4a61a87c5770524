//! Whatever comes between what (SPEC 9, 10, 11.1): logins, what a directory sends, what administrators do,
//! all at once over two connections to one database, end in a state that some order of them, one after the
//! other, ends in, each with the answer that it got. Another organization's account of the same name is
//! not touched, and nobody comes to a role that no administrator gave.
//!
//! The orders are tried on the store in memory, so that it and the databases are held to each other, too.

mod acts;
mod sign_in;

use crate::engines::{Database, master_key};
use crate::scene::{NOW, org};
use acts::Act::{self, *};
use acts::{Step, carry_out, said};
use sign_in::entry;
use sso_core::flow::{Bridge, DirectoryClient};
use sso_core::login::Trace;
use sso_core::org::{Org, OrgName};
use sso_core::profile::ProfileField;
use sso_core::provisioning::Account;
use sso_core::random;
use sso_core::store::{AccountFilter, AccountOrder, AuditFilter, MemoryStore, Page, Store};
use sso_tests::{IdentityProvider, Person, SeededRandom, SetClock};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Barrier;

/// How many rounds an engine has, and how much happens at once in each.
const ROUNDS: u64 = 24;
const AT_ONCE: usize = 5;

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
