//! Organizations and connections.

use crate::scene::{Scene, org};
use sso_core::connection::{Connection, Protocol, Slot, WsFedSettings};
use sso_core::org::Org;
use sso_core::store::{Page, Store, StoreError};
use std::sync::Arc;
use tokio::task::JoinSet;

macro_rules! refused {
    ($result:expr, $kind:ident($what:literal)) => {
        match $result {
            Err(StoreError::$kind($what)) => {}
            other => panic!("not {}({}): {other:?}", stringify!($kind), $what),
        }
    };
}
pub(crate) use refused;

/// The revision of the scene's connection.
pub(crate) async fn revision(scene: &Scene<impl Store>, slot: Slot) -> u64 {
    let connection = scene.store.connection(&scene.org.name, slot).await.expect("read");
    connection.expect("a connection").revision
}

/// How many entries the audit trail of `corp` has.
pub(crate) async fn audited(scene: &Scene<impl Store>) -> usize {
    scene.trail().await.len()
}

pub(crate) async fn an_organization_is_made_once(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let mut again = scene.org.clone();
    again.display_name = "another".to_owned();
    again.domains = vec!["another.example".to_owned()];
    refused!(scene.store.create_org(again, scene.audit("again")).await, Conflict("org_exists"));

    let stored = scene.store.org("corp").await.expect("read");
    assert_eq!(stored, Some(scene.org.clone()));
    assert_eq!(scene.store.org("another.example").await.expect("read"), None);
    assert_eq!(audited(&scene).await, 1);
}

pub(crate) async fn a_domain_belongs_to_one_organization(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let thief = org("thief", &["thief.example", "corp.example"]);
    let result = scene.store.create_org(thief.clone(), scene.audit("theft")).await;
    refused!(result, Conflict("domain_taken"));
    assert_eq!(scene.store.org("thief").await.expect("read"), None);
    assert_eq!(scene.store.org("thief.example").await.expect("read"), None);
    assert_eq!(audited(&scene).await, 1);

    let honest = org("thief", &["thief.example", "old.example"]);
    scene.store.create_org(honest.clone(), scene.audit("made")).await.expect("made");
    refused!(scene.store.update_org(thief, scene.audit("theft")).await, Conflict("domain_taken"));
    assert_eq!(scene.store.org("old.example").await.expect("read"), Some(honest));
    assert_eq!(scene.store.org("corp.example").await.expect("read"), Some(scene.org.clone()));

    // What it gives up, another may have; its own it keeps.
    let less = org("thief", &["thief.example"]);
    scene.store.update_org(less.clone(), scene.audit("less")).await.expect("its own domain");
    assert_eq!(scene.store.org("old.example").await.expect("read"), None);
    let more = org("corp", &["corp.example", "old.example"]);
    scene.store.update_org(more.clone(), scene.audit("more")).await.expect("a free domain");
    let stored = scene.store.org("old.example").await.expect("read");
    assert_eq!(stored, Some(Org { revision: 2, ..more }));
    assert_eq!(audited(&scene).await, 4);
}

pub(crate) async fn a_realm_belongs_to_one_organization(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let other = org("other", &["other.example"]);
    scene.store.create_org(other.clone(), scene.audit("made")).await.expect("made");
    let by_tokens = |org: &Org, slot: Slot, revision: u64, realm: &str| {
        let issuer = "http://adfs.example/trust".to_owned();
        let sso_url = "https://adfs.example/adfs/ls/".parse().expect("a URL");
        let mut settings = WsFedSettings::new(issuer, sso_url);
        settings.service_uri = realm.to_owned();
        let (org, settings) = (org.name.clone(), settings.into());
        Connection { org, settings, ..scene.connection(slot, revision) }
    };
    let put = async |connection| scene.store.put_connection(connection, scene.audit("put")).await;
    put(by_tokens(&scene.org, Slot::Live, 1, "urn:one")).await.expect("a realm of its own");
    let before = audited(&scene).await;
    refused!(put(by_tokens(&other, Slot::Live, 1, "urn:one")).await, Conflict("service_uri_taken"));
    assert_eq!(audited(&scene).await, before);
    // In a draft it is only tried out; another one is free.
    put(by_tokens(&other, Slot::Draft, 1, "urn:one")).await.expect("a draft");
    put(by_tokens(&other, Slot::Live, 1, "urn:two")).await.expect("another realm");
    refused!(put(by_tokens(&other, Slot::Live, 2, "urn:one")).await, Conflict("service_uri_taken"));
    // One's own may be written again, and what is given up another may have.
    put(by_tokens(&scene.org, Slot::Live, 2, "urn:one")).await.expect("its own");
    put(by_tokens(&scene.org, Slot::Live, 3, "urn:three")).await.expect("another");
    put(by_tokens(&other, Slot::Live, 2, "urn:one")).await.expect("a realm that is free");
    let delete = scene.store.delete_connection(&other.name, Slot::Live, scene.audit("gone"));
    delete.await.expect("removed");
    put(by_tokens(&scene.org, Slot::Live, 4, "urn:one")).await.expect("a realm that is free again");
}

pub(crate) async fn an_organization_is_found_by_name_and_domain(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    for key in ["corp", "CORP", "corp.example", "Corp.Example"] {
        assert_eq!(scene.store.org(key).await.expect("read"), Some(scene.org.clone()), "{key}");
    }
    for key in ["", "cor", "example", "sub.corp.example", "corp'", "%"] {
        assert_eq!(scene.store.org(key).await.expect("read"), None, "{key}");
    }
}

pub(crate) async fn an_organization_that_is_not_there_is_not_changed(store: Arc<impl Store>) {
    let scene = Scene::without_org(store);
    let result = scene.store.update_org(scene.org.clone(), scene.audit("changed")).await;
    refused!(result, NotFound("org"));
    assert_eq!(scene.store.org("corp.example").await.expect("read"), None);
    assert_eq!(audited(&scene).await, 0);
}

pub(crate) async fn an_organization_is_changed_on_the_revision_that_was_read(
    store: Arc<impl Store>,
) {
    let scene = Scene::new(store).await;
    let change = |revision, contact: &str| {
        let contact = Some(contact.to_owned());
        scene
            .store
            .update_org(Org { revision, contact, ..scene.org.clone() }, scene.audit("changed"))
    };
    for revision in [0, 2] {
        refused!(change(revision, "too early or too late").await, Conflict("org_changed"));
    }
    change(1, "the first").await.expect("changed");
    refused!(change(1, "the first again").await, Conflict("org_changed"));
    change(2, "the second").await.expect("changed");
    let stored = scene.store.org("corp").await.expect("read").expect("the organization");
    assert_eq!((stored.revision, stored.contact.as_deref()), (3, Some("the second")));
    let listed = scene.store.orgs(&Page::first(1)).await.expect("a list");
    assert_eq!(listed.items, [stored]);
    assert_eq!(audited(&scene).await, 3);
}

pub(crate) async fn changes_of_an_organization_at_once_let_one_win(
    store: Arc<impl Store + 'static>,
) {
    let scene = Scene::new(store).await;
    let mut changes = JoinSet::new();
    for count in 0..8 {
        let changed = Org { contact: Some(count.to_string()), ..scene.org.clone() };
        let (store, audit) = (scene.store.clone(), scene.audit("changed"));
        changes.spawn(async move { store.update_org(changed, audit).await });
    }
    let mut won = 0;
    while let Some(result) = changes.join_next().await {
        match result.expect("no panic") {
            Ok(()) => won += 1,
            other => refused!(other, Conflict("org_changed")),
        }
    }
    let stored = scene.store.org("corp").await.expect("read").expect("the organization");
    assert_eq!((won, stored.revision, audited(&scene).await), (1, 2, 2));
}

pub(crate) async fn organizations_are_listed_in_parts(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    for name in ["b-2", "a-1", "b", "z"] {
        let made = scene.store.create_org(org(name, &[]), scene.audit("made")).await;
        made.expect("made");
    }
    let mut page = Page::first(2);
    let mut parts = Vec::new();
    loop {
        let part = scene.store.orgs(&page).await.expect("a part");
        parts.push(part.items.iter().map(|org| org.name.to_string()).collect::<Vec<_>>());
        page.cursor = part.next;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(parts, [vec!["a-1", "b"], vec!["b-2", "corp"], vec!["z"]]);

    let exact = scene.store.orgs(&Page::first(5)).await.expect("all");
    assert_eq!((exact.items.len(), exact.next), (5, None));
    let least = scene.store.orgs(&Page::first(0)).await.expect("one");
    assert_eq!((least.items.len(), least.next.as_deref()), (1, Some("a-1")));
    let wrong = Page { limit: 2, cursor: Some("no name!".to_owned()) };
    assert!(matches!(scene.store.orgs(&wrong).await, Err(StoreError::InvalidCursor)));
}

pub(crate) async fn a_connection_is_written_on_the_revision_before(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    let read = || async { store.connection(&org.name, Slot::Live).await.expect("read") };
    assert_eq!(read().await, None);
    let late = scene.connection(Slot::Live, 2);
    refused!(store.put_connection(late, scene.audit("late")).await, Conflict("connection_changed"));

    let first = scene.connection(Slot::Live, 1);
    store.put_connection(first.clone(), scene.audit("first")).await.expect("the first");
    assert_eq!(read().await, Some(first.clone()));
    for revision in [1, 3, 0] {
        let mut wrong = first.clone();
        wrong.revision = revision;
        refused!(
            store.put_connection(wrong, scene.audit("wrong")).await,
            Conflict("connection_changed")
        );
        assert_eq!(read().await, Some(first.clone()));
    }

    let mut second = first.clone();
    second.revision = 2;
    second.settings = second.settings.spoken(Protocol::Wsfed);
    second.metadata_certificates = Vec::new();
    second.metadata_document = None;
    store.put_connection(second.clone(), scene.audit("second")).await.expect("the second");
    assert_eq!(read().await, Some(second));
    assert_eq!(audited(&scene).await, 3);

    store.delete_connection(&org.name, Slot::Live, scene.audit("gone")).await.expect("deleted");
    assert_eq!(read().await, None);
    let again = store.delete_connection(&org.name, Slot::Live, scene.audit("gone")).await;
    refused!(again, NotFound("connection"));
    store.put_connection(first, scene.audit("anew")).await.expect("a first again");
    assert_eq!(audited(&scene).await, 5);
}

pub(crate) async fn a_connection_needs_its_organization(store: Arc<impl Store>) {
    let scene = Scene::without_org(store);
    for revision in [1, 2] {
        let connection = scene.connection(Slot::Live, revision);
        let result = scene.store.put_connection(connection, scene.audit("put")).await;
        refused!(result, NotFound("org"));
    }
    assert_eq!(audited(&scene).await, 0);
}

pub(crate) async fn connections_of_different_slots_are_apart(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    for slot in [Slot::Live, Slot::Draft, Slot::Partner] {
        let connection = scene.connection(slot, 1);
        store.put_connection(connection.clone(), scene.audit("put")).await.expect("put");
        assert_eq!(store.connection(&org.name, slot).await.expect("read"), Some(connection));
    }
    store.delete_connection(&org.name, Slot::Draft, scene.audit("gone")).await.expect("deleted");
    assert_eq!(store.connection(&org.name, Slot::Draft).await.expect("read"), None);
    assert!(store.connection(&org.name, Slot::Live).await.expect("read").is_some());
    assert!(store.connection(&org.name, Slot::Partner).await.expect("read").is_some());
}

pub(crate) async fn writes_at_once_let_one_win(store: Arc<impl Store + 'static>) {
    let scene = Arc::new(Scene::new(store).await);
    let mut orgs = JoinSet::new();
    let mut connections = JoinSet::new();
    for i in 0..8 {
        let (a, b) = (Arc::clone(&scene), Arc::clone(&scene));
        orgs.spawn(async move {
            let one = org(&format!("org-{i}"), &["wanted.example", "zzz.example"]);
            a.store.create_org(one, a.audit("made")).await
        });
        connections.spawn(async move {
            b.store.put_connection(b.connection(Slot::Live, 1), b.audit("put")).await
        });
    }
    let won = |results: Vec<Result<(), StoreError>>, conflict: &str| {
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        for result in lost {
            assert!(
                matches!(&result, Err(StoreError::Conflict(c)) if *c == conflict),
                "{result:?}"
            );
        }
        won.len()
    };
    assert_eq!(won(orgs.join_all().await, "domain_taken"), 1);
    assert_eq!(won(connections.join_all().await, "connection_changed"), 1);
    assert_eq!(scene.store.orgs(&Page::first(200)).await.expect("all").items.len(), 2);
}

pub(crate) async fn a_store_that_works_answers_a_ping(store: Arc<impl Store>) {
    store.ping().await.expect("an answer");
}
