//! npm `samlp` changes its signing key, and nobody tells us: the first login by the new key goes through,
//! since its metadata is fetched again (SPEC 2, FIELD 1.5).

use crate::acme::{refused, set_up};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{Browser, MetadataHost, Page, Peer, ServerProcess};

const KEY_BEGINS: &str = "<KeyDescriptor";

#[tokio::test]
async fn a_key_that_nobody_told_us_of_fails_no_login() {
    let idp = Peer::samlp();
    let settings = [("SSO_OUTGOING_NETWORKS", MetadataHost::NETWORK)];
    let service = ServerProcess::start_with(None, &settings).await;
    set_up(&service, &idp, json!({"auto_create": true})).await;
    let old = idp.metadata().await;
    let host = MetadataHost::start(old.clone()).await;
    let imported = import(&service, &host).await;
    assert_eq!(imported["changed"], json!([]), "the same as was posted");
    let attributes = json!({
        "uid": "ann@acme.example",
        "email": "ann@acme.example",
        "firstname": "Ann",
        "lastname": "Lee",
    });
    idp.set_person("ann", json!({"name_id": "ann@acme.example", "attributes": attributes})).await;
    let browser = Browser::default();
    browser.open(&idp.sign_in_url("ann")).await;
    assert_eq!(sign_in(&service, &browser).await.status, StatusCode::OK);
    assert_eq!(host.asked(), 1);

    // The metadata has both keys before the new one signs, as a careful identity provider's has.
    idp.change_key().await;
    let new = idp.metadata().await;
    host.has(with_both_keys(&old, &new));
    assert_eq!(sign_in(&service, &browser).await.status, StatusCode::OK);
    assert_eq!(sign_in(&service, &browser).await.status, StatusCode::OK);
    assert_eq!(host.asked(), 2, "once, for the first of them");

    // The old key goes, and a careless change waits for an administrator, who is told.
    host.has(new);
    let refreshed = service.admin().act("orgs/acme/sso/metadata/refresh").await;
    assert_eq!(refreshed["changed"], json!(["idp_certificates"]));
    assert_eq!(sign_in(&service, &browser).await.status, StatusCode::OK);
    idp.change_key().await;
    host.has(idp.metadata().await);
    refused(&service, &sign_in(&service, &browser).await, "untrusted_key").await;
    let refreshed = service.admin().act("orgs/acme/sso/metadata/refresh").await;
    assert_eq!(refreshed["pending_approval"], true);
    let approved = service.admin().act("orgs/acme/sso/metadata/approve").await;
    assert_eq!(approved["pending_approval"], false);
    assert_eq!(sign_in(&service, &browser).await.status, StatusCode::OK);
}

async fn import(service: &ServerProcess, host: &MetadataHost) -> Value {
    let posted = reqwest::Client::new()
        .post(service.url("/api/v1/orgs/acme/sso/metadata"))
        .bearer_auth(sso_tests::OPERATOR_TOKEN)
        .json(&json!({"url": host.url()}));
    let answer = posted.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("JSON")
}

async fn sign_in(service: &ServerProcess, browser: &Browser) -> Page {
    let begun = browser.open(&service.url("/sso/acme/login")).await;
    let request = begun.location.expect("the identity provider's address");
    let form = browser.open(request.as_str()).await.form();
    browser.submit(&form).await
}

/// The new document with the key of the old one besides.
fn with_both_keys(old: &str, new: &str) -> String {
    let (_, rest) = old.split_once(KEY_BEGINS).expect("a key");
    let (key, _) = rest.split_once("</KeyDescriptor>").expect("its end");
    new.replacen(KEY_BEGINS, &format!("{KEY_BEGINS}{key}</KeyDescriptor>{KEY_BEGINS}"), 1)
}
