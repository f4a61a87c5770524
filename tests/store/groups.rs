//! SQLite groups use cases into one commit. A group has exactly the effect of its members one after
//! the other, those that fail among them: the same answers, the same rows.

use crate::engines::{Database, file};
use crate::scene::{NOW, Scene, org};
use sso_core::connection::Slot;
use sso_core::random;
use sso_core::store::{
    AccountStore, CertificateState, ConfigurationStore, IdpCertificateStore,
    ServiceCertificateStore, SignInStore,
};
use sso_store::AnyStore;
use sso_tests::{Person, SeededRandom};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A use case that has not begun; its answer as text.
type UseCase = Pin<Box<dyn Future<Output = String> + Send>>;

/// How many use cases are tried, in how many orders: more than a group holds.
const USE_CASES: usize = 150;
const ORDERS: u64 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_does_what_its_members_do_one_after_the_other() {
    let (mut failed, mut done) = (0, 0);
    for seed in 0..ORDERS {
        let (alone, grouped) = (Database::sqlite(), Database::sqlite());
        let mut expected = Vec::new();
        for use_case in use_cases(alone.open().await, seed).await {
            expected.push(use_case.await);
        }
        let use_cases = use_cases(grouped.open().await, seed).await;
        let answers = at_once(&grouped, use_cases).await;
        assert_eq!(answers, expected, "seed {seed}");
        assert_eq!(rows(&grouped), rows(&alone), "seed {seed}");
        failed += answers.iter().filter(|answer| answer.starts_with("Err")).count();
        done += answers.iter().filter(|answer| answer.starts_with("Ok")).count();
    }
    assert!(failed > 100 && done > 100, "{failed} failed, {done} did not");
}

/// Every row, but for what is sealed, which is another text each time.
fn rows(database: &Database) -> String {
    database.run("UPDATE service_certificates SET private_key = x'00'");
    database.dump(&["master_keys"])
}

/// Has the writer find all of them waiting, in their order, when it is done with the first.
async fn at_once(database: &Database, mut use_cases: Vec<UseCase>) -> Vec<String> {
    let Database::Sqlite(folder) = database else { unreachable!() };
    let other = rusqlite::Connection::open(file(folder)).expect("the file opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("the writer waits for its turn");
    for use_case in &mut use_cases {
        // A use case is queued when it is first polled.
        let polled = pin!(use_case).poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Pending), "{polled:?}");
    }
    other.execute_batch("COMMIT").expect("nothing was written");
    let mut answers = Vec::new();
    for use_case in use_cases {
        answers.push(use_case.await);
    }
    answers
}

/// Use cases of every kind that writes, in an order that follows from the seed. Whether one of them
/// fails depends on those before it: they are of few people, few requests and few rows.
async fn use_cases(store: Arc<AnyStore>, seed: u64) -> Vec<UseCase> {
    let scene = Scene::new(store).await;
    let order = SeededRandom::new(seed);
    let drawn = |of: u8| {
        let [byte] = random::bytes(&order);
        usize::from(byte % of)
    };
    let mut requests = Vec::new();
    for _ in 0..20 {
        requests.push(scene.begin(NOW).await);
    }
    scene
        .store
        .put_connection(scene.connection(Slot::Live, 1), scene.audit("put"))
        .await
        .expect("put");
    let ann = scene.account(&Person::new("ann")).await;
    let mut certificates = Vec::new();
    for hours in 0..3 {
        let certificate = scene.certificate(CertificateState::Next, hours);
        certificates.push(certificate.id);
        let (org, added) = (&scene.org.name, scene.audit("added"));
        let add = scene.store.add_service_certificate(org, certificate, b"key", added);
        add.await.expect("added");
    }
    let mut made = Vec::new();
    for _ in 0..USE_CASES {
        let store = Arc::clone(&scene.store);
        let (name, audit) = (scene.org.name.clone(), scene.audit("act"));
        made.push(match drawn(8) {
            0 => {
                let mut pending = scene.pending(NOW);
                if drawn(2) == 0 {
                    pending.request_id.clone_from(&requests[drawn(20)]);
                }
                text(async move { store.put_pending_login(pending).await })
            }
            1 => {
                let org = org(&format!("org-{}", drawn(6)), &[]);
                text(async move { store.create_org(org, audit).await })
            }
            2 => {
                let connection = scene.connection(Slot::Live, 2 + drawn(3) as u64);
                text(async move { store.put_connection(connection, audit).await })
            }
            3 => {
                let id = certificates[drawn(3)];
                text(async move { store.activate_service_certificate(&name, id, audit).await })
            }
            4 => {
                let id = certificates[drawn(3)];
                text(async move { store.delete_service_certificate(&name, id, audit).await })
            }
            5 => {
                let new = scene.idp_certificate(1);
                text(async move { store.add_idp_certificate(&name, new, audit).await })
            }
            6 => {
                let mut ann = ann.clone();
                ann.revision += drawn(3) as u64;
                text(async move { store.update_account(ann, None, vec![audit]).await })
            }
            _ => {
                let person = Person::new(&format!("person-{}", drawn(5)));
                let assertion = format!("_assertion-{}", drawn(20));
                let request = requests[drawn(20)].clone();
                let verified = scene.verified(&person, &request, &assertion, NOW);
                let login = scene.decide(&verified, &request, NOW).await;
                text(async move { store.commit_sign_in(login.plan, login.records).await })
            }
        });
    }
    made
}

fn text<T, E>(answer: impl Future<Output = Result<T, E>> + Send + 'static) -> UseCase
where
    Result<T, E>: std::fmt::Debug,
{
    Box::pin(async move { format!("{:?}", answer.await) })
}
