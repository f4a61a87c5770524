//! The brakes on mass removal: one count on all nodes together.

use crate::configuration::audited;
use crate::scene::{NOW, Scene, name, org};
use sso_core::provisioning::{BrakeAct, BrakeSettings, RemovalBrake};
use sso_core::store::{Store, StoreError};
use std::sync::Arc;
use time::Duration;

pub(crate) async fn a_brake_is_kept_and_lifted(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let (corp, store) = (name("corp"), &scene.store);
    assert_eq!(store.removal_brake(&corp).await.expect("read"), RemovalBrake::default());
    let nobodys = store.brake(&name("nobody"), BrakeAct::Take, NOW, None).await;
    assert!(matches!(nobodys, Err(StoreError::NotFound("org"))), "{nobodys:?}");

    let before = audited(&scene).await;
    let settings = BrakeSettings { percent: 0, minimum: 1, ..BrakeSettings::default() };
    let audit = Some(scene.audit("removal_brake_changed"));
    let set = store.brake(&corp, BrakeAct::Set(settings), NOW, audit).await.expect("set");
    assert_eq!(set, (RemovalBrake { settings, ..RemovalBrake::default() }, Ok(())));
    let take = async || store.brake(&corp, BrakeAct::Take, NOW, None).await.expect("asked");
    assert!(take().await.1.is_ok());
    let (held, refused) = take().await;
    assert!(refused.is_err());
    assert_eq!((held.removals, held.held_since), (1, Some(NOW)));
    assert_eq!(store.removal_brake(&corp).await.expect("read"), held, "what is held is kept");
    assert_eq!(store.removal_brake(&name("other")).await.expect("read"), RemovalBrake::default());

    let audit = Some(scene.audit("removal_brake_lifted"));
    let (lifted, _) = store.brake(&corp, BrakeAct::Lift(1), NOW, audit).await.expect("lifted");
    assert_eq!((lifted.held_since, lifted.lifted_until), (None, Some(NOW + Duration::hours(1))));
    assert!(take().await.1.is_ok());
    assert_eq!(audited(&scene).await, before + 2);
}

pub(crate) async fn removals_at_once_do_not_pass_the_bound(store: Arc<impl Store + 'static>) {
    let scene = Scene::new(store).await;
    let settings = BrakeSettings { percent: 0, minimum: 20, ..BrakeSettings::default() };
    let set = scene.store.brake(&scene.org.name, BrakeAct::Set(settings), NOW, None).await;
    assert!(set.is_ok());
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let store = scene.store.clone();
            tokio::spawn(async move {
                let (_, done) = store.brake(&name("corp"), BrakeAct::Take, NOW, None).await?;
                Ok::<_, StoreError>(done.is_ok())
            })
        })
        .collect();
    let mut passed = 0;
    for task in tasks {
        passed += u32::from(task.await.expect("no panic").expect("asked"));
    }
    assert_eq!(passed, 20);
}

pub(crate) async fn brakes_that_hold_are_found(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    scene.store.create_org(org("other", &[]), scene.audit("made")).await.expect("made");
    let none = BrakeSettings { percent: 0, minimum: 0, ..BrakeSettings::default() };
    for (at, of) in [(NOW + Duration::hours(1), "corp"), (NOW, "other")] {
        let act = BrakeAct::Set(none);
        assert!(scene.store.brake(&name(of), act, at, None).await.expect("set").1.is_ok());
        assert!(
            scene.store.held_brakes(9).await.expect("read").iter().all(|(org, _)| *org != name(of))
        );
        assert!(
            scene.store.brake(&name(of), BrakeAct::Take, at, None).await.expect("held").1.is_err()
        );
    }
    let held = vec![(name("other"), NOW), (name("corp"), NOW + Duration::hours(1))];
    assert_eq!(scene.store.held_brakes(9).await.expect("read"), held);
    assert_eq!(scene.store.held_brakes(1).await.expect("read"), held[..1]);
    let lifted = scene.store.brake(&name("other"), BrakeAct::Lift(0), NOW, None).await;
    assert!(lifted.is_ok());
    assert_eq!(scene.store.held_brakes(9).await.expect("read"), held[1..]);
}
