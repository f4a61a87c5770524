//! Sessions: live, used, ended.

use crate::configuration::refused;
use crate::scene::{NOW, Scene};
use sso_core::connection::{ConnectionState, Slot};
use sso_core::login::PendingLogin;
use sso_core::provisioning::{Account, AccountStatus};
use sso_core::store::{
    AccountStore, CommitError, Page, Session, SignInStore, Store, StoreError, WhichSessions,
};
use sso_tests::Person;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tokio::task::JoinSet;

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
    let end = async |account, which| {
        scene.store.end_sessions(org, account, which, scene.audit("ended")).await
    };
    let second = WhichSessions::One(sessions[1].made.id);
    refused!(end(bob.account, second).await, NotFound("session"));
    end(ann, second).await.expect("ended");
    refused!(end(ann, second).await, NotFound("session"));
    assert_eq!(at(&scene, &sessions[1].made.token_hash, now).await, None);
    assert!(at(&scene, &sessions[0].made.token_hash, now).await.is_some());

    end(ann, WhichSessions::AllBut(sessions[2].made.id)).await.expect("ended");
    assert_eq!(listed(ann, now, Page::first(5)).await.items, sessions[2..]);
    end(ann, WhichSessions::All).await.expect("ended");
    assert_eq!(listed(ann, now, Page::first(5)).await.items, []);
    assert_eq!(at(&scene, &sessions[2].made.token_hash, now).await, None);
    assert!(at(&scene, &bob.made.token_hash, now).await.is_some());
    let trail = scene.trail().await;
    assert_eq!(trail.iter().filter(|entry| entry.sub_category == "ended").count(), 3);
}

/// A session ends for good with what its people may be signed in through (SPEC 6; ATTACKS TEN-04).
pub(crate) async fn a_session_ends_with_its_connection_and_its_organization(
    store: Arc<impl Store>,
) {
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    let sign_in = async || {
        let ann = scene.sign_in(&Person::new("ann")).await.expect("signed in").session;
        assert!(at(&scene, &ann.made.token_hash, NOW).await.is_some());
        ann
    };
    let is_gone = async |session: &Session| {
        let page = Page::first(5);
        let listed = store.sessions(&org.name, session.account, NOW, &page).await.expect("a list");
        at(&scene, &session.made.token_hash, NOW).await.is_none() && listed.items.is_empty()
    };
    let stored = async || {
        store.connection(&org.name, Slot::Live).await.expect("read").expect("a connection")
    };
    for state in [ConnectionState::Disabled, ConnectionState::Active] {
        let session = if state == ConnectionState::Disabled { Some(sign_in().await) } else { None };
        let mut connection = stored().await;
        connection.revision += 1;
        scene.set_state(&mut connection, state);
        store.put_connection(connection, scene.audit("changed")).await.expect("changed");
        if let Some(session) = session {
            assert!(is_gone(&session).await);
        }
    }
    let session = sign_in().await;
    for sso_enabled in [false, true] {
        let mut changed = store.org("corp").await.expect("read").expect("the organization");
        changed.sso_enabled = sso_enabled;
        store.update_org(changed, scene.audit("changed")).await.expect("changed");
        assert!(is_gone(&session).await, "ended, not hidden");
    }
    let session = sign_in().await;
    store.delete_connection(&org.name, Slot::Live, scene.audit("removed")).await.expect("removed");
    assert!(is_gone(&session).await);
}

/// A login that was verified before its connection was disabled, and is committed after it.
pub(crate) async fn a_session_of_a_disabled_connection_does_not_count(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    scene.sign_in(&Person::new("ann")).await.expect("signed in");
    let late = scene.login(&Person::new("ann"), NOW).await;
    let stored = store.connection(&org.name, Slot::Live).await.expect("read");
    let mut connection = stored.expect("a connection");
    connection.revision += 1;
    scene.set_state(&mut connection, ConnectionState::Disabled);
    store.put_connection(connection, scene.audit("changed")).await.expect("changed");
    let late = scene.commit(late).await.expect("committed").session;
    assert_eq!(at(&scene, &late.made.token_hash, NOW).await, None);
}

/// Tabs of one browser that sign in at once, whose posts bring no cookie of a session.
pub(crate) async fn a_browser_whose_tabs_sign_in_at_once_has_one_session(
    store: Arc<impl Store + 'static>,
) {
    const TABS: usize = 6;
    let scene = Arc::new(Scene::new(store).await);
    let browser = scene.pending(NOW).browser;
    let mut logins = Vec::new();
    for tab in 0..TABS {
        let pending = PendingLogin { browser, replaces: None, ..scene.pending(NOW) };
        scene.store.put_pending_login(pending.clone()).await.expect("kept");
        // Two people, so that not even the account is what they wait for.
        let person = Person::new(["ann", "bob"][tab % 2]);
        let verified = scene.verified(&person, &pending.request_id, &format!("_{tab}"), NOW);
        logins.push((verified, pending.request_id));
    }
    let elsewhere = scene.sign_in(&Person::new("ann")).await.expect("signed in").session;
    let mut tabs = JoinSet::new();
    for (verified, request_id) in logins {
        let scene = scene.clone();
        tabs.spawn(async move {
            loop {
                let mut login = scene.decide(&verified, &request_id, NOW).await;
                login.records.browser = Some(browser);
                match scene.commit(login).await {
                    Ok(signed_in) => return signed_in.session.made.token_hash,
                    Err(CommitError::Conflict) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    let mut live = 0;
    for token in tabs.join_all().await {
        live += usize::from(at(&scene, &token, NOW).await.is_some());
    }
    assert_eq!(live, 1);
    assert!(at(&scene, &elsewhere.made.token_hash, NOW).await.is_some(), "another browser's stays");
}

/// One that the identity provider began answers no request, and tells those that wait all the same.
pub(crate) async fn a_login_that_waits_replaces_the_session_that_was_made_meanwhile(
    store: Arc<impl Store>,
) {
    let scene = Scene::new(store).await;
    let waits = PendingLogin { replaces: None, ..scene.pending(NOW) };
    scene.store.put_pending_login(waits.clone()).await.expect("kept");
    let mut unsolicited = scene.unsolicited(&Person::new("ann")).await;
    unsolicited.records.browser = Some(waits.browser);
    let made = scene.commit(unsolicited).await.expect("signed in").session.made.token_hash;
    assert!(at(&scene, &made, NOW).await.is_some());
    let mut login = scene.answer(&Person::new("ann"), &waits.request_id, NOW).await;
    login.records.browser = Some(waits.browser);
    scene.commit(login).await.expect("signed in");
    assert_eq!(at(&scene, &made, NOW).await, None);
    let mut again = scene.answer(&Person::new("ann"), &waits.request_id, NOW).await;
    again.records.browser = Some(waits.browser);
    let again = scene.commit(again).await;
    assert!(matches!(again, Err(CommitError::RequestAlreadyUsed)), "{again:?}");
}

/// The session that a browser had ends in the transaction that makes the next.
pub(crate) async fn a_session_that_is_replaced_ends(store: Arc<impl Store>) {
    let (scene, token) = signed_in(store).await;
    let mut login = scene.login(&Person::new("bob"), NOW).await;
    login.records.replaces = Some(token);
    let bob = scene.commit(login).await.expect("signed in").session;
    assert_eq!(at(&scene, &token, NOW).await, None);
    assert!(at(&scene, &bob.made.token_hash, NOW).await.is_some());
    // One that has ended is no hindrance; a login that is not committed ends nothing.
    let mut login = scene.login(&Person::new("ann"), NOW).await;
    login.records.replaces = Some(token);
    scene.commit(login).await.expect("signed in");
    let mut refused = scene.login(&Person::new("ann"), NOW).await;
    refused.records.replaces = Some(bob.made.token_hash);
    refused.records.request_id = Some("_never".to_owned());
    scene.commit(refused).await.expect_err("no such request");
    assert!(at(&scene, &bob.made.token_hash, NOW).await.is_some());
}
