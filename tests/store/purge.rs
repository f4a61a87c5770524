//! The purge (docs/retention.md).

use crate::scene::{NOW, Scene, name};
use sso_core::ids::AccountId;
use sso_core::login::PendingLogin;
use sso_core::org::OrgName;
use sso_core::store::{
    AuditEntry, AuditFilter, CommitError, Cutoffs, Page, Purged, Store, StoredTrace,
};
use sso_tests::Person;
use std::sync::Arc;
use time::Duration;

pub(crate) async fn a_purge_removes_what_nobody_waits_for(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let store = &scene.store;
    let person = Person::new("ann");
    let used = scene.begin(NOW).await;
    let verified = scene.verified(&person, &used, "_assertion", NOW);
    let login = scene.decide(&verified, &used, NOW).await;
    scene.commit(login).await.expect("committed");
    let waiting = scene.begin(NOW + Duration::minutes(1)).await;
    let month = Duration::days(30);

    let over = verified.replay().expires_at;
    let just_before = |end| Cutoffs::at(end - Duration::microseconds(1), month);
    assert_eq!(store.purge(&just_before(over)).await.expect("purged").replay_records, 0);
    let login = scene.decide(&verified, &waiting, NOW).await;
    assert!(matches!(scene.commit(login).await, Err(CommitError::Replayed)));
    assert_eq!(store.purge(&Cutoffs::at(over, month)).await.expect("purged").replay_records, 1);
    // From here on it is verification that refuses the assertion.
    let login = scene.decide(&verified, &waiting, NOW).await;
    scene.commit(login).await.expect("no record");

    // A consumed request and one that waits end alike.
    let begun = scene.begin(NOW + Duration::hours(2)).await;
    let end = NOW + Duration::hours(2) + PendingLogin::LIFETIME;
    store.purge(&just_before(end)).await.expect("purged");
    assert!(store.pending_login(&begun).await.expect("read").is_some());
    assert_eq!(store.pending_login(&used).await.expect("read"), None);
    let purged = store.purge(&Cutoffs::at(end, month)).await.expect("purged");
    assert_eq!(purged, Purged { pending_logins: 1, ..Purged::default() });
    assert_eq!(store.pending_login(&begun).await.expect("read"), None);
}

pub(crate) async fn a_purge_removes_ended_sessions(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let store = &scene.store;
    let month = Duration::days(30);
    let [used, idle] = [Person::new("ann"), Person::new("bob")];
    let used = scene.sign_in(&used).await.expect("signed in").session.made.token_hash;
    let idle = scene.sign_in(&idle).await.expect("signed in").session.made.token_hash;
    let live = store.session(&used, NOW + Duration::minutes(29)).await.expect("read");
    assert!(live.is_some());
    let sessions = |minutes| async move {
        let cutoffs = Cutoffs::at(NOW + Duration::minutes(minutes), month);
        store.purge(&cutoffs).await.expect("purged").sessions
    };
    assert_eq!(sessions(29).await, 0);
    assert_eq!(sessions(30).await, 1, "the one that was not used");
    assert_eq!(store.session(&idle, NOW).await.expect("read"), None);
    assert!(store.session(&used, NOW).await.expect("read").is_some());
    assert_eq!(sessions(58).await, 0);
    assert_eq!(sessions(59).await, 1);
    assert_eq!(store.session(&used, NOW).await.expect("read"), None);
}

pub(crate) async fn a_purge_removes_old_traces_and_entries(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let store = &scene.store;
    let month = Duration::days(30);
    let account = scene.account(&Person::new("ann")).await;
    let later = NOW + Duration::hours(1);
    store.put_trace(scene.trace(later, AccountId::new(NOW, scene.random()))).await.expect("kept");
    let old = Cutoffs::at(NOW + month + Duration::milliseconds(1), month);
    assert_eq!(store.purge(&old).await.expect("purged").traces, 1);
    let left = store.traces(&scene.org.name, &Page::first(10)).await.expect("traces").items;
    assert_eq!(left.iter().map(|trace| trace.at).collect::<Vec<_>>(), [later]);

    let kept = Cutoffs::at(NOW + Cutoffs::AUDIT_KEPT, month);
    assert_eq!(store.purge(&kept).await.expect("purged").audit_entries, 0);
    let over = Cutoffs::at(NOW + Cutoffs::AUDIT_KEPT + Duration::milliseconds(1), month);
    assert_eq!(store.purge(&over).await.expect("purged").audit_entries, 3);
    let stored = store.account(&scene.org.name, account.id).await.expect("read");
    assert_eq!(stored, Some(account), "nothing ends an account");
}

pub(crate) async fn a_purge_goes_from_one_organization_to_the_next(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let store = &scene.store;
    let later = NOW + Duration::milliseconds(1);
    // More than one transaction removes, and one organization without anything old between others. An
    // organization may be gone before what is told of it.
    let orgs = [("aaa", 501), ("corp", 1), ("gone", 0), ("zzz", 501)];
    for (org, old) in orgs {
        for at in std::iter::repeat_n(NOW, old).chain([later]) {
            let account = AccountId::new(NOW, scene.random());
            let trace = StoredTrace { org: name(org), ..scene.trace(at, account) };
            store.put_trace(trace).await.expect("kept");
        }
    }
    // The service's own trail, which comes first.
    let service = OrgName::of_the_service();
    for at in [NOW, later] {
        let entry = AuditEntry { org: service.clone(), ..scene.audit_at("started", at) };
        store.record(entry).await.expect("kept");
    }
    let month = Duration::days(30);
    let purged = store.purge(&Cutoffs::at(later + month, month)).await.expect("purged");
    assert_eq!(purged, Purged { traces: 1_003, ..Purged::default() });
    for (org, _) in orgs {
        let left = store.traces(&name(org), &Page::first(10)).await.expect("traces").items;
        assert_eq!(left.iter().map(|trace| trace.at).collect::<Vec<_>>(), [later], "{org}");
    }
    let year = Cutoffs::at(later + Cutoffs::AUDIT_KEPT, Cutoffs::AUDIT_KEPT);
    // That of the service, and that the scene's organization was made.
    assert_eq!(store.purge(&year).await.expect("purged").audit_entries, 2);
    let left = store.audit(&service, &AuditFilter::default(), &Page::first(10)).await;
    let left = left.expect("entries").items;
    assert_eq!(left.iter().map(|entry| entry.timestamp).collect::<Vec<_>>(), [later]);
}

pub(crate) async fn a_large_purge_removes_all_of_it(store: Arc<impl Store>) {
    const MANY: u64 = 1_203;
    let scene = Scene::new(store).await;
    for _ in 0..MANY {
        scene.begin(NOW).await;
    }
    let all = Cutoffs::at(NOW + Duration::minutes(10), Duration::days(30));
    let purged = scene.store.purge(&all).await.expect("purged");
    assert_eq!(purged, Purged { pending_logins: MANY, ..Purged::default() });
}
