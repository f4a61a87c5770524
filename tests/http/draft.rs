//! The draft of a connection over HTTP: changed, tried out, promoted; and the state `enforced`, which needs
//! a test login that passed (SPEC 2, 6).

use crate::metadata_by_url::asks_loopback;
use reqwest::header::SET_COOKIE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, IdentityProvider, IdpMetadata, MetadataHost, OPERATOR_TOKEN,
    Person, PostgresCluster, SeededRandom, TestServer, cookie,
};
use time::Duration;

struct Scene {
    server: TestServer,
    corp: Corp,
    admin: Admin,
    assertions: std::cell::Cell<u32>,
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        let server = TestServer::start_at(engine, Some(Corp::PUBLIC_URL)).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        Self { server, corp, admin, assertions: std::cell::Cell::new(0) }
    }

    async fn on_each_engine() -> [Self; 2] {
        let postgres = Engine::Postgres(PostgresCluster::shared().database());
        [Self::on(Engine::Sqlite).await, Self::on(postgres).await]
    }

    /// The answer at the end of a login of ann with this query.
    async fn login(&self, query: &str) -> reqwest::Response {
        self.assertions.set(self.assertions.get() + 1);
        let assertion = format!("_{}", self.assertions.get());
        let (node, now) = (self.server.url(""), self.server.clock().now());
        let ann = Person::new("ann").with("shoe", "42 <b>");
        let begun = self.corp.begin(&node, query, &ann, &assertion, now).await.expect("an answer");
        self.corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer")
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let asked = self.server.api(method, path).json(&body).send().await.expect("an answer");
        let status = asked.status().as_u16();
        let text = asked.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn refused(&self, method: Method, path: &str, body: Value) -> (u16, String) {
        let (status, problem) = self.send(method, path, body).await;
        (status, problem["code"].as_str().unwrap_or_default().to_owned())
    }
}

const DRAFT: &str = "orgs/corp/sso/draft";
const LIVE: &str = "orgs/corp/sso";

#[tokio::test]
async fn a_draft_is_changed_tried_out_and_promoted() {
    for scene in Scene::on_each_engine().await {
        let Scene { admin, .. } = &scene;
        for method in [Method::GET, Method::DELETE] {
            assert_eq!(
                scene.refused(method, DRAFT, json!({})).await,
                (404, "not_found".to_owned())
            );
        }
        let promote = format!("{DRAFT}/promote");
        assert_eq!(scene.refused(Method::POST, &promote, json!({})).await.0, 404);

        // It begins as a copy; the connection stays as it is.
        let live = admin.get(LIVE).await;
        let map = json!({"preset": "standard", "map": {"shoe": "city"}});
        let draft = admin.patch(DRAFT, json!({"attribute_map": map})).await;
        assert_eq!(draft["attribute_map"]["map"]["shoe"], "city");
        assert_eq!(draft["idp_entity_id"], live["idp_entity_id"]);
        assert_eq!(admin.get(DRAFT).await, draft);
        assert_eq!(admin.get(LIVE).await, live);

        let tested = scene.login("?test=1").await;
        assert_eq!(tested.status(), StatusCode::OK);
        assert!(tested.headers().get(SET_COOKIE).is_none(), "nobody is signed in");
        let page = tested.text().await.expect("a page");
        for shown in
            ["It works", "ann@corp.example", "ann-id", "42 &#60;b&#62;", "would have been made"]
        {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert_eq!(admin.get("orgs/corp/users").await["items"], json!([]));
        let trace = &admin.get("orgs/corp/logins?limit=1").await["items"][0];
        assert_eq!((&trace["flow"], &trace["outcome"]), (&json!("test"), &json!("accepted")));
        assert!(page.contains(trace["id"].as_str().expect("an id")));

        // A session of the connection before goes on through the promotion.
        let signed_in = scene.login("").await;
        let session = cookie(signed_in.headers());
        let (status, promoted) = scene.send(Method::POST, &promote, json!({})).await;
        assert_eq!((status, &promoted), (200, &draft));
        assert_eq!(admin.get(LIVE).await, draft);
        assert_eq!(scene.refused(Method::GET, DRAFT, json!({})).await.0, 404);
        let url = scene.server.url("/session");
        assert_eq!(scene.corp.get(&url, &session).await.expect("an answer").status(), 200);
        let ann = cookie(scene.login("").await.headers());
        let who: Value =
            scene.corp.get(&url, &ann).await.expect("an answer").json().await.expect("JSON");
        assert_eq!(who["account"]["email"], "ann@corp.example");
    }
}

#[tokio::test]
async fn enforced_needs_a_test_login_that_passed() {
    for scene in Scene::on_each_engine().await {
        let Scene { admin, .. } = &scene;
        let test_needed = (422, "test_login_required".to_owned());
        let enforced = json!({"state": "enforced"});
        assert_eq!(scene.refused(Method::PATCH, LIVE, enforced.clone()).await, test_needed);
        // A login is no test, and a test of other settings is none of these.
        assert_eq!(scene.login("").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(scene.refused(Method::PATCH, LIVE, enforced.clone()).await, test_needed);
        assert_eq!(scene.login("?test=1").await.status(), StatusCode::OK);
        let both = json!({"state": "enforced", "auto_update": false});
        assert_eq!(scene.refused(Method::PATCH, LIVE, both).await, test_needed);
        assert_eq!(admin.patch(LIVE, enforced.clone()).await["state"], "enforced");
        assert_eq!(scene.login("").await.status(), StatusCode::SEE_OTHER, "people sign in");
        // What is enforced stays so through further changes.
        assert_eq!(admin.patch(LIVE, json!({"auto_update": false})).await["state"], "enforced");

        // A draft of it, which is a copy, is not promoted before it was tested.
        admin.patch(DRAFT, json!({"clock_skew_seconds": 60})).await;
        let promote = format!("{DRAFT}/promote");
        assert_eq!(scene.refused(Method::POST, &promote, json!({})).await, test_needed);
        assert_eq!(scene.login("?test=1").await.status(), StatusCode::OK);
        admin.patch(DRAFT, json!({"clock_skew_seconds": 61})).await;
        assert_eq!(scene.refused(Method::POST, &promote, json!({})).await, test_needed, "another");
        assert_eq!(scene.login("?test=1").await.status(), StatusCode::OK);
        let promoted = admin.act(&promote).await;
        assert_eq!(
            (&promoted["state"], &promoted["clock_skew_seconds"]),
            (&json!("enforced"), &json!(61))
        );
        // What passed through the draft has passed through the connection.
        admin.patch(LIVE, json!({"state": "active"})).await;
        assert_eq!(admin.patch(LIVE, enforced).await["state"], "enforced");
    }
}

#[tokio::test]
async fn a_draft_makes_the_first_connection() {
    let scene = Scene::on(Engine::Sqlite).await;
    let removed = scene.server.api(Method::DELETE, LIVE).send().await.expect("an answer");
    assert_eq!(removed.status(), 204);
    let nothing = scene.refused(Method::PATCH, DRAFT, json!({"auto_create": true})).await;
    assert_eq!(nothing, (404, "not_found".to_owned()), "there is nothing to change");
    let whole =
        json!({"idp_entity_id": "https://idp.example/", "sso_url": "https://idp.example/sso"});
    let (status, draft) = scene.send(Method::PUT, DRAFT, whole.clone()).await;
    assert_eq!(
        (status, &draft["sp_entity_id"]),
        (200, &json!("https://sso.example/saml/corp/metadata"))
    );
    assert_eq!(scene.refused(Method::GET, LIVE, json!({})).await.0, 404);
    let promoted = scene.admin.act(&format!("{DRAFT}/promote")).await;
    assert_eq!(promoted, draft);
    assert_eq!(scene.admin.get(LIVE).await, draft);
    let (status, _) = scene.send(Method::PUT, DRAFT, whole).await;
    assert_eq!(status, 200);
    let removed = scene.server.api(Method::DELETE, DRAFT).send().await.expect("an answer");
    assert_eq!(removed.status(), 204);
    assert_eq!(scene.admin.get(LIVE).await, draft, "the connection stays");
}

/// Another document of the identity provider is tried out before people sign in by it.
#[tokio::test]
async fn metadata_is_imported_into_a_draft() {
    for scene in Scene::on_each_engine().await {
        let Scene { admin, .. } = &scene;
        let metadata = format!("{DRAFT}/metadata");
        let read = async |path: &str| {
            let read = scene.server.api(Method::GET, path).send().await.expect("an answer");
            (read.status().as_u16(), read.text().await.expect("a document"))
        };
        assert_eq!(read(&metadata).await.0, 404);
        let before = read("orgs/corp/sso/metadata").await;
        let renewed = IdentityProvider::new(BEGINNING, &SeededRandom::new(9));
        let document = IdpMetadata::of(&[&renewed]).document();
        let report = admin.post_xml(&metadata, document.clone()).await;
        assert_eq!(report["filled"]["idp_entity_id"], "https://idp.example/");
        assert_eq!(read(&metadata).await, (200, document.clone()));
        assert_eq!(admin.get(DRAFT).await["auto_create"], true, "the rest is of the connection");
        // The identity provider signs by its old key: people sign in, the draft shows what would be.
        assert_eq!(read("orgs/corp/sso/metadata").await, before);
        assert_eq!(scene.login("").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(scene.login("?test=1").await.status(), StatusCode::FORBIDDEN);
        admin.act(&format!("{DRAFT}/promote")).await;
        assert_eq!(read("orgs/corp/sso/metadata").await, (200, document));
        assert_eq!(scene.login("").await.status(), StatusCode::FORBIDDEN);
        // What is no metadata makes no draft.
        let refused = scene.refused(Method::POST, &metadata, json!({"document": "<x/>"})).await;
        assert_eq!(refused, (422, "not_metadata".to_owned()));
        assert_eq!(scene.refused(Method::GET, DRAFT, json!({})).await.0, 404);
    }
}

/// Where the metadata of a draft comes from is where that of the connection comes from, once it is promoted.
#[tokio::test]
async fn a_promoted_draft_is_refreshed_from_where_it_was_imported() {
    let postgres = Engine::Postgres(PostgresCluster::shared().database());
    for engine in [Engine::Sqlite, postgres] {
        let server = TestServer::start_with(engine, Some(Corp::PUBLIC_URL), asks_loopback).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        let host = MetadataHost::start(IdpMetadata::of(&[&corp.idp]).document()).await;
        let scene = Scene { server, corp, admin, assertions: std::cell::Cell::new(0) };
        let metadata = format!("{DRAFT}/metadata");
        let address = json!({"url": host.url()});
        assert_eq!(scene.send(Method::POST, &metadata, address).await.0, 200);
        let state = async |path: &str| {
            let asked = scene.server.api(Method::GET, path).header("accept", "application/json");
            let state = asked.send().await.expect("an answer");
            state.json::<Value>().await.expect("JSON")
        };
        assert_eq!(state(&metadata).await["url"], host.url());
        assert_eq!(state("orgs/corp/sso/metadata").await["url"], Value::Null);
        let refreshed = scene.admin.act(&format!("{metadata}/refresh")).await;
        assert_eq!((host.asked(), &refreshed["pending_approval"]), (2, &json!(false)));
        for act in ["approve", "reject"] {
            let refused =
                scene.refused(Method::POST, &format!("{metadata}/{act}"), json!({})).await;
            assert_eq!(refused, (409, "nothing_to_approve".to_owned()));
        }
        scene.admin.act(&format!("{DRAFT}/promote")).await;
        assert_eq!(state("orgs/corp/sso/metadata").await["url"], host.url());
        scene.server.clock().advance(Duration::days(2));
        scene.server.run_job("metadata").await;
        assert_eq!(host.asked(), 3);
        assert_eq!(scene.login("").await.status(), StatusCode::SEE_OTHER);
    }
}
