//! `/api/v1/apps`, and where logins end over HTTP (SPEC 5.1, 6; ATTACKS WEB-02).

use crate::admin_api::{answer, send};
use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, HOSTILE_TARGETS, OPERATOR_TOKEN, Person, TestServer, stays,
};
use time::Duration;

fn admin(server: &TestServer) -> Admin {
    Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN)
}

#[tokio::test]
async fn an_application_is_registered_changed_and_removed() {
    let server = TestServer::start().await;
    let wiki = json!({"name": "Wiki", "urls": ["https://Wiki.example:443/app"]});
    let (status, made) = send(&server, Method::POST, "apps", wiki).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["urls"], json!(["https://wiki.example/app"]));
    assert_eq!(made["mobile"], false);
    assert_eq!(made["created_at"], "2026-01-02T03:04:05Z");
    let id = made["id"].as_str().expect("an id");
    assert!(id.starts_with("app_"), "{id}");
    let path = format!("apps/{id}");
    assert_eq!(admin(&server).get(&path).await, made);
    assert_eq!(admin(&server).get("apps").await["items"], json!([made]));

    let changed = admin(&server).patch(&path, json!({"mobile": true})).await;
    assert_eq!(changed["mobile"], true);
    assert_eq!(changed["urls"], made["urls"]);
    let back = admin(&server).patch(&path, json!({"mobile": null})).await;
    assert_eq!(back, made);

    for (fields, field) in [
        (json!({"urls": []}), "urls"),
        (json!({"urls": ["https://a.example", "http://a.example/"]}), "urls[1]"),
        (json!({"urls": ["javascript:alert(1)"]}), "urls[0]"),
        (json!({"urls": ["https://me@a.example/"]}), "urls[0]"),
        (json!({"urls": ["nothing"]}), "urls[0]"),
        (json!({"name": ""}), "name"),
        (json!({"org": "acme"}), "org"),
    ] {
        let (status, problem) = send(&server, Method::PATCH, &path, fields).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid_field")));
        assert_eq!(problem["field"], field, "{problem}");
    }
    assert_eq!(admin(&server).get(&path).await, made, "what is refused changes nothing");

    let removed = server.api(Method::DELETE, &path).send().await.expect("an answer");
    assert_eq!(removed.status(), 204);
    for method in [Method::GET, Method::DELETE] {
        let gone = server.api(method, &path).send().await.expect("an answer");
        assert_eq!(answer(gone).await.0, 404);
    }
    assert_eq!(send(&server, Method::PATCH, &path, json!({})).await.0, 404);
}

/// The service's own trail, which no organization's administrator reads.
#[tokio::test]
async fn each_act_is_in_the_trail_of_the_service() {
    let server = TestServer::start().await;
    let wiki = json!({"name": "Wiki", "urls": ["https://wiki.example/"]});
    // What is entered within a millisecond has no order.
    let later = || server.clock().advance(Duration::seconds(1));
    let (_, made) = send(&server, Method::POST, "apps", wiki).await;
    let path = format!("apps/{}", made["id"].as_str().expect("an id"));
    later();
    admin(&server).patch(&path, json!({"mobile": true})).await;
    later();
    let removed = server.api(Method::DELETE, &path).send().await.expect("an answer");
    assert_eq!(removed.status(), 204);
    later();
    let trail = admin(&server).get("audit").await;
    let acts: Vec<&str> = trail["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| {
            assert_eq!(entry["administrator"], "operator");
            assert_eq!(entry["category"], "configuration");
            assert!(entry["details"].as_str().expect("text").contains("https://wiki.example/"));
            entry["sub_category"].as_str().expect("an act")
        })
        .collect();
    assert_eq!(acts, ["application_removed", "application_changed", "application_created"]);
    let newest = &admin(&server).get("audit?limit=1").await["items"][0];
    assert_eq!(newest["sub_category"], "audit_read", "reading is recorded");
    let file = server.api(Method::GET, "audit?format=csv").send().await.expect("an answer");
    assert!(
        file.headers()["content-disposition"].to_str().expect("text").contains("service-audit")
    );
    let file = file.text().await.expect("text");
    assert!(file.contains(",application_created,"), "{file}");
}

/// Each hostile target through a whole login and a logout, to the last redirect.
#[tokio::test]
async fn no_hostile_target_leaves_the_allow_list_over_http() {
    let server = TestServer::start_at(Engine::Sqlite, Some(Corp::PUBLIC_URL)).await;
    let corp = Corp::set_up(&admin(&server), BEGINNING).await;
    let wiki = json!({"name": "Wiki", "urls": ["https://wiki.example/app"]});
    admin(&server).create("apps", wiki).await;
    let (node, person) = (server.url(""), Person::new("ada"));
    let mut allowed = vec!["https://wiki.example/app/x?y", "https://corp.example/in", "/app"];
    allowed.extend(HOSTILE_TARGETS);
    for (number, target) in allowed.into_iter().enumerate() {
        let encoded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        let (query, assertion) = (format!("?return_to={encoded}"), format!("_{number}"));
        let now = server.clock().now();
        let begun = corp.begin(&node, &query, &person, &assertion, now).await.expect("an answer");
        let ended = corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer");
        assert_eq!(ended.status(), StatusCode::SEE_OTHER, "{target:?}");
        assert_eq!(ended.headers().get_all(SET_COOKIE).iter().count(), 1, "{target:?}");
        let led_to = ended.headers()[LOCATION].to_str().expect("text").to_owned();
        match number {
            0..3 => assert!(led_to.ends_with(target), "{target:?} leads to {led_to:?}"),
            _ => assert!(stays(&led_to), "{target:?} leads to {led_to:?}"),
        }
        let out = format!("{node}/sso/corp/logout?return_to={encoded}");
        let out = corp.get(&out, "").await.expect("an answer");
        if let Some(led_to) = out.headers().get(LOCATION) {
            let led_to = led_to.to_str().expect("text");
            assert!(stays(led_to), "logout: {target:?} leads to {led_to:?}");
        }
    }
}

/// A login that ends at a mobile application has a cookie that outlives the window.
#[tokio::test]
async fn a_mobile_application_has_its_session_over_http() {
    let server = TestServer::start_at(Engine::Sqlite, Some(Corp::PUBLIC_URL)).await;
    let corp = Corp::set_up(&admin(&server), BEGINNING).await;
    let phone = json!({"name": "Phone", "urls": ["https://m.example/"], "mobile": true});
    admin(&server).create("apps", phone).await;
    let (node, person, now) = (server.url(""), Person::new("ada"), server.clock().now());
    let begun = corp.begin(&node, "?return_to=https://m.example/in", &person, "_1", now).await;
    let begun = begun.expect("an answer");
    let ended = corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer");
    let cookie = ended.headers()[SET_COOKIE].to_str().expect("text");
    assert!(cookie.contains("; Max-Age=2592000; "), "{cookie}");
}

/// Applications are the operator's.
#[tokio::test]
async fn an_organization_s_token_registers_nothing() {
    let server = TestServer::start().await;
    let made = json!({"name": "acme"});
    assert_eq!(send(&server, Method::POST, "orgs", made).await.0, 201);
    let token = json!({"description": "a test", "role": "org_admin"});
    let (_, token) = send(&server, Method::POST, "orgs/acme/api-tokens", token).await;
    let token = token["secret"].as_str().expect("a secret");
    let client = reqwest::Client::new();
    let url = server.url("/api/v1/apps");
    let wiki = json!({"name": "Wiki", "urls": ["https://wiki.example/"]});
    let refused = client.post(url).bearer_auth(token).json(&wiki).send().await;
    let problem: Value = refused.expect("an answer").json().await.expect("JSON");
    assert_eq!(problem["code"], "operator_only");
}
