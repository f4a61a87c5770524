//! Accounts, as administrators see them.

use crate::configuration::refused;
use crate::scene::{NOW, Scene, name};
use sso_core::connection::AccountKey;
use sso_core::ids::AccountId;
use sso_core::provisioning::by_hand::{self, AccountEdit, ForgetNameId};
use sso_core::provisioning::{Account, AccountStatus, ProfileField, ProfileValue, Role};
use sso_core::store::{AccountFilter, CommitError, Page, Store, StoreError};
use sso_tests::Person;
use std::sync::Arc;
use time::Duration;

fn set(account: &mut Account, field: ProfileField, text: &str) {
    account.profile.set(field, ProfileValue::Text(text.to_owned()));
}

fn conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) -> &'static str {
    match result {
        Err(StoreError::Conflict(name)) => name,
        other => panic!("no conflict: {other:?}"),
    }
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
    scene.store.update_account(ann.clone(), None, vec![scene.audit("edited")]).await.expect("put");
    ann.revision += 1;
    let read = || async { scene.store.account(&scene.org.name, ann.id).await.expect("read") };
    assert_eq!(read().await, Some(ann.clone()));

    let mut stale = ann.clone();
    stale.revision -= 1;
    set(&mut stale, ProfileField::City, "Oslo");
    let result = scene.store.update_account(stale, None, vec![scene.audit("edited")]).await;
    refused!(result, Conflict("account_changed"));
    let mut unknown = ann.clone();
    unknown.id = AccountId::new(NOW, scene.random());
    let result = scene.store.update_account(unknown, None, vec![scene.audit("edited")]).await;
    refused!(result, NotFound("account"));
    let mut elsewhere = ann.clone();
    elsewhere.org = name("other");
    let result = scene.store.update_account(elsewhere, None, vec![scene.audit("edited")]).await;
    refused!(result, NotFound("account"));
    assert_eq!(read().await, Some(ann.clone()));
    let trail = scene.trail().await;
    assert_eq!(trail.iter().filter(|entry| entry.sub_category == "edited").count(), 1);
}

/// What a sign-in writes meanwhile is not undone by an edit of the row before.
pub(crate) async fn an_edit_keeps_what_a_sign_in_wrote(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let person = Person::new("ann");
    let ann = scene.account(&person).await;
    let later = NOW + Duration::hours(1);
    let id = ann.id;
    let read = || async { scene.store.account(&scene.org.name, id).await.expect("read") };

    scene.commit(scene.login(&person, later).await).await.expect("the same NameID");
    let mut edited = ann.clone();
    set(&mut edited, ProfileField::City, "Rome");
    scene
        .store
        .update_account(edited.clone(), None, vec![scene.audit("edited")])
        .await
        .expect("put");
    edited.revision += 1;
    edited.last_login_at = Some(later);
    assert_eq!(read().await, Some(edited.clone()));

    let renamed = scene.commit(scene.login(&person.clone().named("ann-2"), later).await).await;
    let renamed = renamed.expect("another NameID").account;
    set(&mut edited, ProfileField::City, "Oslo");
    let written = scene.store.update_account(edited, None, vec![scene.audit("edited")]).await;
    let written = written.expect("edited");
    assert_eq!(written.name_id, renamed.name_id, "a sign-in alone gives a NameID");
    assert_eq!(read().await, Some(written.clone()));

    let forget = Some(ForgetNameId);
    let forgotten = scene.store.update_account(written, forget, vec![scene.audit("edited")]).await;
    let forgotten = forgotten.expect("forgotten");
    assert_eq!(forgotten.name_id, None);
    assert_eq!(read().await, Some(forgotten.clone()));
    // What was planned on the row without a NameID does not take away the next one.
    scene.commit(scene.login(&person, later).await).await.expect("signed in");
    let result = scene.store.update_account(forgotten, None, vec![scene.audit("edited")]).await;
    refused!(result, Conflict("account_changed"));
}

pub(crate) async fn a_unique_value_of_another_account_is_refused(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.account(&Person::new("ann").with("ssoid", "A-1")).await;
    let bob = scene.account(&Person::new("bob").with("ssoid", "B-1")).await;
    for (field, taken, free, code) in [
        (ProfileField::Uid, "ANN@corp.example", "bobby@corp.example", "uid_taken"),
        (ProfileField::Email, "Ann@Corp.Example", "bobby@corp.example", "email_taken"),
        (ProfileField::Ssoid, "A-1", "a-1", "ssoid_taken"),
    ] {
        let mut bob =
            scene.store.account(&scene.org.name, bob.id).await.expect("read").expect("bob");
        let before = bob.clone();
        set(&mut bob, field, taken);
        let result =
            scene.store.update_account(bob.clone(), None, vec![scene.audit("edited")]).await;
        assert_eq!(conflict(result), code);
        let stored = scene.store.account(&scene.org.name, bob.id).await.expect("read");
        assert_eq!(stored, Some(before), "{field:?}");

        set(&mut bob, field, free);
        scene
            .store
            .update_account(bob, None, vec![scene.audit("edited")])
            .await
            .expect("a free value");
    }
    // What an account gives up, another may have.
    let mut without = ann.clone();
    without.profile.clear(ProfileField::Ssoid);
    scene.store.update_account(without, None, vec![scene.audit("edited")]).await.expect("put");
    scene.account(&Person::new("eve").with("ssoid", "A-1")).await;
}

/// An account as an administrator makes it, with the address `{name}@corp.example`.
fn by_hand(scene: &Scene<impl Store>, name: &str) -> Account {
    let mut edit = AccountEdit::default();
    for (field, text) in [
        (ProfileField::Email, format!("{name}@corp.example")),
        (ProfileField::FirstName, name.to_owned()),
        (ProfileField::LastName, "Moe".to_owned()),
    ] {
        edit.profile.insert(field, Some(ProfileValue::Text(text)));
    }
    let id = AccountId::new(NOW, scene.random());
    by_hand::create(&edit, AccountKey::Uid, &scene.org, id, NOW).expect("an account").account
}

pub(crate) async fn an_account_is_made_by_hand(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let kim = by_hand(&scene, "kim");
    let audit = vec![scene.audit("made"), scene.audit("promoted")];
    scene.store.create_account(kim.clone(), audit).await.expect("made");
    let read = |id| scene.store.account(&scene.org.name, id);
    assert_eq!(read(kim.id).await.expect("read"), Some(kim.clone()));
    assert_eq!(scene.trail().await.len(), 3, "both entries, and that of the organization");

    let ann = scene.account(&Person::new("ann").with("ssoid", "A-1")).await;
    for (field, code) in [
        (ProfileField::Email, "email_taken"),
        (ProfileField::Uid, "uid_taken"),
        (ProfileField::Ssoid, "ssoid_taken"),
    ] {
        let mut twin = by_hand(&scene, "eve");
        set(&mut twin, field, ann.profile.text(field).expect("a value"));
        let result = scene.store.create_account(twin.clone(), vec![scene.audit("made")]).await;
        assert_eq!(conflict(result), code);
        assert_eq!(read(twin.id).await.expect("read"), None);
    }
    let mut elsewhere = by_hand(&scene, "eve");
    elsewhere.org = name("other");
    let result = scene.store.create_account(elsewhere, vec![scene.audit("made")]).await;
    refused!(result, NotFound("org"));
    assert_eq!(scene.trail().await.iter().filter(|entry| entry.sub_category == "made").count(), 1);
}

pub(crate) async fn accounts_made_at_once_make_one(store: Arc<impl Store + 'static>) {
    let scene = Scene::new(store).await;
    let made: Vec<_> = (0..8).map(|_| by_hand(&scene, "kim")).collect();
    let made = made.into_iter().map(|kim| {
        let (store, audit) = (scene.store.clone(), vec![scene.audit("made")]);
        tokio::spawn(async move { store.create_account(kim, audit).await })
    });
    let mut won = 0;
    for task in made.collect::<Vec<_>>() {
        match task.await.expect("no panic") {
            Ok(()) => won += 1,
            Err(StoreError::Conflict("email_taken")) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(scene.trail().await.len(), 2);
}

/// The limit of SPEC 11.5 holds for every way to one more active account, and for all at once.
pub(crate) async fn no_organization_has_more_active_accounts_than_it_may(
    store: Arc<impl Store + 'static>,
) {
    let mut scene = Scene::new(store).await;
    scene.org.provisioning.max_active_users = Some(3);
    scene.store.update_org(scene.org.clone(), scene.audit("limited")).await.expect("limited");
    let made: Vec<_> = (0..8).map(|n| by_hand(&scene, &format!("kim{n}"))).collect();
    let tasks = made.clone().into_iter().map(|kim| {
        let store = scene.store.clone();
        tokio::spawn(async move { store.create_account(kim, vec![]).await })
    });
    let mut active = Vec::new();
    for (task, kim) in tasks.collect::<Vec<_>>().into_iter().zip(made) {
        match task.await.expect("no panic") {
            Ok(()) => active.push(kim),
            Err(StoreError::Conflict("user_limit_reached")) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(active.len(), 3);

    // One that is inactive makes room for another, and cannot come back then.
    let off = |account: &Account| {
        by_hand::deactivate(account, &scene.org, NOW).expect("not the primary one").account
    };
    let inactive = off(&active[0]);
    scene.store.update_account(inactive.clone(), None, vec![]).await.expect("deactivated");
    let next = by_hand(&scene, "next");
    scene.store.create_account(next.clone(), vec![]).await.expect("there is room");
    let back = Account { revision: 2, ..by_hand::reactivate(&inactive, NOW).account };
    let result = scene.store.update_account(back.clone(), None, vec![]).await;
    refused!(result, Conflict("user_limit_reached"));
    // Who is active already is edited, and who is inactive too.
    let mut edited = next.clone();
    set(&mut edited, ProfileField::City, "Oslo");
    scene.store.update_account(edited.clone(), None, vec![]).await.expect("edited");
    let gone = Account { revision: 2, ..off(&edited) };
    scene.store.update_account(gone, None, vec![]).await.expect("deactivated");
    scene.store.update_account(back, None, vec![]).await.expect("there is room again");
}

/// A login that was planned while there was room meets the limit at its commit.
pub(crate) async fn a_first_login_does_not_pass_the_limit(store: Arc<impl Store>) {
    let mut scene = Scene::new(store).await;
    scene.org.provisioning.max_active_users = Some(1);
    scene.store.update_org(scene.org.clone(), scene.audit("limited")).await.expect("limited");
    let login = scene.login(&Person::new("ann"), NOW).await;
    scene.store.create_account(by_hand(&scene, "kim"), vec![]).await.expect("made");
    assert!(matches!(scene.commit(login).await, Err(CommitError::Conflict)));
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
        scene.store.update_account(account, None, vec![scene.audit("edited")]).await.expect("put");
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
