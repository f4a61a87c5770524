//! A login of an enhanced client, as the profile has it (SAML Profiles 4.2; SPEC 5.5), through pysaml2's
//! identity provider, which verifies our request and was told of us by metadata alone.

use crate::acme::set_up;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, StatusCode, redirect};
use serde_json::json;
use sso_core::bindings::paos;
use sso_tests::{Peer, ServerProcess};

const SERVICE: &str = "urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp";

#[tokio::test]
async fn a_client_signs_in_through_pysaml2() {
    let idp = Peer::pysaml2();
    let service = ServerProcess::start(None).await;
    let map = json!({"preset": "shibboleth", "map": {}});
    set_up(&service, &idp, json!({"auto_create": true, "attribute_map": map, "ecp": true})).await;
    let attributes = json!({
        "eduPersonPrincipalName": ["ann@acme.example"], "mail": ["ann@acme.example"],
        "givenName": ["Ann"], "sn": ["Miller"],
    });
    idp.set_person("ann", json!({"name_id": "ann@acme.example", "attributes": attributes})).await;
    let client = Client::builder().cookie_store(true).redirect(redirect::Policy::none()).build();
    let client = client.expect("a client");
    client.get(idp.sign_in_url("ann")).send().await.expect("an answer");

    // The service asks, and says where the answer goes.
    let asked = client.get(service.url("/sso/acme/login?return_to=/session"));
    let asked = asked.header("Accept", format!("text/html; {}", paos::MEDIA_TYPE));
    let asked = asked.header("PAOS", format!("ver=\"urn:liberty:paos:2003-08\";\"{SERVICE}\""));
    let asked = asked.send().await.expect("an answer");
    assert_eq!(asked.status(), StatusCode::OK);
    assert_eq!(asked.headers()[CONTENT_TYPE], paos::MEDIA_TYPE);
    let asked = asked.text().await.expect("an envelope");
    let consumer = between(&asked, "responseConsumerURL=\"", "\"").to_owned();
    let state = between(&asked, "<ecp:RelayState", "</ecp:RelayState>");
    let request = between(&asked, "<soap:Body>", "</soap:Body>");

    // The client takes the request to the identity provider, without the headers.
    let sent = client.post(idp.url("/sso/soap")).header(CONTENT_TYPE, "text/xml");
    let answer = sent.body(envelope("", request)).send().await.expect("an answer");
    let status = answer.status();
    let answer = answer.text().await.expect("a body");
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(between(&answer, "AssertionConsumerServiceURL=\"", "\""), consumer);
    let response = between(&answer, "<soap:Body>", "</soap:Body>");

    // And the answer to the service, with what it was given to keep.
    let headers = format!("<ecp:RelayState xmlns:ecp=\"{SERVICE}\"{state}</ecp:RelayState>");
    let sent = client.post(&consumer).header(CONTENT_TYPE, paos::MEDIA_TYPE);
    let end = sent.body(envelope(&headers, response)).send().await.expect("an answer");
    assert_eq!(end.status(), StatusCode::SEE_OTHER, "{}", end.text().await.expect("a body"));
    let session = client.get(service.url("/session")).send().await.expect("an answer");
    assert_eq!(session.status(), StatusCode::OK);
    assert!(session.text().await.expect("JSON").contains("ann@acme.example"));
    assert_eq!(idp.requests().await.len(), 1, "it verified the request");
}

fn envelope(headers: &str, message: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header>\
         {headers}</soap:Header><soap:Body>{message}</soap:Body></soap:Envelope>"
    )
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start}: {text}"));
    rest.split_once(end).unwrap_or_else(|| panic!("no {end}: {rest}")).0
}
