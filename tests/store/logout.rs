//! Logouts: pending ones, and the sessions that one from the identity provider ends (SPEC 5.3).

use crate::scene::{NOW, Scene, name, org};
use sso_core::ids::{AccountId, ConnectionId, saml_id};
use sso_core::login::ReplayRecord;
use sso_core::logout::PendingLogout;
use sso_core::org::OrgName;
use sso_core::provisioning::NameIdKey;
use sso_core::store::{
    CommitError, Cutoffs, LogoutRecords, Page, Session, Store, StoreError, Subject,
};
use sso_tests::Person;
use std::sync::Arc;
use time::Duration;

fn pending(scene: &Scene<impl Store>) -> PendingLogout {
    PendingLogout {
        request_id: saml_id(scene.random()),
        org: scene.org.name.clone(),
        connection: ConnectionId::new(NOW, scene.random()),
        relay_state: "state".to_owned(),
        return_to: Some("https://sso.example/after".to_owned()),
        created_at: NOW,
    }
}

pub(crate) async fn a_pending_logout_is_kept_until_it_is_purged(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let store = &scene.store;
    let logout = pending(&scene);
    store.put_pending_logout(logout.clone()).await.expect("kept");
    let again = store.put_pending_logout(logout.clone()).await;
    assert!(matches!(again, Err(StoreError::Conflict("request_exists"))), "{again:?}");
    let bare = PendingLogout { return_to: None, ..pending(&scene) };
    store.put_pending_logout(bare.clone()).await.expect("kept");
    for logout in [&logout, &bare] {
        let found = store.pending_logout(&logout.request_id).await.expect("read");
        assert_eq!(found.as_ref(), Some(logout));
    }
    assert_eq!(store.pending_logout("_another").await.expect("read"), None);

    let month = Duration::days(30);
    let just_before = NOW + PendingLogout::LIFETIME - Duration::microseconds(1);
    let purged = store.purge(&Cutoffs::at(just_before, month)).await.expect("purged");
    assert_eq!(purged.pending_logouts, 0);
    let purged = store.purge(&Cutoffs::at(logout.expires_at(), month)).await.expect("purged");
    assert_eq!(purged.pending_logouts, 2);
    assert_eq!(store.pending_logout(&logout.request_id).await.expect("read"), None);
}

pub(crate) async fn a_logout_is_finished_once(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let store = &scene.store;
    let logout = pending(&scene);
    store.put_pending_logout(logout.clone()).await.expect("kept");
    let trace = || scene.trace(NOW, AccountId::new(NOW, scene.random()));
    store.finish_logout(&logout.request_id, trace()).await.expect("finished");
    for request in [&*logout.request_id, "_another"] {
        let again = store.finish_logout(request, trace()).await;
        assert!(matches!(again, Err(CommitError::RequestAlreadyUsed)), "{again:?}");
    }
    let traces = store.traces(&scene.org.name, &Page::first(10)).await.expect("traces");
    assert_eq!(traces.items.len(), 1, "what is refused stores nothing");
    let found = store.pending_logout(&logout.request_id).await.expect("read");
    assert_eq!(found, Some(logout), "it stays until it is purged");
}

/// Ends the sessions of a subject, without records.
async fn end(
    scene: &Scene<impl Store>,
    org: &OrgName,
    name_id: &NameIdKey,
    indexes: &[&str],
) -> Vec<Session> {
    let session_indexes = indexes.iter().map(|index| (*index).to_owned()).collect();
    let subject = Subject { org: org.clone(), name_id: name_id.clone(), session_indexes };
    let ended = scene.store.end_subject_sessions(subject, LogoutRecords::default()).await;
    ended.expect("ended")
}

async fn is_live(scene: &Scene<impl Store>, session: &Session) -> bool {
    scene.store.session(&session.made.token_hash, NOW).await.expect("read").is_some()
}

pub(crate) async fn the_sessions_of_a_subject_end(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(scene.sign_in(&Person::new("ann")).await.expect("signed in").session);
    }
    sessions.sort_by_key(|session| session.made.id);
    let bob = scene.sign_in(&Person::new("bob")).await.expect("signed in").session;
    let other = org("other", &["other.example"]);
    scene.store.create_org(other.clone(), scene.audit("made")).await.expect("made");
    let (corp, name_id) = (&scene.org.name, &sessions[0].made.name_id);

    // Every part of the name counts, and the organization.
    let named = |change: fn(&mut NameIdKey)| {
        let mut name_id = name_id.clone();
        change(&mut name_id);
        name_id
    };
    for foreign in [
        named(|it| it.issuer.push('/')),
        named(|it| it.format = None),
        named(|it| it.name_qualifier = Some(it.issuer.clone())),
        named(|it| it.sp_name_qualifier = Some("https://sp.example".to_owned())),
        named(|it| it.value = it.value.to_uppercase()),
    ] {
        assert_eq!(end(&scene, corp, &foreign, &[]).await, [], "{foreign:?}");
    }
    assert_eq!(end(&scene, &name("other"), name_id, &[]).await, []);

    // Those of some indexes, then all. An index that is empty or nobody's is none of theirs.
    assert_eq!(end(&scene, corp, name_id, &["", "_guessed"]).await, []);
    let index = |n: usize| sessions[n].made.session_indexes[0].as_str();
    let some = end(&scene, corp, name_id, &[index(1), "_guessed", index(3), index(1)]).await;
    assert_eq!(some, [sessions[1].clone(), sessions[3].clone()]);
    assert!(is_live(&scene, &sessions[0]).await && !is_live(&scene, &sessions[1]).await);
    let rest = end(&scene, corp, name_id, &[]).await;
    assert_eq!(rest, [sessions[0].clone(), sessions[2].clone()]);
    assert!(!is_live(&scene, &sessions[0]).await);
    assert_eq!(end(&scene, corp, name_id, &[]).await, [], "they have ended");
    assert!(is_live(&scene, &bob).await);
}

pub(crate) async fn a_session_is_found_by_its_name_to_its_end(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    // How a NameID is known outlives the session that it came with. A later login is found as well, whether
    // that lasted long enough or not.
    let week = Duration::days(7);
    for began in [NOW, NOW + week, NOW + week + Duration::seconds(1), NOW + week * 3] {
        let login = scene.login(&Person::new("ann"), began).await;
        let session = scene.commit(login).await.expect("signed in").session;
        let last = session.made.expires_at - Duration::microseconds(1);
        let mut now = began;
        while now < last {
            now = last.min(now + Duration::minutes(29));
            scene.store.purge(&Cutoffs::at(now, Duration::days(30))).await.expect("purged");
            let live = scene.store.session(&session.made.token_hash, now).await.expect("read");
            assert!(live.is_some(), "{now}");
        }
        let ended = end(&scene, &scene.org.name, &session.made.name_id, &[]).await;
        assert_eq!(ended.iter().map(|it| it.made.id).collect::<Vec<_>>(), [session.made.id]);
    }
}

pub(crate) async fn each_name_of_an_account_ends_its_own_sessions(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let mut sessions = Vec::new();
    // As where a provider gives another transient name each time.
    for name_id in ["_first", "_second", "_first"] {
        let mut person = Person::new("ann");
        person.name_id = name_id.to_owned();
        sessions.push(scene.sign_in(&person).await.expect("signed in").session);
    }
    assert!(sessions.iter().all(|session| session.account == sessions[0].account));
    let (corp, first) = (&scene.org.name, &sessions[0].made.name_id);
    let ended = end(&scene, corp, first, &[]).await;
    assert_eq!(ended.len(), 2);
    assert!(ended.iter().all(|session| session.made.name_id == *first));
    assert!(is_live(&scene, &sessions[1]).await);
    let ended = end(&scene, corp, &sessions[1].made.name_id, &[]).await;
    assert_eq!(ended, [sessions[1].clone()]);
}

pub(crate) async fn every_index_of_a_session_is_its_own(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = Person::new("ann");
    let many = ann.clone().in_session("_two").in_session("_three, \"four\"").in_session("_two");
    for index in ["_two", "_three, \"four\""] {
        let one = scene.sign_in(&ann).await.expect("signed in").session;
        let session = scene.sign_in(&many).await.expect("signed in").session;
        assert_eq!(session.made.session_indexes.len(), 3, "each once, as received");
        assert_eq!(session.made.session_indexes[1..], ["_two", "_three, \"four\""]);
        let read = scene.store.session(&session.made.token_hash, NOW).await.expect("read");
        assert_eq!(read.expect("live").0, session);
        let (corp, name_id) = (&scene.org.name, &session.made.name_id);
        assert_eq!(end(&scene, corp, name_id, &["_three"]).await, []);
        assert_eq!(end(&scene, corp, name_id, &[index]).await, [session]);
        assert!(is_live(&scene, &one).await);
    }
}

pub(crate) async fn a_replayed_logout_ends_nothing(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.sign_in(&Person::new("ann")).await.expect("signed in").session;
    let subject = Subject {
        org: scene.org.name.clone(),
        name_id: ann.made.name_id.clone(),
        session_indexes: Vec::new(),
    };
    let records = |id: &str| LogoutRecords {
        replay: Some(ReplayRecord {
            issuer: "https://idp.example/".to_owned(),
            assertion_id: id.to_owned(),
            issued_at: NOW,
            expires_at: NOW + Duration::minutes(10),
        }),
        trace: Some(scene.trace(NOW, ann.account)),
    };
    let end = async |id| scene.store.end_subject_sessions(subject.clone(), records(id)).await;
    assert_eq!(end("_one").await.expect("ended"), std::slice::from_ref(&ann));

    let again = scene.sign_in(&Person::new("ann")).await.expect("signed in").session;
    let replayed = end("_one").await;
    assert!(matches!(replayed, Err(CommitError::Replayed)), "{replayed:?}");
    assert!(is_live(&scene, &again).await, "nothing of a replay is carried out");
    let traces = scene.store.traces(&scene.org.name, &Page::first(10)).await.expect("traces");
    assert_eq!(traces.items.len(), 3, "two logins and one logout");
    assert_eq!(end("_two").await.expect("ended"), [again]);
}

pub(crate) async fn logouts_at_once_end_each_session_once(store: Arc<impl Store + 'static>) {
    let scene = Arc::new(Scene::new(store).await);
    let mut sessions = Vec::new();
    for _ in 0..8 {
        sessions.push(scene.sign_in(&Person::new("ann")).await.expect("signed in").session);
    }
    let name_id = sessions[0].made.name_id.clone();
    let logouts: Vec<_> = (0..8)
        .map(|_| {
            let (scene, name_id) = (Arc::clone(&scene), name_id.clone());
            tokio::spawn(async move { end(&scene, &scene.org.name, &name_id, &[]).await.len() })
        })
        .collect();
    let mut ended = 0;
    for logout in logouts {
        ended += logout.await.expect("a logout");
    }
    assert_eq!(ended, sessions.len());
}
