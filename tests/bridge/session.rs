//! How long a session lasts, and how it ends (SPEC 5.4).

use crate::scene::{NOW, Scene};
use sso_core::connection::{Saml2Settings, SingleLogout};
use sso_core::flow::{Ending, SignOut, SignedOut, StartLogin};
use sso_core::store::{Page, StoreError};
use sso_core::time::Clock as _;
use sso_tests::{IdentityProvider, Person};
use time::Duration;

#[tokio::test]
async fn a_session_ends_unused_and_in_any_case() {
    let scene = Scene::new().await;
    let person = scene.sign_in(&Person::new("ada")).await.expect("signed in");
    assert_eq!(person.expires_at, NOW + Duration::hours(24));
    assert!(!person.mobile);
    let live = async || {
        let found = scene.bridge.session(&person.session_token).await.expect("a store");
        found.map(|(_, account)| account.id)
    };
    for hours in [0, 7, 14, 21] {
        scene.clock.set(NOW + Duration::hours(hours));
        assert_eq!(live().await, Some(person.account.id), "after {hours} h, in use");
    }
    scene.clock.set(NOW + Duration::hours(24));
    assert_eq!(live().await, None, "after a day");

    scene.clock.set(NOW);
    let idle = scene.sign_in(&Person::new("bob")).await.expect("signed in");
    scene.clock.set(NOW + Duration::hours(8));
    assert!(scene.bridge.session(&idle.session_token).await.expect("a store").is_none());
}

#[tokio::test]
async fn a_session_ends_when_the_identity_provider_says_so() {
    let scene = Scene::new().await;
    let end = NOW + Duration::hours(1);
    let ada = Person { session_end: Some(end), ..Person::new("ada") };
    let person = scene.sign_in(&ada).await.expect("signed in");
    assert_eq!(person.expires_at, end);
    scene.clock.set(end);
    assert!(scene.bridge.session(&person.session_token).await.expect("a store").is_none());

    let later = Person { session_end: Some(end + Duration::days(9)), ..ada };
    let person = scene.sign_in(&later).await.expect("signed in");
    assert_eq!(person.expires_at, end + Duration::hours(24), "ours is earlier");
}

#[tokio::test]
async fn a_mobile_session_lasts_a_month() {
    let scene = Scene::new().await;
    let begun = scene.begin(StartLogin { mobile: true, ..StartLogin::default() }).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    let person = scene.finish(&begun, &response).await.expect("signed in");
    assert_eq!(person.expires_at, NOW + Duration::days(30));
    assert!(person.mobile);
}

#[tokio::test]
async fn signing_out_ends_the_session_whatever_else_is_asked() {
    let scene = Scene::new().await;
    let person = scene.sign_in(&Person::new("ada")).await.expect("signed in");
    let token = Some(person.session_token.as_str());
    let asked = SignOut { org: "nobody", session: token, return_to: Some("https://evil.example") };
    let out = scene.bridge.sign_out(asked).await.expect("a store");
    assert!(matches!(out, SignedOut::UnknownOrg), "{out:?}");
    assert!(scene.bridge.session(&person.session_token).await.expect("a store").is_none());
}

#[tokio::test]
async fn a_sign_out_goes_where_it_may() {
    let scene = Scene::without_connection().await;
    let certificates: &[&[u8]] = &[scene.idp.certificate()];
    let next = async |return_to| {
        let asked = SignOut { org: "corp", session: None, return_to };
        match scene.bridge.sign_out(asked).await.expect("a store") {
            SignedOut::Done(end) => end.next.map(String::from),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(next(None).await, None);
    assert_eq!(next(Some("/bye")).await.as_deref(), Some("https://sso.example/bye"));
    assert_eq!(next(Some("//evil.example")).await, None);

    let settings = Saml2Settings {
        single_logout: SingleLogout::RedirectOnly,
        logout_url: "https://idp.example/out".parse().ok(),
        ..IdentityProvider::settings()
    };
    scene.connect(settings, certificates).await;
    assert_eq!(next(Some("/bye")).await.as_deref(), Some("https://idp.example/out"));
}

/// Rotation (ATTACKS WEB-03): the session that a browser had ends with its next login, whoever signs in.
#[tokio::test]
async fn a_login_ends_the_session_that_its_browser_had() {
    let scene = Scene::new().await;
    let first = scene.sign_in(&Person::new("ada")).await.expect("signed in");
    let elsewhere = scene.sign_in(&Person::new("ada")).await.expect("signed in elsewhere");
    let mut before = first.session_token;
    for name in ["ada", "bob"] {
        let asked = StartLogin { session: Some(&before), ..StartLogin::default() };
        let begun = scene.begin(asked).await;
        assert!(is_live(&scene, &before).await, "a login that has begun ends nothing");
        let response = scene.answer(&begun, &Person::new(name));
        let person = scene.finish(&begun, &response).await.expect("signed in");
        assert_ne!(person.session_token, before);
        assert!(!is_live(&scene, &before).await, "{name} signed in");
        assert!(is_live(&scene, &person.session_token).await);
        before = person.session_token;
    }
    assert!(is_live(&scene, &elsewhere.session_token).await, "another browser's stays");
    // One that is no session of ours, or has ended, hinders nothing.
    for session in ["rubbish", before.as_str(), before.as_str()] {
        let asked = StartLogin { session: Some(session), ..StartLogin::default() };
        let begun = scene.begin(asked).await;
        let response = scene.answer(&begun, &Person::new("ada"));
        scene.finish(&begun, &response).await.expect("signed in");
    }
}

/// A refused login ends nothing.
#[tokio::test]
async fn a_refused_login_leaves_the_session() {
    let scene = Scene::new().await;
    let ada = scene.sign_in(&Person::new("ada")).await.expect("signed in");
    let asked = StartLogin { session: Some(&ada.session_token), ..StartLogin::default() };
    let begun = scene.begin(asked).await;
    scene.finish(&begun, "rubbish!").await.expect_err("a refusal");
    assert!(is_live(&scene, &ada.session_token).await);
}

async fn is_live(scene: &Scene, token: &str) -> bool {
    scene.bridge.session(token).await.expect("a store").is_some()
}

#[tokio::test]
async fn a_person_lists_and_ends_their_own_sessions() {
    let scene = Scene::new().await;
    let mut tokens = Vec::new();
    for _ in 0..4 {
        let person = scene.sign_in(&Person::new("ada")).await.expect("signed in");
        tokens.push(person.session_token);
        scene.clock.set(scene.clock.now() + Duration::seconds(1));
    }
    let bob = scene.sign_in(&Person::new("bob")).await.expect("signed in");
    let page = Page { limit: 50, cursor: None };
    let own = scene.bridge.own_sessions(&tokens[1], &page).await.expect("a store").expect("ada's");
    assert_eq!(own.account.email(), Some("ada@corp.example"));
    assert_eq!(own.all.items.len(), 4);
    assert_eq!(own.all.items[1].made.id, own.current.made.id);
    let first = own.all.items[0].made.id;

    let end = async |token: &str, ending| scene.bridge.end_own_sessions(token, ending).await;
    // Nobody else's, and nobody's without a session.
    let refused = end(&bob.session_token, Ending::One(first)).await;
    assert!(matches!(refused, Err(StoreError::NotFound("session"))), "{refused:?}");
    assert_eq!(end("rubbish", Ending::All).await.expect("a store"), None);
    assert!(is_live(&scene, &tokens[0]).await);

    assert_eq!(end(&tokens[1], Ending::One(first)).await.expect("a store"), Some(true));
    assert!(!is_live(&scene, &tokens[0]).await);
    assert_eq!(end(&tokens[1], Ending::Others).await.expect("a store"), Some(true));
    assert!(is_live(&scene, &tokens[1]).await);
    assert!(!is_live(&scene, &tokens[2]).await && !is_live(&scene, &tokens[3]).await);
    let current = Ending::One(own.current.made.id);
    assert_eq!(end(&tokens[1], current).await.expect("a store"), Some(false));
    assert!(!is_live(&scene, &tokens[1]).await);
    assert_eq!(end(&bob.session_token, Ending::All).await.expect("a store"), Some(false));
    assert!(!is_live(&scene, &bob.session_token).await);
    let ended = scene.bridge.own_sessions(&tokens[1], &page).await.expect("a store");
    assert!(ended.is_none());
}

/// ATTACKS WEB-01: a form of our page is one of the session that was shown it.
#[tokio::test]
async fn a_form_counts_for_the_session_that_was_shown_it() {
    let scene = Scene::new().await;
    let ada = scene.sign_in(&Person::new("ada")).await.expect("signed in").session_token;
    let eve = scene.sign_in(&Person::new("eve")).await.expect("signed in").session_token;
    let form = scene.bridge.own_form(&ada);
    assert!(scene.bridge.is_own_form(&ada, Some(&form)));
    for (session, proof) in [
        (ada.as_str(), None),
        (ada.as_str(), Some("")),
        (ada.as_str(), Some(scene.bridge.own_form(&eve).as_str())),
        (eve.as_str(), Some(form.as_str())),
        ("", Some(scene.bridge.own_form("").as_str())),
    ] {
        assert!(!scene.bridge.is_own_form(session, proof), "{session} {proof:?}");
    }
}
