//! Service certificates and their keys.

use crate::configuration::{audited, refused, revision};
use crate::scene::{NOW, Scene, name};
use sso_core::connection::Slot;
use sso_core::ids::CertificateId;
use sso_core::store::{CertificateState, ServiceCertificate, Store, StoreError};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Adds certificates in these states, each made an hour before the one named before it.
async fn add_certificates(
    scene: &Scene<impl Store>,
    states: &[CertificateState],
) -> Vec<ServiceCertificate> {
    let mut added = Vec::new();
    for (hours, state) in states.iter().enumerate() {
        let certificate = scene.certificate(*state, -(hours as i64));
        let key = certificate.alias.as_bytes();
        scene
            .store
            .add_service_certificate(
                &scene.org.name,
                certificate.clone(),
                key,
                scene.audit("added"),
            )
            .await
            .expect("added");
        added.push(certificate);
    }
    added
}

async fn states(scene: &Scene<impl Store>) -> Vec<(CertificateId, CertificateState)> {
    let stored = scene.store.service_certificates(&scene.org.name).await.expect("read");
    stored.into_iter().map(|certificate| (certificate.id, certificate.state)).collect()
}

pub(crate) async fn certificates_come_oldest_first_with_their_keys(store: Arc<impl Store>) {
    use CertificateState::{Active, Next, Previous, Retired};
    let scene = Scene::new(store).await;
    let mut added = add_certificates(&scene, &[Next, Active, Previous, Retired]).await;
    added.reverse();

    let stored = scene.store.service_certificates(&scene.org.name).await.expect("read");
    assert_eq!(stored, added);
    let keys = scene.store.service_keys(&scene.org.name).await.expect("read");
    for (key, certificate) in keys.iter().zip(&added) {
        assert_eq!(&key.certificate, certificate);
        assert_eq!(key.private_key, certificate.alias.as_bytes());
        assert!(!format!("{key:?}").contains("private"));
    }
    assert_eq!(keys.len(), 4);
    assert_eq!(scene.store.service_certificates(&name("other")).await.expect("read"), []);
    assert!(scene.store.service_keys(&name("other")).await.expect("read").is_empty());
    assert_eq!(audited(&scene).await, 5);
}

pub(crate) async fn a_certificate_is_added_once_and_to_an_organization(store: Arc<impl Store>) {
    use CertificateState::{Active, Next};
    let scene = Scene::new(store).await;
    let added = add_certificates(&scene, &[Active]).await;
    let add = |org: &'static str, certificate: ServiceCertificate| {
        let (scene, audit) = (&scene, scene.audit("added"));
        async move {
            let org = name(org);
            scene.store.add_service_certificate(&org, certificate, b"key", audit).await
        }
    };
    refused!(add("other", scene.certificate(Next, 1)).await, NotFound("org"));
    refused!(add("corp", scene.certificate(Active, 1)).await, Conflict("certificate_active"));
    let mut same = scene.certificate(Next, 1);
    same.id = added[0].id;
    refused!(add("corp", same).await, Conflict("certificate_exists"));
    assert_eq!(states(&scene).await, [(added[0].id, Active)]);
    assert_eq!(audited(&scene).await, 2);

    add("corp", scene.certificate(Next, 1)).await.expect("a next one");
    assert_eq!(states(&scene).await.len(), 2);
}

pub(crate) async fn activation_swaps_at_once(store: Arc<impl Store>) {
    use CertificateState::{Active, Next, Previous};
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    let added = add_certificates(&scene, &[Next, Next]).await;
    let (younger, older) = (&added[0], &added[1]);
    let activate = |id| store.activate_service_certificate(&org.name, id, scene.audit("active"));

    let active = activate(older.id).await.expect("the first active one");
    assert_eq!(active, ServiceCertificate { state: Active, ..older.clone() });
    assert_eq!(states(&scene).await, [(older.id, Active), (younger.id, Next)]);
    assert_eq!(audited(&scene).await, 4);

    assert_eq!(activate(older.id).await.expect("active already"), active);
    assert_eq!(audited(&scene).await, 4, "nothing was done");

    activate(younger.id).await.expect("the next one");
    assert_eq!(states(&scene).await, [(older.id, Previous), (younger.id, Active)]);
    activate(older.id).await.expect("back again");
    assert_eq!(states(&scene).await, [(older.id, Active), (younger.id, Previous)]);
    assert_eq!(audited(&scene).await, 6);
}

pub(crate) async fn activation_refuses_what_cannot_sign(store: Arc<impl Store>) {
    use CertificateState::{Active, Retired};
    let scene = Scene::new(store).await;
    let Scene { store, .. } = &scene;
    let added = add_certificates(&scene, &[Active, Retired]).await;
    let activate = |org: &'static str, id| {
        let audit = scene.audit("active");
        async move { store.activate_service_certificate(&name(org), id, audit).await }
    };
    refused!(activate("corp", added[1].id).await, Conflict("certificate_retired"));
    refused!(activate("other", added[1].id).await, NotFound("certificate"));
    let unknown = CertificateId::new(NOW, scene.random());
    refused!(activate("corp", unknown).await, NotFound("certificate"));
    assert_eq!(states(&scene).await, [(added[1].id, Retired), (added[0].id, Active)]);
    assert_eq!(audited(&scene).await, 3);
}

pub(crate) async fn activations_at_once_leave_one_active(store: Arc<impl Store + 'static>) {
    let scene = Arc::new(Scene::new(store).await);
    let added = add_certificates(&scene, &[CertificateState::Next; 2]).await;
    let mut tasks = JoinSet::new();
    for certificate in added.clone() {
        let scene = Arc::clone(&scene);
        tasks.spawn(async move {
            let audit = scene.audit("active");
            scene.store.activate_service_certificate(&scene.org.name, certificate.id, audit).await
        });
    }
    for activated in tasks.join_all().await {
        assert_eq!(activated.expect("activated").state, CertificateState::Active);
    }
    let states: Vec<_> = states(&scene).await.into_iter().map(|(_, state)| state).collect();
    let count = |state| states.iter().filter(|s| **s == state).count();
    assert_eq!(count(CertificateState::Active), 1, "{states:?}");
    assert_eq!(count(CertificateState::Previous), 1, "{states:?}");
}

pub(crate) async fn a_certificate_is_retired_for_good(store: Arc<impl Store>) {
    use CertificateState::{Active, Next, Previous, Retired};
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    let added = add_certificates(&scene, &[Active, Previous, Next]).await;
    let retire = |id| store.retire_service_certificate(&org.name, id, scene.audit("retired"));
    for certificate in &added[1..] {
        let retired = retire(certificate.id).await.expect("retired");
        assert_eq!(retired, ServiceCertificate { state: Retired, ..certificate.clone() });
    }
    assert_eq!(audited(&scene).await, 6);
    assert_eq!(retire(added[1].id).await.expect("retired already").state, Retired);
    assert_eq!(audited(&scene).await, 6, "nothing was done");
    let back = store.activate_service_certificate(&org.name, added[1].id, scene.audit("active"));
    refused!(back.await, Conflict("certificate_retired"));
    let states: Vec<_> = states(&scene).await.into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, [Retired, Retired, Active]);
}

pub(crate) async fn a_certificate_is_removed_with_its_key(store: Arc<impl Store>) {
    use CertificateState::{Active, Next, Previous, Retired};
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    let added = add_certificates(&scene, &[Active, Previous, Next, Retired]).await;
    let remove = |id| store.delete_service_certificate(&org.name, id, scene.audit("removed"));
    for certificate in &added[1..] {
        remove(certificate.id).await.expect("removed");
        refused!(remove(certificate.id).await, NotFound("certificate"));
    }
    assert_eq!(states(&scene).await, [(added[0].id, Active)]);
    assert_eq!(store.service_keys(&org.name).await.expect("read").len(), 1);
    assert_eq!(audited(&scene).await, 8);
}

pub(crate) async fn the_active_certificate_stays(store: Arc<impl Store>) {
    use CertificateState::{Active, Next};
    let scene = Scene::new(store).await;
    let Scene { store, .. } = &scene;
    let added = add_certificates(&scene, &[Active, Next]).await;
    let retire = |org: &'static str, id| {
        let audit = scene.audit("retired");
        async move { store.retire_service_certificate(&name(org), id, audit).await }
    };
    let remove = |org: &'static str, id| {
        let audit = scene.audit("removed");
        async move { store.delete_service_certificate(&name(org), id, audit).await }
    };
    refused!(retire("corp", added[0].id).await, Conflict("certificate_active"));
    refused!(remove("corp", added[0].id).await, Conflict("certificate_active"));
    let unknown = CertificateId::new(NOW, scene.random());
    for (org, id) in [("corp", unknown), ("other", added[0].id), ("other", added[1].id)] {
        refused!(retire(org, id).await, NotFound("certificate"));
        refused!(remove(org, id).await, NotFound("certificate"));
    }
    assert_eq!(states(&scene).await, [(added[1].id, Next), (added[0].id, Active)]);
    assert_eq!(audited(&scene).await, 3);
}

pub(crate) async fn activation_and_removal_at_once_leave_no_removed_one_active(
    store: Arc<impl Store + 'static>,
) {
    use CertificateState::{Active, Next, Retired};
    let scene = Arc::new(Scene::new(store).await);
    for round in 0..8 {
        let next = add_certificates(&scene, &[Next]).await.remove(0);
        let (one, other) = (Arc::clone(&scene), Arc::clone(&scene));
        let (org, audit) = (scene.org.name.clone(), scene.audit("active"));
        let activated = tokio::spawn(async move {
            one.store.activate_service_certificate(&org, next.id, audit).await
        });
        let (org, audit) = (scene.org.name.clone(), scene.audit("retired"));
        let retired = tokio::spawn(async move {
            other.store.retire_service_certificate(&org, next.id, audit).await
        });
        let (activated, retired) = (activated.await.expect("ended"), retired.await.expect("ended"));
        let state = states(&scene).await.into_iter().find(|(id, _)| *id == next.id);
        match (activated, retired) {
            (Ok(_), Err(StoreError::Conflict("certificate_active"))) => {
                assert_eq!(state, Some((next.id, Active)), "round {round}");
            }
            (Err(StoreError::Conflict("certificate_retired")), Ok(_)) => {
                assert_eq!(state, Some((next.id, Retired)), "round {round}");
            }
            other => panic!("round {round}: {other:?}"),
        }
    }
}

/// What was parsed of an older revision is not used again.
pub(crate) async fn a_change_of_service_certificates_raises_the_revision(store: Arc<impl Store>) {
    use CertificateState::{Active, Next};
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    for slot in [Slot::Live, Slot::Draft] {
        let put = store.put_connection(scene.connection(slot, 1), scene.audit("put"));
        put.await.expect("put");
    }
    let two = add_certificates(&scene, &[Active, Next]).await;
    assert_eq!(revision(&scene, Slot::Live).await, 3);
    let activate = |id| store.activate_service_certificate(&org.name, id, scene.audit("active"));
    activate(two[1].id).await.expect("activated");
    assert_eq!(revision(&scene, Slot::Live).await, 4);
    activate(two[1].id).await.expect("active already");
    assert_eq!(revision(&scene, Slot::Live).await, 4, "nothing was done");
    let retire = || store.retire_service_certificate(&org.name, two[0].id, scene.audit("retired"));
    retire().await.expect("retired");
    assert_eq!(revision(&scene, Slot::Live).await, 5);
    retire().await.expect("retired already");
    assert_eq!(revision(&scene, Slot::Live).await, 5, "nothing was done");
    let delete = |id| store.delete_service_certificate(&org.name, id, scene.audit("removed"));
    delete(two[0].id).await.expect("removed");
    assert_eq!(revision(&scene, Slot::Live).await, 6);
    assert_eq!(revision(&scene, Slot::Draft).await, 6);
    refused!(delete(two[1].id).await, Conflict("certificate_active"));
    assert_eq!(revision(&scene, Slot::Live).await, 6, "nothing was done");
}
