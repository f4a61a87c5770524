//! Leases: work that one node does for all.

use crate::scene::NOW;
use sso_core::ids::NodeId;
use sso_core::store::Store;
use sso_tests::SeededRandom;
use std::sync::Arc;
use time::Duration;
use tokio::task::JoinSet;

const WORK: &str = "work";
const MINUTE: Duration = Duration::MINUTE;

fn nodes() -> (NodeId, NodeId) {
    let random = SeededRandom::new(1);
    (NodeId::new(NOW, &random), NodeId::new(NOW, &random))
}

pub(crate) async fn a_lease_is_one_node_s(store: Arc<impl Store>) {
    let (one, other) = nodes();
    let acquire = async |name, node| {
        store.acquire_lease(name, node, NOW, NOW + MINUTE).await.expect("an answer")
    };
    assert!(acquire(WORK, one).await);
    assert!(acquire(WORK, one).await, "prolonged");
    assert!(!acquire(WORK, other).await);
    assert!(acquire("other work", other).await);
    store.release_lease(WORK, other).await.expect("nothing to do");
    assert!(!acquire(WORK, other).await, "it was not the other's to give back");
    store.release_lease(WORK, one).await.expect("given back");
    assert!(acquire(WORK, other).await);
}

pub(crate) async fn a_lease_that_is_over_is_taken_by_another(store: Arc<impl Store>) {
    let (one, other) = nodes();
    let acquire = async |node, now| {
        store.acquire_lease(WORK, node, now, now + MINUTE).await.expect("an answer")
    };
    assert!(acquire(one, NOW).await);
    assert!(!acquire(other, NOW + MINUTE - Duration::MICROSECOND).await);
    assert!(acquire(one, NOW + MINUTE / 2).await);
    assert!(!acquire(other, NOW + MINUTE).await, "it was prolonged");
    assert!(acquire(other, NOW + MINUTE + MINUTE / 2).await);
    assert!(!acquire(one, NOW + MINUTE + MINUTE / 2).await);
}

pub(crate) async fn nodes_that_ask_at_once_leave_one_with_the_lease(
    store: Arc<impl Store + 'static>,
) {
    let random = SeededRandom::new(1);
    let mut asking = JoinSet::new();
    for _ in 0..16 {
        let (store, node) = (Arc::clone(&store), NodeId::new(NOW, &random));
        asking.spawn(async move { store.acquire_lease(WORK, node, NOW, NOW + MINUTE).await });
    }
    let answers = asking.join_all().await;
    let theirs = answers.into_iter().filter(|answer| *answer.as_ref().expect("an answer"));
    assert_eq!(theirs.count(), 1);
}
