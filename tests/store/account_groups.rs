//! Groups of accounts: the tree, the members, and what an account shows of them.

use crate::configuration::{audited, refused};
use crate::scene::{NOW, Scene, name, org};
use sso_core::ids::{AccountId, GroupId};
use sso_core::provisioning::{
    Account, Group, GroupEdit, GroupKind, MemberChange, Role, edit_group, new_group,
};
use sso_core::store::{GroupFilter, GroupRemoval, Page, Store, StoreError};
use sso_tests::Person;
use std::sync::Arc;
use time::Duration;

async fn top<S: Store>(scene: &Scene<S>) -> Group {
    scene.store.top_level_group(&scene.org.name).await.expect("read").expect("the top-level group")
}

/// A group as it is about to be made.
async fn group<S: Store>(scene: &Scene<S>, name: &str, sso_id: Option<&str>) -> Group {
    let edit = GroupEdit {
        name: Some(name.to_owned()),
        sso_id: Some(sso_id.map(str::to_owned)),
        ..GroupEdit::default()
    };
    let id = GroupId::new(NOW, scene.random());
    new_group(&edit, &scene.org, id, top(scene).await.id, NOW).expect("a group")
}

async fn made<S: Store>(
    scene: &Scene<S>,
    name: &str,
    sso_id: Option<&str>,
    members: &[AccountId],
) -> Group {
    let group = group(scene, name, sso_id).await;
    let audit = scene.audit("group_created");
    let made = scene.store.create_group(group.clone(), members.to_vec(), Vec::new(), audit);
    made.await.expect("made");
    group
}

async fn members<S: Store>(scene: &Scene<S>, group: &Group) -> Vec<AccountId> {
    scene.store.members(&scene.org.name, group.id).await.expect("read")
}

async fn stored<S: Store>(scene: &Scene<S>, id: AccountId) -> Account {
    scene.store.account(&scene.org.name, id).await.expect("read").expect("the account")
}

async fn update<S: Store>(
    scene: &Scene<S>,
    group: &Group,
    members: MemberChange<AccountId>,
) -> Result<Group, StoreError> {
    let audit = scene.audit("group_changed");
    scene.store.update_group(group.clone(), members, MemberChange::Keep, audit).await
}

async fn delete<S: Store>(
    scene: &Scene<S>,
    group: &Group,
    removal: GroupRemoval,
) -> Result<(), StoreError> {
    scene.store.delete_group(group.clone(), removal, scene.audit("group_removed")).await
}

pub(crate) async fn the_top_level_group_is_made_with_its_organization(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let top = top(&scene).await;
    assert_eq!((top.name.as_str(), top.revision), (scene.org.shown_name(), 1));
    assert_eq!((top.parents.as_slice(), top.sso_id.as_deref()), (&[][..], None));
    assert_eq!(scene.store.top_level_group(&name("other")).await.expect("read"), None);
    for removal in [GroupRemoval::IfEmpty, GroupRemoval::WithMembers] {
        refused!(delete(&scene, &top, removal).await, Conflict("group_top_level"));
    }

    // Its members are the Organization Administrators.
    let mut ann = scene.account(&Person::new("ann")).await;
    scene.account(&Person::new("bob")).await;
    assert_eq!(members(&scene, &top).await, []);
    ann.role = Role::OrgAdmin;
    scene.store.update_account(ann.clone(), None, vec![scene.audit("edited")]).await.expect("put");
    assert_eq!(members(&scene, &top).await, [ann.id]);
}

pub(crate) async fn a_group_is_written_and_read(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.account(&Person::new("ann")).await;
    let bob = scene.account(&Person::new("bob")).await;
    let mut both = vec![ann.id, bob.id];
    both.sort_unstable();
    let staff = made(&scene, "Staff — Zürich", Some("S-1"), &[bob.id, ann.id, ann.id]).await;
    let read = |id| scene.store.group(&scene.org.name, id);
    assert_eq!(read(staff.id).await.expect("read"), Some(staff.clone()));
    assert_eq!(members(&scene, &staff).await, both);
    assert_eq!(scene.store.group(&name("other"), staff.id).await.expect("read"), None);

    let inner = made(&scene, "Inner", None, &[]).await;
    let edit = GroupEdit {
        name: Some("Inside".to_owned()),
        sso_id: Some(Some("I-1".to_owned())),
        kind: Some(GroupKind::Presence),
        parents: Some(vec![staff.id]),
        members: MemberChange::Change { add: both.clone(), remove: vec![bob.id] },
        below: MemberChange::Keep,
    };
    let edited = edit_group(&inner, &edit, NOW + Duration::hours(1)).expect("edited");
    let edited = edited.expect("it changes");
    let written = update(&scene, &edited, edit.members).await.expect("written");
    assert_eq!(written, Group { revision: 2, ..edited });
    assert_eq!(read(inner.id).await.expect("read"), Some(written.clone()));
    assert_eq!(members(&scene, &inner).await, [ann.id]);
    let all = update(&scene, &written, MemberChange::Replace(vec![bob.id])).await.expect("written");
    assert_eq!(members(&scene, &inner).await, [bob.id]);
    let keep = update(&scene, &all, MemberChange::Keep).await.expect("written");
    assert_eq!((members(&scene, &inner).await, keep.revision), (vec![bob.id], 4));
    refused!(update(&scene, &all, MemberChange::Keep).await, Conflict("group_changed"));

    // By hand it goes when neither a member nor a group below it is left.
    let if_empty = GroupRemoval::IfEmpty;
    refused!(delete(&scene, &keep, if_empty).await, Conflict("group_not_empty"));
    let empty = update(&scene, &keep, MemberChange::Replace(Vec::new())).await.expect("written");
    let none = update(&scene, &staff, MemberChange::Replace(Vec::new())).await.expect("written");
    refused!(delete(&scene, &none, if_empty).await, Conflict("group_not_empty"));
    refused!(delete(&scene, &keep, if_empty).await, Conflict("group_changed"));
    delete(&scene, &empty, if_empty).await.expect("removed");
    delete(&scene, &none, if_empty).await.expect("removed");
    refused!(delete(&scene, &none, if_empty).await, NotFound("group"));
    assert_eq!(read(staff.id).await.expect("read"), None);
}

pub(crate) async fn a_group_goes_with_its_members_or_stays_as_it_was(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.account(&Person::new("ann")).await;
    let staff = made(&scene, "Staff", Some("staff"), &[ann.id]).await;
    let crew = made(&scene, "Crew", Some("crew"), &[ann.id]).await;
    let below = async |name: &str, parents: Vec<GroupId>| {
        let group = Group { parents, ..made(&scene, name, None, &[]).await };
        update(&scene, &group, MemberChange::Keep).await.expect("written")
    };
    let alone = below("Alone", vec![staff.id]).await;
    let mut both = vec![staff.id, crew.id];
    both.sort_unstable();
    let shared = below("Shared", both).await;
    let read = async |id| scene.store.group(&scene.org.name, id).await.expect("read");
    let entries = audited(&scene).await;

    // What is refused leaves members and groups below it where they were.
    let older = Group { revision: staff.revision + 1, ..staff.clone() };
    let with_members = GroupRemoval::WithMembers;
    refused!(delete(&scene, &older, with_members).await, Conflict("group_changed"));
    refused!(delete(&scene, &staff, GroupRemoval::IfEmpty).await, Conflict("group_not_empty"));
    assert_eq!(members(&scene, &staff).await, [ann.id]);
    assert_eq!(read(alone.id).await, Some(alone.clone()));
    assert_eq!(audited(&scene).await, entries);

    delete(&scene, &staff, with_members).await.expect("removed");
    assert_eq!(read(staff.id).await, None);
    assert_eq!(stored(&scene, ann.id).await.groups, ["crew"]);
    let (top, now) = (top(&scene).await.id, scene.audit("group_removed").timestamp);
    let raised = Group { parents: vec![top], revision: 3, updated_at: now, ..alone };
    assert_eq!(read(raised.id).await, Some(raised));
    let left = Group { parents: vec![crew.id], revision: 3, updated_at: now, ..shared };
    assert_eq!(read(left.id).await, Some(left));
    assert_eq!(audited(&scene).await, entries + 1);
}

pub(crate) async fn groups_come_and_go_below_another(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let top = top(&scene).await;
    let outer = made(&scene, "Outer", None, &[]).await;
    let one = made(&scene, "One", None, &[]).await;
    let two = made(&scene, "Two", None, &[]).await;
    let read =
        async |id| scene.store.group(&scene.org.name, id).await.expect("read").expect("the group");
    let below = async || scene.store.groups_below(&scene.org.name, outer.id).await.expect("read");
    let put = async |change: MemberChange<GroupId>| {
        let (group, audit) = (read(outer.id).await, scene.audit("group_changed"));
        scene.store.update_group(group, MemberChange::Keep, change, audit).await
    };
    let change = |add: &[GroupId], remove: &[GroupId]| MemberChange::Change {
        add: add.to_vec(),
        remove: remove.to_vec(),
    };
    let mut both = vec![one.id, two.id];
    both.sort_unstable();
    put(change(&[one.id, two.id, one.id], &[])).await.expect("written");
    assert_eq!(below().await, both);
    let mut parents = vec![top.id, outer.id];
    parents.sort_unstable();
    let stored = read(one.id).await;
    assert_eq!((stored.parents.clone(), stored.revision), (parents, 2));
    // An edit that was planned before does not bring the parents back.
    refused!(update(&scene, &one, MemberChange::Keep).await, Conflict("group_changed"));
    // Again, it is no change of theirs.
    put(change(&[one.id], &[])).await.expect("written");
    assert_eq!(read(one.id).await, stored);
    put(MemberChange::Replace(vec![two.id])).await.expect("written");
    assert_eq!((below().await, read(one.id).await.parents), (vec![two.id], vec![top.id]));

    // One that has no other parent stands below the top-level group.
    let alone = Group { parents: vec![outer.id], ..read(two.id).await };
    update(&scene, &alone, MemberChange::Keep).await.expect("written");
    put(change(&[two.id], &[two.id])).await.expect("one that is in both goes");
    assert_eq!((below().await, read(two.id).await.parents), (vec![], vec![top.id]));

    // What cannot stand below it.
    scene.store.create_org(org("other", &[]), scene.audit("made")).await.expect("made");
    let foreign = scene.store.top_level_group(&name("other")).await.expect("read").expect("one");
    let before = (read(outer.id).await, audited(&scene).await);
    let nobody = GroupId::new(NOW, scene.random());
    refused!(put(change(&[one.id, nobody], &[])).await, NotFound("group_below"));
    refused!(put(change(&[top.id], &[])).await, NotFound("group_below"));
    refused!(put(change(&[outer.id], &[])).await, Conflict("group_circle"));
    refused!(put(change(&[foreign.id], &[])).await, NotFound("group_below"));
    assert_eq!((read(outer.id).await, audited(&scene).await), before);
    put(change(&[one.id], &[])).await.expect("written");
    let inner = read(one.id).await;
    let circle = scene.store.update_group(
        inner,
        MemberChange::Keep,
        change(&[outer.id], &[]),
        scene.audit("group_changed"),
    );
    refused!(circle.await, Conflict("group_circle"));

    // A group is made above others.
    let above = group(&scene, "Above", None).await;
    let audit = scene.audit("group_created");
    let made = scene.store.create_group(above.clone(), vec![], vec![outer.id], audit);
    made.await.expect("made");
    let listed = scene.store.groups_below(&scene.org.name, above.id).await.expect("read");
    assert_eq!(listed, [outer.id]);
    let absent = group(&scene, "Absent", None).await;
    let audit = scene.audit("group_created");
    let made = scene.store.create_group(absent.clone(), vec![], vec![nobody], audit).await;
    refused!(made, NotFound("group_below"));
    assert_eq!(scene.store.group(&scene.org.name, absent.id).await.expect("read"), None);
}

pub(crate) async fn each_refusal_of_a_group_changes_nothing(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.account(&Person::new("ann")).await;
    scene.store.create_org(org("other", &[]), scene.audit("made")).await.expect("made");
    let foreign = scene.store.top_level_group(&name("other")).await.expect("read").expect("one");
    let staff = made(&scene, "Staff", Some("S-1"), &[ann.id]).await;
    let outer = made(&scene, "Outer", Some("s-1"), &[]).await;
    let before = audited(&scene).await;

    let create = async |group: Group, members: Vec<AccountId>| {
        scene.store.create_group(group, members, Vec::new(), scene.audit("group_created")).await
    };
    let nobody = AccountId::new(NOW, scene.random());
    let twin = group(&scene, "Twin", Some("S-1")).await;
    refused!(create(twin, vec![]).await, Conflict("group_sso_id_taken"));
    let free = group(&scene, "Free", None).await;
    refused!(create(free.clone(), vec![ann.id, nobody]).await, NotFound("account"));
    let mut below = free.clone();
    below.parents = vec![foreign.id];
    refused!(create(below, vec![]).await, NotFound("parent"));
    let mut elsewhere = free.clone();
    elsewhere.org = name("nobody");
    elsewhere.parents.clear();
    refused!(create(elsewhere, vec![]).await, NotFound("org"));

    let mut renamed = outer.clone();
    renamed.sso_id = Some("S-1".to_owned());
    refused!(update(&scene, &renamed, MemberChange::Keep).await, Conflict("group_sso_id_taken"));
    let add = MemberChange::Change { add: vec![nobody], remove: vec![] };
    refused!(update(&scene, &outer, add).await, NotFound("account"));
    let mut below = outer.clone();
    below.parents = vec![staff.id];
    let below = update(&scene, &below, MemberChange::Keep).await.expect("written");
    let mut circle = staff.clone();
    circle.parents = vec![below.id];
    refused!(update(&scene, &circle, MemberChange::Keep).await, Conflict("group_circle"));
    let mut elsewhere = staff.clone();
    elsewhere.org = name("other");
    refused!(update(&scene, &elsewhere, MemberChange::Keep).await, NotFound("group"));

    assert_eq!(scene.store.group(&scene.org.name, staff.id).await.expect("read"), Some(staff));
    assert_eq!(scene.store.group(&scene.org.name, free.id).await.expect("read"), None);
    assert_eq!(audited(&scene).await, before + 1);
}

pub(crate) async fn an_account_shows_its_groups(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.account(&Person::new("ann")).await;
    let bob = scene.account(&Person::new("bob")).await;
    let staff = made(&scene, "Staff", Some("staff"), &[ann.id, bob.id]).await;
    let unnamed = made(&scene, "Unnamed", None, &[ann.id]).await;
    let mut shown = vec!["staff".to_owned(), unnamed.id.to_string()];
    shown.sort_unstable();
    assert_eq!(stored(&scene, ann.id).await.groups, shown);
    assert_eq!(stored(&scene, bob.id).await.groups, ["staff"]);
    assert_eq!(stored(&scene, ann.id).await.revision, ann.revision, "the row is not written");

    // What is renamed shows its new name; an edit of the account does not touch its groups.
    let renamed = Group { sso_id: Some("crew".to_owned()), ..staff };
    update(&scene, &renamed, MemberChange::Keep).await.expect("written");
    let mut edited = stored(&scene, bob.id).await;
    assert_eq!(edited.groups, ["crew"]);
    edited.groups = vec!["admins".to_owned()];
    let audit = vec![scene.audit("edited")];
    let edited = scene.store.update_account(edited, None, audit).await.expect("put");
    assert_eq!(edited.groups, ["crew"]);
    assert_eq!(stored(&scene, bob.id).await.groups, ["crew"]);
    let signed_in = scene.sign_in(&Person::new("bob")).await.expect("signed in");
    assert_eq!(signed_in.account.groups, ["crew"]);
}

pub(crate) async fn a_first_login_joins_the_groups_that_there_are(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let mut groups = Vec::new();
    for number in 0..40 {
        groups.push(made(&scene, "Many", Some(&format!("g-{number:02}")), &[]).await);
    }
    let top = top(&scene).await;
    let named = Group { sso_id: Some("top".to_owned()), ..top.clone() };
    update(&scene, &named, MemberChange::Keep).await.expect("written");
    let mut said: Vec<String> = (0..40).map(|number| format!("g-{number:02}")).collect();
    said.extend(["G-01", "top", "nobody", "g-03"].map(str::to_owned));
    let mut person = Person::new("ann");
    for group in &said {
        person = person.and("groupid", group);
    }
    let ann = scene.account(&person).await;
    let expected: Vec<String> = (0..40).map(|number| format!("g-{number:02}")).collect();
    assert_eq!(stored(&scene, ann.id).await.groups, expected);
    assert_eq!(members(&scene, &groups[7]).await, [ann.id]);
    assert_eq!(members(&scene, &top).await, [], "nobody comes into it by a name");
    // At creation only (SPEC 9).
    let bob = scene.account(&Person::new("bob")).await;
    let later = Person::new("bob").and("groupid", "g-01");
    scene.sign_in(&later).await.expect("signed in");
    assert_eq!(stored(&scene, bob.id).await.groups, Vec::<String>::new());
}

pub(crate) async fn groups_are_listed_and_found(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let top = top(&scene).await;
    let one = made(&scene, "Zürich", Some("z"), &[]).await;
    let two = made(&scene, "ZÜRICH", None, &[]).await;
    let mut all = [top.id, one.id, two.id];
    all.sort_unstable();
    let list = async |filter: GroupFilter, page: Page| {
        scene.store.groups(&scene.org.name, &filter, &page).await.expect("a part")
    };
    let ids = |groups: &[Group]| groups.iter().map(|group| group.id).collect::<Vec<_>>();
    let first = list(GroupFilter::default(), Page::first(2)).await;
    assert_eq!(ids(&first.items), all[..2]);
    let rest = Page { limit: 2, cursor: first.next };
    let last = list(GroupFilter::default(), rest).await;
    assert_eq!((ids(&last.items).as_slice(), last.next), (&all[2..], None));
    let of_name = GroupFilter { name: Some("zürich".to_owned()), sso_id: None };
    let mut named = vec![one.id, two.id];
    named.sort_unstable();
    assert_eq!(ids(&list(of_name, Page::first(9)).await.items), named);
    let of_id = GroupFilter { name: None, sso_id: Some("z".to_owned()) };
    assert_eq!(list(of_id, Page::first(9)).await.items, [one]);
    let nobodys = GroupFilter { name: None, sso_id: Some("Z".to_owned()) };
    assert_eq!(list(nobodys, Page::first(9)).await.items, []);
}

pub(crate) async fn groups_that_are_put_into_each_other_at_once_form_no_circle(
    store: Arc<impl Store + 'static>,
) {
    let scene = Scene::new(store).await;
    for _ in 0..5 {
        let one = made(&scene, "One", None, &[]).await;
        let two = made(&scene, "Two", None, &[]).await;
        let below = |child: &Group, parent: &Group| {
            let child = Group { parents: vec![parent.id], ..child.clone() };
            let (store, audit) = (scene.store.clone(), scene.audit("group_changed"));
            let keep = (MemberChange::Keep, MemberChange::Keep);
            tokio::spawn(async move { store.update_group(child, keep.0, keep.1, audit).await })
        };
        let tasks = [below(&one, &two), below(&two, &one)];
        let mut written = 0;
        for task in tasks {
            match task.await.expect("no panic") {
                Ok(_) => written += 1,
                Err(StoreError::Conflict("group_circle")) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(written, 1);
    }
}
