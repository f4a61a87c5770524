//! A login that the identity provider began, in each of the three modes (SPEC 5.2; ATTACKS PROT-12,
//! WEB-01): what a browser may do with a response that answers no request.

use crate::scene::{NOW, Scene, outcome, refused};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::bindings::Outbound;
use sso_core::connection::{AccountKey, IdpInitiated, Saml2Settings, SsoProfile};
use sso_core::error::Code;
use sso_core::flow::{
    CONFIRMED, FinishedLogin, POSTED_AGAIN, PostedResponse, Replacement, SignedInBrowser,
    StartLogin, StartedLogin,
};
use sso_core::provisioning::ProfileField;
use sso_core::store::AccountStore as _;
use sso_tests::{IdentityProvider, Person, request_id};
use time::Duration;

/// What a browser keeps, and what a page had it post.
#[derive(Default, Clone)]
struct Window {
    browser: Option<String>,
    session: Option<String>,
    form: Vec<(String, String)>,
}

impl Window {
    /// The window in which a person is signed in.
    fn of(person: &SignedInBrowser) -> Self {
        Self { session: Some(person.session_token.clone()), ..Self::default() }
    }

    fn with_field(mut self, name: &str, value: &str) -> Self {
        self.form.retain(|(known, _)| known != name);
        self.form.push((name.to_owned(), value.to_owned()));
        self
    }

    async fn post(&self, scene: &Scene, response: &str) -> FinishedLogin {
        let relay_state = self.form.iter().find(|(name, _)| name == "RelayState");
        scene
            .post(PostedResponse {
                org: "corp",
                saml_response: response,
                relay_state: relay_state.map(|(_, value)| value.as_str()),
                browser: self.browser.as_deref(),
                session: self.session.as_deref(),
                restarted: None,
                form: &self.form,
            })
            .await
    }

    /// Posts a response as the identity provider has it posted: from another site, without the session's
    /// cookie, and then from our page.
    async fn bring(&self, scene: &Scene, response: &str) -> FinishedLogin {
        let (window, _) = self.own_page(scene, response).await;
        window.post(scene, response).await
    }

    /// The window with our page that posts the response again, and what the page proves.
    async fn own_page(&self, scene: &Scene, response: &str) -> (Self, String) {
        let from_elsewhere = Self { session: None, ..self.clone() };
        match from_elsewhere.post(scene, response).await {
            FinishedLogin::PostAgain { browser, proof } => {
                let window = Self { browser: Some(browser), ..self.clone() };
                (window.with_field(POSTED_AGAIN, &proof), proof)
            }
            other => panic!("not posted again: {other:?}"),
        }
    }
}

async fn scene(mode: IdpInitiated) -> Scene {
    let scene = Scene::without_connection().await;
    connect(&scene, Saml2Settings { idp_initiated: mode, ..IdentityProvider::settings() }).await;
    scene
}

async fn connect(scene: &Scene, settings: Saml2Settings) {
    scene.connect(settings, &[scene.idp.certificate()]).await;
}

fn asked(finished: FinishedLogin) -> Box<Replacement> {
    match finished {
        FinishedLogin::Asks(replacement) => replacement,
        other => panic!("nobody was asked: {other:?}"),
    }
}

async fn account_of(scene: &Scene, token: &str) -> Option<String> {
    let found = scene.bridge.session(token).await.expect("a store");
    found.and_then(|(_, account)| account.email().map(str::to_owned))
}

#[tokio::test]
async fn off_refuses_whatever_comes() {
    let scene = scene(IdpInitiated::Off).await;
    let response = scene.response(None, &Person::new("ada"));
    let proven = Window::default().with_field(POSTED_AGAIN, "1").with_field("RelayState", "/app");
    for window in [Window::default(), proven] {
        let refusal = outcome(window.post(&scene, &response).await);
        assert_eq!(refused(&scene, refusal).await, Code::UnsolicitedNotAllowed);
    }
    assert!(scene.traces().await.iter().all(|trace| trace.flow == "idp_initiated"));
    connect(&scene, accepting()).await;
    outcome(Window::default().bring(&scene, &response).await)
        .expect("the same where it is accepted");
}

fn accepting() -> Saml2Settings {
    Saml2Settings { idp_initiated: IdpInitiated::Accept, ..IdentityProvider::settings() }
}

/// The request that a restart sends the browser away with: its ID, its handle, and the cookie.
fn left(finished: FinishedLogin) -> (String, String, String) {
    let FinishedLogin::Restarted { to: Outbound::Redirect(url), browser, .. } = finished else {
        panic!("not restarted: {finished:?}");
    };
    let field = |name: &str| {
        let found = url.query_pairs().find(|(field, _)| field == name);
        found.expect(name).1.into_owned()
    };
    (request_id(&field("SAMLRequest")), field("RelayState"), browser)
}

#[tokio::test]
async fn a_restart_signs_in_who_answers_and_never_whom_the_response_named() {
    let scene = scene(IdpInitiated::Restart).await;
    let injected = scene.response(None, &Person::new("mallory"));
    let window = Window::default().with_field("RelayState", "/app");
    let (request_id, relay_state, browser) = left(window.post(&scene, &injected).await);
    assert!(scene.traces().await.is_empty(), "nothing has ended yet");

    let answer = scene.response(Some(&request_id), &Person::new("ada"));
    let posted = PostedResponse {
        org: "corp",
        saml_response: &answer,
        relay_state: Some(&relay_state),
        browser: Some(&browser),
        ..PostedResponse::default()
    };
    let elsewhere = scene.post(PostedResponse { browser: None, ..posted }).await;
    assert_eq!(refused(&scene, outcome(elsewhere)).await, Code::BrowserMismatch);
    let person = outcome(scene.post(posted).await).expect("signed in");
    assert_eq!(person.account.email(), Some("ada@corp.example"));
    assert_eq!(person.return_to.as_deref(), Some("https://sso.example/app"));
    assert_eq!(scene.traces().await[0].flow, "sp_initiated");
    // Of the injected one nothing was used, not even its ID.
    left(window.post(&scene, &injected).await);
}

/// What is thrown away is not even verified: it only says that somebody wants to sign in.
#[tokio::test]
async fn a_restart_needs_no_signature_and_heeds_no_foreign_target() {
    let scene = scene(IdpInitiated::Restart).await;
    let forged = STANDARD.encode("<Response xmlns='urn:oasis:names:tc:SAML:2.0:protocol'/>");
    for target in ["//evil.example", "https://evil.example/", "javascript:alert(1)"] {
        let window = Window::default().with_field("RelayState", target);
        let (request_id, relay_state, browser) = left(window.post(&scene, &forged).await);
        let answer = scene.response(Some(&request_id), &Person::new("ada"));
        let posted = PostedResponse {
            org: "corp",
            saml_response: &answer,
            relay_state: Some(&relay_state),
            browser: Some(&browser),
            ..PostedResponse::default()
        };
        let person = outcome(scene.post(posted).await).expect("signed in");
        assert_eq!(person.return_to, None, "{target}");
    }
}

/// An identity provider that names no request would be asked for ever.
#[tokio::test]
async fn a_restart_does_not_go_round() {
    let scene = scene(IdpInitiated::Restart).await;
    let unsolicited = scene.response(None, &Person::new("ada"));
    let (_, relay_state, browser) = left(Window::default().post(&scene, &unsolicited).await);
    let window = Window { browser: Some(browser), ..Window::default() };
    let again = window.with_field("RelayState", &relay_state).post(&scene, &unsolicited).await;
    assert_eq!(refused(&scene, outcome(again)).await, Code::RestartUnanswered);
}

#[tokio::test]
async fn an_accepted_login_goes_through_the_same_pipeline_once() {
    let scene = scene(IdpInitiated::Accept).await;
    let response = scene.response(None, &Person::new("ada"));
    let window = Window::default().with_field("RelayState", "/app");
    let person = outcome(window.bring(&scene, &response).await).expect("signed in");
    assert_eq!(person.return_to.as_deref(), Some("https://sso.example/app"));
    let traces = scene.traces().await;
    assert_eq!((traces.len(), traces[0].flow.as_str()), (1, "idp_initiated"));

    let solicited = Scene::new().await;
    solicited.sign_in(&Person::new("ada")).await.expect("signed in");
    let rules = |trace: &sso_core::store::StoredTrace| -> Vec<String> {
        trace.steps.iter().map(|step| step.rule.clone().into_owned()).collect()
    };
    let of_solicited = rules(&solicited.traces().await[0]);
    let mut of_accepted = rules(&traces[0]);
    of_accepted.retain(|rule| rule != "too_old" && rule != "not_yet_valid");
    let mut expected = of_solicited.clone();
    expected.retain(|rule| rule != "not_yet_valid");
    assert_eq!(of_accepted, expected, "the rules of a login that was asked for, and its age");

    let again = outcome(window.bring(&scene, &response).await);
    assert_eq!(refused(&scene, again).await, Code::Replayed);
}

#[tokio::test]
async fn a_target_that_is_foreign_or_missing_leads_to_the_default() {
    let scene = scene(IdpInitiated::Accept).await;
    let target = "https://corp.example/portal";
    let settings = Saml2Settings {
        target_parameter: "TARGET".to_owned(),
        default_target_url: target.parse().ok(),
        ..accepting()
    };
    connect(&scene, settings).await;
    for (field, value, goes_to) in [
        ("TARGET", "/app", "https://sso.example/app"),
        ("TARGET", "https://evil.example/", target),
        ("TARGET", "//evil.example", target),
        ("RelayState", "/app", target),
    ] {
        let response = scene.response(None, &Person::new("ada"));
        let window = Window::default().with_field(field, value);
        let person = outcome(window.bring(&scene, &response).await).expect("signed in");
        assert_eq!(person.return_to.as_deref(), Some(goes_to), "{field}={value}");
    }
}

/// ATTACKS PROT-12: what names a request anywhere always needs that request, which this is not.
#[tokio::test]
async fn a_response_that_names_a_request_anywhere_is_not_unsolicited() {
    let scene = scene(IdpInitiated::Accept).await;
    let begun = scene.begin(StartLogin::default()).await;
    let person = Person::new("ada");
    let answer = STANDARD.decode(scene.answer(&begun, &person)).expect("base64");
    let answer = String::from_utf8(answer).expect("text");
    let named = format!(r#" InResponseTo="{}""#, begun.request_id);
    assert_eq!(answer.matches(&named).count(), 2);
    let unasked = scene.response(None, &person);
    let unasked = String::from_utf8(STANDARD.decode(&unasked).expect("base64")).expect("text");
    let only_outside = unasked.replacen(" Version=", &format!("{named} Version="), 1);
    let never_asked = only_outside.replace(&begun.request_id, "_never-asked");
    // A request that was begun, in a browser that did not begin it; and one that never was.
    for (xml, code) in [
        (answer.clone(), Code::BrowserMismatch),
        (answer.replacen(&named, "", 1), Code::BrowserMismatch),
        (only_outside.clone(), Code::BrowserMismatch),
        (never_asked, Code::InResponseTo),
    ] {
        let window = Window::default().with_field(POSTED_AGAIN, "1");
        let ended = outcome(window.post(&scene, &STANDARD.encode(&xml)).await);
        assert_eq!(refused(&scene, ended).await, code, "{xml}");
    }
    // In the browser that began it, the assertion itself must say so.
    let window = Window { browser: Some(begun.cookie.clone()), ..Window::default() };
    let ended = outcome(window.post(&scene, &STANDARD.encode(only_outside)).await);
    assert_eq!(refused(&scene, ended).await, Code::InResponseTo);
    outcome(window.post(&scene, &STANDARD.encode(answer)).await).expect("signed in");
    outcome(Window::default().bring(&scene, &STANDARD.encode(unasked)).await).expect("signed in");
}

#[tokio::test]
async fn an_accepted_response_is_at_most_five_minutes_old() {
    let scene = scene(IdpInitiated::Accept).await;
    connect(&scene, Saml2Settings { clock_skew_seconds: 30, ..accepting() }).await;
    let ada = Person { valid_for: Duration::hours(1), ..Person::new("ada") };
    let (in_time, late) = (scene.response(None, &ada), scene.response(None, &ada));
    scene.clock.set(NOW + Duration::seconds(330));
    outcome(Window::default().bring(&scene, &in_time).await).expect("signed in");
    scene.clock.set(NOW + Duration::seconds(331));
    let refusal = outcome(Window::default().bring(&scene, &late).await);
    assert_eq!(refused(&scene, refusal).await, Code::TooOld);
    let begun = scene.begin(StartLogin::default()).await;
    let asked_for = scene.answer(&begun, &ada);
    scene.clock.set(NOW + Duration::seconds(331 + 400));
    scene.finish(&begun, &asked_for).await.expect("one that was asked for may be older");
}

#[tokio::test]
async fn an_accepted_login_links_no_account() {
    let scene = scene(IdpInitiated::Accept).await;
    let ada = Person::new("ada");
    scene.sign_in(&ada).await.expect("signed in");
    connect(&scene, Saml2Settings { account_key: AccountKey::Ssoid, ..accepting() }).await;
    let with_key = ada.with("ssoid", "77");
    let unasked = scene.response(None, &with_key);
    let refusal = outcome(Window::default().bring(&scene, &unasked).await);
    assert_eq!(refused(&scene, refusal).await, Code::AccountConflict);
    let linked = scene.sign_in(&with_key).await.expect("a login that was asked for links");
    assert_eq!(linked.account.profile.text(ProfileField::Ssoid), Some("77"));
    outcome(Window::default().bring(&scene, &unasked).await).expect("the account is known now");
}

/// The session's cookie stays away from a post of another site, so that what comes from there is never
/// believed to have no session.
#[tokio::test]
async fn a_post_from_elsewhere_is_no_login_whatever_it_claims() {
    let scene = scene(IdpInitiated::Accept).await;
    let response = scene.response(None, &Person::new("mallory"));
    let other = scene.response(None, &Person::new("mallory"));
    let (own, proof) = Window::default().own_page(&scene, &response).await;
    let victim = Window { browser: Some("A".repeat(43)), ..Window::default() };
    for forged in [
        Window::default().with_field(POSTED_AGAIN, "1"),
        Window::default().with_field(POSTED_AGAIN, &proof),
        victim.clone().with_field(POSTED_AGAIN, &proof),
        victim,
    ] {
        let again = forged.post(&scene, &response).await;
        assert!(matches!(again, FinishedLogin::PostAgain { .. }), "{again:?}");
    }
    let swapped = own.post(&scene, &other).await;
    assert!(matches!(swapped, FinishedLogin::PostAgain { .. }), "another message: {swapped:?}");
    assert!(scene.traces().await.is_empty(), "nothing was looked at");
    outcome(own.post(&scene, &response).await).expect("signed in from our page");
}

#[tokio::test]
async fn nobody_is_replaced_unasked() {
    let scene = scene(IdpInitiated::Accept).await;
    let ada = scene.sign_in(&Person::new("ada")).await.expect("signed in");
    let before = scene.traces().await.len();
    let response = scene.response(None, &Person::new("bob"));
    let (window, _) = Window::of(&ada).own_page(&scene, &response).await;
    let question = asked(window.post(&scene, &response).await);
    assert_eq!(question.signed_in.id, ada.account.id);
    assert_eq!(question.instead.email(), Some("bob@corp.example"));
    // Nothing has changed: no session, no account, no trace, and the assertion can still be used.
    assert_eq!(account_of(&scene, &ada.session_token).await.as_deref(), Some("ada@corp.example"));
    let org = scene.org("corp").await;
    let stored = scene.bridge.store().account(&org.name, question.instead.id).await;
    assert_eq!(stored.expect("a store"), None);
    assert_eq!(scene.traces().await.len(), before);

    // Whoever cannot read the page cannot answer for the person.
    let other = scene.response(None, &Person::new("bob"));
    let (about_other, _) = Window::of(&ada).own_page(&scene, &other).await;
    let other_proof = asked(about_other.post(&scene, &other).await).proof.clone();
    for forged in ["", "1", other_proof.as_str()] {
        asked(window.clone().with_field(CONFIRMED, forged).post(&scene, &response).await);
    }
    let elsewhere = Window { session: None, ..Window::default() };
    let elsewhere = elsewhere.with_field(CONFIRMED, &question.proof);
    let again = elsewhere.post(&scene, &response).await;
    assert!(matches!(again, FinishedLogin::PostAgain { .. }), "{again:?}");

    let yes = window.with_field(CONFIRMED, &question.proof);
    let bob = outcome(yes.post(&scene, &response).await).expect("signed in");
    assert_eq!(bob.account.email(), Some("bob@corp.example"));
    assert_eq!(account_of(&scene, &ada.session_token).await, None, "the session before has ended");
    assert!(account_of(&scene, &bob.session_token).await.is_some());
    let twice = outcome(yes.post(&scene, &response).await);
    assert_eq!(refused(&scene, twice).await, Code::Replayed);
}

#[tokio::test]
async fn the_same_person_is_not_asked_and_has_a_new_session() {
    let scene = scene(IdpInitiated::Accept).await;
    let ada = scene.sign_in(&Person::new("ada")).await.expect("signed in");
    let response = scene.response(None, &Person::new("ada"));
    let again = outcome(Window::of(&ada).bring(&scene, &response).await).expect("signed in");
    assert_eq!(again.account.id, ada.account.id);
    assert_eq!(account_of(&scene, &ada.session_token).await, None);
    assert!(account_of(&scene, &again.session_token).await.is_some());
    // A session that has ended is nobody's.
    let bob = scene.response(None, &Person::new("bob"));
    outcome(Window::of(&ada).bring(&scene, &bob).await).expect("signed in");
}

/// `sso_profile` is `idp`: the login goes there with its target, and the answer names no request.
#[tokio::test]
async fn a_login_at_an_identity_provider_that_takes_no_requests() {
    let scene = scene(IdpInitiated::Accept).await;
    connect(&scene, Saml2Settings { sso_profile: SsoProfile::Idp, ..accepting() }).await;
    let asked = StartLogin {
        org: "corp",
        return_to: Some("/app?x=1"),
        login_hint: Some("ada@corp.example"),
        ..StartLogin::default()
    };
    let StartedLogin::Leave { to: Outbound::Redirect(url), browser } = scene.start(asked).await
    else {
        panic!("no redirect");
    };
    let query: Vec<_> = url.query_pairs().into_owned().collect();
    let target = "https://sso.example/app?x=1";
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(query, [pair("login_hint", "ada@corp.example"), pair("RelayState", target)]);

    let response = scene.response(None, &Person::new("ada"));
    let window = Window { browser: Some(browser), ..Window::default() };
    let window = window.with_field("RelayState", target);
    let person = outcome(window.bring(&scene, &response).await).expect("signed in");
    assert_eq!(person.return_to.as_deref(), Some(target));
}
