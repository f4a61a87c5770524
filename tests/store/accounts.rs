//! Accounts, as administrators see them.

use crate::configuration::refused;
use crate::scene::{NOW, Scene, name};
use sso_core::connection::AccountKey;
use sso_core::ids::AccountId;
use sso_core::provisioning::by_hand::{self, AccountEdit, ForgetNameId};
use sso_core::provisioning::{Account, AccountStatus, ProfileField, ProfileValue, Role};
use sso_core::store::{
    AccountFilter, AccountOrder, AccountSort, CommitError, Direction, Page, Store, StoreError,
};
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
    listed_by(scene, filter, AccountOrder::default(), limit).await
}

async fn listed_by(
    scene: &Scene<impl Store>,
    filter: &AccountFilter,
    order: AccountOrder,
    limit: u16,
) -> Vec<Vec<String>> {
    let mut page = Page::first(limit);
    let mut parts = Vec::new();
    loop {
        let part =
            scene.store.accounts(&scene.org.name, filter, order, &page).await.expect("a part");
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
    let (all, oldest) = (AccountFilter::default(), AccountOrder::default());
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

    let other = scene.store.accounts(&name("other"), &all, oldest, &Page::first(5)).await;
    let other = other.expect("none");
    assert_eq!((other.items.len(), other.next), (0, None));

    // A cursor is of its own order.
    let by_email = AccountOrder { by: AccountSort::Email, ..oldest };
    let newest = AccountOrder { direction: Direction::Desc, ..oldest };
    let page = Page::first(2);
    let part = scene.store.accounts(&scene.org.name, &all, by_email, &page).await.expect("a part");
    let cursor = part.next.expect("a cursor");
    let id = part.items[0].id;
    let twisted = cursor.replace("email.asc", "email.desc");
    let nul = format!("email.asc.{id}.00");
    for (order, cursor) in [
        (oldest, ""),
        (oldest, "acc_1"),
        (oldest, "trc_00000000000000000000000000000000"),
        (oldest, &cursor),
        (newest, &cursor),
        (by_email, &twisted),
        (by_email, &nul),
    ] {
        let wrong = Page { limit: 2, cursor: Some(cursor.to_owned()) };
        let result = scene.store.accounts(&scene.org.name, &all, order, &wrong).await;
        assert!(matches!(result, Err(StoreError::InvalidCursor)), "{cursor}");
    }
}

pub(crate) async fn accounts_are_sorted(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    // First name, last name, local part of the address, status, role.
    let people = [
        ("Zoe", "", "m", AccountStatus::Active, Role::User),
        ("ann", "Öberg", "Z", AccountStatus::Inactive, Role::OrgAdmin),
        ("Bob", "Lee", "a", AccountStatus::Active, Role::User),
        ("ANN2", "lee", "k", AccountStatus::Active, Role::UserAdmin),
        ("\u{10ffff}", "Lee", "b", AccountStatus::Inactive, Role::User),
        ("eve", "zorn", "y", AccountStatus::Active, Role::User),
    ];
    for (hour, (first, last, email, status, role)) in people.into_iter().enumerate() {
        let mut account = by_hand(&scene, email);
        account.id = AccountId::new(NOW + Duration::hours(hour as i64), scene.random());
        set(&mut account, ProfileField::FirstName, first);
        match last {
            "" => account.profile.clear(ProfileField::LastName),
            last => set(&mut account, ProfileField::LastName, last),
        }
        set(&mut account, ProfileField::EmployeeId, "7");
        (account.status, account.role) = (status, role);
        let logs = ProfileValue::Flag(hour % 2 == 0);
        account.profile.set(ProfileField::ImLoggingEnabled, logs);
        scene.store.create_account(account, vec![]).await.expect("made");
    }
    let last = "\u{10ffff}";
    let orders: [(AccountSort, [&str; 6]); 4] = [
        (AccountSort::CreatedAt, ["Zoe", "ann", "Bob", "ANN2", last, "eve"]),
        (AccountSort::FirstName, ["ann", "ANN2", "Bob", "eve", "Zoe", last]),
        (AccountSort::LastName, ["Zoe", "Bob", "ANN2", last, "eve", "ann"]),
        (AccountSort::Email, ["Bob", last, "ANN2", "Zoe", "eve", "ann"]),
    ];
    let none = AccountFilter::default;
    let of = |name: &str| people.iter().find(|person| person.0 == name).expect("one of them");
    for (by, expected) in orders {
        for direction in [Direction::Asc, Direction::Desc] {
            let order = AccountOrder { by, direction };
            let mut expected = expected.to_vec();
            if direction == Direction::Desc {
                expected.reverse();
            }
            let active = AccountFilter { status: Some(AccountStatus::Active), ..none() };
            let users = AccountFilter { role: Some(Role::User), ..none() };
            let admins = AccountFilter { role: Some(Role::OrgAdmin), ..none() };
            let sevens = AccountFilter { employee_id: Some("7".to_owned()), ..none() };
            let lees = AccountFilter { q: Some("LEE".to_owned()), ..none() };
            type Keep<'a> = &'a dyn Fn(&str) -> bool;
            let logged = AccountFilter { im_logging: Some(true), ..none() };
            let not_logged = AccountFilter { im_logging: Some(false), ..none() };
            let even = |name: &str| people.iter().step_by(2).any(|person| person.0 == name);
            let cases: [(AccountFilter, Keep<'_>); 8] = [
                (none(), &|_| true),
                (active, &|name| of(name).3 == AccountStatus::Active),
                (users, &|name| of(name).4 == Role::User),
                (admins, &|name| of(name).4 == Role::OrgAdmin),
                (sevens, &|_| true),
                (logged, &even),
                (not_logged, &|name| !even(name)),
                (lees, &|name| of(name).1.eq_ignore_ascii_case("lee")),
            ];
            for (filter, keep) in cases {
                let expected: Vec<_> = expected.iter().copied().filter(|name| keep(name)).collect();
                for limit in [1, 2, 10] {
                    let found = listed_by(&scene, &filter, order, limit).await.concat();
                    assert_eq!(found, expected, "{order:?} {filter:?} by {limit}");
                }
            }
        }
    }

    // The place after which a list goes on is kept, whatever becomes of the account that had it.
    let order = AccountOrder { by: AccountSort::FirstName, direction: Direction::Asc };
    let part = |cursor: Option<String>| {
        let (store, org) = (scene.store.clone(), scene.org.name.clone());
        async move { store.accounts(&org, &none(), order, &Page { limit: 2, cursor }).await }
    };
    let first = part(None).await.expect("a part");
    let mut renamed = first.items[1].clone();
    set(&mut renamed, ProfileField::FirstName, "zzz");
    scene.store.update_account(renamed, None, vec![]).await.expect("edited");
    let second = part(first.next).await.expect("a part");
    let name = |account: &Account| account.profile.text(ProfileField::FirstName).map(str::to_owned);
    let names: Vec<_> = second.items.iter().filter_map(name).collect();
    assert_eq!(names, ["Bob", "eve"]);
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
