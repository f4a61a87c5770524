//! A test login: every step of a login through the draft, and nothing written but its trace (SPEC 2,
//! `state`; 6).

use crate::scene::{NOW, Scene, outcome, refused};
use sso_core::connection::{
    Connection, ConnectionState, IdpInitiated, Saml2Settings, Slot, SsoProfile,
};
use sso_core::error::Code;
use sso_core::flow::{
    FinishedLogin, PostedResponse, StartLogin, StartedLogin, TestOutcome, TestedLogin,
};
use sso_core::ids::ConnectionId;
use sso_core::profile::Fields;
use sso_core::provisioning::ProfileField;
use sso_core::store::{
    AccountFilter, AccountOrder, AccountStore as _, ConfigurationStore as _, DraftStore as _, Page,
};
use sso_tests::{IdentityProvider, Person};

const TEST: StartLogin<'static> = StartLogin {
    org: "corp",
    return_to: Some("/app"),
    login_hint: None,
    force_authn: false,
    is_test: true,
    mobile: false,
    browser: None,
    session: None,
};

/// Gives `corp` a draft.
async fn draft(scene: &Scene, settings: Saml2Settings) -> ConnectionId {
    let org = scene.org("corp").await;
    let store = scene.bridge.store();
    let before = store.connection(&org.name, Slot::Draft).await.expect("a store");
    let id =
        before.as_ref().map_or_else(|| ConnectionId::new(NOW, &scene.random), |draft| draft.id);
    let connection = Connection {
        id,
        org: org.name.clone(),
        slot: Slot::Draft,
        revision: before.map_or(1, |draft| draft.revision + 1),
        settings: settings.into(),
        metadata_certificates: vec![scene.idp.certificate().to_vec()],
        metadata_document: None,
    };
    store.put_connection(connection, scene.audit(&org, "draft_changed")).await.expect("stored");
    id
}

async fn test(scene: &Scene, person: &Person) -> FinishedLogin {
    let begun = scene.begin(TEST).await;
    let response = scene.answer(&begun, person);
    scene
        .post(PostedResponse {
            org: "corp",
            saml_response: &response,
            relay_state: Some(&begun.relay_state),
            browser: Some(&begun.cookie),
            ..PostedResponse::default()
        })
        .await
}

fn passed(finished: FinishedLogin) -> TestedLogin {
    match finished {
        FinishedLogin::Tested(tested) => *tested,
        other => panic!("no test that passed: {other:?}"),
    }
}

async fn accounts(scene: &Scene) -> usize {
    let (org, page) = (scene.org("corp").await, Page { limit: 50, cursor: None });
    let (filter, order) = (AccountFilter::default(), AccountOrder::default());
    let listed = scene.bridge.store().accounts(&org.name, &filter, order, &page).await;
    listed.expect("a store").items.len()
}

#[tokio::test]
async fn a_test_login_shows_what_would_be_and_changes_nothing() {
    let scene = Scene::new().await;
    let mut settings = IdentityProvider::settings();
    settings.attribute_map.map.insert("shoe".to_owned(), Fields::One(ProfileField::City));
    let draft = draft(&scene, settings).await;
    let tested = passed(test(&scene, &Person::new("ada").with("shoe", "42")).await);
    assert_eq!(tested.slot, Slot::Draft);
    assert_eq!(tested.outcome, TestOutcome::Created);
    assert_eq!(tested.name_id.value, "ada-id");
    assert_eq!(tested.account.email(), Some("ada@corp.example"));
    assert_eq!(tested.account.profile.text(ProfileField::City), Some("42"), "as the draft maps it");
    assert!(tested.attributes.contains(&("shoe".to_owned(), vec!["42".to_owned()])));
    assert_eq!(accounts(&scene).await, 0);
    let trace = scene.trace(tested.trace).await;
    assert_eq!((trace.flow.as_str(), trace.account), ("test", None));
    let remembered = scene.bridge.store().passed_test(draft).await.expect("a store");
    assert_eq!(remembered.map(|passed| passed.trace), Some(tested.trace));

    // The live connection knows nothing of the draft, and a known person is told apart.
    let ada = scene.sign_in(&Person::new("ada").with("shoe", "42")).await.expect("signed in");
    assert_eq!(ada.account.profile.text(ProfileField::City), None);
    let again = passed(test(&scene, &Person::new("ada")).await);
    assert_ne!(again.outcome, TestOutcome::Created);
    assert_eq!(again.account.id, ada.account.id);
    assert_eq!(scene.trace(again.trace).await.account, Some(ada.account.id));
}

#[tokio::test]
async fn a_test_login_is_held_to_every_rule() {
    let scene = Scene::new().await;
    let settings = IdentityProvider::settings();
    let id = draft(&scene, Saml2Settings { auto_create: false, ..settings.clone() }).await;
    let unknown = outcome(test(&scene, &Person::new("ada")).await);
    assert_eq!(refused(&scene, unknown).await, Code::AccountUnknown);
    assert_eq!(scene.bridge.store().passed_test(id).await.expect("a store"), None);

    draft(&scene, settings).await;
    let begun = scene.begin(TEST).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    let posted = PostedResponse {
        org: "corp",
        saml_response: &response,
        relay_state: Some(&begun.relay_state),
        browser: Some(&begun.cookie),
        ..PostedResponse::default()
    };
    let elsewhere = scene.post(PostedResponse { browser: None, ..posted }).await;
    assert_eq!(refused(&scene, outcome(elsewhere)).await, Code::BrowserMismatch);
    passed(scene.post(posted).await);
    let again = outcome(scene.post(posted).await);
    assert_eq!(refused(&scene, again).await, Code::RequestAlreadyUsed);
}

/// What answers a test is never a login, nor the reverse: the pending login says which it is.
#[tokio::test]
async fn what_answers_a_test_signs_nobody_in() {
    let scene = Scene::new().await;
    // Without a draft the live connection is tested.
    let tested = passed(test(&scene, &Person::new("ada")).await);
    assert_eq!(tested.slot, Slot::Live);
    assert_eq!(accounts(&scene).await, 0);
    // A login that says it is a test in its RelayState is held to the one that was sent.
    let begun = scene.begin(StartLogin { org: "corp", ..StartLogin::default() }).await;
    let response = scene.answer(&begun, &Person::new("ada"));
    let posted = PostedResponse {
        org: "corp",
        saml_response: &response,
        relay_state: Some("test.AAAAAAAAAAAAAAAAAAAAAA"),
        browser: Some(&begun.cookie),
        ..PostedResponse::default()
    };
    let refusal = outcome(scene.post(posted).await);
    assert_eq!(refused(&scene, refusal).await, Code::RelayStateMismatch);
    // A draft that was replaced meanwhile has no login under way.
    draft(&scene, IdentityProvider::settings()).await;
    let begun = scene.begin(TEST).await;
    let org = scene.org("corp").await;
    let removed = scene.audit(&org, "draft_removed");
    scene.bridge.store().delete_connection(&org.name, Slot::Draft, removed).await.expect("removed");
    let response = scene.answer(&begun, &Person::new("ada"));
    let gone = scene.finish(&begun, &response).await;
    assert_eq!(refused(&scene, gone).await, Code::InResponseTo);
}

/// An organization tries its connection out before anybody can sign in through it.
#[tokio::test]
async fn a_draft_is_tested_where_nothing_is_live() {
    let scene = Scene::without_connection().await;
    draft(&scene, IdentityProvider::settings()).await;
    passed(test(&scene, &Person::new("ada")).await);
    let response = scene.response(None, &Person::new("ada"));
    let posted = PostedResponse {
        org: "corp",
        saml_response: &response,
        relay_state: Some("anything"),
        ..PostedResponse::default()
    };
    let unasked = outcome(scene.post(posted).await);
    assert_eq!(refused(&scene, unasked).await, Code::ConnectionDisabled);
    let live = Saml2Settings { state: ConnectionState::Disabled, ..IdentityProvider::settings() };
    scene.connect(live, &[scene.idp.certificate()]).await;
    passed(test(&scene, &Person::new("ada")).await);
}

/// A draft that accepts what nobody asked for accepts it once it is the connection.
#[tokio::test]
async fn nothing_unasked_goes_through_a_draft() {
    for mode in [IdpInitiated::Accept, IdpInitiated::Restart, IdpInitiated::Off] {
        let scene = Scene::new().await;
        draft(&scene, Saml2Settings { idp_initiated: mode, ..IdentityProvider::settings() }).await;
        let response = scene.response(None, &Person::new("ada"));
        let begun = scene.begin(TEST).await;
        for form in [vec![], vec![("sso_posted_again".to_owned(), "1".to_owned())]] {
            let posted = PostedResponse {
                org: "corp",
                saml_response: &response,
                relay_state: Some(&begun.relay_state),
                browser: Some(&begun.cookie),
                form: &form,
                ..PostedResponse::default()
            };
            let ended = outcome(scene.post(posted).await);
            assert_eq!(refused(&scene, ended).await, Code::UnsolicitedNotAllowed, "{mode:?}");
        }
        assert_eq!(accounts(&scene).await, 0);
    }
}

#[tokio::test]
async fn a_connection_that_asks_for_no_logins_cannot_be_tested() {
    let scene = Scene::new().await;
    draft(
        &scene,
        Saml2Settings {
            sso_profile: SsoProfile::Idp,
            idp_initiated: IdpInitiated::Accept,
            ..IdentityProvider::settings()
        },
    )
    .await;
    let StartedLogin::Refused(refusal) = scene.start(TEST).await else { panic!("it began") };
    assert_eq!(refusal.rejection.code, Code::ConnectionIncomplete);
}
