//! What a browser may do with a response.

use crate::scene::{NOW, Scene, outcome, refused};
use sso_core::connection::Saml2Settings;
use sso_core::error::Code;
use sso_core::flow::{PostedResponse, StartLogin};
use sso_core::login::Outcome;
use sso_core::provisioning::ProfileField;
use sso_tests::{IdentityProvider, Person};
use std::sync::Arc;
use time::Duration;

#[tokio::test]
async fn a_response_signs_in_the_browser_that_asked() {
    let scene = Scene::new().await;
    let begun =
        scene.begin(StartLogin { return_to: Some("/app?x=1"), ..StartLogin::default() }).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    let person = scene.finish(&begun, &response).await.expect("signed in");
    assert_eq!(person.return_to.as_deref(), Some("https://sso.example/app?x=1"));
    assert_eq!(person.account.profile.text(ProfileField::FirstName), Some("ada"));

    let traces = scene.traces().await;
    let [trace] = &traces[..] else { panic!("one trace: {traces:?}") };
    assert_eq!(trace.outcome, Outcome::Accepted);
    assert_eq!(trace.account, Some(person.account.id));
    assert_eq!(trace.name_id.as_deref(), Some("ada-id"));
    let rules: Vec<&str> = trace.steps.iter().map(|step| &*step.rule).collect();
    for rule in ["destination", "signature_invalid", "recipient", "audience"] {
        assert!(rules.contains(&rule), "{rule} is not in {rules:?}");
    }
    assert!(trace.steps.iter().all(|step| step.ok));
}

#[tokio::test]
async fn the_same_response_signs_in_once() {
    let scene = Scene::new().await;
    let begun = scene.begin(StartLogin::default()).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    scene.finish(&begun, &response).await.expect("signed in");
    let again = scene.finish(&begun, &response).await;
    assert_eq!(refused(&scene, again).await, Code::Replayed);

    let other = scene.answer(&begun, &Person::new("ada"));
    let second = scene.finish(&begun, &other).await;
    assert_eq!(refused(&scene, second).await, Code::RequestAlreadyUsed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_posts_at_once_one_signs_in() {
    let scene = Arc::new(Scene::new().await);
    let begun = scene.begin(StartLogin::default()).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (scene, begun, response) = (Arc::clone(&scene), begun.clone(), response.clone());
        posts.spawn(async move {
            scene.finish(&begun, &response).await.map_err(|refusal| refusal.rejection.code)
        });
    }
    let ended = posts.join_all().await;
    assert_eq!(ended.iter().filter(|end| end.is_ok()).count(), 1);
    assert!(ended.iter().filter_map(|end| end.as_ref().err()).all(|code| *code == Code::Replayed));
}

#[tokio::test]
async fn a_response_is_held_to_the_browser_that_began() {
    let scene = Scene::new().await;
    let begun = scene.begin(StartLogin::default()).await;
    let other = scene.begin(StartLogin::default()).await;
    assert_ne!(begun.cookie, other.cookie);
    let response = scene.answer(&begun, &Person::new("ada"));
    let posted = PostedResponse {
        org: "corp",
        saml_response: &response,
        relay_state: Some(&begun.relay_state),
        ..PostedResponse::default()
    };
    for browser in [None, Some(other.cookie.as_str()), Some(""), Some("rubbish")] {
        let ended = scene.post(PostedResponse { browser, ..posted }).await;
        assert_eq!(refused(&scene, outcome(ended)).await, Code::BrowserMismatch, "{browser:?}");
    }
    // It was used by none of them.
    let own = PostedResponse { browser: Some(&begun.cookie), ..posted };
    outcome(scene.post(own).await).expect("signed in");
}

#[tokio::test]
async fn the_relay_state_comes_back_or_stays_away() {
    let scene = Scene::new().await;
    let begun = scene.begin(StartLogin::default()).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    let posted = PostedResponse {
        org: "corp",
        saml_response: &response,
        relay_state: Some("another"),
        browser: Some(&begun.cookie),
        ..PostedResponse::default()
    };
    let ended = scene.post(posted).await;
    assert_eq!(refused(&scene, outcome(ended)).await, Code::RelayStateMismatch);
    outcome(scene.post(PostedResponse { relay_state: None, ..posted }).await).expect("signed in");
}

#[tokio::test]
async fn a_login_waits_ten_minutes() {
    let scene = Scene::new().await;
    let late = scene.begin(StartLogin::default()).await;
    let in_time = scene.begin(StartLogin::default()).await;
    scene.clock.set(NOW + Duration::minutes(10) - Duration::seconds(1));
    let response = scene.answer(&in_time, &Person::new("ada"));
    scene.finish(&in_time, &response).await.expect("signed in");
    scene.clock.set(NOW + Duration::minutes(10));
    let response = scene.answer(&late, &Person::new("ada"));
    let ended = scene.finish(&late, &response).await;
    assert_eq!(refused(&scene, ended).await, Code::RequestExpired);
}

#[tokio::test]
async fn a_response_to_nothing_is_refused() {
    let scene = Scene::new().await;
    let begun = scene.begin(StartLogin::default()).await;
    let person = Person::new("ada");
    for (request_id, code) in
        [(None, Code::UnsolicitedNotAllowed), (Some("_never-asked"), Code::InResponseTo)]
    {
        let response = scene.response(request_id, &person);
        let ended = scene.finish(&begun, &response).await;
        assert_eq!(refused(&scene, ended).await, code);
    }
}

/// ATTACKS REPLAY-03, TEN-01: what answers one organization's login is nothing at another's door.
#[tokio::test]
async fn a_response_is_no_good_at_another_organization() {
    let scene = Scene::new().await;
    scene.make_org("other", "other.example").await;
    scene.connect_org("other", IdentityProvider::settings(), &[scene.idp.certificate()]).await;
    let begun = scene.begin(StartLogin::default()).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    let posted = PostedResponse {
        org: "other",
        saml_response: &response,
        relay_state: Some(&begun.relay_state),
        browser: Some(&begun.cookie),
        ..PostedResponse::default()
    };
    let refusal = outcome(scene.post(posted).await).expect_err("a refusal");
    assert_eq!(refusal.rejection.code, Code::InResponseTo);
    outcome(scene.post(PostedResponse { org: "CORP.example", ..posted }).await).expect("signed in");
}

#[tokio::test]
async fn a_refusal_goes_where_the_connection_says() {
    let scene = Scene::without_connection().await;
    let error_url = "https://corp.example/failed?from=sso".parse().ok();
    let settings = Saml2Settings { error_url, ..IdentityProvider::settings() };
    scene.connect(settings, &[scene.idp.certificate()]).await;
    let begun = scene.begin(StartLogin::default()).await;
    let refusal = scene.finish(&begun, "rubbish!").await.expect_err("a refusal");
    assert_eq!(refusal.rejection.code, Code::NotBase64);
    let url = refusal.error_url.expect("an address");
    assert_eq!(url.as_str(), "https://corp.example/failed?from=sso");
}

/// Anybody can post rubbish, and a trace is a write.
#[tokio::test]
async fn traces_of_rubbish_are_kept_up_to_a_number() {
    let scene = Scene::new().await;
    let begun = scene.begin(StartLogin::default()).await;
    for _ in 0..150 {
        scene.finish(&begun, "rubbish!").await.expect_err("a refusal");
    }
    assert_eq!(scene.traces().await.len(), 120);
    assert_eq!(scene.bridge.dropped_traces(), 30);
}
