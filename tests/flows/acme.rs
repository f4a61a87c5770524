//! The organization of the flows and its connection, made from nothing but the Admin API and two
//! metadata documents.

use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{Browser, Page, Peer, ServerProcess};

/// Makes `acme` with signed requests through `idp`, and tells each side the other's metadata.
/// `settings` are further fields of the connection.
pub(crate) async fn set_up(service: &ServerProcess, idp: &Peer, settings: Value) {
    let admin = service.admin();
    let org = json!({"name": "acme", "display_name": "Acme", "domains": ["acme.example"]});
    assert_eq!(admin.create("orgs", org).await["name"], "acme");

    let certificate = admin
        .create("orgs/acme/service-certificates", json!({"alias": "first", "valid_days": 365}))
        .await;
    assert_eq!(certificate["state"], "next");
    let id = certificate["id"].as_str().expect("an id");
    let active = admin.act(&format!("orgs/acme/service-certificates/{id}/activate")).await;
    assert_eq!(active["state"], "active");

    let imported = admin.post_xml("orgs/acme/sso/metadata", idp.metadata().await).await;
    assert_eq!(imported["filled"]["idp_entity_id"], idp.url("/metadata"));
    assert_eq!(imported["filled"]["sso_url"], idp.url("/sso"));
    assert_eq!(imported["pending_approval"], false);
    let changed = admin.patch("orgs/acme/sso", json!({"sign_authn_requests": true})).await;
    assert_eq!(changed["sign_authn_requests"], true);
    assert_eq!(changed["sso_binding"], "redirect");
    admin.patch("orgs/acme/sso", settings).await;

    let address = service.url("/saml/acme/metadata");
    let ours = Browser::default().open(&address).await;
    assert_eq!(ours.status, StatusCode::OK);
    let read = idp.register(ours.body).await;
    assert_eq!(read["entityId"], address);
    assert_eq!(read["acs"], service.url("/saml/acme/acs"));
    assert_eq!(read["certificates"], json!([base64_of(&certificate["pem"])]));
}

/// The page is a refusal, and the newest trace has its code.
pub(crate) async fn refused(service: &ServerProcess, page: &Page, code: &str) {
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    let traces = service.admin().get("orgs/acme/logins?limit=1").await;
    let newest = &traces["items"][0];
    assert_eq!(newest["outcome"], "rejected", "{newest}");
    assert_eq!(newest["code"], code, "{newest}");
    let id = newest["id"].as_str().expect("an id");
    assert!(page.body.contains(id), "the page names the trace {id}: {}", page.body);
}

/// The content of a PEM text.
pub(crate) fn base64_of(pem: &Value) -> String {
    let lines = pem.as_str().expect("a PEM").lines();
    lines.filter(|line| !line.starts_with('-')).collect()
}
