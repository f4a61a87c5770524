//! Who is signed in, as an application is told: at once no more when the account or the session ends
//! (SPEC 6, 9).

use crate::scene::{NOW, Scene};
use sso_core::flow::SignOut;
use sso_core::provisioning::AccountStatus;
use sso_core::store::AccountStore as _;
use sso_tests::Person;
use time::Duration;

const APP: &str = "app.sso.example";

#[tokio::test]
async fn a_deactivated_account_is_told_of_no_more() {
    let scene = Scene::new().await;
    let person = scene.sign_in(&Person::new("ada")).await.expect("signed in");
    let identify = async || {
        let found = scene.bridge.identify(&person.session_token, APP).await.expect("a store");
        found.map(|identified| identified.token)
    };
    let token = identify().await.expect("signed in");
    assert_eq!(identify().await.as_deref(), Some(token.as_str()), "the token is kept");

    let mut account = person.account.clone();
    account.status = AccountStatus::Inactive;
    let audit = scene.audit(&scene.org("corp").await, "user_deactivated");
    scene.bridge.store().update_account(account, None, vec![audit]).await.expect("deactivated");
    assert_eq!(identify().await, None, "while the kept token has a minute to go");
}

#[tokio::test]
async fn an_ended_session_is_told_of_no_more() {
    let scene = Scene::new().await;
    let person = scene.sign_in(&Person::new("ada")).await.expect("signed in");
    let identify = async |token: &str| {
        scene.bridge.identify(token, APP).await.expect("a store").map(|found| found.account.id)
    };
    assert_eq!(identify(&person.session_token).await, Some(person.account.id));
    assert_eq!(identify("x").await, None);
    let asked = SignOut { org: "corp", session: Some(&person.session_token), return_to: None };
    scene.bridge.sign_out(asked).await.expect("a store");
    assert_eq!(identify(&person.session_token).await, None);

    let person = scene.sign_in(&Person::new("ada")).await.expect("signed in");
    assert!(identify(&person.session_token).await.is_some());
    scene.clock.set(NOW + Duration::hours(8));
    assert_eq!(identify(&person.session_token).await, None, "unused for too long");
}

/// More hosts than tokens are kept for: each still gets its own.
#[tokio::test]
async fn tokens_of_many_hosts_do_not_fill_the_memory() {
    let scene = Scene::new().await;
    let person = scene.sign_in(&Person::new("ada")).await.expect("signed in");
    let token = async |host: &str| {
        let found = scene.bridge.identify(&person.session_token, host).await.expect("a store");
        found.expect("signed in").token
    };
    let first = token("0.example").await;
    for host in 1..10_000 {
        token(&format!("{host}.example")).await;
    }
    assert_eq!(token("0.example").await, first, "as many as are kept");
    token("one.more.example").await;
    assert_ne!(token("0.example").await, first, "made anew");
}
