//! Tokens by which an organization's scripts use the Admin API (SPEC 6, 10): made, used, listed, ended.

use crate::admin_api::{acme, answer, read, send};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_tests::TestServer;
use time::Duration;

/// Makes a token of an organization, as the operator, and gives what was answered.
pub(crate) async fn made(server: &TestServer, org: &str, role: &str) -> Value {
    let body = json!({"description": format!("{role} of {org}"), "role": role});
    let (status, made) = send(server, Method::POST, &format!("orgs/{org}/api-tokens"), body).await;
    assert_eq!(status, 201, "{made}");
    made
}

/// The secret of a new token.
pub(crate) async fn secret(server: &TestServer, org: &str, role: &str) -> String {
    made(server, org, role).await["secret"].as_str().expect("text").to_owned()
}

/// A request by the holder of a token.
pub(crate) async fn send_as(
    server: &TestServer,
    token: &str,
    method: Method,
    path: &str,
    body: &Value,
) -> (StatusCode, Value) {
    let sent = server.api_as(token, method, path).json(body).send().await.expect("an answer");
    match sent.status() {
        StatusCode::NO_CONTENT => (StatusCode::NO_CONTENT, Value::Null),
        _ => answer(sent).await,
    }
}

async fn get_as(server: &TestServer, token: &str, path: &str) -> (StatusCode, Value) {
    answer(server.api_as(token, Method::GET, path).send().await.expect("an answer")).await
}

#[tokio::test]
async fn a_token_is_made_listed_and_removed() {
    let server = acme().await;
    let body = json!({"description": "nightly", "role": "org_admin"});
    let sent = server.api(Method::POST, "orgs/acme/api-tokens").json(&body).send().await;
    let sent = sent.expect("an answer");
    assert_eq!(sent.status(), 201);
    let at = sent.headers()["location"].to_str().expect("text").to_owned();
    let mut made: Value = sent.json().await.expect("JSON");
    let secret = made.as_object_mut().expect("an object").remove("secret").expect("a secret");
    let secret = secret.as_str().expect("text");
    assert!(secret.starts_with("sso_api_") && secret.len() == 51, "{secret}");
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!(at, format!("/api/v1/orgs/acme/api-tokens/{id}"));
    assert_eq!(made["created_at"], "2026-01-02T03:04:05Z");
    assert_eq!(made["expires_at"], "2027-01-02T03:04:05Z", "a year where nothing is said");
    assert_eq!(made["created_by"], "operator");

    // From here on nobody is told the secret again.
    let path = format!("orgs/acme/api-tokens/{id}");
    assert_eq!(read(&server, &path).await, (StatusCode::OK, made.clone()));
    let list = json!({"items": [made], "next": null});
    assert_eq!(read(&server, "orgs/acme/api-tokens").await, (StatusCode::OK, list.clone()));
    assert_eq!(get_as(&server, secret, "orgs/acme/api-tokens").await, (StatusCode::OK, list));

    server.clock().advance(Duration::seconds(1));
    let gone = server.api(Method::DELETE, &path).send().await.expect("an answer");
    assert_eq!(gone.status(), 204);
    let (status, problem) = get_as(&server, secret, "orgs/acme").await;
    assert_eq!((status.as_u16(), &problem["code"]), (401, &json!("unauthorized")));
    assert_eq!(read(&server, &path).await.0, 404);
    let none = json!({"items": [], "next": null});
    assert_eq!(read(&server, "orgs/acme/api-tokens").await.1, none);

    let trail = read(&server, "orgs/acme/audit?category=security").await.1;
    let entries = trail["items"].as_array().expect("a list");
    assert_eq!(entries[0]["sub_category"], "api_token_removed");
    assert_eq!(entries[0]["details"], format!("id: {id}"));
    assert_eq!(entries[1]["sub_category"], "api_token_created");
    let told = format!("id: {id}, role: org_admin, expires: 2027-01-02, description: nightly");
    assert_eq!(entries[1]["details"], told);
    assert!(!trail.to_string().contains(secret));
}

#[tokio::test]
async fn a_token_ends_with_its_time() {
    let server = acme().await;
    let body = json!({"description": "short", "role": "org_admin", "expires_in_days": 1});
    let (_, made) = send(&server, Method::POST, "orgs/acme/api-tokens", body).await;
    let secret = made["secret"].as_str().expect("text");
    server.clock().advance(Duration::days(1) - Duration::microseconds(1));
    assert_eq!(get_as(&server, secret, "orgs/acme").await.0, 200);
    server.clock().advance(Duration::microseconds(1));
    let (status, problem) = get_as(&server, secret, "orgs/acme").await;
    assert_eq!((status.as_u16(), &problem["code"]), (401, &json!("unauthorized")));
    assert_eq!(problem["detail"], "The token has expired.");
    // It stays in the list until it is removed, so that its end can be seen.
    let list = read(&server, "orgs/acme/api-tokens").await.1;
    assert_eq!(list["items"][0]["id"], made["id"]);
}

#[tokio::test]
async fn an_organization_administers_itself_under_its_tokens_name() {
    let server = acme().await;
    let token = made(&server, "acme", "org_admin").await;
    let secret = token["secret"].as_str().expect("text");
    let change = json!({"display_name": "Acme Inc."});
    for path in ["orgs/acme", "orgs/ACME", "orgs/acme.example"] {
        server.clock().advance(Duration::seconds(1));
        let (status, changed) = send_as(&server, secret, Method::PATCH, path, &change).await;
        assert_eq!((status.as_u16(), &changed["display_name"]), (200, &json!("Acme Inc.")));
    }
    server.clock().advance(Duration::seconds(1));
    let connection = crate::admin_api::connection();
    let put = send_as(&server, secret, Method::PUT, "orgs/acme/sso", &connection).await;
    assert_eq!(put.0, 200, "{}", put.1);

    let id = token["id"].as_str().expect("text");
    let own = read(&server, &format!("orgs/acme/audit?administrator={id}")).await.1;
    let acts = own["items"].as_array().expect("a list").iter();
    let acts: Vec<_> = acts.map(|entry| entry["sub_category"].as_str().expect("text")).collect();
    assert_eq!(acts, ["connection_replaced", "org_changed", "org_changed", "org_changed"]);
}

/// A token grants no more than its maker has, in time too.
#[tokio::test]
async fn a_token_made_by_a_token_ends_with_it() {
    let server = acme().await;
    let maker = made(&server, "acme", "org_admin").await;
    let secret = maker["secret"].as_str().expect("text");
    server.clock().advance(Duration::days(100));
    for (days, expires_at) in [
        (10, "2026-04-22T03:04:05Z"),
        (365, "2027-01-02T03:04:05Z"),
        (3_652, "2027-01-02T03:04:05Z"),
    ] {
        let body = json!({"description": "next", "role": "org_admin", "expires_in_days": days});
        let (status, next) =
            send_as(&server, secret, Method::POST, "orgs/acme/api-tokens", &body).await;
        assert_eq!(status, 201, "{next}");
        assert_eq!(next["expires_at"], expires_at);
        assert_eq!(next["created_by"], maker["id"]);
    }
}

#[tokio::test]
async fn each_refusal_of_a_new_token_has_its_field() {
    let server = acme().await;
    let good = json!({"description": "d", "role": "user_admin", "expires_in_days": 3_652});
    for (change, field) in [
        (json!({"description": null}), "description"),
        (json!({"description": ""}), "description"),
        (json!({"description": "two\nlines"}), "description"),
        (json!({"description": "x".repeat(201)}), "description"),
        (json!({"role": null}), "role"),
        (json!({"role": "user"}), "role"),
        (json!({"role": "operator"}), "role"),
        (json!({"role": ["org_admin"]}), "role"),
        (json!({"expires_in_days": 0}), "expires_in_days"),
        (json!({"expires_in_days": 3_653}), "expires_in_days"),
        (json!({"expires_in_days": -1}), "expires_in_days"),
        (json!({"expires_in_days": "1"}), "expires_in_days"),
        (json!({"org": "other"}), "org"),
    ] {
        let mut body = good.clone();
        body.as_object_mut().expect("object").extend(change.as_object().expect("object").clone());
        let (status, problem) = send(&server, Method::POST, "orgs/acme/api-tokens", body).await;
        assert_eq!(status, 422, "{change} {problem}");
        let told = (&problem["code"], &problem["field"]);
        assert_eq!(told, (&json!("invalid_field"), &json!(field)), "{change}");
    }
    let none = json!({"items": [], "next": null});
    assert_eq!(read(&server, "orgs/acme/api-tokens").await.1, none);
    assert_eq!(send(&server, Method::POST, "orgs/acme/api-tokens", good).await.0, 201);
    let nowhere = json!({"description": "d", "role": "user_admin"});
    assert_eq!(send(&server, Method::POST, "orgs/nobody/api-tokens", nowhere).await.0, 404);
    for path in ["orgs/acme/api-tokens/x", "orgs/acme/api-tokens/tok_0"] {
        assert_eq!(read(&server, path).await.0, 404);
    }
}

#[tokio::test]
async fn a_token_outlives_a_restart() {
    let server = acme().await;
    let secret = secret(&server, "acme", "user_admin").await;
    let server = server.restart().await;
    assert_eq!(get_as(&server, &secret, "orgs/acme/users").await.0, 200);
}
