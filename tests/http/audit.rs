//! The audit trail over the Admin API (SPEC 13): every act is in it, as JSON and CSV, newest first,
//! and so is the reading of it.

use crate::admin_api::{acme, answer, connection, read, send};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_tests::{TestKey, TestServer};
use time::Duration;

const PATH: &str = "orgs/acme/audit";

/// Whoever did it, and what: newest first.
fn acts(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("a list").iter();
    items.map(|item| item["sub_category"].as_str().expect("text")).collect()
}

async fn csv(server: &TestServer, query: &str) -> String {
    let file = server.api(Method::GET, &format!("{PATH}?format=csv{query}")).send().await;
    let file = file.expect("an answer");
    assert_eq!(file.status(), 200);
    assert_eq!(file.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(file.headers()["content-disposition"], "attachment; filename=\"acme-audit.csv\"");
    file.text().await.expect("text")
}

/// Carries out an act a second after the one before, so that their order is known.
async fn act(server: &TestServer, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    server.clock().advance(Duration::seconds(1));
    let sent = server.api(method, path).json(&body).send().await.expect("an answer");
    match sent.status() {
        StatusCode::NO_CONTENT => (StatusCode::NO_CONTENT, Value::Null),
        _ => answer(sent).await,
    }
}

#[tokio::test]
async fn every_administrative_act_is_in_the_trail() {
    let server = acme().await;
    let fields = json!({"display_name": "Acme"});
    act(&server, Method::PATCH, "orgs/acme", fields).await;
    act(&server, Method::PUT, "orgs/acme/sso", connection()).await;
    act(&server, Method::PATCH, "orgs/acme/sso", json!({"auto_create": true})).await;
    let new = json!({"alias": "a", "valid_days": 90, "key": "p256"});
    let certificates = "orgs/acme/service-certificates";
    let (_, first) = act(&server, Method::POST, certificates, new.clone()).await;
    let (_, second) = act(&server, Method::POST, certificates, new).await;
    let of = |certificate: &Value| {
        format!("{certificates}/{}", certificate["id"].as_str().expect("an id"))
    };
    act(&server, Method::POST, &format!("{}/activate", of(&first)), json!({})).await;
    act(&server, Method::POST, &format!("{}/retire", of(&second)), json!({})).await;
    act(&server, Method::DELETE, &of(&second), json!({})).await;
    // What is refused is no act.
    assert_eq!(act(&server, Method::DELETE, &of(&first), json!({})).await.0, 409);

    server.clock().advance(Duration::seconds(1));
    let key = TestKey::rsa(2048);
    let pair = [key.pem(), key.private_pem()].concat();
    let imported = server.api(Method::POST, &format!("{certificates}/import?alias=b")).body(pair);
    assert_eq!(imported.send().await.expect("an answer").status(), 201);
    server.clock().advance(Duration::seconds(1));
    let theirs = server.api(Method::POST, "orgs/acme/idp-certificates?alias=c").body(key.pem());
    let theirs: Value = theirs.send().await.expect("an answer").json().await.expect("JSON");
    let theirs = format!("orgs/acme/idp-certificates/{}", theirs["id"].as_str().expect("an id"));
    act(&server, Method::DELETE, &theirs, json!({})).await;
    act(&server, Method::DELETE, "orgs/acme/sso", json!({})).await;

    server.clock().advance(Duration::seconds(1));
    let (status, list) = read(&server, PATH).await;
    assert_eq!((status.as_u16(), &list["next"]), (200, &Value::Null));
    let expected = [
        "connection_removed",
        "idp_certificate_removed",
        "idp_certificate_imported",
        "service_certificate_imported",
        "service_certificate_removed",
        "service_certificate_retired",
        "service_certificate_activated",
        "service_certificate_generated",
        "service_certificate_generated",
        "connection_changed",
        "connection_replaced",
        "org_changed",
        "org_created",
    ];
    assert_eq!(acts(&list), expected);
    let oldest = &list["items"][12];
    assert_eq!(oldest.as_object().map(serde_json::Map::len), Some(5), "{oldest}");
    assert_eq!(oldest["administrator"], "operator");
    assert_eq!(oldest["timestamp"], "2026-01-02T03:04:05Z");
    assert_eq!(oldest["category"], "configuration");
    assert_eq!(list["items"][1]["category"], "certificates");

    // Reading it was itself an act.
    server.clock().advance(Duration::seconds(1));
    let text = csv(&server, "").await;
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("Administrator,Timestamp,Category,Sub Category,Details"));
    assert_eq!(lines.next(), Some("operator,2026-01-02T03:04:19Z,reports,audit_read,format: json"));
    let again: Vec<_> = lines.map(|line| line.split(',').nth(3).expect("a field")).collect();
    assert_eq!(again, expected);
    server.clock().advance(Duration::seconds(1));
    let (_, list) = read(&server, PATH).await;
    assert_eq!(acts(&list)[..2], ["audit_read", "audit_read"]);
    assert_eq!(list["items"][0]["details"], "format: csv");
    for secret in ["PRIVATE KEY", sso_tests::OPERATOR_TOKEN] {
        assert!(!text.contains(secret) && !list.to_string().contains(secret));
    }
}

#[tokio::test]
async fn the_trail_is_filtered_and_comes_in_parts() {
    let server = acme().await;
    act(&server, Method::PATCH, "orgs/acme", json!({"display_name": "=cmd|' /C calc'!A0"})).await;
    let new = json!({"alias": "a", "valid_days": 90, "key": "p256"});
    act(&server, Method::POST, "orgs/acme/service-certificates", new).await;
    act(&server, Method::PUT, "orgs/acme/sso", connection()).await;
    for (query, expected) in [
        ("category=certificates", &["service_certificate_generated"][..]),
        ("category=groups", &[]),
        ("administrator=nobody&category=certificates", &[]),
        ("administrator=operator&category=certificates", &["service_certificate_generated"]),
        ("from=2026-01-02T03:04:07Z&to=2026-01-02T03:04:08Z", &["service_certificate_generated"]),
        ("from=2026-01-02T04:04:06%2B01:00&to=2026-01-02T03:04:07Z", &["org_changed"]),
        ("to=2026-01-02T03:04:05Z", &[]),
        ("category=configuration", &["connection_replaced", "org_changed", "org_created"]),
    ] {
        let (status, list) = read(&server, &format!("{PATH}?{query}")).await;
        assert_eq!(status, 200, "{list}");
        assert_eq!(acts(&list), expected, "{query}");
        let lines = csv(&server, &format!("&{query}")).await;
        assert_eq!(lines.lines().count(), expected.len() + 1, "{query}");
    }
    let (_, first) = read(&server, &format!("{PATH}?category=configuration&limit=2")).await;
    assert_eq!(acts(&first), ["connection_replaced", "org_changed"]);
    let next = first["next"].as_str().expect("a cursor");
    let rest = format!("category=configuration&limit=2&cursor={next}");
    assert_eq!(acts(&read(&server, &format!("{PATH}?{rest}")).await.1), ["org_created"]);
    let part = csv(&server, &format!("&{rest}")).await;
    assert!(part.lines().count() == 2 && part.contains("org_created"), "{part}");

    for query in [
        "category=x",
        "from=yesterday",
        "to=2026-01-02",
        "format=xml",
        "limit=0",
        "cursor=x",
        "user=x",
        "format=csv&cursor=x",
    ] {
        let (status, problem) = read(&server, &format!("{PATH}?{query}")).await;
        assert_eq!(
            (status.as_u16(), &problem["code"]),
            (400, &json!("malformed_query")),
            "{query}"
        );
    }
    assert_eq!(read(&server, "orgs/nobody/audit").await.0, 404);
    assert_eq!(
        send(&server, Method::DELETE, PATH, json!({})).await.0,
        405,
        "nothing is taken away"
    );
}

#[tokio::test]
async fn a_long_trail_is_one_file() {
    let server = acme().await;
    for _ in 0..210 {
        assert_eq!(read(&server, &format!("{PATH}?limit=1")).await.0, 200);
    }
    let text = csv(&server, "").await;
    assert_eq!(text.lines().count(), 1 + 210 + 1, "the heading, every reading, the organization");
    assert_eq!(text.matches("Administrator,").count(), 1);
    assert_eq!(csv(&server, "&limit=20").await.lines().count(), 21);
}
