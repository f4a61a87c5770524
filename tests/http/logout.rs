//! Single logout over HTTP with an identity provider that says whatever it likes (SPEC 5.3, ATTACKS 12): the
//! session here ends first and in any case, and by nothing but what is signed.

mod scene;

use reqwest::StatusCode;
use reqwest::header::CONTENT_SECURITY_POLICY;
use scene::{ANN, IDP, LOGOUT_URL, RESPONSE_URL, SLO, Scene, location, refused, sets_cookie, told};
use serde_json::json;
use sso_core::bindings::redirect::RedirectQuery;
use sso_core::bindings::{Message, Parameter, post, soap};
use sso_core::dsig::{self, SigningKey};
use sso_core::login::Trace;
use sso_core::logout::{LogoutParty, ReceivedLogout, verify_request, verify_response};
use sso_tests::{
    BEGINNING, IdentityProvider, LogoutMessage, Person, SeededRandom, TestKey, logout_query,
};
use time::Duration;

#[tokio::test]
async fn the_identity_provider_ends_the_sessions_that_it_names() {
    let scene = Scene::new().await;
    let first = scene.sign_in("ann", "_a1").await;
    let second = scene.sign_in("ann", "_a2").await;
    let bob = scene.sign_in("bob", "_b1").await;

    // One of them by its index, brought by a browser that has no cookie of ours.
    let subject = format!("{ANN}<samlp:SessionIndex>_a1-session</samlp:SessionIndex>");
    let query = scene.request("_l1", &subject);
    let answer = scene.bring(&query, "").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert!(!sets_cookie(&answer), "it is not this browser's session");
    assert!(!scene.is_live(&first).await && scene.is_live(&second).await);

    // Our answer: to the address for answers, signed, with their RelayState.
    let to = location(&answer);
    assert!(to.as_str().starts_with(RESPONSE_URL), "{to}");
    let came = RedirectQuery::receive(to.query().expect("a query")).expect("a message");
    assert_eq!((came.parameter(), came.relay_state()), (Parameter::Response, Some("theirs")));
    let (us, message) = (scene.us(), came.message().expect("XML"));
    let party = LogoutParty {
        party: &us,
        issuer_alias: &[],
        address: Some(RESPONSE_URL),
        now: scene.now(),
    };
    let received = ReceivedLogout::Query(&message);
    let verified = verify_response(received, &party, "_l1", &mut Trace::off());
    assert!(!verified.expect("a good answer").is_partial());

    // The same again ends nothing.
    let third = scene.sign_in("ann", "_a1-again").await;
    let replayed = scene.bring(&query, "").await;
    refused(&scene, replayed, "replayed").await;
    assert!(scene.is_live(&third).await);

    // All of them, brought by the browser of one.
    let answer = scene.bring(&scene.request("_l2", ANN), &second).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert!(sets_cookie(&answer), "its cookie is taken away");
    assert!(!scene.is_live(&second).await && !scene.is_live(&third).await);
    assert!(scene.is_live(&bob).await);
    // Nobody of that name is signed in any more: it is done.
    let answer = scene.bring(&scene.request("_l3", ANN), &bob).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert!(!sets_cookie(&answer) && scene.is_live(&bob).await);
}

#[tokio::test]
async fn nothing_else_ends_a_session() {
    let scene = Scene::new().await;
    let session = scene.sign_in("ann", "_a1").await;
    let foreign = IdentityProvider::new(BEGINNING, &SeededRandom::new(7));
    let request = scene.message("_l1").request(ANN);
    let with = |part: &str, other: &str| {
        assert!(request.contains(part), "{part}");
        scene.signed_query(Parameter::Request, &request.replacen(part, other, 1), None)
    };
    let old = (scene.now() - Duration::minutes(8)).date().to_string();
    let now = scene.now().date().to_string();
    for (query, code) in [
        (logout_query(Parameter::Request, &request, None, None), "unsigned"),
        (
            logout_query(Parameter::Request, &request, None, Some(foreign.key())),
            "signature_invalid",
        ),
        (with(SLO, "https://sso.example/saml/other/slo"), "destination"),
        (with(IDP, "https://other-idp.example/"), "issuer"),
        (with(&format!("{now}T03:04"), &format!("{old}T02:56")), "too_old"),
        (with("ID=", "InResponseTo=\"_x\" ID="), "in_response_to"),
    ] {
        refused(&scene, scene.bring(&query, &session).await, code).await;
        assert!(scene.is_live(&session).await, "{code}");
    }
    // Of another person, format or qualifier: answered, and nobody's session ends.
    for (n, (part, other)) in [
        ("ann-id", "Ann-id"),
        ("persistent", "transient"),
        ("<saml:NameID", "<saml:NameID NameQualifier=\"https://idp.example/\""),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("_other{n}");
        let query = scene.request(&id, &ANN.replacen(part, other, 1));
        assert_eq!(scene.bring(&query, &session).await.status(), StatusCode::SEE_OTHER);
        assert!(scene.is_live(&session).await, "{other}");
    }
    // Another organization's identity provider, at its own address.
    let other = json!({"name": "other", "domains": ["other.example"]});
    scene.admin.create("orgs", other).await;
    let metadata = sso_tests::IdpMetadata::of(&[&foreign]).document();
    scene.admin.post_xml("orgs/other/sso/metadata", metadata).await;
    let slo = "https://sso.example/saml/other/slo";
    let request = LogoutMessage { destination: slo, ..scene.message("_l9") }.request(ANN);
    let query = logout_query(Parameter::Request, &request, None, Some(foreign.key()));
    let answer = scene.get(&format!("/saml/other/slo?{query}"), &session).await;
    assert_eq!(answer.status(), StatusCode::OK, "it is done there, with no way to answer");
    assert!(scene.is_live(&session).await);
    // The control.
    assert_eq!(scene.bring(&scene.request("_l1", ANN), "").await.status(), StatusCode::SEE_OTHER);
    assert!(!scene.is_live(&session).await);
    // What is no message.
    for query in ["", "RelayState=x"] {
        assert_eq!(scene.bring(query, "").await.status(), StatusCode::BAD_REQUEST, "{query}");
    }
}

/// What the identity provider may answer to a logout that began here, and what the person is told.
#[tokio::test]
async fn whatever_is_answered_the_person_is_signed_out_and_told() {
    let scene = Scene::new().await;
    scene.set(json!({"logout_issuer_alias": ["https://login.idp.example/"]})).await;
    let foreign = IdentityProvider::new(BEGINNING, &SeededRandom::new(7));
    let mut n = 0;
    let begin = async || {
        n += 1;
        let session = scene.sign_in("ann", &format!("_a{n}")).await;
        scene.begin(&session, "/login").await
    };
    let answered =
        |message: LogoutMessage<'_>, request: &str, status: &str, key: Option<&SigningKey>| {
            logout_query(Parameter::Response, &message.response(request, status), None, key)
        };
    let key = scene.corp.idp.key();
    let mut begin = begin;

    // Success, under its own name and the other that was granted.
    for issuer in [IDP, "https://login.idp.example/"] {
        let (request, _) = begin().await;
        let message = LogoutMessage { issuer, ..scene.message("_r") };
        let good = answered(message, &request, "Success", Some(key));
        let end = scene.bring(&good, "").await;
        assert_eq!(end.status(), StatusCode::SEE_OTHER, "{issuer}");
        assert_eq!(location(&end).as_str(), "https://sso.example/login");
        // Twice: it is over, and the second answer is of no use.
        let again = scene.bring(&good, "").await;
        told(again, "Not confirmed", "request_already_used").await;
    }
    // Not everywhere.
    let (request, state) = begin().await;
    let partial = scene.message("_r").response(&request, "Success").replace(
        ":Success\"/>",
        ":Success\"><samlp:StatusCode \
         Value=\"urn:oasis:names:tc:SAML:2.0:status:PartialLogout\"/></samlp:StatusCode>",
    );
    let partial = scene.signed_query(Parameter::Response, &partial, Some(&state));
    told(scene.bring(&partial, "").await, "Signed out, but not everywhere", "").await;
    // Everything else.
    let (request, state) = begin().await;
    let other = LogoutMessage { issuer: "https://other-idp.example/", ..scene.message("_r") };
    let good = scene.message("_r").response(&request, "Success");
    for (query, code) in [
        (answered(scene.message("_r"), &request, "Responder", Some(key)), "status_not_success"),
        (answered(other, &request, "Success", Some(key)), "issuer"),
        (answered(scene.message("_r"), &request, "Success", None), "response_rejected"),
        (
            answered(scene.message("_r"), &request, "Success", Some(foreign.key())),
            "response_rejected",
        ),
        (
            scene.signed_query(Parameter::Response, &good, Some("https://evil.example/")),
            "relay_state_mismatch",
        ),
    ] {
        told(scene.bring(&query, "").await, "Not confirmed", code).await;
    }
    // None of these used the logout up.
    let good = scene.signed_query(Parameter::Response, &good, Some(&state));
    assert_eq!(scene.bring(&good, "").await.status(), StatusCode::SEE_OTHER);
    // An answer to what was not asked is no sign-out.
    let injected = answered(scene.message("_r"), "_injected", "Success", Some(key));
    refused(&scene, scene.bring(&injected, "").await, "in_response_to").await;
    // Too late.
    let (request, _) = begin().await;
    scene.server.clock().advance(Duration::minutes(10));
    let late = answered(scene.message("_r"), &request, "Success", Some(key));
    told(scene.bring(&late, "").await, "Not confirmed", "request_expired").await;
}

#[tokio::test]
async fn a_request_of_ours_names_the_person_as_the_assertion_did() {
    let scene = Scene::new().await;
    for binding in ["redirect", "post"] {
        scene.set(json!({"slo_binding": binding})).await;
        let session = scene.sign_in("ann", &format!("_{binding}")).await;
        let left = scene.get("/sso/corp/logout", &session).await;
        let us = scene.us();
        let party = LogoutParty {
            party: &us,
            issuer_alias: &[],
            address: Some(LOGOUT_URL),
            now: scene.now(),
        };
        let read = |received: ReceivedLogout<'_>| {
            verify_request(received, &party, &mut Trace::off()).expect("a good request")
        };
        let request = if binding == "redirect" {
            let to = location(&left);
            let query = RedirectQuery::receive(to.query().expect("a query")).expect("a message");
            read(ReceivedLogout::Query(&query.message().expect("XML")))
        } else {
            let body = left.text().await.expect("a page");
            let field = body.split("name=\"SAMLRequest\" value=\"").nth(1).expect("the field");
            let field = field.split('"').next().expect("its value").replace("&#43;", "+");
            let inbound = post::decode(&field.replace("&#x3d;", "="), None).expect("base64");
            let message = Message::parse(inbound.xml()).expect("XML");
            read(ReceivedLogout::Form(&message))
        };
        assert_eq!(request.name_id().value, "ann-id", "{binding}");
        assert_eq!(
            request.name_id().format.as_deref(),
            Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent")
        );
        assert_eq!(request.session_indexes(), [format!("_{binding}-session")]);
    }
    // Without a session nobody is asked.
    let end = scene.get("/sso/corp/logout?return_to=/login", "").await;
    assert_eq!(location(&end).as_str(), "https://sso.example/login");
}

#[tokio::test]
async fn a_logout_names_every_session_and_us_as_the_login_did() {
    let scene = Scene::new().await;
    let ann = Person::new("ann").in_session("_desk").in_session("_phone");
    // Each of them ends it when the identity provider asks.
    for index in ["_desk", "_phone"] {
        let session = scene.sign_in_as(&ann, &format!("_a{index}")).await;
        let named = |index: &str| format!("{ANN}<samlp:SessionIndex>{index}</samlp:SessionIndex>");
        let other = scene.request(&format!("_other{index}"), &named("_another"));
        scene.bring(&other, "").await;
        assert!(scene.is_live(&session).await);
        scene.bring(&scene.request(&format!("_l{index}"), &named(index)), "").await;
        assert!(!scene.is_live(&session).await, "{index}");
    }

    // Ours names all of them, and us as the identity provider knew us.
    let session = scene.sign_in_as(&ann, "_a1").await;
    scene.set(json!({"sp_entity_id": "https://sso.example/renamed"})).await;
    let left = location(&scene.get("/sso/corp/logout", &session).await);
    let query = RedirectQuery::receive(left.query().expect("a query")).expect("a message");
    let (message, us) = (query.message().expect("XML"), scene.us());
    let (address, now) = (Some(LOGOUT_URL), scene.now());
    let party = LogoutParty { party: &us, issuer_alias: &[], address, now };
    let request = verify_request(ReceivedLogout::Query(&message), &party, &mut Trace::off());
    let request = request.expect("a good request, of the issuer that the login named");
    assert_eq!(request.session_indexes(), ["_a1-session", "_desk", "_phone"]);
}

#[tokio::test]
async fn a_form_is_answered_in_the_identity_providers_frame() {
    let scene = Scene::new().await;
    scene.set(json!({"slo_binding": "post"})).await;
    let session = scene.sign_in("ann", "_a1").await;
    let signed = dsig::sign_message(&scene.message("_l1").request(ANN), scene.corp.idp.key());
    let field = base64(&signed.expect("signed"));
    let long = "s".repeat(81);
    let answer =
        scene.post_form(&[("SAMLRequest", field.as_str()), ("RelayState", long.as_str())]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!scene.is_live(&session).await);
    let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
    assert!(policy.contains("frame-ancestors https://idp.example;"), "{policy}");
    let body = answer.text().await.expect("a page");
    assert!(body.contains("name=\"SAMLResponse\"") && body.contains(RESPONSE_URL), "{body}");
    assert!(!body.contains(&long), "a RelayState of more than 80 bytes is not sent back");

    let both = scene.post_form(&[("SAMLRequest", field.as_str()), ("SAMLResponse", "x")]).await;
    assert_eq!(both.status(), StatusCode::BAD_REQUEST);
    assert_eq!(scene.post_form(&[("RelayState", "x")]).await.status(), StatusCode::BAD_REQUEST);
    // Every other answer is framed by nobody.
    let refused = scene.bring("", "").await;
    let policy = refused.headers()[CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[tokio::test]
async fn a_server_asks_in_envelopes_and_is_answered_in_one() {
    let scene = Scene::new().await;
    let session = scene.sign_in("ann", "_a1").await;
    let message = |destination: &'static str| {
        LogoutMessage { destination, ..scene.message("_l1") }.request(ANN)
    };
    let here = message("https://sso.example/saml/corp/slo/soap");
    let signed = |message: &str, key: &SigningKey| {
        soap::envelope(&dsig::sign_message(message, key).expect("signed"))
    };
    let key = scene.corp.idp.key();
    let foreign = TestKey::rsa(2048).signing();
    for (envelope, code) in [
        (soap::envelope(&here), "response_rejected"),
        (signed(&here, &foreign), "response_rejected"),
        (signed(&message(SLO), key), "destination"),
        ("<x/>".to_owned(), "response_rejected"),
    ] {
        let (status, body) = scene.post_envelope(envelope, "text/xml").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{body}");
        assert!(body.contains("Fault") && body.contains(code), "{body}");
        assert!(scene.is_live(&session).await, "{code}");
    }
    let (status, body) = scene.post_envelope(signed(&here, key), "application/json").await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{body}");

    let (status, body) = scene.post_envelope(signed(&here, key), "text/xml; charset=utf-8").await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(!scene.is_live(&session).await);
    let (us, envelope) = (scene.us(), soap::Envelope::parse(body.as_bytes()).expect("XML"));
    let party = LogoutParty { party: &us, issuer_alias: &[], address: None, now: scene.now() };
    let received = ReceivedLogout::Soap(&envelope);
    verify_response(received, &party, "_l1", &mut Trace::off()).expect("a good answer");
}

#[tokio::test]
async fn an_identity_provider_that_is_not_there_keeps_nobody_signed_in() {
    let scene = Scene::new().await;
    // Loopback is no address that the service asks.
    scene.set(json!({"slo_binding": "soap", "logout_url": "https://127.0.0.1:9/slo"})).await;
    let session = scene.sign_in("ann", "_a1").await;
    let end = scene.get("/sso/corp/logout?return_to=/login", &session).await;
    assert!(!scene.is_live(&session).await);
    told(end, "Not confirmed", "no_answer").await;

    // Nor does one that cannot be told, for want of a certificate that signs.
    let scene = Scene::without_certificate().await;
    let session = scene.sign_in("ann", "_a1").await;
    let end = scene.get("/sso/corp/logout?return_to=/login", &session).await;
    assert!(!scene.is_live(&session).await);
    told(end, "Not confirmed", "connection_incomplete").await;
}

#[tokio::test]
async fn no_logout_leaves_the_allow_list() {
    let scene = Scene::new().await;
    for (n, target) in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https://sso.example@evil.example/",
        "https://sso.example.evil.example/",
    ]
    .into_iter()
    .enumerate()
    {
        let session = scene.sign_in("ann", &format!("_a{n}")).await;
        let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        let (request, state) = scene.begin(&session, &target).await;
        let answer = scene.message("_r").response(&request, "Success");
        let answer = scene.signed_query(Parameter::Response, &answer, Some(&state));
        let end = scene.bring(&answer, "").await;
        assert_eq!(end.status(), StatusCode::OK, "{target}");
        let body = end.text().await.expect("a page");
        assert!(!body.contains("evil") && !body.contains("javascript"), "{body}");
    }
}
