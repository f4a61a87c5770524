//! Enhanced clients over HTTP, with an identity provider inside the test (SAML Profiles 4.2; SPEC 5.5; ATTACKS
//! ART-02): a header chooses how a message travels, and no rule.

use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, LOCATION};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use sso_core::bindings::paos;
use sso_core::time::Clock as _;
use sso_core::xml::{Document, Limits, ns};
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, OPERATOR_TOKEN, Person, TestServer, browser, cookie,
};

const PAOS: &str =
    "ver=\"urn:liberty:paos:2003-08\";\"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp\"";
const BOTH: [(&str, &str); 2] = [("Accept", "text/html; application/vnd.paos+xml"), ("PAOS", PAOS)];

struct Scene {
    server: TestServer,
    admin: Admin,
    corp: Corp,
}

/// A login that a client has begun.
struct Begun {
    envelope: String,
    request_id: String,
    relay_state: String,
    cookie: String,
}

impl Scene {
    async fn new(settings: Value) -> Self {
        let server = TestServer::start_at(Engine::Sqlite, Some(Corp::PUBLIC_URL)).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        admin.patch("orgs/corp/sso", settings).await;
        Self { server, admin, corp }
    }

    /// Asks for a login with these headers.
    async fn ask(&self, query: &str, headers: &[(&'static str, &'static str)]) -> Response {
        let url = self.server.url(&format!("/sso/corp/login{query}"));
        let named = headers.iter().map(|(name, value)| {
            let name = name.parse().expect("a name");
            (name, value.parse().expect("a value"))
        });
        browser().get(url).headers(named.collect::<HeaderMap>()).send().await.expect("an answer")
    }

    async fn begin(&self) -> Begun {
        let asked = self.ask("?return_to=/app", &BOTH).await;
        assert_eq!(asked.status(), StatusCode::OK);
        assert_eq!(asked.headers()[CONTENT_TYPE], paos::MEDIA_TYPE);
        let cookie = cookie(asked.headers());
        let envelope = asked.text().await.expect("an envelope");
        let document = Document::parse(envelope.as_bytes(), &Limits::MESSAGE).expect("XML");
        let find = |namespace: &str, name: &str| {
            let mut elements = document.root().descendants();
            elements.find(|it| it.is(namespace, name)).expect("the element")
        };
        let request_id = find(ns::SAMLP, "AuthnRequest").id().expect("an ID").to_owned();
        let relay_state = find(ns::ECP, "RelayState").text().expect("text").into_owned();
        Begun { request_id, relay_state, cookie, envelope }
    }

    /// The response of the identity provider, whose assertion is signed.
    fn response(&self, request_id: Option<&str>, assertion: &str) -> String {
        let now = self.server.clock().now();
        self.corp.idp.response(&Person::new("ann"), request_id, assertion, now)
    }

    async fn post(&self, envelope: &str, cookie: &str) -> Response {
        let sent = browser().post(self.server.url("/saml/corp/acs")).header(COOKIE, cookie);
        let sent = sent.header(CONTENT_TYPE, paos::MEDIA_TYPE).body(envelope.to_owned());
        sent.send().await.expect("an answer")
    }

    /// The code of a refusal, by the trace that its page names.
    async fn refused(&self, answer: Response) -> String {
        let status = answer.status();
        assert!(status == StatusCode::FORBIDDEN || status == StatusCode::BAD_REQUEST, "{status}");
        let page = answer.text().await.expect("a page");
        let (_, id) = page.split_once("trc_").unwrap_or_else(|| panic!("no trace: {page}"));
        let id: String = id.chars().take_while(char::is_ascii_alphanumeric).collect();
        let trace = self.admin.get(&format!("orgs/corp/logins/trc_{id}")).await;
        trace["code"].as_str().unwrap_or_else(|| panic!("{trace}")).to_owned()
    }
}

/// What a client posts: a message with the RelayState that it was given.
fn envelope(relay_state: &str, message: &str) -> String {
    let state = format!("<e:RelayState s:mustUnderstand=\"1\">{relay_state}</e:RelayState>");
    with_headers(&state, message)
}

fn with_headers(headers: &str, message: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"{}\" xmlns:e=\"{}\" xmlns:p=\"{}\"><s:Header>{headers}</s:Header>\
         <s:Body>{message}</s:Body></s:Envelope>",
        ns::SOAP,
        ns::ECP,
        ns::PAOS
    )
}

fn location(answer: &Response) -> &str {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()[LOCATION].to_str().expect("text")
}

#[tokio::test]
async fn a_client_is_asked_and_signed_in() {
    let scene = Scene::new(json!({"ecp": true})).await;
    let begun = scene.begin().await;
    let document = Document::parse(begun.envelope.as_bytes(), &Limits::MESSAGE).expect("XML");
    let mut elements = document.root().descendants();
    let request = elements.find(|it| it.is(ns::PAOS, "Request")).expect("the request");
    let acs = Some("https://sso.example/saml/corp/acs");
    assert_eq!(request.attribute("responseConsumerURL"), acs);
    let message = elements.find(|it| it.is(ns::SAMLP, "AuthnRequest")).expect("the message");
    assert_eq!(message.attribute("AssertionConsumerServiceURL"), acs);
    let binding = message.attribute("ProtocolBinding");
    assert_eq!(binding, Some("urn:oasis:names:tc:SAML:2.0:bindings:PAOS"));
    assert_eq!(message.attribute("Destination"), None, "where that is the client knows");

    let response = scene.response(Some(&begun.request_id), "_1");
    let end = scene.post(&envelope(&begun.relay_state, &response), &begun.cookie).await;
    assert_eq!(location(&end), "https://sso.example/app");
    let session = cookie(end.headers());
    let who = scene.corp.get(&scene.server.url("/session"), &session).await.expect("an answer");
    assert_eq!(who.status(), StatusCode::OK);
    // Used once.
    let again = scene.post(&envelope(&begun.relay_state, &response), &begun.cookie).await;
    assert_eq!(scene.refused(again).await, "replayed");
    // Our metadata says where clients are taken.
    let ours = browser().get(scene.server.url("/saml/corp/metadata")).send().await;
    let ours = ours.expect("an answer").text().await.expect("a document");
    assert!(ours.contains("Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:PAOS\""), "{ours}");
}

#[tokio::test]
async fn what_a_client_brings_is_held_to_every_rule() {
    let scene = Scene::new(json!({"ecp": true, "idp_initiated": "accept"})).await;
    let begun = scene.begin().await;
    let other = scene.begin().await;
    let (state, cookie) = (begun.relay_state.as_str(), begun.cookie.as_str());
    let response = scene.response(Some(&begun.request_id), "_1");
    let good = envelope(state, &response);
    let changed = |from: &str, to: &str| {
        assert!(response.contains(from), "{from}: {response}");
        envelope(state, &response.replace(from, to))
    };
    let unsigned = {
        let (before, rest) = response.split_once("<ds:Signature").expect("a signature");
        before.to_owned() + rest.split_once("</ds:Signature>").expect("its end").1
    };
    let fault = "<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>";
    for (code, envelope, cookie) in [
        ("browser_mismatch", good.clone(), ""),
        ("browser_mismatch", good.clone(), other.cookie.as_str()),
        ("relay_state_mismatch", envelope(&other.relay_state, &response), cookie),
        ("in_response_to", changed(&begun.request_id, "_nobodys"), cookie),
        ("digest_mismatch", changed(">ann-id<", ">eve-id<"), cookie),
        ("issuer", changed("https://idp.example/<", "https://other.example/<"), cookie),
        ("unsigned", envelope(state, &unsigned), cookie),
        ("unsolicited_not_allowed", envelope(state, &scene.response(None, "_2")), cookie),
        ("unexpected_message", changed("samlp:Response", "samlp:ArtifactResponse"), cookie),
        ("unexpected_message", envelope(state, fault), cookie),
        ("unexpected_message", response.clone(), cookie),
        ("unexpected_message", with_headers("<x s:mustUnderstand=\"1\"/>", &response), cookie),
        ("duplicate_parameter", with_headers("<e:RelayState/><e:RelayState/>", &response), cookie),
        ("doctype_forbidden", format!("<!DOCTYPE x>{good}"), cookie),
        ("not_well_formed", good[..good.len() - 1].to_owned(), cookie),
    ] {
        let refused = scene.post(&envelope, cookie).await;
        assert_eq!(scene.refused(refused).await, code, "{envelope}");
    }
    let large = scene.post(&" ".repeat(Limits::MESSAGE.bytes + 1), cookie).await;
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let end = scene.post(&good, cookie).await;
    assert_eq!(location(&end), "https://sso.example/app");
}

#[tokio::test]
async fn without_the_setting_a_header_changes_nothing() {
    let scene = Scene::new(json!({})).await;
    let refused = scene.ask("", &BOTH).await;
    assert_eq!(scene.refused(refused).await, "binding_not_allowed");
    // One that says it in one header is a browser.
    for header in BOTH {
        let left = scene.ask("", &[header]).await;
        assert!(location(&left).starts_with("https://idp.example/sso?"), "{header:?}");
    }
    // An answer to a browser's login does not come so.
    let node = scene.server.url("");
    let now = scene.server.clock().now();
    let begun = scene.corp.begin(&node, "", &Person::new("ann"), "_1", now).await;
    let begun = begun.expect("an answer");
    let response = scene.response(Some(&begun.request_id), "_1");
    let message = envelope(&begun.relay_state(), &response);
    let refused = scene.post(&message, &begun.cookie).await;
    assert_eq!(scene.refused(refused).await, "binding_not_allowed");
    // With it, a test login is still one of a browser.
    scene.admin.patch("orgs/corp/sso", json!({"ecp": true})).await;
    let refused = scene.ask("?test=1", &BOTH).await;
    assert_eq!(scene.refused(refused).await, "binding_not_allowed");
    let unknown = Client::new().get(scene.server.url("/sso/nobody/login"));
    let unknown = unknown.header(ACCEPT, BOTH[0].1).header("PAOS", PAOS).send().await;
    assert_eq!(unknown.expect("an answer").status(), StatusCode::NOT_FOUND);
}
