//! A login load through pysaml2 goes on while the service certificate is rotated three times and the identity
//! provider's key twice (SPEC 7, 8): no login fails, at whichever moment it comes.

use crate::acme::{base64_of, set_up};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{Browser, OPERATOR_TOKEN, Peer, PostgresCluster, ServerProcess};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many people sign in again and again.
const PEOPLE: usize = 3;
const GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const CERTIFICATES: &str = "orgs/acme/service-certificates";

/// What the load has come to.
#[derive(Default)]
struct Count {
    /// How often each person has signed in.
    good: [AtomicUsize; PEOPLE],
    /// What came of the logins that did not end in a session.
    failed: Mutex<Vec<String>>,
    stop: AtomicBool,
}

impl Count {
    fn good(&self) -> [usize; PEOPLE] {
        self.good.each_ref().map(|good| good.load(Ordering::SeqCst))
    }

    fn fail(&self, what: String) {
        self.failed.lock().expect("nobody panicked").push(what);
    }

    fn hold(&self) {
        let failed = self.failed.lock().expect("nobody panicked");
        assert!(failed.is_empty(), "after {:?} logins these failed: {failed:#?}", self.good());
    }
}

/// A service under load, and the node where its administrator works.
struct Scene {
    service: Arc<ServerProcess>,
    office: Arc<ServerProcess>,
    idp: Arc<Peer>,
    count: Arc<Count>,
}

#[tokio::test(flavor = "multi_thread")]
async fn no_login_fails_on_sqlite() {
    let service = Arc::new(ServerProcess::start(None).await);
    no_login_fails(Arc::clone(&service), service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_login_fails_on_postgresql_with_an_administrator_at_another_node() {
    let database = PostgresCluster::shared().database();
    let service = ServerProcess::start(Some(database.clone())).await;
    let office = ServerProcess::start(Some(database)).await;
    no_login_fails(Arc::new(service), Arc::new(office)).await;
}

async fn no_login_fails(service: Arc<ServerProcess>, office: Arc<ServerProcess>) {
    let idp = Arc::new(Peer::pysaml2());
    let map = json!({"preset": "shibboleth", "map": {}});
    set_up(&service, &idp, json!({"auto_create": true, "attribute_map": map})).await;
    let scene = Scene { service, office, idp, count: Arc::default() };
    let first = scene.office.admin().get(CERTIFICATES).await["items"][0].clone();
    scene.encrypt_to(&first).await;
    scene.office.admin().patch("orgs/acme/sso", json!({"want_assertions_encrypted": true})).await;

    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let (service, idp) = (Arc::clone(&scene.service), Arc::clone(&scene.idp));
        people.push(tokio::spawn(sign_in_again_and_again(
            service,
            idp,
            Arc::clone(&scene.count),
            n,
        )));
    }
    scene.go_on().await;
    let mut active = first;
    for n in 0..3 {
        active = scene.rotate(&active, n).await;
        if n < 2 {
            scene.rotate_theirs(n).await;
        }
    }
    scene.count.stop.store(true, Ordering::SeqCst);
    for person in people {
        person.await.expect("the load ends");
    }
    scene.count.hold();
    let good: usize = scene.count.good().iter().sum();
    eprintln!("{good} logins, none failed");
    assert!(good >= 20 * PEOPLE, "no load: {good} logins");
    assert_eq!(scene.states(CERTIFICATES).await, ["retired", "retired", "retired", "active"]);
    assert_eq!(
        scene.states("orgs/acme/idp-certificates").await,
        ["previous", "previous", "active"]
    );
    let trail = scene.office.admin().get("orgs/acme/audit?category=certificates&limit=200").await;
    let acts = trail["items"].as_array().expect("a list").iter();
    let promoted = acts.filter(|entry| {
        entry["sub_category"] == "idp_certificate_activated" && entry["administrator"] != "operator"
    });
    assert_eq!(promoted.count(), 2, "by the first good signature of each: {trail:#}");
}

impl Scene {
    /// Rotates the service certificate, with logins at each moment, and gives the new one.
    async fn rotate(&self, old: &Value, n: usize) -> Value {
        let new = json!({"alias": format!("rotation {n}"), "valid_days": 365});
        let new = self.office.admin().create(CERTIFICATES, new).await;
        self.go_on().await;
        let ours = Browser::default().open(&self.service.url("/saml/acme/metadata")).await;
        let read = self.idp.register(ours.body).await;
        assert_eq!(read["encryption"], json!([base64_of(&old["pem"]), base64_of(&new["pem"])]));
        // One identity provider takes the new key at once, another goes on with the old one.
        self.encrypt_to(&new).await;
        self.go_on().await;
        self.encrypt_to(old).await;
        self.act(&new, "activate").await;
        self.go_on().await;
        self.encrypt_to(&new).await;
        self.go_on().await;
        self.act(old, "retire").await;
        self.go_on().await;
        new
    }

    /// Rotates the identity provider's key, which the administrator imports first.
    async fn rotate_theirs(&self, n: usize) {
        if n == 0 {
            self.import_theirs("the first", self.idp.certificate().await).await;
        }
        let next = self.idp.make_next_key().await;
        self.import_theirs(&format!("next {n}"), next).await;
        self.go_on().await;
        self.idp.use_next_key().await;
        self.go_on().await;
    }

    async fn import_theirs(&self, alias: &str, pem: String) {
        let path = format!("/api/v1/orgs/acme/idp-certificates?alias={alias}");
        let asked = reqwest::Client::new().post(self.office.url(&path)).bearer_auth(OPERATOR_TOKEN);
        let answer = asked.body(pem).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::CREATED);
    }

    /// Waits until everybody has signed in once more: each login that had begun before is over.
    async fn go_on(&self) {
        let before = self.count.good();
        for _ in 0..1200 {
            self.count.hold();
            let goes_on = |(now, before): (usize, usize)| now > before;
            if self.count.good().into_iter().zip(before).all(goes_on) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the logins do not go on");
    }

    async fn encrypt_to(&self, certificate: &Value) {
        self.idp.encrypt_to(&base64_of(&certificate["pem"]), GCM).await;
    }

    async fn act(&self, certificate: &Value, action: &str) {
        let id = certificate["id"].as_str().expect("an id");
        self.office.admin().act(&format!("{CERTIFICATES}/{id}/{action}")).await;
    }

    async fn states(&self, path: &str) -> Vec<String> {
        let list = self.office.admin().get(path).await;
        let items = list["items"].as_array().expect("a list").iter();
        items.map(|item| item["state"].as_str().expect("text").to_owned()).collect()
    }
}

/// Signs a person in until the load is to stop; what did not end in a session is a failure.
async fn sign_in_again_and_again(
    service: Arc<ServerProcess>,
    idp: Arc<Peer>,
    count: Arc<Count>,
    n: usize,
) {
    let name = format!("p{n}");
    let email = format!("{name}@acme.example");
    let attributes = json!({
        "eduPersonPrincipalName": [email], "mail": [email], "givenName": [name], "sn": ["Miller"],
    });
    idp.set_person(&name, json!({"name_id": email, "attributes": attributes})).await;
    while !count.stop.load(Ordering::SeqCst) {
        let browser = Browser::default();
        browser.open(&idp.sign_in_url(&name)).await;
        let page = browser.open(&service.url("/sso/acme/login")).await;
        let Some(away) = page.location else {
            return count.fail(page.body);
        };
        let page = browser.open(away.as_str()).await;
        if page.status != StatusCode::OK {
            return count.fail(page.body);
        }
        let page = browser.submit(&page.form()).await;
        let session = browser.open(&service.url("/session")).await;
        match session.status {
            StatusCode::OK => drop(count.good[n].fetch_add(1, Ordering::SeqCst)),
            status => return count.fail(format!("{status}: {}", page.body)),
        }
    }
}
