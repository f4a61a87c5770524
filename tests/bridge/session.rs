//! How long a session lasts, and how it ends (SPEC 5.4).

use crate::scene::{NOW, Scene};
use sso_core::connection::{Saml2Settings, SingleLogout};
use sso_core::flow::StartLogin;
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
    let out = scene.bridge.sign_out("nobody", token, Some("https://evil.example")).await;
    assert_eq!(out.expect("a store"), None);
    assert!(scene.bridge.session(&person.session_token).await.expect("a store").is_none());
}

#[tokio::test]
async fn a_sign_out_goes_where_it_may() {
    let scene = Scene::without_connection().await;
    let certificates: &[&[u8]] = &[scene.idp.certificate()];
    let next = async |return_to| {
        let out = scene.bridge.sign_out("corp", None, return_to).await;
        out.expect("a store").expect("the organization").next.map(String::from)
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
