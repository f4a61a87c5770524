//! The identity provider changes its key: the first signature by it has the metadata fetched, and the
//! login goes through (SPEC 2, FIELD 1.5). Whoever posts signatures of no use has it fetched no more often.

use crate::metadata_by_url::{asks_loopback, idp};
use reqwest::Method;
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Begun, Corp, Engine, HostAnswer, IdentityProvider, IdpMetadata, MetadataHost,
    OPERATOR_TOKEN, Person, PostgresCluster, TestServer,
};
use std::sync::Arc;
use time::Duration;
use tokio::task::JoinSet;

/// How many sign in at once.
const CROWD: usize = 24;

/// A service whose organization has its metadata at a host.
struct Scene {
    server: TestServer,
    host: MetadataHost,
    corp: Corp,
    /// The identity provider by another key, which does not sign now.
    other: IdentityProvider,
    logins: usize,
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let server = TestServer::start_with(engine, Some(Corp::PUBLIC_URL), asks_loopback).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        let host = MetadataHost::start(IdpMetadata::of(&[&corp.idp]).document()).await;
        let scene = Self { server, host, corp, other: idp(), logins: 0 };
        let (status, report) =
            scene.api(Method::POST, "sso/metadata", json!({"url": scene.host.url()})).await;
        assert_eq!(status, 200, "{report}");
        assert_eq!(scene.host.asked(), 1);
        scene
    }

    /// The identity provider signs with its other key from now on.
    fn change_key(&mut self) {
        std::mem::swap(&mut self.corp.idp, &mut self.other);
    }

    async fn api(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let asked = self.server.api(method, &format!("orgs/corp/{path}")).json(&body);
        let answer = asked.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// A login that was begun, and answered by whoever signs for the organization now.
    async fn begin(&mut self) -> Begun {
        self.logins += 1;
        let person = Person::new(&format!("person{}", self.logins));
        let (node, now) = (self.server.url(""), self.server.clock().now());
        let id = format!("_assertion{}", self.logins);
        self.corp.begin(&node, "", &person, &id, now).await.expect("begun")
    }

    async fn post(&self, begun: &Begun) -> u16 {
        let posted = self.corp.post(&self.server.url(""), &begun.cookie, &begun.form).await;
        posted.expect("an answer").status().as_u16()
    }

    async fn sign_in(&mut self) -> u16 {
        let begun = self.begin().await;
        self.post(&begun).await
    }

    /// The newest trace: its code, and the rules of its steps.
    async fn newest_trace(&self) -> (Value, Vec<String>) {
        let (_, traces) = self.api(Method::GET, "logins?limit=1", Value::Null).await;
        let trace = &traces["items"][0];
        let steps = trace["steps"].as_array().expect("steps").iter();
        let rules = steps.map(|step| step["rule"].as_str().expect("a rule").to_owned());
        (trace["code"].clone(), rules.collect())
    }
}

async fn a_crowd_signs_in_by_a_new_key(engine: Engine) {
    let mut scene = Scene::new(engine).await;
    assert_eq!(scene.sign_in().await, 303);
    assert_eq!(scene.host.asked(), 1, "a known key has nothing fetched");

    // The identity provider signs with another key, which its metadata has beside the old one.
    scene.change_key();
    scene.host.has(IdpMetadata::of(&[&scene.other, &scene.corp.idp]).document());
    let mut begun = Vec::new();
    for _ in 0..CROWD {
        begun.push(scene.begin().await);
    }
    let scene = Arc::new(scene);
    let mut posting = JoinSet::new();
    for begun in begun {
        let scene = Arc::clone(&scene);
        posting.spawn(async move { scene.post(&begun).await });
    }
    let answers = posting.join_all().await;
    assert_eq!(answers, [303; CROWD]);
    assert_eq!(scene.host.asked(), 2, "one fetch for all of them");
    let (code, rules) = scene.newest_trace().await;
    assert_eq!(code, Value::Null);
    assert_eq!(rules.first().map(String::as_str), Some("unknown_key_refresh"), "{rules:?}");

    // The old key signs still, and goes when the metadata says so.
    let mut scene = Arc::into_inner(scene).expect("nobody else holds it");
    scene.change_key();
    assert_eq!(scene.sign_in().await, 303);
    scene.host.has(IdpMetadata::of(&[&scene.other]).document());
    assert_eq!(scene.api(Method::POST, "sso/metadata/refresh", json!({})).await.0, 200);
    assert_eq!(scene.sign_in().await, 403);
    scene.change_key();
    assert_eq!(scene.sign_in().await, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_signs_in_by_a_new_key_on_sqlite() {
    a_crowd_signs_in_by_a_new_key(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_signs_in_by_a_new_key_on_postgresql() {
    a_crowd_signs_in_by_a_new_key(Engine::Postgres(PostgresCluster::shared().database())).await;
}

#[tokio::test]
async fn signatures_of_no_use_have_it_fetched_once_in_five_minutes() {
    let mut scene = Scene::new(Engine::Sqlite).await;
    scene.change_key();
    for _ in 0..6 {
        assert_eq!(scene.sign_in().await, 403);
        assert_eq!(scene.host.asked(), 2);
        scene.server.clock().advance(Duration::seconds(40));
    }
    assert_eq!(scene.newest_trace().await.0, "untrusted_key");
    // A restart does not give another try.
    scene.server = scene.server.restart().await;
    assert_eq!(scene.sign_in().await, 403);
    assert_eq!(scene.host.asked(), 2);
    scene.server.clock().advance(Duration::seconds(60));
    for _ in 0..3 {
        assert_eq!(scene.sign_in().await, 403);
    }
    assert_eq!(scene.host.asked(), 3);

    // What no key would mend has nothing fetched, whenever it comes.
    scene.server.clock().advance(Duration::minutes(5));
    scene.change_key();
    let mut begun = scene.begin().await;
    begun.form = begun.form.replacen("SAMLResponse=", "SAMLResponse=AAAA", 1);
    assert_eq!(scene.post(&begun).await, 403);
    let begun = scene.begin().await;
    let other = Begun { cookie: String::new(), ..begun.clone() };
    assert_eq!(scene.post(&other).await, 403);
    assert_eq!(scene.post(&Begun { form: "SAMLResponse=eA==".to_owned(), ..begun }).await, 403);
    assert_eq!(scene.host.asked(), 3);
    assert_eq!(scene.sign_in().await, 303);
}

/// A key that replaces all others waits for an administrator, who may be slower than five minutes.
#[tokio::test]
async fn a_key_alone_waits_for_an_administrator() {
    let mut scene = Scene::new(Engine::Sqlite).await;
    scene.change_key();
    scene.host.has(IdpMetadata::of(&[&scene.corp.idp]).document());
    assert_eq!(scene.sign_in().await, 403);
    assert_eq!(scene.newest_trace().await.0, "untrusted_key");
    assert_eq!(scene.host.asked(), 2);
    let (status, report) = scene.api(Method::POST, "sso/metadata/approve", json!({})).await;
    assert_eq!((status, &report["changed"]), (200, &json!(["idp_certificates"])), "{report}");
    assert_eq!(scene.sign_in().await, 303);
    assert_eq!(scene.host.asked(), 2);
}

/// Whatever the host says, the login is refused as it was, in bounded time, and the last good copy stays.
#[tokio::test]
async fn a_host_that_says_nothing_good_changes_no_verdict() {
    let mut scene = Scene::new(Engine::Sqlite).await;
    scene.change_key();
    let elsewhere = IdpMetadata {
        entity_id: "https://other.example/".to_owned(),
        ..IdpMetadata::of(&[&scene.other, &scene.corp.idp])
    };
    for says in [
        HostAnswer::Status(503),
        HostAnswer::Redirect("https://evil.example/".to_owned()),
        HostAnswer::Document("<x/>".to_owned()),
        HostAnswer::Document(elsewhere.document()),
        HostAnswer::Silent,
    ] {
        scene.host.says(says);
        scene.server.clock().advance(Duration::minutes(5));
        let asked = scene.host.asked();
        assert_eq!(scene.sign_in().await, 403);
        assert_eq!(scene.newest_trace().await.0, "untrusted_key");
        assert_eq!(scene.host.asked(), asked + 1);
        scene.change_key();
        assert_eq!(scene.sign_in().await, 303, "who signs by the known key is not kept out");
        scene.change_key();
    }
}
