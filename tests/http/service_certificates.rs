//! The service's own certificates over the Admin API (SPEC 7): generated, imported, activated,
//! retired, removed, and each refusal by its status and code.

use crate::admin_api::{acme, answer, connection, read, send};
use openssl::pkcs12::Pkcs12;
use openssl::symm::Cipher;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_tests::{TestKey, TestServer, browser};

const PATH: &str = "orgs/acme/service-certificates";

async fn import(
    server: &TestServer,
    query: &str,
    passphrase: Option<&str>,
    body: Vec<u8>,
) -> (StatusCode, Value) {
    let mut posted = server.api(Method::POST, &format!("{PATH}/import{query}")).body(body);
    if let Some(passphrase) = passphrase {
        posted = posted.header("X-Passphrase", passphrase);
    }
    answer(posted.send().await.expect("an answer")).await
}

async fn act(server: &TestServer, certificate: &Value, act: &str) -> (StatusCode, Value) {
    let id = certificate["id"].as_str().expect("an id");
    let asked = server.api(Method::POST, &format!("{PATH}/{id}/{act}")).send();
    answer(asked.await.expect("an answer")).await
}

async fn remove(server: &TestServer, certificate: &Value) -> reqwest::Response {
    let id = certificate["id"].as_str().expect("an id");
    let asked = server.api(Method::DELETE, &format!("{PATH}/{id}")).send();
    asked.await.expect("an answer")
}

async fn generated(server: &TestServer, alias: &str) -> Value {
    let body = json!({"alias": alias, "valid_days": 90, "key": "p256"});
    let (status, made) = send(server, Method::POST, PATH, body).await;
    assert_eq!(status, 201, "{made}");
    server.clock().advance(time::Duration::seconds(1));
    made
}

/// How many certificates our metadata publishes.
async fn published(server: &TestServer) -> usize {
    let metadata = browser().get(server.url("/saml/acme/metadata")).send().await;
    let text = metadata.expect("an answer").text().await.expect("XML");
    text.matches("<md:KeyDescriptor use=\"signing\">").count()
}

fn pkcs12(key: &TestKey, passphrase: &str) -> Vec<u8> {
    let mut file = Pkcs12::builder();
    file.pkey(key.private()).cert(key.x509());
    file.build2(passphrase).and_then(|file| file.to_der()).expect("PKCS#12")
}

#[tokio::test]
async fn a_certificate_is_imported_with_its_key() {
    let server = acme().await;
    let (key, authority) = (TestKey::rsa(2048), TestKey::rsa(2048));
    let sealed = key.private().private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"open");
    for (passphrase, body) in [
        (None, [key.pem(), authority.pem(), key.private_pem()].concat()),
        (Some("open"), [sealed.expect("PEM"), key.pem()].concat()),
        (Some("open"), pkcs12(&key, "open")),
    ] {
        let (status, made) = import(&server, "?alias=from%20the%20CA", passphrase, body).await;
        assert_eq!(status, 201, "{made}");
        assert_eq!((&made["alias"], &made["state"]), (&json!("from the CA"), &json!("next")));
        assert_eq!(made["pem"], String::from_utf8(key.pem()).expect("text"));
        assert!(!made.to_string().contains("PRIVATE"), "{made}");
        let id = made["id"].as_str().expect("an id");
        assert_eq!(read(&server, &format!("{PATH}/{id}")).await.1, made);
        assert_eq!(act(&server, &made, "activate").await.0, 200);
    }
    assert_eq!(published(&server).await, 3);

    // It signs what is sent.
    let mut signs = connection();
    signs["sign_authn_requests"] = json!(true);
    assert_eq!(send(&server, Method::PUT, "orgs/acme/sso", signs).await.0, 200);
    let left = browser().get(server.url("/sso/acme/login")).send().await.expect("an answer");
    assert_eq!(left.status(), 303);
    let to = left.headers()["location"].to_str().expect("text");
    let (query, signature) =
        to.split_once('?').expect("a query").1.split_once("&Signature=").expect("signed");
    let signature = url::form_urlencoded::parse(format!("s={signature}").as_bytes())
        .next()
        .expect("a value")
        .1
        .into_owned();
    assert!(key.signed(query.as_bytes(), &signature), "{to}");
}

#[tokio::test]
async fn each_refusal_of_an_import_has_its_code() {
    let server = acme().await;
    let (key, other) = (TestKey::rsa(2048), TestKey::rsa(2048));
    let (small, ed25519) = (TestKey::rsa(1024), TestKey::ed25519());
    let sealed = key.private().private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"open");
    let sealed = [key.pem(), sealed.expect("PEM")].concat();
    let mut cut = pkcs12(&key, "open");
    cut.truncate(100);
    for (passphrase, body, code) in [
        (None, Vec::new(), "not_a_certificate"),
        (None, b"no certificate".to_vec(), "not_a_certificate"),
        (None, key.private_pem(), "not_a_certificate"),
        (Some("open"), cut, "not_a_certificate"),
        (None, key.pem(), "private_key_missing"),
        (None, key.certificate(), "private_key_missing"),
        (None, [key.pem(), other.private_pem()].concat(), "private_key_mismatch"),
        (
            None,
            [key.pem(), key.private_pem(), other.private_pem()].concat(),
            "private_key_unreadable",
        ),
        (None, pkcs12(&key, "open"), "wrong_passphrase"),
        (Some("shut"), pkcs12(&key, "open"), "wrong_passphrase"),
        (Some("shut"), sealed.clone(), "wrong_passphrase"),
        (None, sealed, "wrong_passphrase"),
        (None, [small.pem(), small.private_pem()].concat(), "key_too_small"),
        (None, [ed25519.pem(), ed25519.private_pem()].concat(), "key_not_supported"),
    ] {
        let (status, problem) = import(&server, "?alias=a", passphrase, body).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!(code)), "{problem}");
    }
    let good = [key.pem(), key.private_pem()].concat();
    let (status, problem) = import(&server, "", None, good.clone()).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("alias")));
    let (status, problem) = import(&server, "?alias=a", None, vec![b'x'; 70_000]).await;
    assert_eq!((status.as_u16(), &problem["code"]), (413, &json!("body_too_large")));
    assert_eq!(read(&server, PATH).await.1, json!({"items": [], "next": null}), "nothing was kept");
    assert_eq!(import(&server, "?alias=a", None, good).await.0, 201);
}

#[tokio::test]
async fn a_certificate_is_retired_and_removed_but_not_the_active_one() {
    let server = acme().await;
    let mut made = Vec::new();
    for alias in ["a", "b", "c"] {
        made.push(generated(&server, alias).await);
    }
    let states = async || {
        let (_, list) = read(&server, PATH).await;
        let state = |item: &Value| item["state"].as_str().expect("a state").to_owned();
        list["items"].as_array().expect("a list").iter().map(state).collect::<Vec<_>>()
    };
    for certificate in &made[..2] {
        assert_eq!(act(&server, certificate, "activate").await.0, 200);
    }
    assert_eq!(states().await, ["previous", "active", "next"]);
    assert_eq!(published(&server).await, 3);

    let (status, problem) = act(&server, &made[1], "retire").await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("certificate_active")));
    let (status, problem) = answer(remove(&server, &made[1]).await).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("certificate_active")));
    assert_eq!(states().await, ["previous", "active", "next"], "nothing changed");

    for _ in 0..2 {
        let (status, retired) = act(&server, &made[0], "retire").await;
        assert_eq!((status.as_u16(), &retired["state"]), (200, &json!("retired")));
    }
    assert_eq!(published(&server).await, 2);
    let (status, problem) = act(&server, &made[0], "activate").await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("certificate_retired")));
    for certificate in [&made[0], &made[2]] {
        assert_eq!(remove(&server, certificate).await.status(), 204);
        assert_eq!(remove(&server, certificate).await.status(), 404);
    }
    assert_eq!(states().await, ["active"]);
}

#[tokio::test]
async fn a_service_certificate_is_made_exported_and_activated() {
    let server = acme().await;
    let path = PATH;
    assert_eq!(read(&server, path).await.1, json!({"items": [], "next": null}));

    let body = json!({"alias": "2026", "valid_days": 365, "key": "p256"});
    let made = server.api(Method::POST, path).json(&body).send().await.expect("an answer");
    assert_eq!(made.status(), 201);
    let location = made.headers()["location"].to_str().expect("text").to_owned();
    let first: Value = made.json().await.expect("JSON");
    let id = first["id"].as_str().expect("an id");
    assert_eq!(location, format!("/api/v1/{path}/{id}"));
    assert_eq!((&first["alias"], &first["state"]), (&json!("2026"), &json!("next")));
    assert_eq!(first["public_key"], json!({"algorithm": "EC", "bits": 256}));
    assert_eq!(first["not_before"], "2026-01-02T03:04:05Z");
    assert_eq!(first["not_after"], "2027-01-02T03:04:05Z");
    assert_eq!(first["version"], 3);
    assert!(first["pem"].as_str().expect("PEM").starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(read(&server, &format!("{path}/{id}")).await.1, first);

    let file =
        server.api(Method::GET, &format!("{path}/{id}/export")).send().await.expect("a file");
    assert_eq!(file.status(), 200);
    assert_eq!(file.headers()["content-type"], "application/pkix-cert");
    assert_eq!(
        file.headers()["content-disposition"],
        format!("attachment; filename=\"acme-{id}.cer\"").as_str()
    );
    let der = file.bytes().await.expect("the file");
    let fingerprint: String =
        openssl::sha::sha256(&der).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(first["fingerprint_sha256"], fingerprint);

    // Signing needs an active certificate.
    let mut signs = connection();
    signs["sign_authn_requests"] = json!(true);
    assert_eq!(send(&server, Method::PUT, "orgs/acme/sso", signs.clone()).await.0, 422);
    for _ in 0..2 {
        let activate = server.api(Method::POST, &format!("{path}/{id}/activate")).send();
        let (status, active) = answer(activate.await.expect("an answer")).await;
        assert_eq!((status.as_u16(), &active["state"]), (200, &json!("active")));
    }
    assert_eq!(send(&server, Method::PUT, "orgs/acme/sso", signs).await.0, 200);

    // The next one takes its place, and it stays.
    let body = json!({"alias": "2027", "valid_days": 3652});
    let (status, second) = send(&server, Method::POST, path, body).await;
    assert_eq!(status, 201);
    assert_eq!(second["public_key"], json!({"algorithm": "RSA", "bits": 2048}));
    let activate = format!("{path}/{}/activate", second["id"].as_str().expect("an id"));
    assert_eq!(send(&server, Method::POST, &activate, json!({})).await.0, 200);
    let (_, list) = read(&server, path).await;
    assert_eq!(list["items"][0]["state"], "previous");
    assert_eq!(list["items"][1]["state"], "active");
}

#[tokio::test]
async fn each_refusal_of_a_generated_certificate_has_its_code() {
    let server = acme().await;
    let path = PATH;
    for (body, field) in [
        (json!({"valid_days": 365}), "alias"),
        (json!({"alias": "", "valid_days": 365}), "alias"),
        (json!({"alias": "a", "valid_days": 89}), "valid_days"),
        (json!({"alias": "a", "valid_days": 3653}), "valid_days"),
        (json!({"alias": "a", "valid_days": "365"}), "valid_days"),
        (json!({"alias": 1, "valid_days": 365}), "alias"),
        (json!({"alias": "a", "valid_days": 365, "key": "rsa1024"}), "key"),
        (json!({"alias": "a", "valid_days": 365, "private_key": "x"}), "private_key"),
    ] {
        let (status, problem) = send(&server, Method::POST, path, body.clone()).await;
        assert_eq!(
            (status.as_u16(), &problem["code"], &problem["field"]),
            (422, &json!("invalid_field"), &json!(field)),
            "{body}"
        );
    }
    assert_eq!(read(&server, path).await.1, json!({"items": [], "next": null}), "nothing was made");
    for days in [90, 3652] {
        let body = json!({"alias": "a", "valid_days": days, "key": "p256"});
        assert_eq!(send(&server, Method::POST, path, body).await.0, 201);
    }
    let absent = "crt_00000000000000000000000000000000";
    for (method, rest) in [
        (Method::GET, absent.to_owned()),
        (Method::GET, "x".to_owned()),
        (Method::GET, format!("{absent}/export")),
        (Method::POST, format!("{absent}/activate")),
        (Method::POST, format!("{absent}/retire")),
        (Method::DELETE, absent.to_owned()),
    ] {
        let asked = server.api(method, &format!("{path}/{rest}")).send().await.expect("an answer");
        let (status, problem) = answer(asked).await;
        assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not_found")), "{rest}");
    }
}
