//! Tokens for the Admin API.

use crate::configuration::{audited, refused};
use crate::scene::{NOW, Scene, name, org};
use sso_core::ids::ApiTokenId;
use sso_core::random;
use sso_core::store::{ApiToken, Page, Store, StoreError, TokenRight, TokenUse};
use std::sync::Arc;
use time::Duration;

const ADMIN: TokenUse = TokenUse::AdminApi;

/// A token of an organization and the hash of its secret.
fn token(scene: &Scene<impl Store>, of: &str, hours: i64) -> (ApiToken, [u8; 32]) {
    let created_at = NOW + Duration::hours(hours);
    let token = ApiToken {
        id: ApiTokenId::new(created_at, scene.random()),
        org: name(of),
        description: "provisioning — nightly".to_owned(),
        right: if hours % 2 == 0 { TokenRight::OrgAdmin } else { TokenRight::UserAdmin },
        created_by: "operator".to_owned(),
        created_at,
        expires_at: created_at + Duration::days(1),
    };
    (token, random::bytes(scene.random()))
}

async fn add(
    scene: &Scene<impl Store>,
    (token, hash): (ApiToken, [u8; 32]),
) -> Result<(), StoreError> {
    scene.store.add_api_token(token, hash, scene.audit("made")).await
}

pub(crate) async fn a_token_is_found_by_its_secret(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let (made, hash) = token(&scene, "corp", 0);
    add(&scene, (made.clone(), hash)).await.expect("made");
    let Scene { store, .. } = &scene;
    let by_secret = |hash| async move { store.api_token_by_secret(&hash).await };
    assert_eq!(by_secret(hash).await.expect("read"), Some(made.clone()));
    let mut other = hash;
    other[31] ^= 1;
    assert_eq!(by_secret(other).await.expect("read"), None);

    let read = |of: &'static str, id| async move { store.api_token(&name(of), ADMIN, id).await };
    assert_eq!(read("corp", made.id).await.expect("read"), Some(made.clone()));
    assert_eq!(read("other", made.id).await.expect("read"), None);
    assert_eq!(read("corp", token(&scene, "corp", 0).0.id).await.expect("read"), None);
    assert_eq!(audited(&scene).await, 2);
}

pub(crate) async fn a_token_is_added_once_and_to_an_organization(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let (made, hash) = token(&scene, "corp", 0);
    add(&scene, (made.clone(), hash)).await.expect("made");
    let (another, another_hash) = token(&scene, "corp", 1);
    let same_id = ApiToken { id: made.id, ..another.clone() };
    refused!(add(&scene, (same_id, another_hash)).await, Conflict("api_token_exists"));
    refused!(add(&scene, (another.clone(), hash)).await, Conflict("api_token_exists"));
    let nobodys = ApiToken { org: name("other"), ..another };
    refused!(add(&scene, (nobodys, another_hash)).await, NotFound("org"));
    assert_eq!(scene.store.api_token_by_secret(&another_hash).await.expect("read"), None);
    assert_eq!(scene.store.api_token_by_secret(&hash).await.expect("read"), Some(made));
    assert_eq!(audited(&scene).await, 2);
}

pub(crate) async fn tokens_are_listed_in_parts(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    scene.store.create_org(org("other", &[]), scene.audit("made")).await.expect("made");
    add(&scene, token(&scene, "other", 0)).await.expect("made");
    let mut all = Vec::new();
    for hours in [2, 0, 1] {
        let made = token(&scene, "corp", hours);
        all.push(made.0.clone());
        add(&scene, made).await.expect("made");
    }
    all.rotate_left(1);

    let corp = name("corp");
    let first = scene.store.api_tokens(&corp, ADMIN, &Page::first(2)).await.expect("a part");
    assert_eq!(first.items, all[..2]);
    let rest = Page { limit: 2, cursor: first.next };
    let last = scene.store.api_tokens(&corp, ADMIN, &rest).await.expect("a part");
    assert_eq!((last.items.as_slice(), last.next), (&all[2..], None));
    let wrong = Page { limit: 2, cursor: Some("tok_".to_owned()) };
    let refused = scene.store.api_tokens(&corp, ADMIN, &wrong).await;
    assert!(matches!(refused, Err(StoreError::InvalidCursor)));
}

pub(crate) async fn a_token_that_is_removed_is_gone(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    scene.store.create_org(org("other", &[]), scene.audit("made")).await.expect("made");
    let (made, hash) = token(&scene, "corp", 0);
    add(&scene, (made.clone(), hash)).await.expect("made");
    let delete = |of: &'static str| async {
        scene.store.delete_api_token(&name(of), ADMIN, made.id, scene.audit("removed")).await
    };
    refused!(delete("other").await, NotFound("token"));
    assert_eq!(scene.store.api_token_by_secret(&hash).await.expect("read"), Some(made.clone()));
    delete("corp").await.expect("removed");
    assert_eq!(scene.store.api_token_by_secret(&hash).await.expect("read"), None);
    refused!(delete("corp").await, NotFound("token"));
    assert_eq!(audited(&scene).await, 4);
}

pub(crate) async fn a_token_is_of_one_use(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let (admin, admin_hash) = token(&scene, "corp", 0);
    let (mut scim, scim_hash) = token(&scene, "corp", 1);
    scim.right = TokenRight::Scim;
    add(&scene, (admin.clone(), admin_hash)).await.expect("made");
    let corp = name("corp");
    let live = |now| scene.store.has_live_token(&corp, TokenRight::Scim, now);
    assert!(!live(NOW).await.expect("asked"));
    add(&scene, (scim.clone(), scim_hash)).await.expect("made");
    assert!(live(NOW).await.expect("asked"));
    assert!(!live(scim.expires_at).await.expect("asked"), "it has expired");
    let other = name("other");
    let other = scene.store.has_live_token(&other, TokenRight::Scim, NOW).await;
    assert!(!other.expect("asked"));

    for (of, ours, theirs) in [(ADMIN, &admin, &scim), (TokenUse::Scim, &scim, &admin)] {
        let listed = scene.store.api_tokens(&corp, of, &Page::first(9)).await.expect("a part");
        assert_eq!(listed.items, std::slice::from_ref(ours));
        let read = |id| scene.store.api_token(&corp, of, id);
        assert_eq!(read(ours.id).await.expect("read").as_ref(), Some(ours));
        assert_eq!(read(theirs.id).await.expect("read"), None);
        let delete = scene.store.delete_api_token(&corp, of, theirs.id, scene.audit("removed"));
        refused!(delete.await, NotFound("token"));
    }
    assert_eq!(scene.store.api_token_by_secret(&scim_hash).await.expect("read"), Some(scim));
}

pub(crate) async fn a_token_is_given_another_right(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let corp = name("corp");
    let (mut scim, hash) = token(&scene, "corp", 1);
    scim.right = TokenRight::ScimDryRun;
    add(&scene, (scim.clone(), hash)).await.expect("made");
    let live = |right| scene.store.has_live_token(&corp, right, NOW);
    assert!(!live(TokenRight::Scim).await.expect("asked"), "a dry run writes nothing");
    let dry = scene.store.api_tokens(&corp, TokenUse::Scim, &Page::first(9)).await.expect("a part");
    assert_eq!(dry.items, [scim.clone()]);

    let set = async |org: &str, id, right| {
        scene.store.set_token_right(&name(org), id, right, scene.audit("changed")).await
    };
    refused!(set("other", scim.id, TokenRight::Scim).await, NotFound("token"));
    // None becomes one of another use.
    refused!(set("corp", scim.id, TokenRight::OrgAdmin).await, NotFound("token"));
    let changed = set("corp", scim.id, TokenRight::Scim).await.expect("changed");
    assert_eq!(changed, ApiToken { right: TokenRight::Scim, ..scim });
    assert_eq!(scene.store.api_token_by_secret(&hash).await.expect("read"), Some(changed));
    assert!(live(TokenRight::Scim).await.expect("asked"));
}
