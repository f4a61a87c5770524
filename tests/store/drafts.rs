//! Drafts: test logins that passed, and promotion.

use crate::configuration::refused;
use crate::metadata::source;
use crate::scene::{NOW, Scene, name};
use sso_core::connection::{Connection, Slot};
use sso_core::ids::AccountId;
use sso_core::metadata::MetadataSource;
use sso_core::store::{CommitError, Page, PassedTest, Store, StoreError};
use std::sync::Arc;

fn passed(scene: &Scene<impl Store>, through: &Connection, settings: u8) -> PassedTest {
    let trace = scene.trace(NOW, AccountId::new(NOW, scene.random()));
    PassedTest { connection: through.id, settings: [settings; 32], trace: trace.id, at: NOW }
}

pub(crate) async fn a_test_login_uses_its_request_up_and_is_remembered(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, .. } = &scene;
    let draft = scene.connection(Slot::Draft, 1);
    store.put_connection(draft.clone(), scene.audit("put")).await.expect("put");
    assert_eq!(store.passed_test(draft.id).await.expect("read"), None);
    let request = scene.begin(NOW).await;
    let trace = || scene.trace(NOW, AccountId::new(NOW, scene.random()));
    let first = passed(&scene, &draft, 1);
    store.commit_test_login(&request, first.clone(), trace()).await.expect("committed");
    assert_eq!(store.passed_test(draft.id).await.expect("read"), Some(first.clone()));
    for request in [request.as_str(), "_never"] {
        let again = passed(&scene, &draft, 2);
        let refused = store.commit_test_login(request, again, trace()).await;
        assert!(matches!(refused, Err(CommitError::RequestAlreadyUsed)), "{refused:?}");
    }
    assert_eq!(store.passed_test(draft.id).await.expect("read"), Some(first));
    let second = passed(&scene, &draft, 3);
    let request = scene.begin(NOW).await;
    store.commit_test_login(&request, second.clone(), trace()).await.expect("committed");
    assert_eq!(store.passed_test(draft.id).await.expect("read"), Some(second), "the last counts");
    let traces = store.traces(&scene.org.name, &Page::first(10)).await.expect("traces");
    assert_eq!(traces.items.len(), 2);

    // What passed through a connection goes with it, and nothing is remembered of one that is gone.
    let request = scene.begin(NOW).await;
    let removed = scene.audit("removed");
    store.delete_connection(&scene.org.name, Slot::Draft, removed).await.expect("removed");
    let late = passed(&scene, &draft, 4);
    store.commit_test_login(&request, late, trace()).await.expect("committed");
    assert_eq!(store.passed_test(draft.id).await.expect("read"), None);
}

pub(crate) async fn a_draft_becomes_the_connection(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    let put = async |connection: &Connection| {
        store.put_connection(connection.clone(), scene.audit("put")).await.expect("put");
    };
    let read = async |slot| store.connection(&org.name, slot).await.expect("read");
    let (live, draft) = (scene.connection(Slot::Live, 1), scene.connection(Slot::Draft, 1));
    put(&live).await;
    put(&draft).await;
    let request = scene.begin(NOW).await;
    let test = passed(&scene, &draft, 1);
    let trace = scene.trace(NOW, AccountId::new(NOW, scene.random()));
    store.commit_test_login(&request, test.clone(), trace).await.expect("committed");

    let promoted = Connection { id: live.id, slot: Slot::Live, revision: 2, ..draft.clone() };
    let promote = async |draft: &Connection, live: &Connection| {
        store.promote_draft(draft.clone(), live.clone(), scene.audit("promoted")).await
    };
    // Either is another than the one that this was decided on.
    let other_draft = Connection { revision: 2, ..draft.clone() };
    refused!(promote(&other_draft, &promoted).await, Conflict("connection_changed"));
    let other_live = Connection { revision: 3, ..promoted.clone() };
    refused!(promote(&draft, &other_live).await, Conflict("connection_changed"));
    assert_eq!(
        (read(Slot::Live).await, read(Slot::Draft).await),
        (Some(live.clone()), Some(draft.clone()))
    );

    store.put_metadata_source(source(live.id, 1), Vec::new()).await.expect("put");
    let of_draft = MetadataSource { url: None, ..source(draft.id, 1) };
    store.put_metadata_source(of_draft.clone(), Vec::new()).await.expect("put");
    promote(&draft, &promoted).await.expect("promoted");
    let inherited = MetadataSource { connection: promoted.id, revision: 2, ..of_draft };
    assert_eq!(store.metadata_source(promoted.id).await.expect("read"), Some(inherited));
    assert_eq!((read(Slot::Live).await, read(Slot::Draft).await), (Some(promoted.clone()), None));
    let moved = PassedTest { connection: promoted.id, ..test };
    assert_eq!(store.passed_test(promoted.id).await.expect("read"), Some(moved));
    refused!(
        promote(&draft, &Connection { revision: 3, ..promoted }).await,
        Conflict("connection_changed")
    );
}

/// The first connection of an organization: the draft itself.
pub(crate) async fn a_draft_becomes_the_first_connection(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, .. } = &scene;
    let draft = scene.connection(Slot::Draft, 1);
    store.put_connection(draft.clone(), scene.audit("put")).await.expect("put");
    store.put_metadata_source(source(draft.id, 1), Vec::new()).await.expect("put");
    let live = Connection { slot: Slot::Live, ..draft.clone() };
    store.promote_draft(draft, live.clone(), scene.audit("promoted")).await.expect("promoted");
    let kept = store.metadata_source(live.id).await.expect("read");
    assert_eq!(kept, Some(source(live.id, 1)));
    let corp = name("corp");
    assert_eq!(store.connection(&corp, Slot::Live).await.expect("read"), Some(live));
    assert_eq!(store.connection(&corp, Slot::Draft).await.expect("read"), None);
}

/// Of two administrators who promote at once one does, and no draft is left half done.
pub(crate) async fn promotions_at_once_leave_one_connection(store: Arc<impl Store + 'static>) {
    let scene = Arc::new(Scene::new(store).await);
    let draft = scene.connection(Slot::Draft, 1);
    scene.store.put_connection(draft.clone(), scene.audit("put")).await.expect("put");
    let mut promotions = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (scene, draft) = (Arc::clone(&scene), draft.clone());
        promotions.spawn(async move {
            let live = Connection { slot: Slot::Live, ..draft.clone() };
            scene.store.promote_draft(draft, live, scene.audit("promoted")).await.is_ok()
        });
    }
    let done = promotions.join_all().await.into_iter().filter(|done| *done).count();
    assert_eq!(done, 1);
    let corp = name("corp");
    assert_eq!(scene.store.connection(&corp, Slot::Draft).await.expect("read"), None);
}
