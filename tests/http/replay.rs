//! The message of a login that was kept, over HTTP: which are, who reads them, and a login tried again with
//! the draft (SPEC 6, 13; ADR 21).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_server::config::Config;
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, OPERATOR_TOKEN, Person, PostgresCluster, TestServer,
};
use std::cell::Cell;
use time::Duration;

const DRAFT: &str = "orgs/corp/sso/draft";
const LIVE: &str = "orgs/corp/sso";

struct Scene {
    server: TestServer,
    corp: Corp,
    admin: Admin,
    logins: Cell<u32>,
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        Self::with(engine, |_| ()).await
    }

    async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let server = TestServer::start_with(engine, Some(Corp::PUBLIC_URL), change).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        Self { server, corp, admin, logins: Cell::new(0) }
    }

    fn assertion(&self) -> String {
        self.logins.set(self.logins.get() + 1);
        format!("_{}", self.logins.get())
    }

    /// Has ann sign in, and a second go by: what is made within a millisecond has no order. The status that she
    /// sees, the number of the trace, and the response in base64.
    async fn login(&self, query: &str) -> (StatusCode, String, String) {
        let (node, now) = (self.server.url(""), self.server.clock().now());
        let ann = Person::new("ann").with("shoe", "42");
        let begun = self.corp.begin(&node, query, &ann, &self.assertion(), now).await;
        let begun = begun.expect("an answer");
        let answer = self.corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer");
        self.server.clock().advance(Duration::seconds(1));
        let mut fields = url::form_urlencoded::parse(begun.form.as_bytes());
        let response = fields.find(|(name, _)| name == "SAMLResponse").expect("a response").1;
        (answer.status(), self.newest().await, response.into_owned())
    }

    async fn newest(&self) -> String {
        let traces = self.admin.get("orgs/corp/logins?limit=1").await;
        traces["items"][0]["id"].as_str().expect("an id").to_owned()
    }

    async fn asked(&self, token: &str, method: Method, path: &str) -> (u16, Value) {
        let asked = self.server.api_as(token, method, path).send().await.expect("an answer");
        let (status, text) = (asked.status().as_u16(), asked.text().await.expect("a body"));
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn replay(&self, trace: &str) -> Value {
        self.admin.act(&format!("orgs/corp/logins/{trace}/replay")).await
    }

    /// Whether the message of a login was kept.
    async fn is_kept(&self, trace: &str) -> bool {
        let path = format!("orgs/corp/logins/{trace}/message");
        let read = self.server.api(Method::GET, &path).send().await.expect("an answer");
        if read.status() == StatusCode::OK {
            return true;
        }
        assert_eq!(code(read).await, (409, "message_not_kept".to_owned()));
        let path = path.replace("message", "replay");
        let (status, problem) = self.asked(OPERATOR_TOKEN, Method::POST, &path).await;
        assert_eq!((status, &problem["code"]), (409, &json!("message_not_kept")));
        false
    }

    async fn accounts(&self) -> usize {
        self.admin.get("orgs/corp/users").await["items"].as_array().map_or(0, Vec::len)
    }
}

async fn code(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let problem: Value = answer.json().await.expect("a problem");
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_refused_login_is_tried_again_with_the_draft() {
    let postgres = Engine::Postgres(PostgresCluster::shared().database());
    for scene in [Scene::on(Engine::Sqlite).await, Scene::on(postgres).await] {
        let Scene { admin, .. } = &scene;
        // The account is to be known by an attribute that the identity provider does not send.
        admin.patch(LIVE, json!({"account_key": "ssoid"})).await;
        let (status, trace, response) = scene.login("").await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let stored = admin.get(&format!("orgs/corp/logins/{trace}")).await;
        assert_eq!(stored["code"], "required_attribute_missing");

        // As it came, for a verifier of one's own.
        let read = scene.server.api(Method::GET, &format!("orgs/corp/logins/{trace}/message"));
        let read = read.send().await.expect("an answer");
        assert_eq!(read.headers()[CONTENT_TYPE], "application/xml");
        assert!(
            read.headers()[CONTENT_DISPOSITION].to_str().expect("text").starts_with("attachment")
        );
        assert_eq!(STANDARD.encode(read.bytes().await.expect("a body")), response);

        // Without a draft the connection is what it is held to.
        let again = scene.replay(&trace).await;
        assert_eq!((&again["connection"], &again["account"]), (&json!("live"), &Value::Null));
        assert_eq!(again["trace"], stored);
        let map = json!({"preset": "standard", "map": {"shoe": "city"}});
        admin.patch(DRAFT, json!({"account_key": "uid", "attribute_map": map})).await;
        // Long after the assertion has ended: what counts is when it came.
        scene.server.clock().advance(Duration::hours(7));
        let again = scene.replay(&trace).await;
        assert_eq!(again["connection"], "draft");
        let (shown, account) = (&again["trace"], &again["account"]);
        assert_eq!((&shown["outcome"], &shown["code"]), (&json!("accepted"), &Value::Null));
        assert_eq!((&shown["id"], &shown["at"]), (&stored["id"], &stored["at"]));
        assert_eq!((&shown["name_id"], &shown["account"]), (&json!("ann-id"), &Value::Null));
        assert_eq!(account["change"], "created");
        assert_eq!(account["account"]["email"], "ann@corp.example");
        assert_eq!(account["account"]["city"], "42");
        let shoe = json!({"name": "shoe", "values": ["42"]});
        assert!(again["attributes"].as_array().expect("attributes").contains(&shoe), "{again:#}");
        // It is held to everything else, too.
        admin.patch(DRAFT, json!({"idp_entity_id": "https://other-idp.example/"})).await;
        let other = scene.replay(&trace).await;
        assert_eq!((&other["trace"]["code"], &other["attributes"]), (&json!("issuer"), &json!([])));

        // Nothing came of any of it but entries of who was told.
        assert_eq!(scene.accounts().await, 0);
        assert_eq!(admin.get(&format!("orgs/corp/logins/{trace}")).await, stored);
        assert_eq!(scene.newest().await, trace);
        let told = admin.get("orgs/corp/audit?category=reports").await;
        let acts = told["items"].as_array().expect("a list").iter();
        let acts: Vec<_> =
            acts.map(|entry| entry["sub_category"].as_str().expect("an act")).collect();
        let count = |act: &str| acts.iter().filter(|known| **known == act).count();
        assert_eq!((count("login_replayed"), count("login_message_read")), (3, 1));
        // Who is signed in by then is found.
        admin.patch(LIVE, json!({"account_key": "uid"})).await;
        assert_eq!(scene.login("").await.0, StatusCode::SEE_OTHER);
        admin.patch(DRAFT, json!({"idp_entity_id": "https://idp.example/"})).await;
        let found = scene.replay(&trace).await;
        assert_ne!(found["account"]["change"], "created");
        assert_eq!(found["trace"]["account"], found["account"]["account"]["id"]);
    }
}

#[tokio::test]
async fn a_response_that_answers_nothing_is_held_to_what_the_draft_says_of_such() {
    let scene = Scene::on(Engine::Sqlite).await;
    let (node, now) = (scene.server.url(""), scene.server.clock().now());
    let response = scene.corp.idp.response(&Person::new("ann"), None, "_1", now);
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLResponse", &STANDARD.encode(response))
        .finish();
    let refused = scene.corp.post(&node, "", &form).await.expect("an answer");
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let trace = scene.newest().await;
    scene.server.clock().advance(Duration::hours(1));
    for (mode, code) in [
        ("off", json!("unsolicited_not_allowed")),
        ("accept", Value::Null),
        ("restart", Value::Null),
    ] {
        scene.admin.patch(DRAFT, json!({"idp_initiated": mode})).await;
        let again = scene.replay(&trace).await;
        assert_eq!(again["trace"]["code"], code, "{mode}");
        let steps = again["trace"]["steps"].as_array().expect("steps");
        let restarts = steps.iter().any(|step| step["rule"] == "login_restarted");
        assert_eq!(restarts, mode == "restart");
    }
    // By another protocol it says nothing.
    let wsfed = json!({"protocol": "wsfed"});
    scene.admin.patch(DRAFT, wsfed).await;
    assert_eq!(scene.replay(&trace).await["trace"]["code"], "connection_disabled");
}

#[tokio::test]
async fn a_token_is_tried_again_as_one() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.admin.patch(LIVE, json!({"protocol": "wsfed"})).await;
    let token = sso_tests::token_response("<a/>");
    let form = [("wa", "wsignin1.0"), ("wresult", token.as_str()), ("sso_posted_again", "1")];
    let post = Client::new().post(scene.server.url("/wsfed/corp")).form(&form);
    assert_eq!(post.send().await.expect("an answer").status(), StatusCode::FORBIDDEN);
    let trace = scene.newest().await;
    assert_eq!(scene.replay(&trace).await["trace"]["code"], "unsolicited_not_allowed");
    scene.admin.patch(DRAFT, json!({"idp_initiated": "accept"})).await;
    let again = scene.replay(&trace).await;
    assert_eq!(again["trace"]["protocol"], "wsfed");
    assert_eq!(again["trace"]["code"], "unexpected_message", "it has no token inside");
}

#[tokio::test]
async fn the_connection_says_which_messages_are_kept_and_the_operator_for_how_long() {
    let scene = Scene::on(Engine::Sqlite).await;
    let Scene { admin, .. } = &scene;
    assert_eq!(admin.get(LIVE).await["keep_messages"], "refused");
    let (good, kept, _) = scene.login("").await;
    assert_eq!((good, scene.is_kept(&kept).await), (StatusCode::SEE_OTHER, false));
    let (tested, test, _) = scene.login("?test=1").await;
    assert_eq!((tested, scene.is_kept(&test).await), (StatusCode::OK, true));
    assert_eq!(scene.replay(&test).await["account"]["change"], "signed_in");
    admin.patch(LIVE, json!({"keep_messages": "all"})).await;
    let (good, kept, _) = scene.login("").await;
    assert_eq!((good, scene.is_kept(&kept).await), (StatusCode::SEE_OTHER, true));
    admin.patch(LIVE, json!({"keep_messages": "off"})).await;
    for query in ["", "?test=1"] {
        let (_, trace, _) = scene.login(query).await;
        assert!(!scene.is_kept(&trace).await, "{query}");
    }
    // What is kept stays for its time, which is shorter than that of the trace.
    admin.patch(LIVE, json!({"keep_messages": "all"})).await;
    let (_, kept, _) = scene.login("").await;
    scene.server.clock().advance(Duration::days(7) - Duration::seconds(1));
    scene.server.run_job("purge").await;
    assert!(scene.is_kept(&kept).await);
    scene.server.clock().advance(Duration::seconds(1));
    scene.server.run_job("purge").await;
    assert!(!scene.is_kept(&kept).await);
    let (status, _) =
        scene.asked(OPERATOR_TOKEN, Method::GET, &format!("orgs/corp/logins/{kept}")).await;
    assert_eq!(status, 200);

    let none = Scene::with(Engine::Sqlite, |config| config.messages_kept = Duration::ZERO).await;
    none.admin.patch(LIVE, json!({"keep_messages": "all"})).await;
    let (_, trace, _) = none.login("").await;
    assert!(!none.is_kept(&trace).await);
}

/// Anybody can post rubbish, of any size, to an assertion consumer.
#[tokio::test]
async fn a_flood_of_messages_is_dropped_and_counted() {
    let scene = Scene::on(Engine::Sqlite).await;
    let rubbish = STANDARD.encode(format!("<r>{}</r>", "x".repeat(250 << 10)));
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLResponse", &rubbish)
        .finish();
    let mut kept = 0;
    for _ in 0..6 {
        let node = scene.server.url("");
        let refused = scene.corp.post(&node, "", &form).await.expect("an answer");
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        kept += u32::from(scene.is_kept(&scene.newest().await).await);
        scene.server.clock().advance(Duration::seconds(1));
    }
    assert_eq!(kept, 4);
    let metrics = Client::new().get(scene.server.url("/metrics")).send().await;
    let metrics = metrics.expect("an answer").text().await.expect("text");
    assert!(metrics.contains("sso_dropped_total{what=\"login_messages\"} 2"), "{metrics}");
    assert!(metrics.contains("sso_dropped_total{what=\"login_traces\"} 0"), "{metrics}");
}

#[tokio::test]
async fn messages_are_for_those_who_administer_the_connection() {
    let scene = Scene::on(Engine::Sqlite).await;
    let (_, trace, _) = scene.login("?test=1").await;
    let other = json!({"name": "other", "domains": ["other.example"]});
    scene.admin.create("orgs", other).await;
    let token = async |org: &str, role: &str| {
        let made = json!({"description": "test", "role": role});
        let made = scene.admin.create(&format!("orgs/{org}/api-tokens"), made).await;
        made["secret"].as_str().expect("a secret").to_owned()
    };
    let (ours, users) = (token("corp", "org_admin").await, token("corp", "user_admin").await);
    let theirs = token("other", "org_admin").await;
    for (method, act) in [(Method::GET, "message"), (Method::POST, "replay")] {
        let path = format!("orgs/corp/logins/{trace}/{act}");
        for (token, refused) in [(&users, "org_admin_only"), (&theirs, "foreign_org")] {
            let (status, problem) = scene.asked(token, method.clone(), &path).await;
            assert_eq!((status, &problem["code"]), (403, &json!(refused)), "{act}");
        }
        assert_eq!(scene.asked(&ours, method.clone(), &path).await.0, 200, "{act}");
        // Through another organization's address it is not there.
        let path = format!("orgs/other/logins/{trace}/{act}");
        let (status, problem) = scene.asked(&theirs, method.clone(), &path).await;
        assert_eq!((status, &problem["code"]), (404, &json!("not_found")), "{act}");
    }
}
