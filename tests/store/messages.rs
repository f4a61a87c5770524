//! The messages of logins: kept beside their traces, sealed, for a time and a size.

use crate::engines::Database;
use crate::scene::{NOW, Scene, name};
use sso_core::ids::TraceId;
use sso_core::store::{Cutoffs, MessageStore as _, Store, StoreError, StoredMessage};
use std::sync::Arc;
use time::Duration;

/// A message of the organization, some minutes after [`NOW`].
fn message(scene: &Scene<impl Store>, minutes: i64, xml: &[u8]) -> StoredMessage {
    let at = NOW + Duration::minutes(minutes);
    let trace = TraceId::new(at, scene.random());
    StoredMessage { trace, org: scene.org.name.clone(), at, xml: xml.to_vec() }
}

async fn is_kept(scene: &Scene<impl Store>, message: &StoredMessage) -> bool {
    let found = scene.store.message(&message.org, message.trace).await.expect("read");
    assert!(found.as_ref().is_none_or(|found| found == message));
    found.is_some()
}

pub(crate) async fn a_message_is_read_in_its_organization(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let kept = message(&scene, 0, "<Response>Zoë \u{0}</Response>".as_bytes());
    scene.store.put_message(kept.clone()).await.expect("kept");
    assert!(is_kept(&scene, &kept).await);
    let elsewhere = scene.store.message(&name("other"), kept.trace).await.expect("read");
    assert_eq!(elsewhere, None);
    assert!(!is_kept(&scene, &message(&scene, 0, b"")).await);
    let again = StoredMessage { xml: b"another".to_vec(), ..kept.clone() };
    let again = scene.store.put_message(again).await;
    assert!(matches!(again, Err(StoreError::Conflict("message_exists"))), "{again:?}");
    assert!(is_kept(&scene, &kept).await);
}

pub(crate) async fn a_message_is_purged_by_its_age(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let [old, new] = [0, 1].map(|minutes| message(&scene, minutes, b"<Response/>"));
    for message in [&old, &new] {
        scene.store.put_message(message.clone()).await.expect("kept");
    }
    let (month, day) = (Duration::days(30), Duration::days(1));
    let just_then = Cutoffs::at(NOW + day, month).with_messages(day, u64::MAX);
    assert_eq!(scene.store.purge(&just_then).await.expect("purged").messages, 0);
    let later = Cutoffs::at(NOW + day + Duration::seconds(1), month).with_messages(day, u64::MAX);
    assert_eq!(scene.store.purge(&later).await.expect("purged").messages, 1);
    assert!(!is_kept(&scene, &old).await && is_kept(&scene, &new).await);
    // It outlives no trace.
    let with_traces = Cutoffs::at(NOW + day, Duration::hours(1)).with_messages(month, u64::MAX);
    assert_eq!(scene.store.purge(&with_traces).await.expect("purged").messages, 1);
    assert!(!is_kept(&scene, &new).await);
}

/// What seals a message makes it a little longer.
pub(crate) async fn the_oldest_messages_make_room(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let messages = [3, 1, 5, 2, 4].map(|minutes| message(&scene, minutes, &[b'x'; 1_000]));
    for message in &messages {
        scene.store.put_message(message.clone()).await.expect("kept");
    }
    let purged = async |bytes| {
        let cutoffs = Cutoffs::at(NOW, Duration::days(30)).with_messages(Duration::days(30), bytes);
        scene.store.purge(&cutoffs).await.expect("purged").messages
    };
    assert_eq!(purged(5_200).await, 0);
    assert_eq!(purged(3_500).await, 2);
    let mut left = Vec::new();
    for message in &messages {
        left.push(is_kept(&scene, message).await);
    }
    assert_eq!(left, [true, false, true, false, true]);
    assert_eq!(purged(0).await, 3);
}

pub(crate) async fn a_message_is_sealed_and_opens_in_its_own_row_alone(database: Database) {
    let scene = Scene::new(database.open().await).await;
    let secret = b"<Response>a person's own affairs</Response>";
    let [first, second] = [0, 1].map(|minutes| message(&scene, minutes, secret));
    for message in [&first, &second] {
        scene.store.put_message(message.clone()).await.expect("kept");
    }
    assert!(!database.holds(b"a person's own affairs"));
    assert!(database.holds(scene.org.name.as_str().as_bytes()), "it is looked for as it must be");
    database.run(
        "UPDATE messages SET message = (SELECT m.message FROM messages m ORDER BY m.at LIMIT 1)",
    );
    assert!(is_kept(&scene, &first).await);
    let moved = scene.store.message(&second.org, second.trace).await;
    assert!(matches!(moved, Err(StoreError::Engine(_))), "{moved:?}");
}
