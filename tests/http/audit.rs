//! The audit trail over the Admin API (SPEC 13), as JSON and CSV, newest first; the reading of it is in
//! it too. That every act is, `acts` shows.

use crate::admin_api::{acme, answer, connection, read, send};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_tests::TestServer;
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
async fn reading_the_trail_is_an_act() {
    let server = acme().await;
    server.clock().advance(Duration::seconds(1));
    let (status, list) = read(&server, PATH).await;
    assert_eq!((status.as_u16(), &list["next"]), (200, &Value::Null));
    assert_eq!(acts(&list), ["org_created"]);
    let oldest = &list["items"][0];
    assert_eq!(oldest.as_object().map(serde_json::Map::len), Some(5), "{oldest}");
    assert_eq!(oldest["administrator"], "operator");
    assert_eq!(oldest["timestamp"], "2026-01-02T03:04:05Z");
    assert_eq!(oldest["category"], "configuration");

    server.clock().advance(Duration::seconds(1));
    let text = csv(&server, "").await;
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("Administrator,Timestamp,Category,Sub Category,Details"));
    assert_eq!(lines.next(), Some("operator,2026-01-02T03:04:06Z,reports,audit_read,format: json"));
    assert!(lines.next().is_some_and(|line| line.contains(",org_created,")), "{text}");
    assert_eq!(lines.next(), None);
    server.clock().advance(Duration::seconds(1));
    let (_, list) = read(&server, PATH).await;
    assert_eq!(acts(&list), ["audit_read", "audit_read", "org_created"]);
    assert_eq!(list["items"][0]["details"], "format: csv");
}

#[tokio::test]
async fn what_is_refused_is_no_act() {
    let server = acme().await;
    for (method, path, body) in [
        (Method::PATCH, "orgs/acme", json!({"colour": 1})),
        (Method::DELETE, "orgs/acme/sso", json!({})),
        (Method::POST, "orgs/acme/service-certificates", json!({"alias": "a", "valid_days": 89})),
    ] {
        let (status, _) = act(&server, method, path, body).await;
        assert!(status.is_client_error(), "{path}");
    }
    assert_eq!(acts(&read(&server, PATH).await.1), ["org_created"]);
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
