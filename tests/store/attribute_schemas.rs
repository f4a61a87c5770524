//! Attribute schemas, and what accounts hold by them.

use crate::configuration::refused;
use crate::scene::{NOW, Scene, name};
use serde_json::{Value, json};
use sso_core::connection::AccountKey;
use sso_core::ids::AccountId;
use sso_core::profile::{AttributeSchema, OwnField, ProfileField, ProfileValue};
use sso_core::provisioning::by_hand::{self, AccountEdit};
use sso_core::provisioning::{Account, OwnValue, account_keys};
use sso_core::store::{AccountLookup, AuditEntry, CommitError, Page, Store, StoreError};
use sso_tests::Person;
use std::sync::Arc;
use time::Duration;

fn schema(attributes: Value) -> AttributeSchema {
    serde_json::from_value(json!({ "attributes": attributes })).expect("a schema")
}

fn own(name: &str) -> OwnField {
    name.parse().expect("a name")
}

fn taken<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::AttributeTaken(field)) => field.to_string(),
        other => panic!("no value is taken: {other:?}"),
    }
}

/// Gives the organization a schema, and has the scene decide by it.
async fn put<S: Store>(scene: &mut Scene<S>, attributes: Value) -> Result<(), StoreError> {
    let stored = scene.store.org("corp").await.expect("read").expect("the organization");
    let (given, audit) = (schema(attributes), scene.audit("attribute_schema_changed"));
    let done = scene.store.put_attribute_schema(&stored.name, stored.revision, given, audit).await;
    scene.org = scene.store.org("corp").await.expect("read").expect("the organization");
    done
}

/// An account by hand, with own values.
fn made<S: Store>(scene: &Scene<S>, who: &str, values: &[(&str, ProfileValue)]) -> Account {
    let text = |text: String| Some(ProfileValue::Text(text));
    let mut edit = AccountEdit::default();
    edit.profile.insert(ProfileField::Email, text(format!("{who}@corp.example")));
    edit.profile.insert(ProfileField::FirstName, text(who.to_owned()));
    edit.profile.insert(ProfileField::LastName, text("Moe".to_owned()));
    for (field, value) in values {
        edit.profile.insert(ProfileField::Own(own(field)), Some(value.clone()));
    }
    let id = AccountId::new(NOW, scene.random());
    by_hand::create(&edit, AccountKey::Uid, &scene.org, id, NOW).expect("an account").account
}

async fn create<S: Store>(
    scene: &Scene<S>,
    who: &str,
    values: &[(&str, ProfileValue)],
) -> Result<Account, StoreError> {
    let account = made(scene, who, values);
    scene.store.create_account(account.clone(), vec![scene.audit("made")]).await?;
    Ok(account)
}

/// Writes an account as it is given.
async fn change<S: Store>(scene: &Scene<S>, account: &Account) -> Account {
    let audit = vec![scene.audit("edited")];
    scene.store.update_account(account.clone(), None, audit).await.expect("written")
}

async fn read<S: Store>(scene: &Scene<S>, account: &Account) -> Account {
    let read = scene.store.account(&scene.org.name, account.id).await.expect("read");
    read.expect("the account")
}

fn text(text: &str) -> ProfileValue {
    ProfileValue::Text(text.to_owned())
}

pub(crate) async fn a_schema_is_read_with_its_organization(store: Arc<impl Store>) {
    let mut scene = Scene::new(store).await;
    let read = |key: &'static str| {
        let store = scene.store.clone();
        async move { store.org(key).await.expect("read").expect("the organization") }
    };
    assert_eq!(read("corp").await.attribute_schema, AttributeSchema::default());
    let given = schema(json!([
        {"name": "desk", "length": 20, "pattern": "[0-9]+", "required": true},
        {"name": "badge", "type": "integer", "unique": true, "mutability": "update_only"},
    ]));
    let corp = name("corp");
    let audit = || scene.audit("attribute_schema_changed");
    let store = &scene.store;
    store.put_attribute_schema(&corp, 1, given.clone(), audit()).await.expect("written");

    for key in ["corp", "corp.example"] {
        let stored = read(key).await;
        assert_eq!((stored.revision, &stored.attribute_schema), (2, &given));
    }
    let listed = store.orgs(&Page::first(10)).await.expect("a list");
    assert_eq!(listed.items[0].attribute_schema, given);
    let mut renamed = read("corp").await;
    renamed.display_name = "Corp".to_owned();
    renamed.attribute_schema = AttributeSchema::default();
    store.update_org(renamed, audit()).await.expect("written");
    let stored = read("corp").await;
    assert_eq!((stored.revision, &stored.attribute_schema), (3, &given));

    let none = AttributeSchema::default();
    let stale = store.put_attribute_schema(&corp, 2, none.clone(), audit()).await;
    refused!(stale, Conflict("org_changed"));
    let unknown = store.put_attribute_schema(&name("other"), 1, none, audit()).await;
    refused!(unknown, NotFound("org"));
    assert_eq!(read("corp").await.attribute_schema, given);
    let trail = scene.trail().await;
    let changed = |entry: &&AuditEntry| entry.sub_category == "attribute_schema_changed";
    assert_eq!(trail.iter().filter(changed).count(), 2);
    put(&mut scene, json!([])).await.expect("written");
    assert_eq!(scene.org.attribute_schema, AttributeSchema::default());
}

pub(crate) async fn values_go_with_their_attribute(store: Arc<impl Store>) {
    let mut scene = Scene::new(store).await;
    let both = json!([{"name": "desk"}, {"name": "badge", "type": "integer", "unique": true},
                      {"name": "tags", "type": "list"}]);
    put(&mut scene, both.clone()).await.expect("written");
    let tags = ProfileValue::List(vec!["a".to_owned(), "b".to_owned()]);
    let values =
        [("desk", text("D \"7\"")), ("badge", ProfileValue::Number(7)), ("tags", tags.clone())];
    let kim = create(&scene, "kim", &values).await.expect("made");
    let lee = create(&scene, "lee", &[("tags", tags.clone())]).await.expect("made");
    assert_eq!(read(&scene, &kim).await, kim);

    let desk_goes = json!([{"name": "badge", "type": "integer"}, {"name": "tags", "type": "list"}]);
    put(&mut scene, desk_goes).await.expect("written");
    let mut expected = kim.clone();
    expected.profile.clear(ProfileField::Own(own("desk")));
    expected.revision += 1;
    expected.updated_at = NOW;
    assert_eq!(read(&scene, &kim).await, expected);
    assert_eq!(read(&scene, &lee).await, lee);

    put(&mut scene, json!([])).await.expect("written");
    for field in ["badge", "tags"] {
        expected.profile.clear(ProfileField::Own(own(field)));
    }
    let kept = read(&scene, &kim).await;
    assert_eq!((&kept.profile, kept.profile.own().count()), (&expected.profile, 0));
    // What comes back is another attribute: it has no values, and none is taken.
    put(&mut scene, both).await.expect("written");
    assert_eq!(read(&scene, &kim).await, kept);
    create(&scene, "mia", &[("badge", ProfileValue::Number(7))]).await.expect("made");
}

pub(crate) async fn a_unique_value_is_one_accounts(store: Arc<impl Store>) {
    let mut scene = Scene::new(store).await;
    put(&mut scene, json!([{"name": "badge", "unique": true}, {"name": "desk"}]))
        .await
        .expect("written");
    let seven = [("badge", text("A7")), ("desk", text("1"))];
    let kim = create(&scene, "kim", &seven).await.expect("made");
    assert_eq!(taken(create(&scene, "lee", &seven).await), "badge");
    // Values are compared exactly; what is not unique is shared.
    let lee = create(&scene, "lee", &[("badge", text("a7")), ("desk", text("1"))]).await;
    let mut lee = lee.expect("made");

    let update = async |account: &Account| {
        scene.store.update_account(account.clone(), None, vec![scene.audit("edited")]).await
    };
    lee.profile.set(ProfileField::Own(own("badge")), text("A7"));
    assert_eq!(taken(update(&lee).await), "badge");
    // The own value is no hindrance; one that is given up is free.
    let mut kim = update(&kim).await.expect("written");
    kim.profile.set(ProfileField::Own(own("badge")), text("B8"));
    let kim = update(&kim).await.expect("written");
    lee = update(&lee).await.expect("written");
    let find = async |value: &str| {
        let value = OwnValue { field: own("badge"), value: value.to_owned() };
        let lookup = AccountLookup::Own(value);
        let found = scene.store.find_accounts(&scene.org.name, &lookup, 10);
        found.await.expect("found").into_iter().map(|account| account.id).collect::<Vec<_>>()
    };
    assert_eq!((find("A7").await, find("B8").await), (vec![lee.id], vec![kim.id]));
    assert!(find("a7").await.is_empty());

    let gone = scene.audit("removed");
    scene.store.delete_account(&scene.org.name, kim.id, kim.revision, gone).await.expect("removed");
    assert!(find("B8").await.is_empty());
    create(&scene, "mia", &[("badge", text("B8"))]).await.expect("made");
}

/// Of many who are made at once with one value, one is.
pub(crate) async fn of_many_with_one_value_one_is_made(store: Arc<impl Store + 'static>) {
    let mut scene = Scene::new(store).await;
    put(&mut scene, json!([{"name": "badge", "unique": true}])).await.expect("written");
    let scene = Arc::new(scene);
    let tries = (0..8).map(|number| {
        let scene = scene.clone();
        tokio::spawn(async move {
            create(&scene, &format!("p{number}"), &[("badge", text("A7"))]).await
        })
    });
    let mut made = 0;
    for done in tries.collect::<Vec<_>>() {
        match done.await.expect("no panic") {
            Ok(_) => made += 1,
            other => assert_eq!(taken(other), "badge"),
        }
    }
    assert_eq!(made, 1);
}

pub(crate) async fn values_become_unique_where_they_are(store: Arc<impl Store>) {
    let mut scene = Scene::new(store).await;
    let plain = json!([{"name": "badge"}, {"name": "number", "type": "integer"}]);
    let unique = json!([{"name": "badge", "unique": true},
                        {"name": "number", "type": "integer", "unique": true}]);
    put(&mut scene, plain.clone()).await.expect("written");
    let shared = [("badge", text("A7")), ("number", ProfileValue::Number(7))];
    create(&scene, "kim", &shared).await.expect("made");
    let mut lee = create(&scene, "lee", &shared).await.expect("made");
    let before = scene.org.clone();
    assert_eq!(taken(put(&mut scene, unique.clone()).await), "badge");
    assert_eq!(scene.org, before);

    lee.profile.set(ProfileField::Own(own("badge")), text(&"x".repeat(257)));
    lee.profile.set(ProfileField::Own(own("number")), ProfileValue::Number(-8));
    lee = change(&scene, &lee).await;
    assert_eq!(taken(put(&mut scene, unique.clone()).await), "badge");
    lee.profile.set(ProfileField::Own(own("badge")), text("B8"));
    change(&scene, &lee).await;
    put(&mut scene, unique).await.expect("written");
    assert_eq!(taken(create(&scene, "mia", &[("badge", text("B8"))]).await), "badge");
    let number = [("number", ProfileValue::Number(-8))];
    assert_eq!(taken(create(&scene, "mia", &number).await), "number");

    put(&mut scene, plain).await.expect("written");
    create(&scene, "mia", &number).await.expect("made");
}

/// A login finds who has its value, and one that was decided before somebody else got the value is decided
/// again.
pub(crate) async fn a_login_meets_who_has_its_value(store: Arc<impl Store>) {
    let mut scene = Scene::new(store).await;
    put(&mut scene, json!([{"name": "badge", "unique": true}])).await.expect("written");
    let (ann, bob) = (Person::new("ann"), Person::new("bob"));
    let decided = scene.login(&ann.clone().with("badge", "A7"), NOW).await;
    let holder = scene.account(&bob.with("badge", "A7")).await;
    assert_eq!(holder.profile.get(ProfileField::Own(own("badge"))), Some(&text("A7")));
    match scene.commit(decided).await {
        Err(CommitError::Conflict) => {}
        other => panic!("committed: {other:?}"),
    }

    let request = scene.begin(NOW).await;
    let login = scene.verified(&ann.with("badge", "A7"), &request, "_a", NOW);
    let keys = account_keys(&login, &scene.org, scene.settings.common().accounts).expect("keys");
    assert_eq!(keys.own, [OwnValue { field: own("badge"), value: "A7".to_owned() }]);
    let found = scene.store.candidates(&scene.org.name, &keys).await.expect("candidates");
    let by_own: Vec<_> = found.by_own.iter().map(|(field, account)| (*field, account.id)).collect();
    assert_eq!(by_own, [(ProfileField::Own(own("badge")), holder.id)]);
    // Nobody was found by the keys of accounts, so that the active ones are counted.
    assert_eq!((found.by_key, found.by_email, found.active_accounts), (None, None, 1));
}

/// A change that was decided by the schema before leaves nothing that a later one would not mend.
pub(crate) async fn a_schema_changes_while_an_account_is_written(store: Arc<impl Store>) {
    let mut scene = Scene::new(store).await;
    put(&mut scene, json!([{"name": "desk"}])).await.expect("written");
    let kim = create(&scene, "kim", &[("desk", text("1"))]).await.expect("made");
    let mut edited = read(&scene, &kim).await;
    edited.profile.set(ProfileField::Own(own("desk")), text("2"));
    edited.updated_at = NOW + Duration::hours(1);
    put(&mut scene, json!([])).await.expect("written");
    let late = scene.store.update_account(edited, None, vec![scene.audit("edited")]).await;
    refused!(late, Conflict("account_changed"));
    assert_eq!(read(&scene, &kim).await.profile.own().count(), 0);
}
