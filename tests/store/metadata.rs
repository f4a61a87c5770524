//! Where the metadata of connections comes from, and the refreshes that unknown keys trigger.

use crate::scene::{NOW, Scene};
use sso_core::connection::Slot;
use sso_core::ids::ConnectionId;
use sso_core::metadata::{MetadataChange, MetadataSource, Proposal, RefreshFailure, Validators};
use sso_core::store::{KeyRefreshClaim, Store, StoreError};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tokio::task::JoinSet;

pub(crate) fn source(connection: ConnectionId, revision: u64) -> MetadataSource {
    MetadataSource {
        connection,
        revision,
        url: Some("https://idp.example/metadata".parse().expect("a URL")),
        entity_id: None,
        pin: None,
        taken_at: NOW,
        valid_until: None,
        cache_duration: Some(Duration::hours(6)),
        validators: Validators::default(),
        checked_at: NOW,
        due_at: Some(NOW + Duration::HOUR),
        failure: None,
        proposal: None,
        rejected: Vec::new(),
    }
}

/// A source with everything that it can have.
fn full(connection: ConnectionId, revision: u64) -> MetadataSource {
    let change = MetadataChange {
        field: "sso_url".to_owned(),
        from: serde_json::json!("https://idp.example/sso"),
        to: serde_json::json!("https://other.example/sso"),
        needs_approval: true,
    };
    MetadataSource {
        entity_id: Some("https://idp.example/".to_owned()),
        pin: Some("a certificate".to_owned()),
        valid_until: Some(NOW + Duration::microseconds(1)),
        validators: Validators {
            etag: Some("\"1\"".to_owned()),
            last_modified: Some("Sat, 21 Nov 2026 12:00:00 GMT".to_owned()),
        },
        failure: Some(RefreshFailure {
            code: "host_timed_out".to_owned(),
            detail: "The host did not answer in time.".to_owned(),
            at: NOW + Duration::seconds(1),
            times: 2,
        }),
        proposal: Some(Proposal {
            found_at: NOW,
            connection_revision: 7,
            changes: vec![change.clone()],
            document: "<EntityDescriptor/>".to_owned(),
        }),
        rejected: vec![change],
        ..source(connection, revision)
    }
}

/// A scene with a live connection whose metadata is refreshed.
async fn refreshed<S: Store>(store: Arc<S>) -> (Scene<S>, ConnectionId) {
    let scene = Scene::new(store).await;
    let connection = scene.connection(Slot::Live, 1);
    let id = connection.id;
    let audit = vec![scene.audit("metadata_imported")];
    scene.store.put_metadata(connection, source(id, 1), audit).await.expect("written");
    (scene, id)
}

pub(crate) async fn a_source_is_written_with_its_connection(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let store = &scene.store;
    let connection = scene.connection(Slot::Live, 1);
    let id = connection.id;
    assert_eq!(store.metadata_source(id).await.expect("read"), None);
    let audit = || vec![scene.audit("metadata_imported")];
    store.put_metadata(connection.clone(), full(id, 1), audit()).await.expect("written");
    assert_eq!(store.metadata_source(id).await.expect("read"), Some(full(id, 1)));
    let trail = scene.trail().await;
    assert_eq!(trail.iter().filter(|e| e.sub_category == "metadata_imported").count(), 1);

    // Neither is written where one cannot be.
    let next = scene.connection(Slot::Live, 2);
    let next = sso_core::connection::Connection { id, ..next };
    for (connection, source, conflict) in [
        (next.clone(), source(id, 1), "metadata_changed"),
        (next.clone(), source(id, 3), "metadata_changed"),
        (connection.clone(), source(id, 2), "connection_changed"),
    ] {
        let refused = store.put_metadata(connection, source, audit()).await;
        assert!(matches!(refused, Err(StoreError::Conflict(found)) if found == conflict));
        assert_eq!(store.metadata_source(id).await.expect("read"), Some(full(id, 1)));
        let kept = store.connection(&scene.org.name, Slot::Live).await.expect("read");
        assert_eq!(kept.map(|kept| kept.revision), Some(1));
        assert_eq!(scene.trail().await, trail);
    }
    store.put_metadata(next, source(id, 2), Vec::new()).await.expect("written");
    assert_eq!(store.metadata_source(id).await.expect("read"), Some(source(id, 2)));
    assert_eq!(scene.trail().await, trail, "nothing to tell");

    let removed = scene.audit("connection_removed");
    store.delete_connection(&scene.org.name, Slot::Live, removed).await.expect("removed");
    assert_eq!(store.metadata_source(id).await.expect("read"), None);
}

pub(crate) async fn a_source_is_written_on_the_revision_before(store: Arc<impl Store>) {
    let (scene, id) = refreshed(store).await;
    let store = &scene.store;
    let put = async |source| store.put_metadata_source(source, vec![scene.audit("noted")]).await;
    put(full(id, 2)).await.expect("written");
    assert_eq!(store.metadata_source(id).await.expect("read"), Some(full(id, 2)));
    for revision in [1, 2, 4] {
        let refused = put(source(id, revision)).await;
        assert!(matches!(refused, Err(StoreError::Conflict("metadata_changed"))), "{revision}");
    }
    let unknown = ConnectionId::new(NOW, scene.random());
    for revision in [1, 2] {
        let refused = put(source(unknown, revision)).await;
        assert!(matches!(refused, Err(StoreError::NotFound("connection"))), "{refused:?}");
    }
    let noted = scene.trail().await.iter().filter(|e| e.sub_category == "noted").count();
    assert_eq!(noted, 1);
}

pub(crate) async fn writes_of_a_source_at_once_let_one_win(store: Arc<impl Store + 'static>) {
    let (scene, id) = refreshed(store).await;
    let mut writing = JoinSet::new();
    for _ in 0..8 {
        let store = Arc::clone(&scene.store);
        writing.spawn(async move { store.put_metadata_source(source(id, 2), Vec::new()).await });
    }
    let written = writing.join_all().await;
    assert_eq!(written.iter().filter(|written| written.is_ok()).count(), 1);
}

pub(crate) async fn what_is_due_comes_longest_waiting_first(store: Arc<impl Store>) {
    let (scene, id) = refreshed(store).await;
    let store = &scene.store;
    let draft = scene.connection(Slot::Draft, 1);
    let earlier = MetadataSource { due_at: Some(NOW), ..source(draft.id, 1) };
    store.put_metadata(draft, earlier, Vec::new()).await.expect("written");
    let handed_in = scene.connection(Slot::Partner, 1);
    let never = MetadataSource { url: None, due_at: None, ..source(handed_in.id, 1) };
    store.put_metadata(handed_in, never, Vec::new()).await.expect("written");

    let due = async |at: OffsetDateTime, most| {
        let due = store.due_metadata(at, most).await.expect("read");
        due.into_iter().map(|(_, slot)| slot).collect::<Vec<_>>()
    };
    assert_eq!(due(NOW - Duration::MICROSECOND, 10).await, []);
    assert_eq!(due(NOW, 10).await, [Slot::Draft]);
    assert_eq!(due(NOW + Duration::HOUR, 10).await, [Slot::Draft, Slot::Live]);
    assert_eq!(due(NOW + Duration::DAY, 1).await, [Slot::Draft]);
    let later = MetadataSource { due_at: Some(NOW + Duration::DAY), ..source(id, 2) };
    store.put_metadata_source(later, Vec::new()).await.expect("written");
    assert_eq!(due(NOW + Duration::HOUR, 10).await, [Slot::Draft]);
}

const EVERY: Duration = Duration::minutes(5);
const LONGEST: Duration = Duration::seconds(30);

async fn claim(store: &impl Store, id: ConnectionId, now: OffsetDateTime) -> KeyRefreshClaim {
    store.claim_key_refresh(id, now, EVERY, LONGEST).await.expect("an answer")
}

pub(crate) async fn a_key_refresh_is_claimed_once_in_its_time(store: Arc<impl Store>) {
    use KeyRefreshClaim::{Claimed, Running, Spent};
    let (scene, id) = refreshed(store).await;
    let store = &*scene.store;
    assert_eq!(claim(store, id, NOW).await, Claimed);
    assert_eq!(claim(store, id, NOW).await, Running);
    // What is written of the refresh leaves the claim as it is.
    store.put_metadata_source(source(id, 2), Vec::new()).await.expect("written");
    assert_eq!(claim(store, id, NOW + Duration::seconds(29)).await, Running);
    store.end_key_refresh(id).await.expect("ended");
    assert_eq!(claim(store, id, NOW).await, Spent);
    assert_eq!(claim(store, id, NOW + EVERY - Duration::MICROSECOND).await, Spent);
    let later = NOW + EVERY;
    assert_eq!(claim(store, id, later).await, Claimed);
    // One that never ended: its node is gone.
    assert_eq!(claim(store, id, later + Duration::seconds(29)).await, Running);
    assert_eq!(claim(store, id, later + LONGEST).await, Spent);
    assert_eq!(claim(store, id, later + EVERY).await, Claimed);

    let unknown = ConnectionId::new(NOW, scene.random());
    assert_eq!(claim(store, unknown, NOW).await, Spent);
    store.end_key_refresh(unknown).await.expect("nothing to do");
    let handed_in = scene.connection(Slot::Draft, 1);
    let draft = handed_in.id;
    let never = MetadataSource { url: None, due_at: None, ..source(draft, 1) };
    store.put_metadata(handed_in, never, Vec::new()).await.expect("written");
    assert_eq!(claim(store, draft, NOW).await, Spent, "there is nothing to fetch it from");
}

pub(crate) async fn claims_at_once_let_one_fetch(store: Arc<impl Store + 'static>) {
    let (scene, id) = refreshed(store).await;
    let mut claiming = JoinSet::new();
    for _ in 0..16 {
        let store = Arc::clone(&scene.store);
        claiming.spawn(async move { claim(&*store, id, NOW).await });
    }
    let claims = claiming.join_all().await;
    let claimed = claims.iter().filter(|claim| **claim == KeyRefreshClaim::Claimed);
    assert_eq!(claimed.count(), 1);
    assert!(!claims.contains(&KeyRefreshClaim::Spent), "the others wait for it");
}
