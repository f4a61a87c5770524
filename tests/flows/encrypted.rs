//! Assertions that pysaml2, with xmlsec1 below it, encrypts to the certificates of our metadata (SPEC 4.5),
//! through a whole rotation of those (SPEC 7), which another node carries out.

use crate::acme::{base64_of, refused, set_up};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{Browser, Page, Peer, PostgresCluster, ServerProcess};

const GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const TRIPLE_DES: &str = "http://www.w3.org/2001/04/xmlenc#tripledes-cbc";

#[tokio::test]
async fn every_live_certificate_decrypts_and_no_other() {
    let database = PostgresCluster::shared().database();
    let service = ServerProcess::start(Some(database.clone())).await;
    let other_node = ServerProcess::start(Some(database)).await;
    let idp = Peer::pysaml2();
    let map = json!({"preset": "shibboleth", "map": {}});
    set_up(&service, &idp, json!({"auto_create": true, "attribute_map": map})).await;
    let attributes = json!({
        "eduPersonPrincipalName": ["ann@acme.example"], "mail": ["ann@acme.example"],
        "givenName": ["Ann"], "sn": ["Miller"],
    });
    idp.set_person("ann", json!({"name_id": "ann@acme.example", "attributes": attributes})).await;
    let browser = Browser::default();
    browser.open(&idp.sign_in_url("ann")).await;
    let admin = other_node.admin();
    let certificates = "orgs/acme/service-certificates";

    // Plain assertions, until encrypted ones are wanted.
    let page = sign_in(&service, &browser).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    admin.patch("orgs/acme/sso", json!({"want_assertions_encrypted": true})).await;
    refused_without_a_reason(&service, &sign_in(&service, &browser).await, "not_encrypted").await;

    let listed = admin.get(certificates).await;
    let first = &listed["items"][0];
    assert_eq!(offered(&service, &idp).await, json!([base64_of(&first["pem"])]));
    for method in [GCM, CBC] {
        accepted(&service, &browser, &idp, first, method).await;
    }

    // 3DES needs its grant, though the response is signed, and the trace names it.
    idp.encrypt_to(&base64_of(&first["pem"]), TRIPLE_DES).await;
    let page = sign_in(&service, &browser).await;
    refused_without_a_reason(&service, &page, "encryption_algorithm").await;
    admin.patch("orgs/acme/sso", json!({"legacy_crypto": ["3des"]})).await;
    accepted(&service, &browser, &idp, first, TRIPLE_DES).await;
    let trace = service.admin().get("orgs/acme/logins?limit=1").await;
    assert!(trace["items"][0].to_string().contains("3des was used by grant"), "{trace:#}");

    // A rotation: at each moment every published certificate decrypts, at every node.
    let second = json!({"alias": "second", "valid_days": 365});
    let second = admin.create(certificates, second).await;
    let both = json!([base64_of(&first["pem"]), base64_of(&second["pem"])]);
    assert_eq!(offered(&service, &idp).await, both);
    for certificate in [first, &second] {
        accepted(&service, &browser, &idp, certificate, GCM).await;
    }
    act(&other_node, &second, "activate").await;
    for certificate in [first, &second] {
        accepted(&service, &browser, &idp, certificate, GCM).await;
    }
    act(&other_node, first, "retire").await;
    assert_eq!(offered(&service, &idp).await, json!([base64_of(&second["pem"])]));
    for method in [GCM, CBC] {
        idp.encrypt_to(&base64_of(&first["pem"]), method).await;
        refused_without_a_reason(&service, &sign_in(&service, &browser).await, "decryption").await;
        accepted(&service, &browser, &idp, &second, method).await;
    }
}

async fn sign_in(service: &ServerProcess, browser: &Browser) -> Page {
    let page = browser.open(&service.url("/sso/acme/login")).await;
    let page = browser.open(page.location.expect("the identity provider").as_str()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    browser.submit(&page.form()).await
}

async fn accepted(
    service: &ServerProcess,
    browser: &Browser,
    idp: &Peer,
    certificate: &Value,
    method: &str,
) {
    idp.encrypt_to(&base64_of(&certificate["pem"]), method).await;
    let page = sign_in(service, browser).await;
    let trace = service.admin().get("orgs/acme/logins?limit=1").await;
    assert_eq!(trace["items"][0]["outcome"], "accepted", "{method}: {trace:#}");
    assert!(page.body.contains("Ann Miller"), "{}", page.body);
}

/// The trace has the code; the browser is told the same of every cause.
async fn refused_without_a_reason(service: &ServerProcess, page: &Page, code: &str) {
    refused(service, page, code).await;
    assert!(page.body.contains("response_rejected"), "{}", page.body);
    assert!(!page.body.contains(code), "{}", page.body);
}

/// The certificates that our metadata offers to encrypt to, as the peer reads them.
async fn offered(service: &ServerProcess, idp: &Peer) -> Value {
    let ours = Browser::default().open(&service.url("/saml/acme/metadata")).await;
    idp.register(ours.body).await["encryption"].clone()
}

async fn act(service: &ServerProcess, certificate: &Value, action: &str) {
    let id = certificate["id"].as_str().expect("an id");
    service.admin().act(&format!("orgs/acme/service-certificates/{id}/{action}")).await;
}
