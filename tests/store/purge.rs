//! The purge (docs/retention.md).

use crate::scene::{NOW, Scene};
use sso_core::ids::AccountId;
use sso_core::store::{CommitError, Cutoffs, Page, Purged, Store};
use sso_tests::Person;
use std::sync::Arc;
use time::Duration;

pub(crate) async fn a_purge_removes_what_is_past_its_time(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let store = &scene.store;
    let person = Person::new("ann");
    let used = scene.begin(NOW).await;
    let verified = scene.verified(&person, &used, "_assertion", NOW);
    let login = scene.decide(&verified, &used, NOW).await;
    let session = scene.commit(login).await.expect("committed").session;
    let waiting = scene.begin(NOW + Duration::minutes(1)).await;
    let month = Duration::days(30);

    let nothing = Cutoffs::at(NOW + Duration::minutes(10) - Duration::microseconds(1), month);
    // Only the replay record is over: its assertion was good for 5 minutes and the skew.
    let purged = store.purge(&nothing).await.expect("purged");
    assert_eq!(purged, Purged { replay_records: 1, ..Purged::default() });
    assert_eq!(store.purge(&nothing).await.expect("purged"), Purged::default());
    let login = scene.decide(&verified, &waiting, NOW).await;
    scene.commit(login).await.expect("what verification must refuse by then");
    let login = scene.decide(&verified, &scene.begin(NOW).await, NOW).await;
    assert!(matches!(scene.commit(login).await, Err(CommitError::Replayed)));

    let requests = Cutoffs::at(NOW + Duration::minutes(10), month);
    let purged = store.purge(&requests).await.expect("purged");
    assert_eq!((purged.pending_logins, purged.replay_records), (2, 1));
    assert_eq!(store.pending_login(&used).await.expect("read"), None);
    assert!(store.pending_login(&waiting).await.expect("read").is_some());

    let token = session.made.token_hash;
    let live = store.session(&token, NOW + Duration::minutes(29)).await.expect("read");
    assert!(live.is_some());
    let idle = Cutoffs::at(NOW + Duration::minutes(58), month);
    let purged = store.purge(&idle).await.expect("purged");
    assert_eq!(purged.sessions, 1, "the one that was not used");
    assert!(store.session(&token, NOW + Duration::minutes(58)).await.expect("read").is_some());
    let idle = Cutoffs::at(NOW + Duration::minutes(89), month);
    assert_eq!(store.purge(&idle).await.expect("purged").sessions, 1);
    assert_eq!(store.session(&token, NOW).await.expect("read"), None);

    let later = NOW + Duration::hours(1);
    store.put_trace(scene.trace(later, AccountId::new(NOW, scene.random()))).await.expect("kept");
    let old = Cutoffs::at(NOW + month + Duration::microseconds(1), month);
    assert_eq!(store.purge(&old).await.expect("purged").traces, 2);
    let left = store.traces(&scene.org.name, &Page::first(10)).await.expect("traces").items;
    assert_eq!(left.iter().map(|trace| trace.at).collect::<Vec<_>>(), [later]);

    let kept = Cutoffs::at(NOW + Cutoffs::AUDIT_KEPT, month);
    assert_eq!(store.purge(&kept).await.expect("purged").audit_entries, 0);
    let over = Cutoffs::at(NOW + Cutoffs::AUDIT_KEPT + Duration::microseconds(1), month);
    assert_eq!(store.purge(&over).await.expect("purged").audit_entries, 4);
    assert!(store.account(&scene.org.name, session.account).await.expect("read").is_some());
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
