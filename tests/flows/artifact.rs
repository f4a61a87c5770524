//! Login by the artifact binding through pysaml2's identity provider (SPEC 5.5): it verifies our request for
//! the message, gives it once, and each side was told of the other by metadata alone.

use crate::acme::{refused, set_up};
use reqwest::StatusCode;
use serde_json::json;
use sso_tests::{Browser, MetadataHost, Peer, ServerProcess};

#[tokio::test]
async fn pysaml2_gives_the_message_of_an_artifact_once() {
    let idp = Peer::pysaml2();
    let network = [("SSO_OUTGOING_NETWORKS", MetadataHost::NETWORK)];
    let service = ServerProcess::start_with(None, &network).await;
    let settings = json!({
        "auto_create": true, "attribute_map": {"preset": "shibboleth", "map": {}},
        "response_binding": "artifact",
    });
    set_up(&service, &idp, settings).await;
    let known = service.admin().get("orgs/acme/sso").await;
    let services = json!([{"index": 1, "url": idp.url("/ars")}]);
    assert_eq!(known["artifact_resolution_services"], services, "from its metadata");
    let attributes = json!({
        "eduPersonPrincipalName": ["ann@acme.example"], "mail": ["ann@acme.example"],
        "givenName": ["Ann"], "sn": ["Miller"],
    });
    idp.set_person("ann", json!({"name_id": "ann@acme.example", "attributes": attributes})).await;

    for way in ["query", "form"] {
        idp.send_artifacts_by(way).await;
        let browser = Browser::default();
        browser.open(&idp.sign_in_url("ann")).await;
        let left = browser.open(&service.url("/sso/acme/login?return_to=/session")).await;
        let answer = browser.open(left.location.expect("the identity provider").as_str()).await;
        let (end, again) = if way == "query" {
            let artifact = answer.location.as_ref().expect("our address").to_string();
            assert!(artifact.starts_with(&service.url("/saml/acme/acs?SAMLart=")), "{artifact}");
            (browser.visit(&artifact).await, browser.open(&artifact).await)
        } else {
            let form = answer.form();
            assert!(form.field("SAMLart").is_some() && form.field("SAMLResponse").is_none());
            (browser.submit(&form).await, browser.post(&form).await)
        };
        assert_eq!(end.status, StatusCode::OK, "{way}: {}", end.body);
        assert_eq!(end.url.as_str(), service.url("/session"), "{way}");
        assert!(end.body.contains("ann@acme.example"), "{way}: {}", end.body);
        // It has given the message, and has it no more.
        refused(&service, &again, "artifact_unknown").await;
    }
}
