//! Metadata over HTTP: an identity provider's fills the connection, ours is given out (SPEC 2, 6).

use reqwest::{Method, Response};
use serde_json::{Value, json};
use sso_core::dsig::{Policy, TrustedKey, TrustedKeys, signature_of, verify};
use sso_core::xml::{Document, Limits};
use sso_tests::{BEGINNING, Federation, TestServer, browser, entity_id};
use std::collections::BTreeSet;

const XML: &str = "application/samlmetadata+xml";

fn document(vendor: &str) -> String {
    let file = format!("{}/../metadata/{vendor}.xml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file).expect("the vendor's document")
}

async fn acme() -> TestServer {
    let server = TestServer::start().await;
    let made = server.api(Method::POST, "orgs").json(&json!({"name": "acme"})).send().await;
    assert_eq!(made.expect("an answer").status(), 201);
    server
}

async fn import(server: &TestServer, query: &str, kind: &str, body: String) -> (u16, Value) {
    let path = format!("orgs/acme/sso/metadata{query}");
    let posted = server.api(Method::POST, &path).header("content-type", kind).body(body);
    let answer = posted.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

async fn get(server: &TestServer, path: &str) -> Response {
    server.api(Method::GET, path).send().await.expect("an answer")
}

async fn connection(server: &TestServer) -> Value {
    get(server, "orgs/acme/sso").await.json().await.expect("JSON")
}

#[tokio::test]
async fn an_import_makes_the_connection_and_says_what_it_did() {
    let server = acme().await;
    assert_eq!(get(&server, "orgs/acme/sso/metadata").await.status(), 404);
    let okta = document("okta");
    let (status, report) = import(&server, "", XML, okta.clone()).await;
    assert_eq!(status, 200, "{report}");
    assert_eq!(report["pending_approval"], false);
    assert_eq!(report["filled"]["idp_entity_id"], "http://www.okta.example/exk4r8h2example9p5d7");
    for list in ["ignored", "refused", "changed"] {
        assert!(report[list].is_array(), "{list}: {report}");
    }
    let made = connection(&server).await;
    assert_eq!(made["protocol"], "saml2");
    assert_eq!(made["idp_entity_id"], report["filled"]["idp_entity_id"]);
    assert_eq!(made["sso_url"], report["filled"]["sso_url"]);
    assert_eq!(made["single_logout"], "off");

    let imported = get(&server, "orgs/acme/sso/metadata").await;
    assert_eq!(imported.headers()["content-type"], XML);
    assert_eq!(imported.text().await.expect("XML"), okta);

    // The same again changes nothing; another one says what it changed, and keeps what it does not
    // speak of.
    let patched = server.api(Method::PATCH, "orgs/acme/sso").json(&json!({"auto_create": true}));
    assert_eq!(patched.send().await.expect("an answer").status(), 200);
    assert_eq!(import(&server, "", "text/xml", okta).await.1["changed"], json!([]));
    let (_, report) = import(&server, "", "application/xml", document("keycloak")).await;
    let changed = report["changed"].as_array().expect("a list");
    assert!(changed.contains(&json!("idp_entity_id")), "{report}");
    let now = connection(&server).await;
    assert_eq!(now["auto_create"], true);
    assert_ne!(now["idp_entity_id"], made["idp_entity_id"]);
    assert_eq!(now["sp_entity_id"], made["sp_entity_id"]);
}

#[tokio::test]
async fn the_document_of_each_vendor_is_taken() {
    for vendor in [
        "adfs",
        "auth0",
        "entra",
        "google",
        "jumpcloud",
        "keycloak",
        "lemonldap-ng",
        "miniorange",
        "okta",
        "onelogin",
        "ping",
        "shibboleth",
        "simplesamlphp",
    ] {
        let server = acme().await;
        let (status, report) = import(&server, "", XML, document(vendor)).await;
        assert_eq!(status, 200, "{vendor}: {report}");
        assert_eq!(connection(&server).await["idp_entity_id"], report["filled"]["idp_entity_id"]);
    }
}

#[tokio::test]
async fn each_refusal_of_an_import_has_its_code() {
    let server = acme().await;
    let okta = document("okta");
    for (query, kind, body, status, code) in [
        ("", XML, "<x".to_owned(), 422, "not_well_formed"),
        ("", XML, "<x/>".to_owned(), 422, "not_metadata"),
        ("", XML, okta.replacen("?>", "?><!DOCTYPE x>", 1), 422, "doctype_forbidden"),
        ("?entity_id=https://other.example", XML, okta.clone(), 422, "entity_not_found"),
        ("?protocol=wsfed", XML, okta.clone(), 422, "not_an_idp"),
        ("?protocol=oidc", XML, okta.clone(), 400, "malformed_query"),
        ("?pin=x", XML, okta.clone(), 400, "malformed_query"),
        ("", "application/json", "{".to_owned(), 400, "malformed_body"),
        ("", "text/plain", okta.clone(), 415, "unsupported_media_type"),
        ("", XML, "x".repeat(17 << 20), 413, "body_too_large"),
    ] {
        let (got, problem) = import(&server, query, kind, body).await;
        assert_eq!((got, &problem["code"]), (status, &json!(code)), "{query} {kind}");
    }
    assert_eq!(get(&server, "orgs/acme/sso").await.status(), 404, "nothing was made");
    assert_eq!(import(&server, "?protocol=saml2", XML, okta).await.0, 200);
}

/// ADFS describes itself by both protocols in one document (SPEC 6).
#[tokio::test]
async fn a_document_of_both_protocols_makes_either_connection() {
    let server = acme().await;
    let adfs = document("adfs");
    assert_eq!(import(&server, "", XML, adfs.clone()).await.0, 200);
    let made = connection(&server).await;
    assert_eq!(made["protocol"], "saml2");

    let (status, report) = import(&server, "?protocol=wsfed", XML, adfs.clone()).await;
    assert_eq!(status, 200, "{report}");
    let wsfed = connection(&server).await;
    let filled = &report["filled"];
    assert_eq!(wsfed["protocol"], "wsfed");
    assert_eq!(wsfed["federation_service_uri"], made["idp_entity_id"]);
    assert_eq!(filled["federation_service_uri"], made["idp_entity_id"]);
    for field in ["sso_url", "logout_url"] {
        assert_eq!(filled[field], "https://fs.adfs.example/adfs/ls/", "{field}");
        assert_eq!(wsfed[field], filled[field]);
    }
    assert_eq!(wsfed["single_logout"], "off");
    assert_eq!(report["proposed_legacy_crypto"], json!(["aes_cbc"]));

    // The connection keeps its protocol, unless another is asked for.
    let (_, again) = import(&server, "", XML, adfs.clone()).await;
    assert_eq!(again["changed"], json!([]), "{again}");
    assert_eq!(connection(&server).await, wsfed);
    assert_eq!(import(&server, "?protocol=saml2", XML, adfs).await.0, 200);
    assert_eq!(connection(&server).await["idp_entity_id"], made["idp_entity_id"]);

    let (status, _) = import(&server, "?protocol=wsfed", XML, document("entra")).await;
    assert_eq!(status, 200);
    assert!(
        connection(&server).await["sso_url"].as_str().is_some_and(|url| url.ends_with("/wsfed"))
    );
}

/// A document past the limit of one that is held whole is read as it comes, for the entity that is named.
#[tokio::test]
async fn an_entity_is_taken_out_of_an_aggregate_as_it_comes() {
    let server = acme().await;
    let certificates = [sso_tests::TestKey::rsa(2048).certificate()];
    let aggregate = Federation { entities: 40, certificates: &certificates }.document();
    let end = aggregate.find("</md:EntitiesDescriptor>").expect("the end");
    let filler = "<!-- the federation has nothing to say here -->\n".repeat(20_000);
    let mut long = aggregate[..end].to_owned();
    while long.len() < 17 << 20 {
        long.push_str(&filler);
        long.push_str(
            "<md:AdditionalMetadataLocation namespace=\"urn:x\">x</md:AdditionalMetadataLocation>",
        );
    }
    long.push_str(&aggregate[end..]);

    let (status, problem) = import(&server, "", XML, long.clone()).await;
    assert_eq!((status, &problem["code"]), (413, &json!("body_too_large")));
    assert!(problem["detail"].as_str().is_some_and(|it| it.contains("entity_id")), "{problem}");

    let query = format!("?entity_id={}", entity_id(31));
    let (status, report) = import(&server, &query, XML, long.clone()).await;
    assert_eq!(status, 200, "{report}");
    assert_eq!(report["filled"]["idp_entity_id"], json!(entity_id(31)));
    let kept = get(&server, "orgs/acme/sso/metadata").await.text().await.expect("XML");
    assert!(kept.contains(&entity_id(31)) && !kept.contains(&entity_id(30)) && kept.len() < 20_000);
    // What is kept imports as what it is.
    assert_eq!(import(&server, "", XML, kept).await.1["changed"], json!([]));

    for (query, code) in
        [("?entity_id=urn:nobody", "entity_not_found"), (query.as_str(), "not_well_formed")]
    {
        let cut = if code == "not_well_formed" { &long[..long.len() - 30] } else { &long };
        let (status, problem) = import(&server, query, XML, cut.to_owned()).await;
        assert_eq!((status, &problem["code"]), (422, &json!(code)));
    }
}

#[tokio::test]
async fn our_metadata_is_there_before_any_connection() {
    let server = acme().await;
    let ours = async |path: &str| browser().get(server.url(path)).send().await.expect("an answer");
    let first = ours("/saml/acme/metadata").await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.headers()["content-type"], XML);
    let text = first.text().await.expect("XML");
    let entity = server.public_url().join("/saml/acme/metadata");
    let acs = server.public_url().join("/saml/acme/acs");
    assert!(text.contains(&format!("entityID=\"{entity}\"")), "{text}");
    assert!(text.contains(&format!("Location=\"{acs}\"")), "{text}");
    assert!(!text.contains("X509Certificate"), "{text}");

    let made = server.api(Method::POST, "orgs/acme/service-certificates");
    let made = made.json(&json!({"alias": "a", "valid_days": 90, "key": "p256"})).send().await;
    assert_eq!(made.expect("an answer").status(), 201);
    let text = ours("/saml/ACME/metadata").await.text().await.expect("XML");
    assert_eq!(text.matches("<ds:X509Certificate>").count(), 1, "{text}");
    assert_eq!(ours("/saml/nobody/metadata").await.status(), 404);
}

#[tokio::test]
async fn our_metadata_is_signed_when_asked() {
    let server = acme().await;
    let ours = async |path: &str| browser().get(server.url(path)).send().await.expect("an answer");
    let refused = ours("/saml/acme/metadata?signed=1").await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.expect("a page").contains("service_certificate_required"));
    assert_eq!(ours("/saml/nobody/metadata?signed=1").await.status(), 404);

    let made = server.api(Method::POST, "orgs/acme/service-certificates");
    let made = made.json(&json!({"alias": "a", "valid_days": 90, "key": "p256"})).send().await;
    let made: Value = made.expect("an answer").json().await.expect("JSON");
    let id = made["id"].as_str().expect("an ID");
    let path = format!("orgs/acme/service-certificates/{id}/activate");
    server.api(Method::POST, &path).send().await.expect("an answer");
    let text = ours("/saml/acme/metadata?signed=1").await.text().await.expect("XML");

    let pem = made["pem"].as_str().expect("PEM");
    let key = TrustedKey::from_certificate_pem(pem.as_bytes()).expect("a certificate");
    let trusted = TrustedKeys::new(vec![key]).expect("a key");
    let policy =
        Policy { grants: &BTreeSet::new(), now: BEGINNING, enforce_certificate_validity: false };
    let document = Document::parse(text.as_bytes(), &Limits::METADATA).expect("XML");
    let signature = signature_of(document.root()).expect("a signature").expect("one");
    let signed = verify(&signature, &trusted, &policy).expect("a signature that holds");
    assert!(signed.element().attribute("entityID").is_some());
    // Not asked for, it is not signed.
    for path in ["/saml/acme/metadata", "/saml/acme/metadata?signed=0"] {
        assert!(!ours(path).await.text().await.expect("XML").contains("Signature"));
    }
}
