//! The requests of directories: listed, filtered, purged, and never more than so many.

use crate::engines::Database;
use crate::scene::{NOW, Scene, name};
use sso_core::ids::{ApiTokenId, ScimRequestId};
use sso_core::store::{
    Cutoffs, MOST_SCIM_REQUESTS, Page, ScimRequest, ScimRequestError, ScimRequestFilter,
    ScimRequestStore as _, Store, StoreError,
};
use std::sync::Arc;
use time::Duration;

fn request(scene: &Scene<impl Store>, minutes: i64, method: &str) -> ScimRequest {
    let at = NOW + Duration::minutes(minutes);
    ScimRequest {
        id: ScimRequestId::new(at, scene.random()),
        org: scene.org.name.clone(),
        at,
        token: ApiTokenId::new(NOW, scene.random()),
        client: "192.0.2.1".to_owned(),
        method: method.to_owned(),
        path: "/corp/Users".to_owned(),
        query: Some("filter=userName eq \"a\"".to_owned()),
        status: 200,
        error: None,
        changed: vec!["account_updated: a".to_owned()],
        dry_run: false,
        milliseconds: 3,
    }
}

pub(crate) async fn requests_are_listed_newest_first(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let read = request(&scene, 1, "GET");
    let written = request(&scene, 3, "PATCH");
    let error = ScimRequestError { scim_type: None, detail: "no".to_owned() };
    let refused = ScimRequest { error: Some(error), ..request(&scene, 2, "DELETE") };
    let searched =
        ScimRequest { path: "/corp/Users/.search".to_owned(), ..request(&scene, 4, "POST") };
    for request in [&read, &written, &refused, &searched] {
        scene.store.put_scim_request(request.clone()).await.expect("kept");
    }
    let foreign = ScimRequest { org: name("nobody"), ..request(&scene, 9, "GET") };
    let put = scene.store.put_scim_request(foreign).await;
    assert!(matches!(put, Err(StoreError::NotFound("org"))), "{put:?}");

    let corp = name("corp");
    let all = |token, refused, writes| {
        let filter = ScimRequestFilter { token, refused, writes };
        let store = &scene.store;
        async move {
            let page = Page::first(9);
            store.scim_requests(&name("corp"), &filter, &page).await.expect("a part").items
        }
    };
    let newest = [&searched, &written, &refused, &read].map(ScimRequest::clone);
    assert_eq!(all(None, None, false).await, newest);
    assert_eq!(all(None, Some(true), false).await, std::slice::from_ref(&refused));
    assert_eq!(all(None, Some(false), false).await.len(), 3);
    assert_eq!(all(None, None, true).await, [written.clone(), refused]);
    assert_eq!(all(Some(written.token), None, false).await, std::slice::from_ref(&written));
    let none = ScimRequestFilter::default();
    let first = scene.store.scim_requests(&corp, &none, &Page::first(3)).await.expect("a part");
    assert_eq!(first.items, newest[..3]);
    let rest = Page { limit: 3, cursor: first.next };
    let last = scene.store.scim_requests(&corp, &none, &rest).await.expect("a part");
    assert_eq!((last.items, last.next), (vec![read.clone()], None));
    let others = scene.store.scim_requests(&name("other"), &none, &Page::first(3)).await;
    assert_eq!(others.expect("a part").items, []);
    let found = async |org: &str| scene.store.scim_request(&name(org), read.id).await;
    assert_eq!(found("corp").await.expect("read"), Some(read.clone()));
    assert_eq!(found("other").await.expect("read"), None);

    let month = Duration::days(30);
    let over = Cutoffs::at(written.at + month, month);
    assert_eq!(scene.store.purge(&over).await.expect("purged").scim_requests, 2);
    assert_eq!(all(None, None, false).await, [searched, written]);
}

pub(crate) async fn the_oldest_request_makes_room(database: Database) {
    let scene = Scene::new(database.open().await).await;
    let page = Page::first(9);
    let kept = async || {
        let filter = ScimRequestFilter::default();
        let listed = scene.store.scim_requests(&scene.org.name, &filter, &page).await;
        listed.expect("a part").items
    };
    let [one, two, three] = [1, 2, 3].map(|minutes| request(&scene, minutes, "GET"));
    for request in [&one, &two] {
        scene.store.put_scim_request(request.clone()).await.expect("kept");
    }
    // As if all places but those of the two had been taken since.
    database.run(&format!("UPDATE scim_request_counts SET requests = {MOST_SCIM_REQUESTS}"));
    scene.store.put_scim_request(three.clone()).await.expect("kept");
    assert_eq!(kept().await, [three, two]);
}
