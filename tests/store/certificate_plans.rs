//! Plans of service certificates, and requests for them.

use crate::scene::{NOW, Scene};
use sso_core::certs::{CertificatePlan, CertificateRequest, PlanStep};
use sso_core::ids::{CertificateId, CertificateRequestId};
use sso_core::store::{CertificateState, ServiceCertificate, StepEnd, Store, StoreError};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tokio::task::JoinSet;

fn hours(hours: i64) -> Option<OffsetDateTime> {
    Some(NOW + Duration::hours(hours))
}

fn plan(activate_at: Option<OffsetDateTime>, retire_at: Option<OffsetDateTime>) -> CertificatePlan {
    CertificatePlan { activate_at, retire_at }
}

async fn add(scene: &Scene<impl Store>, state: CertificateState) -> ServiceCertificate {
    let certificate = scene.certificate(state, 0);
    let (org, audit) = (&scene.org.name, scene.audit("added"));
    let added = scene.store.add_service_certificate(org, certificate.clone(), b"key", audit);
    added.await.expect("added");
    certificate
}

async fn planned(
    scene: &Scene<impl Store>,
    id: CertificateId,
    plan: CertificatePlan,
) -> Result<ServiceCertificate, StoreError> {
    let audit = scene.audit("planned");
    scene.store.plan_service_certificate(&scene.org.name, id, plan, audit).await
}

async fn end(
    scene: &Scene<impl Store>,
    id: CertificateId,
    step: PlanStep,
    end: StepEnd,
    now: Option<OffsetDateTime>,
) -> Result<bool, StoreError> {
    let (org, audit) = (&scene.org.name, scene.audit("ended"));
    scene.store.end_plan_step(org, id, step, end, now.expect("an instant"), audit).await
}

async fn due(scene: &Scene<impl Store>, now: Option<OffsetDateTime>) -> Vec<CertificateId> {
    let due = scene.store.due_plans(now.expect("an instant"), 10).await.expect("read");
    assert!(due.iter().all(|(org, _)| *org == scene.org.name));
    due.into_iter().map(|(_, certificate)| certificate.id).collect()
}

async fn state(
    scene: &Scene<impl Store>,
    id: CertificateId,
) -> (CertificateState, CertificatePlan) {
    let all = scene.store.service_certificates(&scene.org.name).await.expect("read");
    let found = all.into_iter().find(|certificate| certificate.id == id).expect("there");
    (found.state, found.plan)
}

async fn ended(scene: &Scene<impl Store>) -> usize {
    scene.trail().await.iter().filter(|entry| entry.sub_category == "ended").count()
}

pub(crate) async fn a_plan_is_written_and_replaced(store: Arc<impl Store>) {
    use CertificateState::{Active, Next, Retired};
    let scene = Scene::new(store).await;
    let (next, active, retired) =
        (add(&scene, Next).await, add(&scene, Active).await, add(&scene, Retired).await);
    let both = plan(hours(1), hours(2));
    let written = planned(&scene, next.id, both).await.expect("planned");
    assert_eq!(written, ServiceCertificate { plan: both, ..next.clone() });
    let all = scene.store.service_certificates(&scene.org.name).await.expect("read");
    assert!(all.contains(&written), "the chain and the plan are kept");
    planned(&scene, next.id, plan(None, hours(3))).await.expect("replaced");
    assert_eq!(state(&scene, next.id).await, (Next, plan(None, hours(3))));

    planned(&scene, active.id, plan(None, hours(2))).await.expect("an end for the active one");
    for (id, plan, conflict) in [
        (active.id, plan(hours(1), None), "certificate_active"),
        (retired.id, plan(None, hours(1)), "certificate_retired"),
    ] {
        let refused = planned(&scene, id, plan).await;
        assert!(matches!(refused, Err(StoreError::Conflict(found)) if found == conflict));
    }
    let unknown = CertificateId::new(NOW, scene.random());
    let refused = planned(&scene, unknown, CertificatePlan::default()).await;
    assert!(matches!(refused, Err(StoreError::NotFound("certificate"))));
    let recorded = scene.trail().await;
    assert_eq!(recorded.iter().filter(|entry| entry.sub_category == "planned").count(), 3);
}

pub(crate) async fn due_plans_come_in_the_order_of_their_instants(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let mut ids = Vec::new();
    for plan in [plan(hours(3), None), plan(None, hours(2)), plan(hours(2), hours(4))] {
        let id = add(&scene, CertificateState::Next).await.id;
        planned(&scene, id, plan).await.expect("planned");
        ids.push(id);
    }
    assert_eq!(due(&scene, hours(1)).await, []);
    assert_eq!(due(&scene, hours(2)).await, [ids[2], ids[1]], "activations come first");
    assert_eq!(due(&scene, hours(9)).await, [ids[2], ids[1], ids[0]]);
}

pub(crate) async fn a_step_is_carried_out_once(store: Arc<impl Store>) {
    use CertificateState::{Active, Next, Previous, Retired};
    use PlanStep::{Activate, Retire};
    let scene = Scene::new(store).await;
    let (old, new) = (add(&scene, Active).await.id, add(&scene, Next).await.id);
    planned(&scene, new, plan(hours(1), hours(3))).await.expect("planned");
    planned(&scene, old, plan(None, hours(2))).await.expect("planned");
    let carry = async |id, step, now| {
        end(&scene, id, step, StepEnd::CarriedOut, now).await.expect("an answer")
    };
    assert!(!carry(new, Activate, hours(0)).await, "it is not due");
    assert!(carry(new, Activate, hours(1)).await);
    assert!(!carry(new, Activate, hours(1)).await, "it is done");
    assert_eq!(state(&scene, new).await, (Active, plan(None, hours(3))));
    assert_eq!(state(&scene, old).await, (Previous, plan(None, hours(2))));
    assert!(carry(old, Retire, hours(2)).await);
    assert!(!carry(old, Retire, hours(2)).await);
    assert_eq!(state(&scene, old).await, (Retired, CertificatePlan::default()));
    assert_eq!(due(&scene, hours(2)).await, []);
    assert_eq!(ended(&scene).await, 2);
}

pub(crate) async fn steps_at_once_are_carried_out_once(store: Arc<impl Store + 'static>) {
    let scene = Arc::new(Scene::new(store).await);
    add(&scene, CertificateState::Active).await;
    let new = add(&scene, CertificateState::Next).await.id;
    planned(&scene, new, plan(hours(1), None)).await.expect("planned");
    let mut nodes = JoinSet::new();
    for _ in 0..8 {
        let scene = Arc::clone(&scene);
        nodes.spawn(async move {
            end(&scene, new, PlanStep::Activate, StepEnd::CarriedOut, hours(1)).await
        });
    }
    let done = nodes.join_all().await;
    let done = done.into_iter().filter(|done| *done.as_ref().expect("an answer")).count();
    assert_eq!((done, ended(&scene).await), (1, 1));
}

pub(crate) async fn a_step_that_cannot_be_is_given_up(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let active = add(&scene, CertificateState::Active).await.id;
    planned(&scene, active, plan(None, hours(1))).await.expect("planned");
    let carried = end(&scene, active, PlanStep::Retire, StepEnd::CarriedOut, hours(1)).await;
    assert!(matches!(carried, Err(StoreError::Conflict("certificate_active"))), "{carried:?}");
    assert_eq!(due(&scene, hours(1)).await, [active], "nothing was done");
    let given_up = end(&scene, active, PlanStep::Retire, StepEnd::GivenUp, hours(1)).await;
    assert!(given_up.expect("given up"));
    let after = (CertificateState::Active, CertificatePlan::default());
    assert_eq!(state(&scene, active).await, after);
    assert_eq!((due(&scene, hours(1)).await, ended(&scene).await), (vec![], 1));
}

pub(crate) async fn an_act_by_hand_ends_its_plan(store: Arc<impl Store>) {
    use CertificateState::{Active, Next, Previous, Retired};
    let scene = Scene::new(store).await;
    let (first, second) = (add(&scene, Next).await.id, add(&scene, Next).await.id);
    for id in [first, second] {
        planned(&scene, id, plan(hours(1), hours(2))).await.expect("planned");
        let activated =
            scene.store.activate_service_certificate(&scene.org.name, id, scene.audit("a"));
        assert_eq!(activated.await.expect("activated").plan, plan(None, hours(2)));
        assert_eq!(state(&scene, id).await, (Active, plan(None, hours(2))));
    }
    assert_eq!(state(&scene, first).await.0, Previous);
    let retired = scene.store.retire_service_certificate(&scene.org.name, first, scene.audit("r"));
    assert_eq!(retired.await.expect("retired").plan, CertificatePlan::default());
    assert_eq!(state(&scene, first).await, (Retired, CertificatePlan::default()));
    assert_eq!(due(&scene, hours(9)).await, [second]);
}

fn request(scene: &Scene<impl Store>) -> CertificateRequest {
    CertificateRequest {
        id: CertificateRequestId::new(NOW, scene.random()),
        alias: "asked".to_owned(),
        der: vec![0x30, 0, 0xff],
        created_at: NOW,
    }
}

pub(crate) async fn a_request_becomes_a_certificate_with_its_key(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    let (asked, dropped) = (request(&scene), request(&scene));
    for (request, key) in [(&asked, b"asked"), (&dropped, b"other")] {
        let added =
            store.add_certificate_request(&org.name, request.clone(), key, scene.audit("x"));
        added.await.expect("added");
    }
    let waiting = store.certificate_requests(&org.name).await.expect("read");
    assert_eq!(waiting, [asked.clone(), dropped.clone()]);

    let certificate = scene.certificate(CertificateState::Next, 0);
    let answer = |certificate: &ServiceCertificate| {
        let (certificate, audit) = (certificate.clone(), scene.audit("answered"));
        store.answer_certificate_request(&org.name, asked.id, certificate, audit)
    };
    answer(&certificate).await.expect("answered");
    let keys = store.service_keys(&org.name).await.expect("read");
    assert_eq!(
        (keys.len(), &keys[0].certificate, &*keys[0].private_key),
        (1, &certificate, &b"asked"[..])
    );
    let again = answer(&scene.certificate(CertificateState::Next, 0)).await;
    assert!(matches!(again, Err(StoreError::NotFound("request"))), "{again:?}");

    let remove = || store.delete_certificate_request(&org.name, dropped.id, scene.audit("removed"));
    remove().await.expect("removed");
    assert!(matches!(remove().await, Err(StoreError::NotFound("request"))));
    assert_eq!(store.certificate_requests(&org.name).await.expect("read"), []);
    let elsewhere = "nobody".parse().expect("a name");
    let foreign =
        store.add_certificate_request(&elsewhere, request(&scene), b"k", scene.audit("x"));
    assert!(matches!(foreign.await, Err(StoreError::NotFound("org"))));
}

pub(crate) async fn a_request_that_is_answered_at_once_is_answered_once(
    store: Arc<impl Store + 'static>,
) {
    let scene = Arc::new(Scene::new(store).await);
    let asked = request(&scene);
    let org = scene.org.name.clone();
    let added = scene.store.add_certificate_request(&org, asked.clone(), b"key", scene.audit("x"));
    added.await.expect("added");
    let mut nodes = JoinSet::new();
    for _ in 0..6 {
        let (scene, org, id) = (Arc::clone(&scene), org.clone(), asked.id);
        nodes.spawn(async move {
            let certificate = scene.certificate(CertificateState::Next, 0);
            let audit = scene.audit("answered");
            scene.store.answer_certificate_request(&org, id, certificate, audit).await.is_ok()
        });
    }
    let answered = nodes.join_all().await.into_iter().filter(|done| *done).count();
    let kept = scene.store.service_keys(&org).await.expect("read").len();
    assert_eq!((answered, kept), (1, 1));
}
