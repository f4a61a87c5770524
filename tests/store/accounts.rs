//! Accounts, as administrators see them.

use crate::configuration::refused;
use crate::scene::{NOW, Scene, name};
use sso_core::ids::AccountId;
use sso_core::provisioning::{Account, AccountStatus, ProfileField, ProfileValue, Role};
use sso_core::store::{AccountFilter, Page, Store, StoreError};
use sso_tests::Person;
use std::sync::Arc;
use time::Duration;

fn set(account: &mut Account, field: ProfileField, text: &str) {
    account.profile.set(field, ProfileValue::Text(text.to_owned()));
}

pub(crate) async fn an_account_is_read_in_its_organization(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.account(&Person::new("ann")).await;
    let read = |org: &'static str, id| {
        let store = &scene.store;
        async move { store.account(&name(org), id).await.expect("read") }
    };
    assert_eq!(read("corp", ann.id).await, Some(ann.clone()));
    assert_eq!(read("other", ann.id).await, None);
    assert_eq!(read("corp", AccountId::new(NOW, scene.random())).await, None);
}

pub(crate) async fn an_account_is_written_on_its_revision(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let mut ann = scene.account(&Person::new("ann")).await;
    set(&mut ann, ProfileField::City, "Rome");
    ann.profile.set(ProfileField::ImLoggingEnabled, ProfileValue::Flag(true));
    ann.profile.set(ProfileField::StorageMb, ProfileValue::Number(-5));
    ann.profile.set(ProfileField::GroupIds, ProfileValue::List(vec!["a".into(), "b".into()]));
    ann.groups = vec!["staff".to_owned()];
    ann.role = Role::OrgAdmin;
    ann.update_time_stamp = Some(NOW - Duration::milliseconds(1));
    ann.updated_at = NOW + Duration::microseconds(7);
    scene.store.put_account(ann.clone(), scene.audit("edited")).await.expect("put");
    ann.revision += 1;
    let read = || async { scene.store.account(&scene.org.name, ann.id).await.expect("read") };
    assert_eq!(read().await, Some(ann.clone()));

    let mut stale = ann.clone();
    stale.revision -= 1;
    set(&mut stale, ProfileField::City, "Oslo");
    let result = scene.store.put_account(stale, scene.audit("edited")).await;
    refused!(result, Conflict("account_changed"));
    let mut unknown = ann.clone();
    unknown.id = AccountId::new(NOW, scene.random());
    let result = scene.store.put_account(unknown, scene.audit("edited")).await;
    refused!(result, NotFound("account"));
    let mut elsewhere = ann.clone();
    elsewhere.org = name("other");
    let result = scene.store.put_account(elsewhere, scene.audit("edited")).await;
    refused!(result, NotFound("account"));
    assert_eq!(read().await, Some(ann.clone()));
    let trail = scene.trail().await;
    assert_eq!(trail.iter().filter(|entry| entry.sub_category == "edited").count(), 1);
}

/// What a sign-in writes meanwhile is not undone by an edit of the row before.
pub(crate) async fn an_edit_keeps_what_a_sign_in_wrote(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let person = Person::new("ann");
    let mut ann = scene.account(&person).await;
    let later = NOW + Duration::hours(1);
    let id = ann.id;
    let read = || async { scene.store.account(&scene.org.name, id).await.expect("read") };

    scene.commit(scene.login(&person, later).await).await.expect("the same NameID");
    let mut edited = ann.clone();
    set(&mut edited, ProfileField::City, "Rome");
    scene.store.put_account(edited.clone(), scene.audit("edited")).await.expect("put");
    edited.revision += 1;
    edited.last_login_at = Some(later);
    assert_eq!(read().await, Some(edited.clone()));

    let renamed = scene.commit(scene.login(&person.named("ann-2"), later).await).await;
    let renamed = renamed.expect("another NameID").account;
    let result = scene.store.put_account(edited, scene.audit("edited")).await;
    refused!(result, Conflict("account_changed"));
    assert_eq!(read().await, Some(renamed.clone()));
    ann = renamed;
    set(&mut ann, ProfileField::City, "Oslo");
    scene.store.put_account(ann, scene.audit("edited")).await.expect("read again");
}

pub(crate) async fn a_unique_value_of_another_account_is_refused(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.account(&Person::new("ann").with("ssoid", "A-1")).await;
    let bob = scene.account(&Person::new("bob").with("ssoid", "B-1")).await;
    for (field, taken, free) in [
        (ProfileField::Uid, "ANN@corp.example", "bobby@corp.example"),
        (ProfileField::Email, "Ann@Corp.Example", "bobby@corp.example"),
        (ProfileField::Ssoid, "A-1", "a-1"),
    ] {
        let mut bob =
            scene.store.account(&scene.org.name, bob.id).await.expect("read").expect("bob");
        let before = bob.clone();
        set(&mut bob, field, taken);
        let result = scene.store.put_account(bob.clone(), scene.audit("edited")).await;
        refused!(result, Conflict("account_exists"));
        let stored = scene.store.account(&scene.org.name, bob.id).await.expect("read");
        assert_eq!(stored, Some(before), "{field:?}");

        set(&mut bob, field, free);
        scene.store.put_account(bob, scene.audit("edited")).await.expect("a free value");
    }
    let mut bob = scene.store.account(&scene.org.name, bob.id).await.expect("read").expect("bob");
    // A sign-in alone gives a NameID.
    bob.name_id = ann.name_id.clone();
    let result = scene.store.put_account(bob, scene.audit("edited")).await;
    refused!(result, Conflict("account_changed"));

    // What an account gives up, another may have.
    let mut without = ann.clone();
    without.profile.clear(ProfileField::Ssoid);
    scene.store.put_account(without, scene.audit("edited")).await.expect("put");
    scene.account(&Person::new("eve").with("ssoid", "A-1")).await;
}

/// The first names on each page of a list.
async fn listed(scene: &Scene<impl Store>, filter: &AccountFilter, limit: u16) -> Vec<Vec<String>> {
    let mut page = Page::first(limit);
    let mut parts = Vec::new();
    loop {
        let part = scene.store.accounts(&scene.org.name, filter, &page).await.expect("a part");
        let first = |account: &Account| {
            account.profile.text(ProfileField::FirstName).unwrap_or_default().to_owned()
        };
        parts.push(part.items.iter().map(first).collect());
        page.cursor = part.next;
        if page.cursor.is_none() {
            return parts;
        }
    }
}

pub(crate) async fn accounts_are_listed_in_parts(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let all = AccountFilter::default();
    assert_eq!(listed(&scene, &all, 2).await, [Vec::<String>::new()]);
    for (hour, person) in ["zoe", "ann", "bob", "eve", "kim"].into_iter().enumerate() {
        let now = NOW + Duration::hours(hour as i64);
        let login = scene.login(&Person::new(person), now).await;
        scene.commit(login).await.expect("signed in");
    }
    assert_eq!(
        listed(&scene, &all, 2).await,
        [vec!["zoe", "ann"], vec!["bob", "eve"], vec!["kim"]]
    );
    assert_eq!(listed(&scene, &all, 5).await.len(), 1);

    let other = scene.store.accounts(&name("other"), &all, &Page::first(5)).await.expect("none");
    assert_eq!((other.items.len(), other.next), (0, None));
    for cursor in ["", "acc_1", "trc_00000000000000000000000000000000"] {
        let wrong = Page { limit: 2, cursor: Some(cursor.to_owned()) };
        let result = scene.store.accounts(&scene.org.name, &all, &wrong).await;
        assert!(matches!(result, Err(StoreError::InvalidCursor)), "{cursor}");
    }
}

pub(crate) async fn accounts_are_searched(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let people = [
        ("u1", "Åsa", "Öberg", "E-1", Role::User, AccountStatus::Active),
        ("u2", "åke", "Lind", "E-2", Role::UserAdmin, AccountStatus::Active),
        ("u3", "Ann", "ÅSTRÖM", "E-1", Role::User, AccountStatus::Inactive),
        ("u4", "100%", "O'Hara_", "e-1", Role::OrgAdmin, AccountStatus::Active),
        ("u5", "Maria", "100x", "", Role::User, AccountStatus::Inactive),
    ];
    for (hour, (uid, first, last, employee_id, role, status)) in people.into_iter().enumerate() {
        let person = Person::new(uid)
            .with("firstname", first)
            .with("lastname", last)
            .with("employeeid", employee_id);
        let login = scene.login(&person, NOW + Duration::hours(hour as i64)).await;
        let mut account = scene.commit(login).await.expect("signed in").account;
        account.role = role;
        account.status = status;
        scene.store.put_account(account, scene.audit("edited")).await.expect("put");
    }
    let none = AccountFilter::default;
    let q = |q: &str| AccountFilter { q: Some(q.to_owned()), ..none() };
    let employee = |id: &str| AccountFilter { employee_id: Some(id.to_owned()), ..none() };
    let (active, inactive) = (Some(AccountStatus::Active), Some(AccountStatus::Inactive));
    let cases: [(AccountFilter, &[&str]); 20] = [
        (none(), &["Åsa", "åke", "Ann", "100%", "Maria"]),
        (q(""), &["Åsa", "åke", "Ann", "100%", "Maria"]),
        (q("å"), &["Åsa", "åke", "Ann"]),
        (q("Ås"), &["Åsa", "Ann"]),
        (q("sa"), &[]),
        (q("a"), &["Ann"]),
        (q("100"), &["100%", "Maria"]),
        (q("100%"), &["100%"]),
        (q("%"), &[]),
        (q("_"), &[]),
        (q("o'hara_"), &["100%"]),
        (employee("E-1"), &["Åsa", "Ann"]),
        (employee("E"), &[]),
        (AccountFilter { status: active, ..none() }, &["Åsa", "åke", "100%"]),
        (AccountFilter { status: inactive, ..none() }, &["Ann", "Maria"]),
        (AccountFilter { role: Some(Role::User), ..none() }, &["Åsa", "Ann", "Maria"]),
        (AccountFilter { role: Some(Role::OrgAdmin), ..none() }, &["100%"]),
        (AccountFilter { status: active, ..q("å") }, &["Åsa", "åke"]),
        (AccountFilter { role: Some(Role::User), status: inactive, ..employee("E-1") }, &["Ann"]),
        (AccountFilter { q: Some("öb".to_owned()), ..employee("E-1") }, &["Åsa"]),
    ];
    for (filter, expected) in cases {
        for limit in [1, 2, 10] {
            let found = listed(&scene, &filter, limit).await.concat();
            assert_eq!(found, expected, "{filter:?} by {limit}");
        }
    }
}
