//! Sessions: live, used, ended.

use crate::configuration::refused;
use crate::scene::{NOW, Scene};
use sso_core::provisioning::{Account, AccountStatus};
use sso_core::store::{AccountStore, Page, Session, SignInStore, Store, StoreError};
use sso_tests::Person;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// Signs ann in with a session of 30 idle minutes and 8 hours.
async fn signed_in(store: Arc<impl Store>) -> (Scene<impl Store>, [u8; 32]) {
    let scene = Scene::new(store).await;
    let signed_in = scene.sign_in(&Person::new("ann")).await.expect("signed in");
    (scene, signed_in.session.made.token_hash)
}

async fn at(
    scene: &Scene<impl Store>,
    token: &[u8; 32],
    now: OffsetDateTime,
) -> Option<(Session, Account)> {
    scene.store.session(token, now).await.expect("read")
}

pub(crate) async fn a_session_comes_with_its_account(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.sign_in(&Person::new("ann")).await.expect("signed in");
    let bob = scene.sign_in(&Person::new("bob")).await.expect("signed in");
    for signed_in in [ann, bob] {
        let token = signed_in.session.made.token_hash;
        let found = at(&scene, &token, NOW).await;
        assert_eq!(found, Some((signed_in.session, signed_in.account)));
    }
    assert_eq!(at(&scene, &[0; 32], NOW).await, None);
}

pub(crate) async fn a_session_ends_when_it_is_not_used(store: Arc<impl Store>) {
    let (scene, token) = signed_in(store).await;
    let idle = Duration::minutes(30);
    let just_before = NOW + idle - Duration::microseconds(1);
    // Refused at the end, and reading it then did not wake it.
    assert_eq!(at(&scene, &token, NOW + idle).await, None);
    assert!(at(&scene, &token, just_before).await.is_some());
    assert!(at(&scene, &token, just_before + idle - Duration::microseconds(1)).await.is_some());
    assert_eq!(at(&scene, &token, NOW + 4 * idle).await, None);
}

pub(crate) async fn a_session_ends_in_any_case(store: Arc<impl Store>) {
    let (scene, token) = signed_in(store).await;
    for quarter in 1..32 {
        let now = NOW + quarter * Duration::minutes(15);
        assert!(at(&scene, &token, now).await.is_some(), "{now}");
    }
    let end = NOW + Duration::hours(8);
    assert!(at(&scene, &token, end - Duration::microseconds(1)).await.is_some());
    assert_eq!(at(&scene, &token, end).await, None);
}

pub(crate) async fn use_is_written_down_once_a_minute(store: Arc<impl Store>) {
    let (scene, token) = signed_in(store).await;
    let last_used = |seconds| {
        let (scene, token) = (&scene, &token);
        async move {
            let now = NOW + Duration::seconds(seconds);
            (at(scene, token, now).await.expect("live").0.last_used_at - NOW).whole_seconds()
        }
    };
    assert_eq!(last_used(59).await, 0);
    assert_eq!(last_used(60).await, 60);
    assert_eq!(last_used(119).await, 60);
    assert_eq!(last_used(120).await, 120);
    assert_eq!(last_used(30).await, 120, "a clock that is behind does not take it back");
}

pub(crate) async fn a_session_that_is_ended_is_gone(store: Arc<impl Store>) {
    let (scene, token) = signed_in(store).await;
    assert_eq!(scene.store.end_session(&[0; 32]).await.expect("ended"), None);
    let (session, _) = at(&scene, &token, NOW).await.expect("live");
    assert_eq!(scene.store.end_session(&token).await.expect("ended"), Some(session));
    assert_eq!(at(&scene, &token, NOW).await, None);
    assert_eq!(scene.store.end_session(&token).await.expect("ended"), None);
}

pub(crate) async fn a_deactivated_account_has_no_session(store: Arc<impl Store>) {
    let (scene, token) = signed_in(store).await;
    let other = scene.sign_in(&Person::new("bob")).await.expect("signed in");
    let (_, mut account) = at(&scene, &token, NOW).await.expect("live");
    account.status = AccountStatus::Inactive;
    scene
        .store
        .update_account(account.clone(), None, vec![scene.audit("deactivated")])
        .await
        .expect("put");
    assert_eq!(at(&scene, &token, NOW).await, None);
    assert!(at(&scene, &other.session.made.token_hash, NOW).await.is_some());

    account.revision += 1;
    account.status = AccountStatus::Active;
    scene.store.update_account(account, None, vec![scene.audit("reactivated")]).await.expect("put");
    assert_eq!(at(&scene, &token, NOW).await, None, "it was ended, not hidden");
}

pub(crate) async fn the_sessions_of_an_account_are_listed_and_ended(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let mut sessions = Vec::new();
    for minutes in 0..3 {
        let login = scene.login(&Person::new("ann"), NOW + Duration::minutes(minutes)).await;
        sessions.push(scene.commit(login).await.expect("signed in").session);
    }
    let bob = scene.sign_in(&Person::new("bob")).await.expect("signed in").session;
    let (org, ann) = (&scene.org.name, sessions[0].account);
    let listed = async |account, now, page: Page| {
        scene.store.sessions(org, account, now, &page).await.expect("a list")
    };
    let now = NOW + Duration::minutes(3);
    assert_eq!(listed(ann, now, Page::first(5)).await.items, sessions);
    let first = listed(ann, now, Page::first(2)).await;
    assert_eq!(first.items, sessions[..2]);
    let rest = listed(ann, now, Page { limit: 2, cursor: first.next }).await;
    assert_eq!((rest.items, rest.next), (sessions[2..].to_vec(), None));
    assert_eq!(listed(bob.account, now, Page::first(5)).await.items, std::slice::from_ref(&bob));
    let idle = NOW + Duration::minutes(31);
    assert_eq!(listed(ann, idle, Page::first(5)).await.items, sessions[2..], "two have ended");

    // One of them, by its own account alone.
    let end = async |account, session| {
        scene.store.end_sessions(org, account, session, scene.audit("ended")).await
    };
    let second = Some(sessions[1].made.id);
    refused!(end(bob.account, second).await, NotFound("session"));
    end(ann, second).await.expect("ended");
    refused!(end(ann, second).await, NotFound("session"));
    assert_eq!(at(&scene, &sessions[1].made.token_hash, now).await, None);
    assert!(at(&scene, &sessions[0].made.token_hash, now).await.is_some());

    end(ann, None).await.expect("ended");
    assert_eq!(listed(ann, now, Page::first(5)).await.items, []);
    assert_eq!(at(&scene, &sessions[2].made.token_hash, now).await, None);
    assert!(at(&scene, &bob.made.token_hash, now).await.is_some());
    let trail = scene.trail().await;
    assert_eq!(trail.iter().filter(|entry| entry.sub_category == "ended").count(), 2);
}
