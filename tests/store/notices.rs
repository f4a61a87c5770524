//! Notices are raised once, and wait in the outbox until they were delivered.

use crate::scene::{NOW, Scene};
use sso_core::ids::NoticeId;
use sso_core::store::{Channel, Cutoffs, Delivery, Notice, NoticeKind, Store, StoreError};
use std::sync::Arc;
use time::Duration;
use tokio::task::JoinSet;

fn notice(scene: &Scene<impl Store>, key: &str) -> Notice {
    let facts = serde_json::json!({"days": 30, "alias": "a \"b\""});
    Notice {
        id: NoticeId::new(NOW, scene.random()),
        org: scene.org.name.clone(),
        at: NOW,
        kind: NoticeKind::ServiceCertificateExpiry,
        key: key.to_owned(),
        sentence: "The service certificate \"a\" expires in 30 days.".to_owned(),
        facts: facts.as_object().expect("an object").clone(),
    }
}

async fn raised(scene: &Scene<impl Store>, notice: &Notice) -> bool {
    let audit = scene.audit("told");
    scene.store.raise(notice.clone(), audit, &[Channel::Webhook]).await.expect("raised or not")
}

async fn take(scene: &Scene<impl Store>, after: Duration) -> Vec<Delivery> {
    let now = NOW + after;
    let again_at = now + Duration::minutes(5);
    let taken = scene.store.take_deliveries(Channel::Webhook, now, again_at, 2).await;
    taken.expect("deliveries")
}

pub(crate) async fn a_notice_is_raised_once(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let (first, other) = (notice(&scene, "a/30"), notice(&scene, "a/14"));
    assert!(raised(&scene, &first).await);
    assert!(!raised(&scene, &notice(&scene, "a/30")).await);
    assert!(raised(&scene, &other).await);
    let told = scene.trail().await.iter().filter(|entry| entry.sub_category == "told").count();
    assert_eq!(told, 2);
    let taken = take(&scene, Duration::ZERO).await;
    assert_eq!(taken.iter().map(|taken| taken.attempts).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(taken.into_iter().map(|taken| taken.notice).collect::<Vec<_>>(), [first, other]);

    let elsewhere = Scene::without_org(Arc::clone(&scene.store));
    let mut foreign = notice(&elsewhere, "a/30");
    foreign.org = "nobody".parse().expect("a name");
    let refused = scene.store.raise(foreign, scene.audit("told"), &[]).await;
    assert!(matches!(refused, Err(StoreError::NotFound("org"))), "{refused:?}");
}

pub(crate) async fn a_notice_raised_at_once_is_raised_once(store: Arc<impl Store + 'static>) {
    let scene = Arc::new(Scene::new(store).await);
    let mut nodes = JoinSet::new();
    for _ in 0..8 {
        let scene = Arc::clone(&scene);
        nodes.spawn(async move { raised(&scene, &notice(&scene, "a/30")).await });
    }
    let raised = nodes.join_all().await;
    assert_eq!(raised.iter().filter(|raised| **raised).count(), 1);
    assert_eq!(take(&scene, Duration::ZERO).await.len(), 1);
}

pub(crate) async fn a_delivery_waits_until_it_ends(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    for key in ["a", "b", "c"] {
        assert!(raised(&scene, &notice(&scene, key)).await);
    }
    let first = take(&scene, Duration::ZERO).await;
    assert_eq!(first.len(), 2, "as many as were asked for");
    assert_eq!(take(&scene, Duration::ZERO).await.len(), 1, "what was taken is not taken again");
    assert_eq!(take(&scene, Duration::minutes(4)).await.len(), 0);

    // One arrived, one is put off; the third was taken by a node that died.
    let [arrived, failed] = [first[0].notice.id, first[1].notice.id];
    scene.store.end_delivery(arrived, Channel::Webhook).await.expect("ended");
    let until = NOW + Duration::hours(1);
    scene.store.put_delivery_off(failed, Channel::Webhook, until).await.expect("put off");
    let again = take(&scene, Duration::minutes(5)).await;
    assert_eq!(again.iter().map(|again| again.attempts).collect::<Vec<_>>(), [2]);
    scene.store.end_delivery(again[0].notice.id, Channel::Webhook).await.expect("ended");
    assert_eq!(take(&scene, Duration::minutes(59)).await.len(), 0);
    let last = take(&scene, Duration::hours(1)).await;
    assert_eq!(
        last.iter().map(|last| (last.notice.id, last.attempts)).collect::<Vec<_>>(),
        [(failed, 2)]
    );
}

pub(crate) async fn a_notice_without_a_channel_is_kept(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let quiet = notice(&scene, "a");
    assert!(scene.store.raise(quiet, scene.audit("told"), &[]).await.expect("raised"));
    assert!(!raised(&scene, &notice(&scene, "a")).await);
    assert_eq!(take(&scene, Duration::ZERO).await, []);
}

pub(crate) async fn old_notices_are_purged_with_their_deliveries(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    assert!(raised(&scene, &notice(&scene, "a")).await);
    let purge = |now| {
        let cutoffs = Cutoffs::at(now, Duration::days(30));
        let store = Arc::clone(&scene.store);
        async move { store.purge(&cutoffs).await.expect("purged").notices }
    };
    assert_eq!(purge(NOW + Cutoffs::AUDIT_KEPT).await, 0);
    assert_eq!(purge(NOW + Cutoffs::AUDIT_KEPT + Duration::seconds(1)).await, 1);
    assert_eq!(take(&scene, Duration::days(400)).await, []);
}
