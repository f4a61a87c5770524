//! Certificates by an authority (SPEC 7): a request with a key of our own, and the import of what the authority
//! answered, with its chain.

use crate::admin_api::{acme, answer, read, send};
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder, X509Req};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_tests::TestServer;

const PATH: &str = "orgs/acme/service-certificates";

/// An authority of one key, which signs itself.
struct Authority {
    key: PKey<Private>,
    certificate: X509,
}

impl Authority {
    fn new() -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
        let mut name = X509NameBuilder::new().expect("a name");
        name.append_entry_by_text("CN", "authority").expect("a name");
        let name = name.build();
        let certificate = certified(&name, &name, &key, &key);
        Self { key, certificate }
    }

    /// Certifies a request in PEM.
    fn certify(&self, request: &str) -> X509 {
        let request = X509Req::from_pem(request.as_bytes()).expect("a request");
        let asked = request.public_key().expect("a key");
        assert!(request.verify(&asked).expect("checked"), "the request proves its key");
        certified(request.subject_name(), self.certificate.subject_name(), &asked, &self.key)
    }
}

fn certified(
    subject: &openssl::x509::X509NameRef,
    issuer: &openssl::x509::X509NameRef,
    key: &openssl::pkey::PKeyRef<impl openssl::pkey::HasPublic>,
    by: &PKey<Private>,
) -> X509 {
    let time = |text| Asn1Time::from_str(text).expect("a time");
    let mut builder = X509::builder().expect("a certificate");
    builder
        .set_version(2)
        .and_then(|()| builder.set_subject_name(subject))
        .and_then(|()| builder.set_issuer_name(issuer))
        .and_then(|()| builder.set_not_before(&time("20250101000000Z")))
        .and_then(|()| builder.set_not_after(&time("20300101000000Z")))
        .and_then(|()| builder.set_pubkey(key))
        .and_then(|()| builder.sign(by, MessageDigest::sha256()))
        .expect("signed");
    builder.build()
}

async fn request(server: &TestServer, body: Value) -> Value {
    let (status, made) = send(server, Method::POST, &format!("{PATH}/csr"), body).await;
    assert_eq!(status, 201, "{made}");
    made
}

async fn import(server: &TestServer, body: Vec<u8>) -> (StatusCode, Value) {
    let posted = server.api(Method::POST, &format!("{PATH}/import?alias=answer")).body(body);
    answer(posted.send().await.expect("an answer")).await
}

#[tokio::test]
async fn an_answer_becomes_a_certificate_with_the_requests_key() {
    let server = acme().await;
    let authority = Authority::new();
    let subject =
        json!({"organization": "Acme", "country": "DE", "dns_names": ["sso.acme.example"]});
    let asked = request(&server, json!({"alias": "2027", "subject": subject})).await;
    let other = request(&server, json!({"alias": "other", "key": "p256"})).await;
    let id = |made: &Value| made["id"].as_str().expect("an id").to_owned();
    let (_, listed) = read(&server, &format!("{PATH}/csr")).await;
    assert_eq!(listed, json!({"items": [asked, other], "next": null}));
    assert_eq!(read(&server, &format!("{PATH}/csr/{}", id(&asked))).await.1, asked);

    let issued = authority.certify(asked["pem"].as_str().expect("PEM"));
    let pem = |certificate: &X509| certificate.to_pem().expect("PEM");
    let sent = [pem(&authority.certificate), pem(&issued)].concat();
    let (status, made) = import(&server, sent.clone()).await;
    assert_eq!(status, 201, "{made}");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    assert_eq!((&made["state"], &made["alias"]), (&json!("next"), &json!("answer")));
    assert_eq!(made["issuer"], "CN=authority");
    assert_eq!(made["pem"], text(pem(&issued)));
    assert_eq!(made["chain"], json!([text(pem(&authority.certificate))]));

    // It signs, and decrypts: its key is the request's.
    let activate = format!("{PATH}/{}/activate", id(&made));
    assert_eq!(send(&server, Method::POST, &activate, json!({})).await.0, 200);
    let metadata = reqwest::get(server.url("/saml/acme/metadata")).await.expect("an answer");
    let metadata: String = metadata.text().await.expect("text").split_whitespace().collect();
    let base64 = made["pem"].as_str().expect("PEM").lines().filter(|line| !line.starts_with('-'));
    assert!(metadata.contains(&base64.collect::<String>()));

    // The request is gone; the same answer has no key any more.
    let (_, listed) = read(&server, &format!("{PATH}/csr")).await;
    assert_eq!(listed["items"], json!([other]));
    let (status, problem) = import(&server, sent).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("private_key_missing")));

    // In DER, alone.
    let issued = authority.certify(other["pem"].as_str().expect("PEM"));
    let (status, made) = import(&server, issued.to_der().expect("DER")).await;
    assert_eq!((status.as_u16(), &made["chain"]), (201, &json!([])));
}

#[tokio::test]
async fn a_request_that_is_removed_is_answered_no_more() {
    let server = acme().await;
    let asked = request(&server, json!({"alias": "2027", "key": "p256"})).await;
    let path = format!("{PATH}/csr/{}", asked["id"].as_str().expect("an id"));
    let removed = server.api(Method::DELETE, &path).send().await.expect("an answer");
    assert_eq!(removed.status(), 204);
    assert_eq!(read(&server, &path).await.1["code"], "not_found");
    let removed = server.api(Method::DELETE, &path).send().await.expect("an answer");
    assert_eq!(answer(removed).await.1["code"], "not_found");
    let issued = Authority::new().certify(asked["pem"].as_str().expect("PEM"));
    let (status, problem) = import(&server, issued.to_pem().expect("PEM")).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("private_key_missing")));
}

#[tokio::test]
async fn each_refusal_of_a_request_has_its_field() {
    let server = acme().await;
    for (body, field) in [
        (json!({}), "alias"),
        (json!({"alias": ""}), "alias"),
        (json!({"alias": "a", "key": "rsa1024"}), "key"),
        (json!({"alias": "a", "valid_days": 90}), "valid_days"),
        (json!({"alias": "a", "subject": {"country": "Germany"}}), "subject.country"),
        (json!({"alias": "a", "subject": {"title": "x"}}), "subject.title"),
        (json!({"alias": "a", "subject": {"dns_names": ["a b"]}}), "subject.dns_names"),
    ] {
        let path = format!("{PATH}/csr");
        let (status, problem) = send(&server, Method::POST, &path, body.clone()).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid_field")), "{body}");
        assert_eq!(problem["field"], field, "{body}");
    }
    assert_eq!(read(&server, &format!("{PATH}/csr")).await.1["items"], json!([]));
}
