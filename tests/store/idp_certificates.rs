//! The identity provider's certificates that were imported by hand.

use crate::configuration::{audited, refused, revision};
use crate::scene::{Login, NOW, Scene, name, org};
use IdpCertificateState::{Active, Next, Previous};
use sso_core::connection::Slot;
use sso_core::ids::CertificateId;
use sso_core::store::{
    CommitError, FirstUse, IdpCertificate, IdpCertificateState, NewIdpCertificate, Store,
    StoreError,
};
use sso_tests::Person;
use std::sync::Arc;
use tokio::task::JoinSet;

async fn add(
    scene: &Scene<impl Store>,
    certificate: NewIdpCertificate,
) -> Result<IdpCertificate, StoreError> {
    let audit = scene.audit("imported");
    scene.store.add_idp_certificate(&scene.org.name, certificate, audit).await
}

/// Imports so many, one hour after the other. The first is the active one.
async fn imported(scene: &Scene<impl Store>, count: i64) -> Vec<IdpCertificate> {
    let mut all = Vec::new();
    for hours in 0..count {
        all.push(add(scene, scene.idp_certificate(hours)).await.expect("imported"));
    }
    all
}

async fn stored(scene: &Scene<impl Store>) -> Vec<IdpCertificate> {
    scene.store.idp_certificates(&scene.org.name).await.expect("read")
}

async fn states(scene: &Scene<impl Store>) -> Vec<IdpCertificateState> {
    stored(scene).await.into_iter().map(|certificate| certificate.state).collect()
}

/// A login that was signed by this certificate.
async fn signed_by(scene: &Scene<impl Store>, certificate: CertificateId) -> Login {
    let mut login = scene.login(&Person::new("ann"), NOW).await;
    let (org, audit) = (scene.org.name.clone(), scene.audit("first use"));
    login.records.first_use = Some(FirstUse { org, certificate, audit });
    login
}

pub(crate) async fn idp_certificates_come_oldest_first(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let mut added = Vec::new();
    for hours in [2, 0, 1] {
        let new = scene.idp_certificate(hours);
        let certificate = add(&scene, new.clone()).await.expect("imported");
        let state = if hours == 2 { Active } else { Next };
        assert_eq!(certificate, new.in_state(state));
        added.push(certificate);
    }
    added.rotate_left(1);
    assert_eq!(stored(&scene).await, added);
    assert_eq!(scene.store.idp_certificates(&name("other")).await.expect("read"), []);
    assert_eq!(audited(&scene).await, 4);
}

pub(crate) async fn an_idp_certificate_is_added_once_and_to_an_organization(
    store: Arc<impl Store>,
) {
    let scene = Scene::new(store).await;
    let first = scene.idp_certificate(0);
    add(&scene, first.clone()).await.expect("imported");
    let same_bytes = NewIdpCertificate { der: first.der.clone(), ..scene.idp_certificate(1) };
    refused!(add(&scene, same_bytes).await, Conflict("certificate_exists"));
    let same_id = NewIdpCertificate { id: first.id, ..scene.idp_certificate(1) };
    refused!(add(&scene, same_id).await, Conflict("certificate_exists"));
    let nobody = scene
        .store
        .add_idp_certificate(&name("other"), scene.idp_certificate(1), scene.audit("imported"))
        .await;
    refused!(nobody, NotFound("org"));
    assert_eq!(stored(&scene).await, [first.clone().in_state(Active)]);
    assert_eq!(audited(&scene).await, 2);

    // Two organizations may have the same identity provider.
    scene.store.create_org(org("other", &[]), scene.audit("made")).await.expect("made");
    let theirs = NewIdpCertificate { der: first.der, ..scene.idp_certificate(1) };
    let added = scene
        .store
        .add_idp_certificate(&name("other"), theirs.clone(), scene.audit("imported"))
        .await;
    assert_eq!(added.expect("imported"), theirs.in_state(Active));
}

pub(crate) async fn a_fourth_idp_certificate_is_refused(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let three = imported(&scene, 3).await;
    refused!(add(&scene, scene.idp_certificate(3)).await, Conflict("certificate_limit"));
    let again = NewIdpCertificate { der: three[1].der.clone(), ..scene.idp_certificate(3) };
    refused!(add(&scene, again).await, Conflict("certificate_exists"));
    assert_eq!(stored(&scene).await, three);
    assert_eq!(audited(&scene).await, 4);

    let delete =
        scene.store.delete_idp_certificate(&scene.org.name, three[1].id, scene.audit("removed"));
    delete.await.expect("removed");
    add(&scene, scene.idp_certificate(3)).await.expect("there is room again");
}

pub(crate) async fn imports_at_once_stop_at_the_limit(store: Arc<impl Store + 'static>) {
    let scene = Arc::new(Scene::new(store).await);
    let mut tasks = JoinSet::new();
    for hours in 0..8 {
        let scene = Arc::clone(&scene);
        tasks.spawn(async move { add(&scene, scene.idp_certificate(hours)).await });
    }
    let results = tasks.join_all().await;
    for result in results.iter().filter(|result| result.is_err()) {
        assert!(matches!(result, Err(StoreError::Conflict("certificate_limit"))), "{result:?}");
    }
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    let states = states(&scene).await;
    assert_eq!(states.len(), 3);
    assert_eq!(states.iter().filter(|state| **state == Active).count(), 1);
}

pub(crate) async fn an_idp_certificate_is_activated_and_removed(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let three = imported(&scene, 3).await;
    let activate = |org: &'static str, id| {
        let (scene, audit) = (&scene, scene.audit("active"));
        async move { scene.store.activate_idp_certificate(&name(org), id, audit).await }
    };
    let delete = |org: &'static str, id| {
        let (scene, audit) = (&scene, scene.audit("removed"));
        async move { scene.store.delete_idp_certificate(&name(org), id, audit).await }
    };
    assert_eq!(states(&scene).await, [Active, Next, Next]);
    let active = activate("corp", three[1].id).await.expect("activated");
    assert_eq!(active, IdpCertificate { state: Active, ..three[1].clone() });
    assert_eq!(states(&scene).await, [Previous, Active, Next]);
    assert_eq!(audited(&scene).await, 5);
    assert_eq!(activate("corp", three[1].id).await.expect("active already"), active);
    assert_eq!(audited(&scene).await, 5, "nothing was done");
    activate("corp", three[0].id).await.expect("back again");
    assert_eq!(states(&scene).await, [Active, Previous, Next]);

    let unknown = scene.idp_certificate(0).id;
    for (org, id) in [("corp", unknown), ("other", three[0].id)] {
        refused!(activate(org, id).await, NotFound("certificate"));
        refused!(delete(org, id).await, NotFound("certificate"));
    }
    assert_eq!(audited(&scene).await, 6);

    delete("corp", three[0].id).await.expect("the active one may go");
    assert_eq!(states(&scene).await, [Previous, Next]);
    refused!(delete("corp", three[0].id).await, NotFound("certificate"));
    let new = add(&scene, scene.idp_certificate(3)).await.expect("imported");
    assert_eq!(new.state, Active, "there was none");
}

/// What was parsed of an older revision is not used again.
pub(crate) async fn a_change_of_idp_certificates_raises_the_revision(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    for slot in [Slot::Live, Slot::Draft] {
        let put = store.put_connection(scene.connection(slot, 1), scene.audit("put"));
        put.await.expect("put");
    }
    let two = imported(&scene, 2).await;
    assert_eq!(revision(&scene, Slot::Live).await, 3);
    let activate = |id| store.activate_idp_certificate(&org.name, id, scene.audit("active"));
    activate(two[1].id).await.expect("activated");
    assert_eq!(revision(&scene, Slot::Live).await, 4);
    activate(two[1].id).await.expect("active already");
    assert_eq!(revision(&scene, Slot::Live).await, 4);
    let delete = store.delete_idp_certificate(&org.name, two[0].id, scene.audit("removed"));
    delete.await.expect("removed");
    assert_eq!(revision(&scene, Slot::Live).await, 5);
    assert_eq!(revision(&scene, Slot::Draft).await, 5);

    let again = scene.idp_certificate(2);
    let again = NewIdpCertificate { der: two[1].der.clone(), ..again };
    refused!(add(&scene, again).await, Conflict("certificate_exists"));
    assert_eq!(revision(&scene, Slot::Live).await, 5);
    // A change of the connection is planned on the revision after that.
    let mut connection = scene.connection(Slot::Live, 5);
    let late = store.put_connection(connection.clone(), scene.audit("put")).await;
    refused!(late, Conflict("connection_changed"));
    connection.revision = 6;
    store.put_connection(connection, scene.audit("put")).await.expect("put");
}

pub(crate) async fn the_first_use_activates_with_the_sign_in(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let put = scene.store.put_connection(scene.connection(Slot::Live, 1), scene.audit("put"));
    put.await.expect("put");
    let three = imported(&scene, 3).await;
    let before = audited(&scene).await;

    let login = signed_by(&scene, three[2].id).await;
    let entries = login.records.audit.len();
    scene.commit(login).await.expect("committed");
    assert_eq!(states(&scene).await, [Previous, Next, Active]);
    assert_eq!(audited(&scene).await, before + entries + 1);
    assert_eq!(revision(&scene, Slot::Live).await, 5);

    // One that is not next any more, or is gone, changes nothing, and the login goes on.
    let delete =
        scene.store.delete_idp_certificate(&scene.org.name, three[1].id, scene.audit("removed"));
    delete.await.expect("removed");
    for certificate in &three {
        let login = signed_by(&scene, certificate.id).await;
        let (before, entries) = (audited(&scene).await, login.records.audit.len());
        scene.commit(login).await.expect("committed");
        assert_eq!(states(&scene).await, [Previous, Active]);
        assert_eq!(audited(&scene).await, before + entries);
        assert_eq!(revision(&scene, Slot::Live).await, 6);
    }
}

pub(crate) async fn a_sign_in_that_is_not_committed_activates_nothing(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let two = imported(&scene, 2).await;
    let mut login = signed_by(&scene, two[1].id).await;
    login.records.request_id = Some("_nobody-asked".to_owned());
    let result = scene.commit(login).await;
    assert!(matches!(result, Err(CommitError::RequestAlreadyUsed)), "{result:?}");
    assert_eq!(states(&scene).await, [Active, Next]);
    assert_eq!(audited(&scene).await, 3);
}

pub(crate) async fn first_uses_at_once_activate_once(store: Arc<impl Store + 'static>) {
    let scene = Arc::new(Scene::new(store).await);
    scene.account(&Person::new("ann")).await;
    let two = imported(&scene, 2).await;
    let (mut tasks, mut entries) = (JoinSet::new(), audited(&scene).await);
    for _ in 0..8 {
        let login = signed_by(&scene, two[1].id).await;
        entries += login.records.audit.len();
        let scene = Arc::clone(&scene);
        tasks.spawn(async move { scene.commit(login).await });
    }
    for result in tasks.join_all().await {
        result.expect("committed");
    }
    assert_eq!(states(&scene).await, [Previous, Active]);
    assert_eq!(audited(&scene).await, entries + 1);
}
