//! Groups: members come and go one by one or in lists, in both dialects, and never all of them by mistake.

use crate::scene::{GROUP, Scene, at, engines, id, refusal, scim_token};
use reqwest::Method;
use serde_json::{Value, json};

async fn members(scene: &Scene, group: &Value) -> Vec<String> {
    let shown = scene.shown(&format!("/groups/{}", id(group))).await;
    let members = shown["members"].as_array().expect("members").iter();
    members.map(|member| member.as_str().expect("an id").to_owned()).collect()
}

fn sorted(users: &[&Value]) -> Vec<String> {
    let mut ids: Vec<String> = users.iter().map(|user| id(user).to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn a_group_is_made_changed_and_removed() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let (ann, bob) = (scene.user("ann").await, scene.user("bob").await);
        let body = json!({"schemas": [GROUP], "displayName": "Staff", "externalId": "staff",
                          "members": [{"value": ann["id"]}, {"value": bob["id"], "display": "Bob"}]});
        let staff = scene.create("Groups", body).await;
        let reference = |user: &Value| json!({"value": user["id"], "$ref": user["meta"]["location"], "type": "User"});
        let mut expected = [reference(&ann), reference(&bob)];
        expected.sort_by_key(|member| member["value"].as_str().map(str::to_owned));
        assert_eq!(
            staff,
            json!({"schemas": [GROUP], "id": staff["id"], "displayName": "Staff",
                   "externalId": "staff", "members": expected, "meta": staff["meta"]})
        );
        assert_eq!(scene.get(&at(&staff)).await, staff);
        let user = scene.get(&at(&ann)).await;
        assert_eq!(user["groups"], json!([{"value": "staff", "display": "staff"}]));
        assert_eq!(scene.account(&ann).await["groups"], json!(["staff"]));

        // Read-only for the user: what is sent of it is passed over.
        let body = json!({"userName": "ann@corp.example", "groups": []});
        assert_eq!(scene.send(Method::PUT, &at(&ann), body).await.0, 200);
        assert_eq!(members(&scene, &staff).await, sorted(&[&ann, &bob]));

        let body = json!({"displayName": "Crew", "members": [{"value": bob["id"]}]});
        let (status, crew) = scene.send(Method::PUT, &at(&staff), body).await;
        assert_eq!(
            (status, &crew["displayName"], crew.get("externalId")),
            (200, &json!("Crew"), None)
        );
        assert_eq!(members(&scene, &staff).await, sorted(&[&bob]));
        // A user that goes is no member any more, and a group goes with its members.
        assert_eq!(scene.send(Method::DELETE, &at(&bob), Value::Null).await.0, 204);
        assert_eq!(members(&scene, &staff).await, Vec::<String>::new());
        let add = json!([{"op": "add", "path": "members", "value": [{"value": ann["id"]}]}]);
        assert_eq!(scene.patch(&at(&staff), add).await.0, 204);
        assert_eq!(scene.send(Method::DELETE, &at(&staff), Value::Null).await.0, 204);
        assert_eq!(refusal(scene.send(Method::GET, &at(&staff), Value::Null).await).0, 404);
        assert_eq!(scene.account(&ann).await["groups"], json!([]));
    }
}

#[tokio::test]
async fn a_group_with_groups_below_it_goes_whole() {
    for engine in engines() {
        let mut scene = Scene::on(engine).await;
        // Put below it by hand, before there was a directory.
        let tokens = scene.shown("/scim-tokens").await;
        let path = format!("/scim-tokens/{}", id(&tokens["items"][0]));
        assert_eq!(scene.admin(Method::DELETE, &path, Value::Null).await.0, 204);
        let (_, outer) = scene.admin(Method::POST, "/groups", json!({"name": "Outer"})).await;
        let body = json!({"name": "Inner", "parents": [outer["id"]]});
        let (_, inner) = scene.admin(Method::POST, "/groups", body).await;
        scene.token = scim_token(&scene.server, "corp").await;

        let ann = scene.user("ann").await;
        let path = format!("Groups/{}", id(&outer));
        let add = json!([{"op": "add", "path": "members", "value": [{"value": ann["id"]}]}]);
        assert_eq!(scene.patch(&path, add).await.0, 204);
        assert_eq!(scene.send(Method::DELETE, &path, Value::Null).await.0, 204);
        assert_eq!(refusal(scene.send(Method::GET, &path, Value::Null).await).0, 404);
        assert_eq!(scene.account(&ann).await["groups"], json!([]));
        let left = scene.shown(&format!("/groups/{}", id(&inner))).await;
        let top = scene.shown("/groups").await["items"][0]["id"].clone();
        assert_eq!(left["parents"], json!([top]));
    }
}

#[tokio::test]
async fn members_come_and_go_as_the_operations_say() {
    let scene = Scene::new().await;
    let (a, b, c) = (scene.user("a").await, scene.user("b").await, scene.user("c").await);
    let value = |user: &Value| json!({"value": user["id"]});
    let group = scene.create("Groups", json!({"displayName": "G"})).await;
    let one = |user: &Value| format!("members[value eq \"{}\"]", id(user));
    for (operations, left) in [
        (json!([{"op": "Add", "path": "members", "value": [value(&a), value(&b)]}]), vec![&a, &b]),
        // Again, it is no change.
        (json!([{"op": "add", "path": "members", "value": [value(&a)]}]), vec![&a, &b]),
        // Entra ID: a list of whom to remove. A literal reader removes everybody.
        (json!([{"op": "Remove", "path": "members", "value": [value(&a)]}]), vec![&b]),
        (json!([{"op": "add", "value": {"members": [value(&a), value(&c)]}}]), vec![&a, &b, &c]),
        (json!([{"op": "remove", "path": one(&b)}]), vec![&a, &c]),
        (json!([{"op": "remove", "path": one(&b)}]), vec![&a, &c]),
        (
            json!([{"op": "remove", "path": one(&a)},
                   {"op": "add", "path": "members", "value": [value(&b)]}]),
            vec![&b, &c],
        ),
        (json!([{"op": "replace", "path": "members", "value": [value(&a)]}]), vec![&a]),
        (
            json!([{"op": "replace", "value": {"displayName": "H", "members": [value(&b)]}}]),
            vec![&b],
        ),
        (json!([{"op": "Replace", "path": "displayName", "value": "I"}]), vec![&b]),
        (json!([{"op": "replace", "value": {"id": group["id"], "displayName": "J"}}]), vec![&b]),
        (
            json!([{"op": "add", "path": "members", "value": [value(&a), value(&c)]},
                   {"op": "remove", "path": "members", "value": [value(&c)]}]),
            vec![&a, &b],
        ),
        (json!([{"op": "remove", "path": "members"}]), vec![]),
    ] {
        let (status, answer) = scene.patch(&at(&group), operations.clone()).await;
        assert_eq!(status, 204, "{operations}: {answer}");
        assert_eq!(members(&scene, &group).await, sorted(&left), "{operations}");
    }
    assert_eq!(scene.get(&at(&group)).await["displayName"], "J");
    let shown = format!("{}?attributes=members", at(&group));
    let add = json!({"Operations": [{"op": "add", "path": "members", "value": [value(&a)]}]});
    let (status, shown) = scene.send(Method::PATCH, &shown, add).await;
    assert_eq!((status, &shown["members"][0]["value"]), (200, &a["id"]));
}

#[tokio::test]
async fn each_refusal_of_a_group_has_its_kind() {
    let scene = Scene::new().await;
    let ann = scene.user("ann").await;
    let staff = scene.create("Groups", json!({"displayName": "Staff", "externalId": "s"})).await;
    let other = scene.create("Groups", json!({"displayName": "Staff"})).await;
    let nobody = json!([{"value": "acc_00000000000000000000000000000000"}]);
    let kind = |kind: &str| (400, kind.to_owned());
    for (body, expected) in [
        (json!({"displayName": "x", "externalId": "s"}), (409, "uniqueness".to_owned())),
        (json!({"members": []}), kind("invalidValue")),
        (json!({"displayName": " "}), kind("invalidValue")),
        (json!({"displayName": "x", "members": nobody}), kind("invalidValue")),
        (json!({"displayName": "x", "members": [{"value": "ann"}]}), kind("invalidValue")),
        (json!({"displayName": "x", "members": [7]}), kind("invalidValue")),
    ] {
        let answer = scene.send(Method::POST, "Groups", body.clone()).await;
        assert_eq!(refusal(answer), expected, "{body}");
        assert_eq!(refusal(scene.send(Method::PUT, &at(&other), body.clone()).await), expected);
    }
    for (operations, expected) in [
        (json!([{"op": "remove", "path": "displayName"}]), "mutability"),
        (json!([{"op": "replace", "path": "id", "value": "x"}]), "mutability"),
        (json!([{"op": "add", "path": "members", "value": nobody}]), "invalidValue"),
        (
            json!([{"op": "add", "path": "members[value eq \"x\"]", "value": ann["id"]}]),
            "invalidPath",
        ),
        (json!([{"op": "remove", "path": "members[display eq \"x\"]"}]), "invalidPath"),
        (json!([{"op": "replace", "path": "colour", "value": "x"}]), "invalidPath"),
        (json!([{"op": "remove"}]), "noTarget"),
    ] {
        let answer = scene.patch(&at(&staff), operations.clone()).await;
        assert_eq!(refusal(answer), kind(expected), "{operations}");
    }
    // The administrators' own group is none of the directory's.
    let groups = scene.shown("/groups").await;
    let top = groups["items"].as_array().expect("a list").iter();
    let top = top.clone().find(|group| group["parents"] == json!([])).expect("the top-level group");
    let path = format!("Groups/{}", id(top));
    assert_eq!(refusal(scene.send(Method::GET, &path, Value::Null).await).0, 404);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": ann["id"]}]}]);
    assert_eq!(refusal(scene.patch(&path, add).await).0, 404);
    assert_eq!(refusal(scene.send(Method::DELETE, &path, Value::Null).await).0, 404);
    assert_eq!(scene.get("Groups").await["totalResults"], 2);
    assert_eq!(scene.account(&ann).await["role"], "user");
}
