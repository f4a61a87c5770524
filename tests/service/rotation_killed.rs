//! `kill -9` of the service in the midst of a rotation (SPEC 7, 14), of certificates and of the master key, at
//! whatever moment: after the restart every key can be used and exactly one is active. At each write in turn:
//! `killed_at_each_write`.

use crate::whole::seeded;
use openssl::pkey::PKey;
use openssl::x509::X509;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use sso_core::random;
use sso_core::store::{CertificateState, ServiceCertificateStore as _};
use sso_store::{AnyStore, MasterKey, MasterKeys};
use sso_tests::{Database, OPERATOR_TOKEN, PostgresCluster, ServerProcess};
use std::time::Duration;

const PATH: &str = "orgs/acme/service-certificates";

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite() {
    killed(ServerProcess::start(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql() {
    let database = PostgresCluster::shared().database();
    killed(ServerProcess::start(Some(database)).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_of_the_master_key_on_sqlite() {
    master_key_killed(ServerProcess::start(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_of_the_master_key_on_postgresql() {
    let database = PostgresCluster::shared().database();
    master_key_killed(ServerProcess::start(Some(database)).await).await;
}

async fn master_key_killed(mut service: ServerProcess) {
    let random = seeded();
    let org = json!({"name": "acme", "domains": ["acme.example"]});
    service.admin().create("orgs", org).await;
    let new = json!({"alias": "a", "valid_days": 365, "key": "p256"});
    for n in 0..30 {
        let made = service.admin().create(PATH, new.clone()).await;
        if n == 0 {
            service.admin().act(&format!("{PATH}/{}/activate", id(&made))).await;
        }
    }
    let told = service.command("master-key new");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let before = std::fs::read(service.key_file()).expect("the key file");
    for round in 0..6 {
        let mut command = service.begin_command("master-key reseal");
        let [byte] = random::bytes(&random);
        tokio::time::sleep(Duration::from_millis(20 + u64::from(byte))).await;
        // Fails only where it has ended already.
        let _ = command.kill();
        let _ = command.wait();
        whole(&service, "reseal").await;
        // A service that runs since before goes on, as one that starts now does.
        service.admin().create(PATH, new.clone()).await;
        if round % 3 == 2 {
            service.crash_and_restart().await;
        }
    }
    for line in ["master-key reseal", "master-key drop --yes"] {
        let told = service.command(line);
        assert!(told.status.success(), "{line}: {}", String::from_utf8_lossy(&told.stderr));
    }
    let after = std::fs::read_to_string(service.key_file()).expect("the key file");
    assert_eq!(after.lines().count(), 1);
    assert!(before.starts_with(after.as_bytes()), "the new key stays");
    whole(&service, "drop").await;
    service.admin().create(PATH, new).await;
    service.crash_and_restart().await;
    whole(&service, "the new key alone").await;
}

async fn killed(mut service: ServerProcess) {
    let random = seeded();
    let org = json!({"name": "acme", "domains": ["acme.example"]});
    service.admin().create("orgs", org).await;
    let new = json!({"alias": "a", "valid_days": 365, "key": "p256"});
    let first = service.admin().create(PATH, new.clone()).await;
    service.admin().act(&format!("{PATH}/{}/activate", id(&first))).await;
    let (mut done, mut lost) = (0, 0);
    for round in 0..2 {
        for step in ["generate", "plan", "activate", "planned", "retire", "delete"] {
            let all = service.admin().get(PATH).await["items"].clone();
            let in_state = |state: &str| {
                let mut items = all.as_array().expect("a list").iter();
                items.find(|item| item["state"] == state).map(id)
            };
            let next = || in_state("next").or_else(|| in_state("previous"));
            let (method, path, body) = match (step, next()) {
                ("plan", Some(id)) => {
                    let at = "2099-01-01T00:00:00Z";
                    (Method::PUT, format!("{PATH}/{id}/plan"), json!({"retire_at": at}))
                }
                ("activate", Some(id)) => {
                    (Method::POST, format!("{PATH}/{id}/activate"), json!({}))
                }
                ("planned", Some(id)) => {
                    plan_for_now(&service, &id).await;
                    (Method::GET, PATH.to_owned(), json!({}))
                }
                ("retire", Some(id)) => (Method::POST, format!("{PATH}/{id}/retire"), json!({})),
                ("delete", _) if in_state("retired").is_some() => {
                    let id = in_state("retired").expect("one");
                    (Method::DELETE, format!("{PATH}/{id}"), json!({}))
                }
                _ => (Method::POST, PATH.to_owned(), new.clone()),
            };
            let url = service.url(&format!("/api/v1/{path}"));
            let asked = Client::new().request(method, url).bearer_auth(OPERATOR_TOKEN).json(&body);
            let asked = tokio::spawn(asked.send());
            let [byte] = random::bytes(&random);
            let most = if step == "planned" { 7000 } else { 12 };
            tokio::time::sleep(Duration::from_millis(u64::from(byte) * most / 255)).await;
            service.kill();
            match asked.await.expect("the task ends") {
                Ok(answer) if answer.status().is_success() => done += 1,
                Ok(answer) => panic!("{step} {round}: {}", answer.status()),
                Err(_) => lost += 1,
            }
            service.restart().await;
            whole(&service, step).await;
        }
    }
    eprintln!("{done} steps answered, {lost} cut off");
    assert_eq!(done + lost, 12);
}

/// Plans an activation for now: a service that is restarted finds it overdue.
async fn plan_for_now(service: &ServerProcess, id: &str) {
    service.database().run(
        "UPDATE service_certificates SET activate_at = 1, plan_due_at = 1 \
         WHERE state IN ('next', 'previous')",
    );
    assert!(id.starts_with("crt_"));
}

/// The service's database, opened anew with the keys of its key file.
pub(crate) async fn reopened(service: &ServerProcess) -> AnyStore {
    let url = match service.database() {
        Database::Sqlite(file) => format!("sqlite://{}", file.display()),
        Database::Postgres(url) => url,
    };
    let file = std::fs::read(service.key_file()).expect("the key file");
    let keys = MasterKey::read_several(&file).expect("keys");
    let keys = MasterKeys::read_by(move || keys.clone());
    sso_store::open(&url, keys).await.expect("the database opens")
}

/// Every key opens and is its certificate's, and exactly one signs.
pub(crate) async fn keys_are_whole(store: &AnyStore, step: &str) {
    let keys = store.service_keys(&"acme".parse().expect("a name")).await.expect("every key opens");
    for key in &keys {
        let private = PKey::private_key_from_pkcs8(&key.private_key).expect("PKCS#8");
        let certificate = X509::from_der(&key.certificate.der).expect("a certificate");
        assert!(certificate.public_key().expect("a key").public_eq(&private), "{step}");
    }
    let active =
        |key: &&sso_core::store::ServiceKey| key.certificate.state == CertificateState::Active;
    assert_eq!(keys.iter().filter(active).count(), 1, "{step}");
}

/// The same of a service that runs again; and an overdue plan is carried out.
async fn whole(service: &ServerProcess, step: &str) {
    keys_are_whole(&reopened(service).await, step).await;
    let waiting = "SELECT id FROM service_certificates WHERE plan_due_at <= 1";
    for _ in 0..700 {
        if service.database().rows(waiting).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{step}: an overdue plan is not carried out");
}

fn id(thing: &Value) -> String {
    thing["id"].as_str().expect("an id").to_owned()
}
