//! The identity provider's certificates that were imported by hand (SPEC 8, ATTACKS MD-06): each is
//! trusted beside the keys of the metadata, from its import until its removal, and never longer.

use crate::scene::{NOW, Scene, refused};
use IdpCertificateState::{Active, Next, Previous};
use sso_core::certs::{IdpCertificateState, NewIdpCertificate};
use sso_core::error::Code;
use sso_core::ids::CertificateId;
use sso_core::store::{AuditEntry, AuditFilter, AuditStore, IdpCertificateStore, Page};
use sso_tests::{IdentityProvider, Person};

async fn import(scene: &Scene, idp: &IdentityProvider) -> CertificateId {
    let org = scene.org("corp").await;
    let id = CertificateId::new(NOW, &scene.random);
    let new = NewIdpCertificate {
        id,
        alias: "by hand".to_owned(),
        der: idp.certificate().to_vec(),
        created_at: NOW,
    };
    let imported = scene.audit(&org, "imported");
    scene.bridge.store().add_idp_certificate(&org.name, new, imported).await.expect("imported");
    id
}

async fn remove(scene: &Scene, id: CertificateId) {
    let org = scene.org("corp").await;
    let removed = scene.audit(&org, "removed");
    scene.bridge.store().delete_idp_certificate(&org.name, id, removed).await.expect("removed");
}

async fn state(scene: &Scene, id: CertificateId) -> IdpCertificateState {
    let org = scene.org("corp").await;
    let all = scene.bridge.store().idp_certificates(&org.name).await.expect("a store");
    all.iter().find(|certificate| certificate.id == id).expect("the certificate").state
}

/// The audit trail's entries of a certificate's first use, newest first.
async fn first_uses(scene: &Scene) -> Vec<AuditEntry> {
    let org = scene.org("corp").await;
    let trail = scene.bridge.store();
    let trail =
        trail.audit(&org.name, &AuditFilter::default(), &Page::first(200)).await.expect("a store");
    let is_first = |entry: &AuditEntry| entry.sub_category == "idp_certificate_activated";
    trail.items.into_iter().filter(is_first).collect()
}

fn another(scene: &Scene) -> IdentityProvider {
    IdentityProvider::new(NOW, &scene.random)
}

#[tokio::test]
async fn an_imported_certificate_is_trusted_beside_those_of_the_metadata() {
    let mut scene = Scene::new().await;
    let ada = Person::new("ada");
    scene.sign_in(&ada).await.expect("signed in by the key of the metadata");
    let other = another(&scene);
    let of_metadata = std::mem::replace(&mut scene.idp, other);
    let ended = scene.sign_in(&ada).await;
    assert_eq!(refused(&scene, ended).await, Code::UntrustedKey);

    let id = import(&scene, &scene.idp).await;
    scene.sign_in(&ada).await.expect("signed in by the imported key, at once");
    let by_hand = std::mem::replace(&mut scene.idp, of_metadata);
    scene.sign_in(&ada).await.expect("the metadata's key is trusted still");

    // MD-06: what is removed is not trusted any more, whatever was parsed before.
    scene.idp = by_hand;
    remove(&scene, id).await;
    let ended = scene.sign_in(&ada).await;
    assert_eq!(refused(&scene, ended).await, Code::UntrustedKey);
    assert!(first_uses(&scene).await.is_empty(), "it was the active one from the beginning");
}

#[tokio::test]
async fn a_connection_verifies_by_imported_certificates_alone() {
    let scene = Scene::without_connection().await;
    scene.connect(IdentityProvider::settings(), &[]).await;
    let ended = scene.sign_in(&Person::new("ada")).await;
    assert_eq!(refused(&scene, ended).await, Code::ConnectionIncomplete);
    let id = import(&scene, &scene.idp).await;
    scene.sign_in(&Person::new("ada")).await.expect("signed in");
    remove(&scene, id).await;
    let ended = scene.sign_in(&Person::new("ada")).await;
    assert_eq!(refused(&scene, ended).await, Code::ConnectionIncomplete);
}

#[tokio::test]
async fn the_first_good_signature_by_the_next_makes_it_active() {
    let mut scene = Scene::without_connection().await;
    scene.connect(IdentityProvider::settings(), &[]).await;
    let ada = Person::new("ada");
    let old_id = import(&scene, &scene.idp).await;
    let next = another(&scene);
    let next_id = import(&scene, &next).await;
    scene.sign_in(&ada).await.expect("signed in by the old key");
    assert_eq!((state(&scene, old_id).await, state(&scene, next_id).await), (Active, Next));

    // A good signature on a refused login is none that counts.
    let old = std::mem::replace(&mut scene.idp, next);
    let ended = scene.sign_in(&Person::new("eve").with("email", "eve@elsewhere.example")).await;
    assert_eq!(refused(&scene, ended).await, Code::EmailDomainForeign);
    assert_eq!((state(&scene, old_id).await, state(&scene, next_id).await), (Active, Next));

    scene.sign_in(&ada).await.expect("signed in by the next key");
    assert_eq!((state(&scene, old_id).await, state(&scene, next_id).await), (Previous, Active));
    let entries = first_uses(&scene).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].administrator, "ada@corp.example");
    assert!(entries[0].details.contains(&next_id.to_string()), "{}", entries[0].details);
    scene.sign_in(&ada).await.expect("signed in again");
    let traces = scene.traces().await;
    let noted = traces
        .iter()
        .filter(|trace| trace.steps.iter().any(|step| step.rule == "idp_certificate_first_use"));
    assert_eq!(noted.count(), 2, "the refused login's and the first accepted one's");
    scene.idp = old;
    scene.sign_in(&ada).await.expect("the one before is accepted until it is removed");
    assert_eq!((state(&scene, old_id).await, state(&scene, next_id).await), (Previous, Active));
    assert_eq!(first_uses(&scene).await.len(), 1);
    remove(&scene, old_id).await;
    let ended = scene.sign_in(&ada).await;
    assert_eq!(refused(&scene, ended).await, Code::UntrustedKey);
}
