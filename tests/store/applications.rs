//! Applications, which are no organization's.

use crate::configuration::{audited, refused};
use crate::scene::{NOW, Scene};
use sso_core::application::{Application, ApplicationSettings};
use sso_core::ids::ApplicationId;
use sso_core::org::OrgName;
use sso_core::store::{AuditEntry, AuditFilter, Page, Store, StoreError};
use std::sync::Arc;
use time::Duration;

fn application(scene: &Scene<impl Store>, hours: i64, urls: &[&str]) -> Application {
    let created_at = NOW + Duration::hours(hours);
    Application {
        id: ApplicationId::new(created_at, scene.random()),
        revision: 1,
        created_at,
        settings: ApplicationSettings {
            name: "Wiki — all of it".to_owned(),
            urls: urls.iter().map(|url| url.parse().expect("a URL")).collect(),
            mobile: hours % 2 == 1,
        },
    }
}

fn audit(scene: &Scene<impl Store>) -> AuditEntry {
    AuditEntry { org: OrgName::of_the_service(), ..scene.audit("application") }
}

pub(crate) async fn an_application_is_added_changed_and_removed(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, .. } = &scene;
    let made = application(&scene, 0, &["https://a.example/"]);
    store.add_application(made.clone(), audit(&scene)).await.expect("added");
    refused!(
        store.add_application(made.clone(), audit(&scene)).await,
        Conflict("application_exists")
    );
    assert_eq!(store.application(made.id).await.expect("read"), Some(made.clone()));

    let settings = ApplicationSettings { mobile: true, ..made.settings.clone() };
    let changed = Application { settings, ..made.clone() };
    store.update_application(changed.clone(), audit(&scene)).await.expect("changed");
    refused!(
        store.update_application(changed.clone(), audit(&scene)).await,
        Conflict("application_changed")
    );
    let stored = Application { revision: 2, ..changed };
    assert_eq!(store.application(made.id).await.expect("read"), Some(stored));

    store.delete_application(made.id, audit(&scene)).await.expect("removed");
    refused!(store.delete_application(made.id, audit(&scene)).await, NotFound("application"));
    refused!(store.update_application(made.clone(), audit(&scene)).await, NotFound("application"));
    assert_eq!(store.application(made.id).await.expect("read"), None);
    assert_eq!(store.applications_at("https://a.example").await.expect("read"), []);

    // What is no organization's is in a trail of its own.
    let (service, page) = (OrgName::of_the_service(), Page::first(50));
    let trail = store.audit(&service, &AuditFilter::default(), &page).await.expect("read");
    assert_eq!(trail.items.len(), 3);
    assert!(trail.items.iter().all(|entry| entry.org == service));
    assert_eq!(audited(&scene).await, 1);
}

pub(crate) async fn applications_are_found_by_their_origins(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, .. } = &scene;
    let one = application(&scene, 0, &["https://a.example/x", "https://a.example/y"]);
    let two = application(&scene, 1, &["https://a.example/", "http://localhost:3000/"]);
    for made in [&one, &two] {
        store.add_application(made.clone(), audit(&scene)).await.expect("added");
    }
    let at = |origin| async move { store.applications_at(origin).await.expect("read") };
    assert_eq!(at("https://a.example").await, [one.clone(), two.clone()]);
    assert_eq!(at("http://localhost:3000").await, std::slice::from_ref(&two));
    for other in ["https://a.example:444", "http://a.example", "a.example", "", "null"] {
        assert_eq!(at(other).await, [], "{other:?}");
    }
    let urls = vec!["https://b.example/".parse().expect("a URL")];
    let moved =
        Application { settings: ApplicationSettings { urls, ..one.settings.clone() }, ..one };
    store.update_application(moved.clone(), audit(&scene)).await.expect("changed");
    assert_eq!(at("https://a.example").await, [two]);
    assert_eq!(at("https://b.example").await, [Application { revision: 2, ..moved }]);
}

pub(crate) async fn applications_are_listed_in_parts(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, .. } = &scene;
    let mut all = Vec::new();
    for hours in [2, 0, 1] {
        let made = application(&scene, hours, &["https://a.example/"]);
        store.add_application(made.clone(), audit(&scene)).await.expect("added");
        all.push(made);
    }
    all.rotate_left(1);
    let first = store.applications(&Page::first(2)).await.expect("a part");
    assert_eq!(first.items, all[..2]);
    let rest = Page { limit: 2, cursor: first.next };
    let rest = store.applications(&rest).await.expect("a part");
    assert_eq!((rest.items, rest.next), (all[2..].to_vec(), None));
}
