//! Certificates of an identity provider over the Admin API (SPEC 8): what is taken, and each refusal
//! by its status and code.

use crate::admin_api::{acme, answer, connection, read, send};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_tests::{TestKey, TestServer};

const PATH: &str = "orgs/acme/idp-certificates";

async fn import(
    server: &TestServer,
    query: &str,
    kind: &str,
    body: impl Into<reqwest::Body>,
) -> (StatusCode, Value) {
    let posted = server.api(Method::POST, &format!("{PATH}{query}")).header("content-type", kind);
    answer(posted.body(body).send().await.expect("an answer")).await
}

fn p256() -> TestKey {
    TestKey::ec(openssl::nid::Nid::X9_62_PRIME256V1)
}

/// Imports a new certificate, and gives what it became.
async fn imported(server: &TestServer, alias: &str) -> Value {
    let query = format!("?alias={alias}");
    let (status, made) =
        import(server, &query, "application/pkix-cert", p256().certificate()).await;
    assert_eq!(status, 201, "{made}");
    made
}

async fn act(server: &TestServer, certificate: &Value, act: &str) -> (StatusCode, Value) {
    let id = certificate["id"].as_str().expect("an id");
    let asked = server.api(Method::POST, &format!("{PATH}/{id}/{act}")).send();
    answer(asked.await.expect("an answer")).await
}

async fn remove(server: &TestServer, certificate: &Value) -> StatusCode {
    let id = certificate["id"].as_str().expect("an id");
    let asked = server.api(Method::DELETE, &format!("{PATH}/{id}")).send();
    asked.await.expect("an answer").status()
}

/// The aliases and states, oldest first.
async fn listed(server: &TestServer) -> Vec<(String, String)> {
    let (status, list) = read(server, PATH).await;
    assert_eq!((status.as_u16(), &list["next"]), (200, &Value::Null));
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let items = list["items"].as_array().expect("a list").iter();
    items.map(|item| (text(&item["alias"]), text(&item["state"]))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[tokio::test]
async fn a_certificate_is_taken_in_each_form() {
    let key = TestKey::rsa(2048);
    let der = key.certificate();
    let pem = String::from_utf8(key.pem()).expect("text");
    for (kind, body) in [
        ("application/pkix-cert", der.clone()),
        ("application/x-pem-file", pem.clone().into_bytes()),
        ("application/octet-stream", format!("Subject: CN=x\n{pem}").into_bytes()),
        ("application/json", STANDARD.encode(&der).into_bytes()),
    ] {
        let server = acme().await;
        let posted = server.api(Method::POST, &format!("{PATH}?alias=IdP%202026"));
        let made = posted.header("content-type", kind).body(body).send().await.expect("an answer");
        assert_eq!(made.status(), 201, "{kind}");
        let location = made.headers()["location"].to_str().expect("text").to_owned();
        let made: Value = made.json().await.expect("JSON");
        let id = made["id"].as_str().expect("an id");
        assert_eq!(location, format!("/api/v1/{PATH}/{id}"));
        assert_eq!((&made["alias"], &made["state"]), (&json!("IdP 2026"), &json!("active")));
        assert_eq!(made["subject"], "CN=idp.test.example");
        assert_eq!(made["issuer"], made["subject"]);
        assert_eq!(made["public_key"], json!({"algorithm": "RSA", "bits": 2048}));
        assert_eq!(made["pem"], pem);
        assert_eq!(made["not_before"], "2025-01-01T00:00:00Z");
        for field in ["version", "fingerprint_sha256", "serial", "signature_algorithm", "not_after"]
        {
            assert!(!made[field].is_null(), "{field}");
        }
        assert_eq!(read(&server, &format!("{PATH}/{id}")).await, (StatusCode::OK, made.clone()));
        assert_eq!(read(&server, PATH).await.1, json!({"items": [made], "next": null}));
    }
}

#[tokio::test]
async fn three_are_taken_activated_and_removed() {
    let server = acme().await;
    let mut three = Vec::new();
    for alias in ["a", "b", "c"] {
        three.push(imported(&server, alias).await);
        server.clock().advance(time::Duration::seconds(1));
    }
    assert_eq!(listed(&server).await, pairs(&[("a", "active"), ("b", "next"), ("c", "next")]));

    let fourth = p256().certificate();
    let (status, problem) =
        import(&server, "?alias=d", "application/pkix-cert", fourth.clone()).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("certificate_limit")));
    let again = three[0]["pem"].as_str().expect("PEM").to_owned();
    let (status, problem) = import(&server, "?alias=d", "application/x-pem-file", again).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("certificate_exists")));
    assert_eq!(listed(&server).await, pairs(&[("a", "active"), ("b", "next"), ("c", "next")]));

    for _ in 0..2 {
        let (status, active) = act(&server, &three[1], "activate").await;
        assert_eq!((status.as_u16(), &active["state"]), (200, &json!("active")));
    }
    assert_eq!(listed(&server).await, pairs(&[("a", "previous"), ("b", "active"), ("c", "next")]));

    assert_eq!(remove(&server, &three[0]).await, 204);
    assert_eq!(remove(&server, &three[0]).await, 404);
    let (status, problem) = act(&server, &three[0], "activate").await;
    assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not_found")));
    let (status, _) = import(&server, "?alias=d", "application/pkix-cert", fourth).await;
    assert_eq!(status, 201, "there is room again");
    assert_eq!(listed(&server).await, pairs(&[("b", "active"), ("c", "next"), ("d", "next")]));
}

#[tokio::test]
async fn each_refusal_of_an_import_has_its_code() {
    let server = acme().await;
    let good = TestKey::rsa(2048);
    let (pem, private) = (good.pem(), good.private_pem());
    let mut cut = good.certificate();
    cut.truncate(cut.len() - 1);
    let mut longer = good.certificate();
    longer.push(0);
    let broken = String::from_utf8(pem.clone()).expect("text").replacen("MII", "MIX", 1);
    for (body, code) in [
        (Vec::new(), "not_a_certificate"),
        (b"no certificate".to_vec(), "not_a_certificate"),
        (b"{\"certificate\": 1}".to_vec(), "not_a_certificate"),
        (cut, "not_a_certificate"),
        (longer, "not_a_certificate"),
        (broken.into_bytes(), "not_a_certificate"),
        (private.clone(), "private_key_given"),
        ([pem.clone(), private].concat(), "private_key_given"),
        (good.private_der(), "private_key_given"),
        (TestKey::rsa(1024).certificate(), "key_too_small"),
        (TestKey::ec(openssl::nid::Nid::SECP224R1).certificate(), "key_too_small"),
        (TestKey::ec(openssl::nid::Nid::SECP256K1).certificate(), "key_not_supported"),
        ([pem.clone(), p256().pem()].concat(), "several_certificates"),
    ] {
        let (status, problem) = import(&server, "?alias=a", "application/pkix-cert", body).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!(code)), "{problem}");
    }
    let long = format!("?alias={}", "x".repeat(65));
    for query in ["", "?alias=", &long] {
        let (status, problem) = import(&server, query, "application/pkix-cert", pem.clone()).await;
        assert_eq!(
            (status.as_u16(), &problem["code"], &problem["field"]),
            (422, &json!("invalid_field"), &json!("alias")),
            "{query}"
        );
    }
    let kind = "application/pkix-cert";
    let (status, problem) = import(&server, "?alias=%0A", kind, pem.clone()).await;
    assert_eq!((status.as_u16(), &problem["code"]), (400, &json!("malformed_query")));
    for query in ["?alias=a&alias=b", "?alias=a&name=b"] {
        let (status, problem) = import(&server, query, "application/pkix-cert", pem.clone()).await;
        assert_eq!((status.as_u16(), &problem["code"]), (400, &json!("malformed_query")));
    }
    let (status, problem) = import(&server, "?alias=a", "text/plain", "x".repeat(70_000)).await;
    assert_eq!((status.as_u16(), &problem["code"]), (413, &json!("body_too_large")));
    assert_eq!(listed(&server).await, [], "nothing was kept");
    assert_eq!(import(&server, "?alias=a", "application/x-pem-file", pem).await.0, 201);
}

#[tokio::test]
async fn a_short_key_needs_its_grant() {
    let server = acme().await;
    let short = TestKey::rsa(1024).certificate();
    assert_eq!(send(&server, Method::PUT, "orgs/acme/sso", connection()).await.0, 200);
    let (_, problem) = import(&server, "?alias=a", "application/pkix-cert", short.clone()).await;
    assert_eq!(problem["code"], "key_too_small");
    let grant = json!({"legacy_crypto": ["rsa1024"]});
    assert_eq!(send(&server, Method::PATCH, "orgs/acme/sso", grant).await.0, 200);
    let (status, made) = import(&server, "?alias=a", "application/pkix-cert", short).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["public_key"], json!({"algorithm": "RSA", "bits": 1024}));
    let shorter = TestKey::rsa(768).certificate();
    let (_, problem) = import(&server, "?alias=b", "application/pkix-cert", shorter).await;
    assert_eq!(problem["code"], "key_too_small", "no grant admits it");
}

#[tokio::test]
async fn a_certificate_is_its_organizations_alone() {
    let server = acme().await;
    assert_eq!(send(&server, Method::POST, "orgs", json!({"name": "other"})).await.0, 201);
    let ours = imported(&server, "a").await;
    let id = ours["id"].as_str().expect("an id");
    for (method, path) in [
        (Method::GET, format!("orgs/other/idp-certificates/{id}")),
        (Method::DELETE, format!("orgs/other/idp-certificates/{id}")),
        (Method::POST, format!("orgs/other/idp-certificates/{id}/activate")),
        (Method::GET, "orgs/nobody/idp-certificates".to_owned()),
        (Method::GET, format!("{PATH}/x")),
    ] {
        let asked = server.api(method, &path).send().await.expect("an answer");
        let (status, problem) = answer(asked).await;
        assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not_found")), "{path}");
    }
    assert_eq!(listed(&server).await, pairs(&[("a", "active")]));
}
