//! Where a browser goes after a login, a logout and a login that the identity provider began: nowhere but
//! to the allow-list (SPEC 5.1, 5.2; ATTACKS WEB-02).

use crate::scene::{NOW, Scene};
use sso_core::application::{Application, ApplicationSettings};
use sso_core::flow::{SignOut, SignedInBrowser, SignedOut, StartLogin};
use sso_core::ids::ApplicationId;
use sso_core::store::ApplicationStore as _;
use sso_tests::{HOSTILE_TARGETS, Person, stays};
use time::Duration;
use url::Url;

/// Registers an application.
async fn register(scene: &Scene, url: &str, mobile: bool) -> ApplicationId {
    let id = ApplicationId::new(NOW, &scene.random);
    let settings = ApplicationSettings {
        name: url.to_owned(),
        urls: vec![Url::parse(url).expect("a URL")],
        mobile,
    };
    settings.check().expect("an application");
    let application = Application { id, revision: 1, created_at: NOW, settings };
    let audit = scene.audit(&scene.org("corp").await, "application_created");
    scene.bridge.store().add_application(application, audit).await.expect("registered");
    id
}

async fn sign_in_to(scene: &Scene, target: &str) -> SignedInBrowser {
    let begun = scene.begin(StartLogin { return_to: Some(target), ..StartLogin::default() }).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    scene.finish(&begun, &response).await.expect("signed in")
}

#[tokio::test]
async fn no_hostile_target_leaves_the_allow_list() {
    assert!(HOSTILE_TARGETS.len() >= 40);
    let scene = Scene::new().await;
    register(&scene, "https://wiki.example/app", false).await;
    for target in HOSTILE_TARGETS {
        let begun =
            scene.begin(StartLogin { return_to: Some(target), ..StartLogin::default() }).await;
        let pending = scene.pending(&begun.request_id).await;
        let led_to = pending.return_to;
        assert!(led_to.as_deref().is_none_or(stays), "login: {target:?} leads to {led_to:?}");
        let asked = SignOut { org: "corp", session: None, return_to: Some(target) };
        let led_to = match scene.bridge.sign_out(asked).await.expect("a store") {
            SignedOut::Done(end) => end.next.map(String::from),
            other => panic!("{other:?}"),
        };
        assert!(led_to.as_deref().is_none_or(stays), "logout: {target:?} leads to {led_to:?}");
    }
}

#[tokio::test]
async fn a_registered_application_is_where_a_login_may_end() {
    let scene = Scene::new().await;
    let page = "https://wiki.example/app/page?x=1";
    assert_eq!(sign_in_to(&scene, page).await.return_to, None);
    let id = register(&scene, "https://wiki.example/app", false).await;
    for target in [page, "https://wiki.example/app", "https://wiki.example/app#top"] {
        assert_eq!(sign_in_to(&scene, target).await.return_to.as_deref(), Some(target));
    }
    let person = sign_in_to(&scene, "https://WIKI.example:443/app/x/../page").await;
    assert_eq!(person.return_to.as_deref(), Some("https://wiki.example/app/page"));
    let audit = scene.audit(&scene.org("corp").await, "application_removed");
    scene.bridge.store().delete_application(id, audit).await.expect("removed");
    assert_eq!(sign_in_to(&scene, page).await.return_to, None);
}

/// SPEC 5.4: the session of a mobile client, for logins that end at an application on mobile devices; of
/// several that hold the address, the closest says.
#[tokio::test]
async fn a_login_that_ends_at_a_mobile_application_has_its_session() {
    let scene = Scene::new().await;
    register(&scene, "https://wiki.example/", false).await;
    register(&scene, "https://wiki.example/m/", true).await;
    for (target, mobile) in [
        ("https://wiki.example/m/start", true),
        ("https://wiki.example/page", false),
        ("https://wiki.example/m", false),
        ("/app", false),
    ] {
        let person = sign_in_to(&scene, target).await;
        assert_eq!(person.mobile, mobile, "{target}");
        let lasts = if mobile { Duration::days(30) } else { Duration::days(1) };
        assert_eq!(person.expires_at, NOW + lasts, "{target}");
    }
}
