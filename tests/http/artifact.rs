//! The artifact binding over HTTP with an identity provider that answers whatever it likes (SPEC 5.5;
//! ATTACKS ART-01, MD-04): what signs in, what refuses, and whether anybody is asked at all.

mod scene;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode};
use scene::{Host, IDP, Says, Scene, artifact, location, query, unsigned};
use serde_json::{Value, json};
use sso_core::bindings::soap;
use sso_core::dsig::{self, Policy};
use sso_core::xml::{Document, Limits, ns};
use sso_tests::{
    BEGINNING, Corp, Engine, IdentityProvider, Person, SeededRandom, TestServer, cookie,
};
use std::collections::BTreeSet;
use std::sync::Arc;

#[tokio::test]
async fn an_artifact_signs_in_by_query_and_by_form() {
    let scene = Scene::new().await;
    let artifact = artifact(IDP, 0);
    for (way, signs) in [("query", false), ("query", true), ("form", false)] {
        let (begun, response) = scene.begin(&format!("_{way}_{signs}")).await;
        scene.gives(&response, signs.then(|| scene.second.clone()), |it| it);
        let state = begun.relay_state();
        let end = match way {
            "query" => scene.bring(&artifact, Some(&state), &begun.cookie).await,
            _ => {
                let form = query(&artifact, Some(&state));
                let node = scene.server.url("");
                scene.corp.post(&node, &begun.cookie, &form).await.expect("an answer")
            }
        };
        assert_eq!(location(&end), "https://sso.example/app", "{way}");
        let session = scene.corp.get(&scene.server.url("/session"), &cookie(end.headers())).await;
        assert_eq!(session.expect("an answer").status(), StatusCode::OK, "{way}");
        let trace = scene.admin.get("orgs/corp/logins?limit=1").await["items"][0].clone();
        assert_eq!((&trace["outcome"], &trace["name_id"]), (&json!("accepted"), &json!("ann-id")));

        // We asked once, by a request that is signed, for this artifact.
        let asked = scene.host.asked();
        let [envelope] = asked.as_slice() else { panic!("{asked:?}") };
        let document = Document::parse(envelope.as_bytes(), &Limits::MESSAGE).expect("XML");
        let mut inside = document.root().descendants();
        let resolve = inside.find(|it| it.is(ns::SAMLP, "ArtifactResolve")).expect("the request");
        let signature = dsig::signature_of(resolve).expect("in its place").expect("a signature");
        let (grants, now) = (BTreeSet::new(), scene.now());
        let policy = Policy { grants: &grants, now, enforce_certificate_validity: true };
        dsig::verify(&signature, &scene.ours, &policy).expect("ours");
        assert_eq!(resolve.attribute("Destination"), Some(scene.host.url().as_str()));
        let text = |namespace: &str, name: &str| {
            let child = resolve.required_child(namespace, name).expect("the child");
            child.text().expect("text").into_owned()
        };
        assert_eq!(text(ns::SAMLP, "Artifact"), artifact);
        assert_eq!(text(ns::SAML, "Issuer"), "https://sso.example/saml/corp/metadata");
    }
}

#[tokio::test]
async fn what_is_around_the_message_can_refuse_it_and_vouches_for_nothing() {
    let scene = Scene::new().await;
    let idp = || Some(scene.second.clone());
    let mallory = || Some(Arc::new(IdentityProvider::new(BEGINNING, &SeededRandom::new(66))));
    let replaced = |from: &'static str, to: &'static str| {
        move |answer: String| {
            assert!(answer.contains(from), "{from}: {answer}");
            answer.replacen(from, to, 1)
        }
    };
    type Change = Box<dyn Fn(String) -> String + Send>;
    type Case = (&'static str, fn(&str) -> String, Option<Arc<IdentityProvider>>, Change);
    let as_it_is: fn(&str) -> String = str::to_owned;
    let issuer = "<saml:Issuer>https://idp.example/</saml:Issuer>";
    let cases: Vec<Case> = vec![
        // The answer is another's, or to another request.
        (
            "in_response_to",
            as_it_is,
            None,
            Box::new(|answer| {
                let (before, rest) = answer.split_once("InResponseTo=\"").expect("one");
                format!("{before}InResponseTo=\"_another{rest}")
            }),
        ),
        (
            "in_response_to",
            as_it_is,
            idp(),
            Box::new(|answer| {
                let (before, rest) = answer.split_once(" InResponseTo=\"").expect("one");
                before.to_owned() + rest.split_once('"').expect("its end").1
            }),
        ),
        ("issuer", as_it_is, None, Box::new(replaced("idp.example/<", "idp.example<"))),
        ("issuer", as_it_is, idp(), Box::new(replaced(issuer, ""))),
        ("version", as_it_is, None, Box::new(replaced("\"2.0\"", "\"2.1\""))),
        (
            "status_not_success",
            as_it_is,
            None,
            Box::new(replaced("status:Success", "status:Responder")),
        ),
        // A signature around it holds, if there is one; and none of it counts for what is inside.
        ("untrusted_key", as_it_is, mallory(), Box::new(|it| it)),
        ("unsigned", unsigned, None, Box::new(|it| it)),
        ("unsigned", unsigned, idp(), Box::new(|it| it)),
        (
            "issuer",
            |response| response.replacen("https://idp.example/<", "https://other.example/<", 1),
            idp(),
            Box::new(|it| it),
        ),
        (
            "digest_mismatch",
            |response| response.replace(">ann-id<", ">eve-id<"),
            idp(),
            Box::new(|it| it),
        ),
        // Something else stands inside, or beside.
        ("artifact_unknown", |_| String::new(), idp(), Box::new(|it| it)),
        (
            "unexpected_message",
            |response| response.replace("samlp:Response", "samlp:LogoutResponse"),
            idp(),
            Box::new(|it| it),
        ),
        (
            "schema_violation",
            |response| response.replace("_r", "_s") + "<x/>",
            None,
            Box::new(|it| it),
        ),
        (
            "assertion_nested",
            as_it_is,
            None,
            Box::new(replaced(
                "<samlp:Status>",
                "<samlp:Extensions><saml:Assertion/></samlp:Extensions><samlp:Status>",
            )),
        ),
        (
            "signature_position",
            as_it_is,
            None,
            Box::new(replaced(
                "<samlp:Status>",
                "<samlp:Extensions><x><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>\
                 </x></samlp:Extensions><samlp:Status>",
            )),
        ),
        (
            "unexpected_message",
            as_it_is,
            None,
            Box::new(replaced("ArtifactResponse", "ArtifactReply")),
        ),
    ];
    for (number, (code, inside, signer, change)) in cases.into_iter().enumerate() {
        let (begun, response) = scene.begin(&format!("_case{number}")).await;
        let change = move |answer: String| {
            let answer = change(answer);
            // The name of the last element, where the first was changed.
            answer.replace(
                "</samlp:ArtifactResponse>",
                match answer.contains("<samlp:ArtifactReply") {
                    true => "</samlp:ArtifactReply>",
                    false => "</samlp:ArtifactResponse>",
                },
            )
        };
        scene.gives(&inside(&response), signer, change);
        let state = begun.relay_state();
        let refused = scene.bring(&artifact(IDP, 0), Some(&state), &begun.cookie).await;
        assert_eq!(scene.refused(refused).await, code, "case {number}");
        // The same login with the defect repaired.
        scene.gives(&response, None, |it| it);
        let end = scene.bring(&artifact(IDP, 0), Some(&state), &begun.cookie).await;
        assert_eq!(location(&end), "https://sso.example/app", "case {number}");
    }
}

#[tokio::test]
async fn whatever_else_the_host_does_signs_nobody_in() {
    let scene = Scene::new().await;
    let (begun, response) = scene.begin("_1").await;
    let state = begun.relay_state();
    let envelope = |text: &'static str| Says::Envelope(Box::new(move |_| text.to_owned()));
    for (code, says) in [
        ("not_well_formed", envelope("")),
        ("not_well_formed", envelope("<html>")),
        ("unexpected_message", envelope("<html/>")),
        ("doctype_forbidden", envelope("<!DOCTYPE html><html/>")),
        ("unexpected_message", Says::Envelope(Box::new(|_| soap::fault("unknown")))),
        ("unexpected_message", Says::Envelope(Box::new(|_| soap::envelope("")))),
        ("not_well_formed", Says::Redirect),
        ("no_answer", Says::Envelope(Box::new(|_| " ".repeat(Limits::MESSAGE.bytes + 1)))),
        ("no_answer", Says::Endless),
    ] {
        scene.host.says(says);
        let refused = scene.bring(&artifact(IDP, 0), Some(&state), &begun.cookie).await;
        assert_eq!(scene.refused(refused).await, code);
        assert_eq!(scene.host.asked().len(), 1, "once, and not where it leads");
    }
    scene.gives(&response, None, |it| it);
    let end = scene.bring(&artifact(IDP, 0), Some(&state), &begun.cookie).await;
    assert_eq!(location(&end), "https://sso.example/app");
}

#[tokio::test]
async fn a_host_that_never_answers_is_not_waited_for() {
    let scene = Scene::new().await;
    let (begun, _) = scene.begin("_1").await;
    scene.host.says(Says::Silent);
    let state = begun.relay_state();
    let refused = scene.bring(&artifact(IDP, 0), Some(&state), &begun.cookie).await;
    assert_eq!(scene.refused(refused).await, "no_answer");
}

#[tokio::test]
async fn nobody_is_asked_for_what_cannot_be_ours() {
    let scene = Scene::new().await;
    let (begun, response) = scene.begin("_1").await;
    let state = begun.relay_state();
    scene.gives(&response, None, |it| it);
    let good = artifact(IDP, 0);
    let mut other_type = STANDARD.decode(&good).expect("base64");
    other_type[1] = 1;
    for (code, artifact, cookie) in [
        ("issuer", artifact("https://other.example/", 0), begun.cookie.as_str()),
        ("artifact_invalid", STANDARD.encode(other_type), &begun.cookie),
        ("artifact_invalid", good[..56].to_owned(), &begun.cookie),
        ("artifact_invalid", "<x/>".to_owned(), &begun.cookie),
        ("missing_message", String::new(), &begun.cookie),
        ("browser_mismatch", good.clone(), ""),
        ("browser_mismatch", good.clone(), "__Host-sso_login=guessed"),
        // As our own are made, but no login was begun with it.
        ("in_response_to", good.clone(), &another(&begun.cookie)),
    ] {
        let refused = scene.bring(&artifact, Some(&state), cookie).await;
        assert_eq!(scene.refused(refused).await, code, "{artifact}");
        assert_eq!(scene.host.asked(), [""; 0], "{artifact}");
    }
    // What looks at links uses nothing up.
    let url = scene.server.url(&format!("/saml/corp/acs?{}", query(&good, Some(&state))));
    let head = sso_tests::browser().request(Method::HEAD, &url).send().await.expect("an answer");
    assert_eq!(head.status(), StatusCode::METHOD_NOT_ALLOWED);
    let twice = format!("{url}&SAMLart=x");
    let twice = scene.corp.get(&twice, &begun.cookie).await.expect("an answer");
    assert_eq!(twice.status(), StatusCode::BAD_REQUEST);
    // A connection that did not ask for one takes none.
    scene.admin.patch("orgs/corp/sso", json!({"response_binding": "post"})).await;
    let refused = scene.bring(&good, Some(&state), &begun.cookie).await;
    assert_eq!(scene.refused(refused).await, "binding_not_allowed");
    assert_eq!(scene.host.asked(), [""; 0]);
    scene.admin.patch("orgs/corp/sso", json!({"response_binding": "artifact"})).await;
    let end = scene.bring(&good, Some(&state), &begun.cookie).await;
    assert_eq!(location(&end), "https://sso.example/app");
}

/// A cookie like this one, with another value.
fn another(cookie: &str) -> String {
    let (name, value) = cookie.split_once('=').expect("a cookie");
    let first = if value.starts_with('A') { "B" } else { "A" };
    format!("{name}={first}{}", &value[1..])
}

#[tokio::test]
async fn a_response_by_artifact_is_held_to_its_login_and_used_once() {
    let scene = Scene::new().await;
    let good = artifact(IDP, 0);
    let (begun, response) = scene.begin("_1").await;
    let (other, _) = scene.begin("_2").await;
    let state = begun.relay_state();
    scene.gives(&response, None, |it| it);
    // Another browser; the RelayState of another login.
    let refused = scene.bring(&good, Some(&state), &other.cookie).await;
    assert_eq!(scene.refused(refused).await, "browser_mismatch");
    let refused = scene.bring(&good, Some(&other.relay_state()), &begun.cookie).await;
    assert_eq!(scene.refused(refused).await, "relay_state_mismatch");
    let end = scene.bring(&good, None, &begun.cookie).await;
    assert_eq!(location(&end), "https://sso.example/app");
    // A host that gives the message again, and an answer of it to another login.
    let refused = scene.bring(&good, Some(&state), &begun.cookie).await;
    assert_eq!(scene.refused(refused).await, "replayed");
    scene.gives(&scene.response(&begun.request_id, "_3"), None, |it| it);
    let refused = scene.bring(&good, Some(&state), &begun.cookie).await;
    assert_eq!(scene.refused(refused).await, "request_already_used");
}

#[tokio::test]
async fn an_artifact_that_nobody_asked_for_begins_a_login_or_nothing() {
    let scene = Scene::new().await;
    let good = artifact(IDP, 0);
    let (begun, _) = scene.begin("_1").await;
    let eve = scene.corp.idp.response(&Person::new("eve"), None, "_eve", scene.now());
    scene.gives(&eve, None, |it| it);
    let refused = scene.bring(&good, None, &begun.cookie).await;
    assert_eq!(scene.refused(refused).await, "unsolicited_not_allowed");
    for way in ["restart", "accept"] {
        scene.admin.patch("orgs/corp/sso", json!({"idp_initiated": way})).await;
        scene.host.asked();
        for (cookie, asked) in [(begun.cookie.as_str(), 1), ("", 0)] {
            let left = scene.bring(&good, Some("/app"), cookie).await;
            assert!(location(&left).starts_with("https://idp.example/sso?SAMLRequest="), "{way}");
            assert_eq!(scene.host.asked().len(), asked, "{way}");
            let now = scene.now();
            let id = format!("_{way}{asked}");
            let again = scene.corp.answer(left.headers(), &Person::new("ann"), &id, now);
            scene.gives(&scene.response(&again.request_id, &id), None, |it| it);
            let state = again.relay_state();
            let end = scene.bring(&good, Some(&state), &again.cookie).await;
            assert_eq!(location(&end), "https://sso.example/app", "{way}");
            scene.host.asked();
            // And not round for ever, where the answer to that names no request.
            scene.gives(&eve, None, |it| it);
            let refused = scene.bring(&good, Some(&state), &again.cookie).await;
            assert_eq!(scene.refused(refused).await, "restart_unanswered", "{way}");
            scene.host.asked();
        }
    }
}

#[tokio::test]
async fn the_service_that_an_artifact_names_is_asked() {
    let scene = Scene::new().await;
    let second = Host::start().await;
    let services = |indexes: [u16; 2]| {
        json!({"artifact_resolution_services": [
            {"index": indexes[0], "url": scene.host.url()},
            {"index": indexes[1], "url": second.url()},
        ]})
    };
    scene.admin.patch("orgs/corp/sso", services([3, 7])).await;
    let (begun, _) = scene.begin("_1").await;
    let state = begun.relay_state();
    for (index, asked) in [(3, (1, 0)), (7, (0, 1)), (0, (0, 0))] {
        let refused = scene.bring(&artifact(IDP, index), Some(&state), &begun.cookie).await;
        let code = if index == 0 { "connection_incomplete" } else { "not_well_formed" };
        assert_eq!(scene.refused(refused).await, code, "{index}");
        assert_eq!((scene.host.asked().len(), second.asked().len()), asked, "{index}");
    }
    let api = |fields: Value| scene.server.api(Method::PATCH, "orgs/corp/sso").json(&fields).send();
    for (code, fields) in [
        ("invalid_field", services([3, 3])),
        ("artifact_resolution_service_required", json!({"artifact_resolution_services": []})),
        ("invalid_field", json!({"sso_profile": "idp", "idp_initiated": "accept"})),
        (
            "invalid_field",
            json!({"artifact_resolution_services": [{"index": 0, "url": "ftp://idp.example/"}]}),
        ),
    ] {
        let refused = api(fields.clone()).await.expect("an answer");
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
        let problem: Value = refused.json().await.expect("JSON");
        assert_eq!(problem["code"], code, "{fields}");
    }
}

#[tokio::test]
async fn a_service_may_not_ask_what_it_may_not_reach() {
    let server = TestServer::start_at(Engine::Sqlite, Some(Corp::PUBLIC_URL)).await;
    let scene = Scene::on(server).await;
    let (begun, response) = scene.begin("_1").await;
    scene.gives(&response, None, |it| it);
    let state = begun.relay_state();
    let refused = scene.bring(&artifact(IDP, 0), Some(&state), &begun.cookie).await;
    assert_eq!(scene.refused(refused).await, "no_answer");
    assert_eq!(scene.host.asked(), [""; 0]);
}
