//! Login traces and the audit trail.

use crate::scene::{NOW, Scene, name, org};
use sso_core::ids::{AccountId, TraceId};
use sso_core::login::Outcome;
use sso_core::store::{AuditEntry, AuditFilter, Category, Page, Store, StoreError, StoredTrace};
use std::sync::Arc;
use time::Duration;

/// A trace of a refused login, some minutes after [`NOW`].
fn refused(scene: &Scene<impl Store>, minutes: i64) -> StoredTrace {
    let at = NOW + Duration::minutes(minutes);
    StoredTrace {
        outcome: Outcome::Rejected,
        code: Some("audience".to_owned()),
        name_id: None,
        account: None,
        ..scene.trace(at, AccountId::new(NOW, scene.random()))
    }
}

pub(crate) async fn a_trace_is_read_in_its_organization(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let mut trace = refused(&scene, 0);
    trace.steps[0].found = "https://evil.example/ \u{0} \u{1F600}".to_owned();
    scene.store.put_trace(trace.clone()).await.expect("kept");
    let read = |org: &'static str, id| {
        let store = &scene.store;
        async move { store.trace(&name(org), id).await.expect("read") }
    };
    assert_eq!(read("corp", trace.id).await, Some(trace.clone()));
    assert_eq!(read("other", trace.id).await, None);
    assert_eq!(read("corp", TraceId::new(NOW, scene.random())).await, None);
}

pub(crate) async fn a_trace_is_found_by_its_number_alone(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ours = refused(&scene, 0);
    let other = StoredTrace { org: name("other"), ..refused(&scene, 0) };
    for trace in [&ours, &other] {
        scene.store.put_trace(trace.clone()).await.expect("kept");
    }
    let found = |id| {
        let store = &scene.store;
        async move { store.trace_org(id).await.expect("read") }
    };
    assert_eq!(found(ours.id).await, Some(name("corp")));
    assert_eq!(found(other.id).await, Some(name("other")));
    assert_eq!(found(TraceId::new(NOW, scene.random())).await, None);
}

pub(crate) async fn traces_are_listed_newest_first(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let traces: Vec<_> = [3, 1, 5, 2, 4].map(|minutes| refused(&scene, minutes)).into();
    for trace in &traces {
        scene.store.put_trace(trace.clone()).await.expect("kept");
    }
    for other in ["aaa", "zzz"] {
        let trace = StoredTrace { org: name(other), ..refused(&scene, 9) };
        scene.store.put_trace(trace).await.expect("kept");
    }
    let mut page = Page::first(2);
    let mut parts = Vec::new();
    loop {
        let part = scene.store.traces(&scene.org.name, &page).await.expect("a part");
        let minutes = |trace: &StoredTrace| (trace.at - NOW).whole_minutes();
        parts.push(part.items.iter().map(minutes).collect::<Vec<_>>());
        page.cursor = part.next;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(parts, [vec![5, 4], vec![3, 2], vec![1]]);
    let wrong = Page { limit: 2, cursor: Some("5".to_owned()) };
    let result = scene.store.traces(&scene.org.name, &wrong).await;
    assert!(matches!(result, Err(StoreError::InvalidCursor)));
}

pub(crate) async fn audit_entries_are_listed_newest_first(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let mut entries = Vec::new();
    for minutes in 1..=4 {
        let entry = scene.audit_at(&format!("act-{minutes}"), NOW + Duration::minutes(minutes));
        let org = org(&format!("org-{minutes}"), &[]);
        scene.store.create_org(org, entry.clone()).await.expect("made");
        entries.push(entry);
    }
    entries.reverse();
    let all = AuditFilter::default();
    let first = scene.store.audit(&scene.org.name, &all, &Page::first(3)).await.expect("a part");
    assert_eq!(first.items, entries[..3]);
    let rest = Page { limit: 3, cursor: first.next };
    let rest = scene.store.audit(&scene.org.name, &all, &rest).await.expect("the rest");
    assert_eq!(rest.items[0], entries[3]);
    assert_eq!((rest.items.len(), rest.next), (2, None), "with the one of the organization");
    let wrong = Page { limit: 2, cursor: Some("x".to_owned()) };
    let result = scene.store.audit(&scene.org.name, &all, &wrong).await;
    assert!(matches!(result, Err(StoreError::InvalidCursor)));
    let other = scene.store.audit(&name("other"), &all, &Page::first(3)).await.expect("none");
    assert_eq!(other.items, []);
}

pub(crate) async fn audit_entries_are_filtered(store: Arc<impl Store>) {
    let scene = Scene::without_org(store);
    let at = |minutes| NOW + Duration::minutes(minutes);
    let people = ["operator", "ann@corp.example"];
    for minutes in 1..=6 {
        let entry = AuditEntry {
            administrator: people[minutes as usize % 2].to_owned(),
            category: if minutes < 4 { Category::Reports } else { Category::SignIn },
            ..scene.audit_at(&minutes.to_string(), at(minutes))
        };
        scene.store.record(entry.clone()).await.expect("recorded");
        let elsewhere = AuditEntry { org: name("other"), ..entry };
        scene.store.record(elsewhere).await.expect("recorded");
    }
    let none = AuditFilter::default;
    let administrator = Some("ann@corp.example".to_owned());
    for (filter, expected) in [
        (none(), &["6", "5", "4", "3", "2", "1"][..]),
        (AuditFilter { from: Some(at(5)), ..none() }, &["6", "5"]),
        (AuditFilter { to: Some(at(2)), ..none() }, &["1"]),
        (AuditFilter { from: Some(at(3)), to: Some(at(5)), ..none() }, &["4", "3"]),
        (AuditFilter { from: Some(at(5)), to: Some(at(3)), ..none() }, &[]),
        (AuditFilter { category: Some(Category::SignIn), ..none() }, &["6", "5", "4"]),
        (AuditFilter { category: Some(Category::Groups), ..none() }, &[]),
        (AuditFilter { administrator: administrator.clone(), ..none() }, &["5", "3", "1"]),
        (AuditFilter { administrator: Some("ann".to_owned()), ..none() }, &[]),
        (
            AuditFilter {
                from: Some(at(2)),
                to: Some(at(6)),
                administrator,
                category: Some(Category::Reports),
            },
            &["3"],
        ),
    ] {
        for limit in [1, 2, 10] {
            let (mut page, mut found) = (Page::first(limit), Vec::new());
            loop {
                let part = scene.store.audit(&scene.org.name, &filter, &page).await;
                let part = part.expect("a part");
                assert!(part.items.len() <= usize::from(limit));
                found.extend(part.items.into_iter().map(|entry| entry.sub_category));
                page.cursor = part.next;
                if page.cursor.is_none() {
                    break;
                }
            }
            assert_eq!(found, expected, "{filter:?} by {limit}");
        }
    }
}
