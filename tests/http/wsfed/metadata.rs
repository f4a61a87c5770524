//! Federation metadata over HTTP: ours, and the federation service's by its address (SPEC 2, 3).

use super::scene::{ISSUER, REALM, Saml, Scene, Token};
use crate::metadata_by_url::asks_loopback;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{MetadataHost, TestKey};
use time::Duration;

const METADATA: &str = "orgs/corp/sso/metadata";

#[tokio::test]
async fn our_federation_metadata_is_there_before_any_connection() {
    let scene = Scene::new(json!({"service_uri": "urn:ours"})).await;
    scene.admin.create("orgs", json!({"name": "acme", "domains": ["acme.example"]})).await;
    for (org, realm) in [("corp", "urn:ours"), ("acme", "urn:federation:sso.example:acme")] {
        let answer = scene.get(&format!("/wsfed/{org}/metadata"), &[]).await;
        assert_eq!(answer.headers()["content-type"], "application/samlmetadata+xml");
        let document = answer.text().await.expect("a document");
        for part in [
            format!("entityID=\"{realm}\""),
            format!("<wsa:Address>{realm}</wsa:Address>"),
            format!("<wsa:Address>https://sso.example/wsfed/{org}</wsa:Address>"),
            "xsi:type=\"fed:ApplicationServiceType\"".to_owned(),
        ] {
            assert!(document.contains(&part), "{part}: {document}");
        }
    }
    let signed = scene.get("/wsfed/corp/metadata?signed=1", &[]).await;
    assert_eq!(signed.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let made = json!({"alias": "a", "valid_days": 365});
    let made = scene.admin.create("orgs/corp/service-certificates", made).await;
    let id = made["id"].as_str().expect("an id");
    scene.admin.act(&format!("orgs/corp/service-certificates/{id}/activate")).await;
    let signed = scene.get("/wsfed/corp/metadata?signed=1", &[]).await;
    let document = signed.text().await.expect("a document");
    assert!(document.contains("<ds:Signature ") && document.contains("use=\"encryption\""));
    assert_eq!(scene.get("/wsfed/nobody/metadata", &[]).await.status(), StatusCode::NOT_FOUND);
}

/// What a federation service publishes that signs with these keys.
fn published(issuer: &str, host: &str, keys: &[&TestKey]) -> String {
    let keys: String = keys
        .iter()
        .map(|key| {
            format!(
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}\
                 </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
                STANDARD.encode(key.certificate())
            )
        })
        .collect();
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
         xmlns:f=\"http://docs.oasis-open.org/wsfed/federation/200706\" entityID=\"{issuer}\">\
         <md:RoleDescriptor xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" \
         i:type=\"f:SecurityTokenServiceType\" \
         protocolSupportEnumeration=\"http://docs.oasis-open.org/wsfed/federation/200706\">{keys}\
         <f:PassiveRequestorEndpoint><a:EndpointReference xmlns:a=\"http://www.w3.org/2005/08/addressing\">\
         <a:Address>https://{host}/adfs/ls/</a:Address></a:EndpointReference>\
         </f:PassiveRequestorEndpoint></md:RoleDescriptor></md:EntityDescriptor>"
    )
}

/// A service with `corp`, whose connection was made from the metadata of this host.
async fn imported(host: &MetadataHost) -> Scene {
    let scene = Scene::without_orgs(asks_loopback).await;
    scene.admin.create("orgs", json!({"name": "corp", "domains": ["corp.example"]})).await;
    let report = imports(&scene, host).await;
    assert_eq!(report["filled"]["federation_service_uri"], ISSUER, "{report}");
    let map = json!({"preset": "adfs", "map": {}});
    let fields = json!({"auto_create": true, "attribute_map": map});
    let connection = scene.admin.patch("orgs/corp/sso", fields).await;
    let said = ["protocol", "service_uri", "sso_url"].map(|field| connection[field].clone());
    assert_eq!(said, ["wsfed", REALM, "https://adfs.example/adfs/ls/"]);
    scene
}

async fn imports(scene: &Scene, host: &MetadataHost) -> Value {
    let asked = scene.server.api(reqwest::Method::POST, METADATA).json(&json!({"url": host.url()}));
    asked.send().await.expect("an answer").json().await.expect("JSON")
}

/// Signs ann in by tokens of both types that a key signed; gives the reason of a refusal.
async fn signs_in(scene: &Scene, key: &TestKey) -> Option<String> {
    let mut reason = None;
    for saml in [Saml::V11, Saml::V20] {
        // The newest trace is that of this login, and each token is another.
        scene.server.clock().advance(Duration::seconds(1));
        let begun = scene.begin("corp", "").await;
        let token = Token::new(saml, &format!("_{}", begun.wctx), "ann", scene.now());
        let answer = scene.answer(&begun, &token.signed_by(key)).await;
        let code = scene.newest("corp").await["code"].as_str().map(str::to_owned);
        assert_eq!(code.is_none(), answer.status() == StatusCode::SEE_OTHER, "{saml:?}: {code:?}");
        reason = code;
    }
    reason
}

#[tokio::test]
async fn a_refresh_follows_the_keys_of_a_federation_service() {
    let [one, two, three] = [(); 3].map(|()| TestKey::rsa(2048));
    let says = |keys: &[&TestKey]| published(ISSUER, "adfs.example", keys);
    let host = MetadataHost::start(says(&[&one])).await;
    let scene = imported(&host).await;
    let refresh = async || scene.admin.act(&format!("{METADATA}/refresh")).await;
    assert_eq!(signs_in(&scene, &one).await, None);
    assert_eq!(signs_in(&scene, &two).await.as_deref(), Some("untrusted_key"));

    // The next key comes beside the one that is known: both count at once.
    host.has(says(&[&one, &two]));
    let report = refresh().await;
    assert_eq!(report["changed"], json!(["idp_certificates"]), "{report}");
    assert_eq!(report["pending_approval"], false);
    assert_eq!(signs_in(&scene, &one).await, None);
    assert_eq!(signs_in(&scene, &two).await, None);
    // The old one goes, and counts no more.
    host.has(says(&[&two]));
    assert_eq!(refresh().await["pending_approval"], false);
    assert_eq!(signs_in(&scene, &two).await, None);
    assert_eq!(signs_in(&scene, &one).await.as_deref(), Some("untrusted_key"));

    // What could be somebody else's document waits: all keys, the issuer, another host.
    for (document, field) in [
        (says(&[&three]), "idp_certificates"),
        (published("http://evil.example/trust", "adfs.example", &[&two]), "federation_service_uri"),
        (published(ISSUER, "evil.example", &[&two]), "sso_url"),
    ] {
        host.has(document);
        let report = refresh().await;
        assert_eq!(report["pending_approval"], true, "{field}: {report}");
        let changed = report["changed"].as_array().expect("a list");
        assert!(changed.contains(&json!(field)), "{changed:?}");
        assert_eq!(signs_in(&scene, &two).await, None);
        assert_eq!(signs_in(&scene, &three).await.as_deref(), Some("untrusted_key"));
    }
    host.has(says(&[&three]));
    refresh().await;
    scene.admin.act(&format!("{METADATA}/approve")).await;
    assert_eq!(signs_in(&scene, &three).await, None);
    assert_eq!(signs_in(&scene, &two).await.as_deref(), Some("untrusted_key"));
}
