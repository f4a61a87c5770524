//! Which connections people sign in through, and how its changes take effect.

use crate::scene::{NOW, Scene, outcome, refused};
use sso_core::connection::{ConnectionState, Saml2Settings, Verification};
use sso_core::error::Code;
use sso_core::flow::{FinishedLogin, PostedResponse, StartLogin, StartedLogin};
use sso_core::org::Org;
use sso_core::store::ConfigurationStore;
use sso_tests::{IdentityProvider, Person};

fn corp<'a>() -> StartLogin<'a> {
    StartLogin { org: "corp", ..StartLogin::default() }
}

async fn start_refused(scene: &Scene) -> Code {
    match scene.start(corp()).await {
        StartedLogin::Refused(refusal) => refused(scene, Err(refusal)).await,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn there_is_no_login_without_a_connection() {
    let scene = Scene::without_connection().await;
    assert_eq!(start_refused(&scene).await, Code::ConnectionDisabled);
}

/// A connection that came to lack what it needs; one that is disabled is 403 wherever its failures go
/// (SPEC 6).
#[tokio::test]
async fn a_login_that_cannot_begin_goes_to_the_error_url() {
    let scene = Scene::new().await;
    let error_url = "https://corp.example/failed?from=sso".parse().ok();
    let settings = Saml2Settings {
        sign_authn_requests: true,
        error_url: error_url.clone(),
        ..IdentityProvider::settings()
    };
    let certificates: &[&[u8]] = &[scene.idp.certificate()];
    scene.connect(settings.clone(), certificates).await;
    match scene.start(corp()).await {
        StartedLogin::Refused(refusal) => {
            let found = (refusal.rejection.code, refusal.error_url);
            assert_eq!(found, (Code::ConnectionIncomplete, error_url));
        }
        other => panic!("{other:?}"),
    }
    let state = ConnectionState::Disabled;
    scene.connect(Saml2Settings { state, ..settings }, certificates).await;
    match scene.start(corp()).await {
        StartedLogin::Refused(refusal) => {
            let found = (refusal.rejection.code, refusal.error_url);
            assert_eq!(found, (Code::ConnectionDisabled, None));
        }
        other => panic!("{other:?}"),
    }
}

/// ATTACKS TEN-04: neither beginning nor finishing passes by the switch.
#[tokio::test]
async fn a_disabled_connection_signs_nobody_in() {
    let scene = Scene::new().await;
    let begun = scene.begin(StartLogin::default()).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    let certificates: &[&[u8]] = &[scene.idp.certificate()];

    let state = ConnectionState::Disabled;
    scene.connect(Saml2Settings { state, ..IdentityProvider::settings() }, certificates).await;
    assert_eq!(start_refused(&scene).await, Code::ConnectionDisabled);
    let ended = scene.finish(&begun, &response).await;
    assert_eq!(refused(&scene, ended).await, Code::ConnectionDisabled);

    scene.connect(IdentityProvider::settings(), certificates).await;
    let org = Org { sso_enabled: false, ..scene.org("corp").await };
    let changed = scene.audit(&org, "org_changed");
    scene.bridge.store().update_org(org.clone(), changed).await.expect("stored");
    assert_eq!(start_refused(&scene).await, Code::ConnectionDisabled);
    let ended = scene.finish(&begun, &response).await;
    assert_eq!(refused(&scene, ended).await, Code::ConnectionDisabled);

    let changed = scene.audit(&org, "org_changed");
    let org = Org { sso_enabled: true, ..scene.org("corp").await };
    scene.bridge.store().update_org(org, changed).await.expect("stored");
    scene.finish(&begun, &response).await.expect("signed in");
}

/// ATTACKS SIG-04: no certificate never means that no signature is needed.
#[tokio::test]
async fn a_connection_without_keys_verifies_nothing() {
    let scene = Scene::new().await;
    let begun = scene.begin(StartLogin::default()).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    for certificates in [&[][..], &[&b"no certificate"[..]]] {
        scene.connect(IdentityProvider::settings(), certificates).await;
        let ended = scene.finish(&begun, &response).await;
        assert_eq!(refused(&scene, ended).await, Code::ConnectionIncomplete);
    }
    scene.connect(IdentityProvider::settings(), &[scene.idp.certificate()]).await;
    scene.finish(&begun, &response).await.expect("signed in");
}

#[tokio::test]
async fn requests_are_not_sent_unsigned_where_they_should_be_signed() {
    let scene = Scene::without_connection().await;
    let settings = Saml2Settings { sign_authn_requests: true, ..IdentityProvider::settings() };
    scene.connect(settings, &[scene.idp.certificate()]).await;
    assert_eq!(start_refused(&scene).await, Code::ConnectionIncomplete);
}

/// Keys are parsed once for a revision, and never used for the next.
#[tokio::test]
async fn a_new_certificate_counts_at_once_and_the_old_one_no_more() {
    let scene = Scene::new().await;
    scene.sign_in(&Person::new("ada")).await.expect("signed in by the first key");

    let next = IdentityProvider::new(NOW, &scene.random);
    scene.connect(IdentityProvider::settings(), &[next.certificate()]).await;
    let ended = scene.sign_in(&Person::new("ada")).await;
    assert_eq!(refused(&scene, ended).await, Code::UntrustedKey);

    scene
        .connect(IdentityProvider::settings(), &[next.certificate(), scene.idp.certificate()])
        .await;
    scene.sign_in(&Person::new("ada")).await.expect("signed in by either key");
}

#[tokio::test]
async fn an_organization_that_nobody_knows_is_told_apart() {
    let scene = Scene::new().await;
    let asked = StartLogin { org: "nobody", ..StartLogin::default() };
    assert!(matches!(scene.start(asked).await, StartedLogin::UnknownOrg));
    let posted = PostedResponse { org: "nobody", ..PostedResponse::default() };
    assert!(matches!(scene.post(posted).await, FinishedLogin::UnknownOrg));
    let known = scene.post(PostedResponse { org: "corp", ..posted }).await;
    assert_eq!(refused(&scene, outcome(known)).await, Code::MissingMessage);
}

/// SPEC 4.7: what a build with the second engine has stored is no reason for one without it to check less.
#[tokio::test]
async fn a_second_opinion_that_cannot_be_asked_refuses_the_login() {
    let scene = Scene::new().await;
    let certificates: &[&[u8]] = &[scene.idp.certificate()];
    let settings = IdentityProvider::settings();
    let dual = Saml2Settings { verification: Verification::Dual, ..settings.clone() };
    scene.connect(dual, certificates).await;
    let ada = Person::new("ada");
    let login = scene.sign_in(&ada).await;
    assert_eq!(refused(&scene, login).await, Code::SecondOpinionUnavailable);
    scene.connect(settings, certificates).await;
    assert!(scene.sign_in(&ada).await.is_ok());
}
