//! Groups that belong to groups (RFC 7643 4.2): what SCIM calls a member of type `Group` is, seen from above, a
//! group below another.

use crate::scene::{GROUP, PATCH, Scene, at, engines, id, refusal};
use reqwest::Method;
use serde_json::{Value, json};

fn members(group: &Value) -> Vec<(&str, &str)> {
    let mut members: Vec<(&str, &str)> = group["members"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|member| {
            let text = |name: &str| member[name].as_str().expect("text");
            assert!(text("$ref").ends_with(&format!("/{}s/{}", text("type"), text("value"))));
            (text("type"), text("value"))
        })
        .collect();
    members.sort_unstable();
    members
}

async fn group(scene: &Scene, name: &str) -> Value {
    scene.create("Groups", json!({"schemas": [GROUP], "displayName": name})).await
}

#[tokio::test]
async fn groups_belong_to_groups_in_both_dialects() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let ann = scene.user("ann").await;
        let (inner, other) = (group(&scene, "Inner").await, group(&scene, "Other").await);
        // Made with members of both types, as RFC 7643 8.4 has them, with and without the type.
        let body = json!({"schemas": [GROUP], "displayName": "Outer", "members": [
            {"value": ann["id"], "type": "User"},
            {"value": inner["id"], "type": "Group", "$ref": inner["meta"]["location"], "display": "Inner"},
        ]});
        let outer = scene.create("Groups", body).await;
        let both = [("Group", id(&inner)), ("User", id(&ann))];
        assert_eq!(members(&outer), both);
        assert_eq!(members(&scene.get(&at(&outer)).await), both);
        let parents = async |group: &Value| {
            let shown = scene.shown(&format!("/groups/{}", id(group))).await;
            shown["parents"].as_array().expect("a list").contains(&outer["id"])
        };
        assert!(parents(&inner).await);
        let found = format!("Groups?filter=members%20eq%20%22{}%22", id(&inner));
        assert_eq!(scene.get(&found).await["Resources"][0]["id"], outer["id"]);

        // Entra ID: Add and Remove with lists of values; Okta: a path with a filter.
        let entra = |op: &str, group: &Value| {
            json!({"schemas": [PATCH], "Operations": [
                {"op": op, "path": "members", "value": [{"$ref": null, "value": group["id"]}]}]})
        };
        let path = format!("{}?aadOptscim062020", at(&outer));
        let send = async |body: Value| scene.send(Method::PATCH, &path, body).await.0;
        assert_eq!(send(entra("Add", &other)).await, 204);
        assert_eq!(members(&scene.get(&at(&outer)).await).len(), 3);
        assert_eq!(send(entra("Remove", &inner)).await, 204);
        let left = [("Group", id(&other)), ("User", id(&ann))];
        assert_eq!(members(&scene.get(&at(&outer)).await), left);
        assert!(!parents(&inner).await && parents(&other).await);
        let okta = json!([
            {"op": "remove", "path": (format!("members[value eq \"{}\"]", id(&other)))},
            {"op": "add", "path": "members", "value": [{"value": inner["id"], "display": "Inner"}]},
        ]);
        assert_eq!(scene.patch(&at(&outer), okta).await.0, 204);
        assert_eq!(members(&scene.get(&at(&outer)).await), both);

        // What cannot be: itself, a circle, a type that it has not, what there is not.
        let before = scene.dump();
        let nobody = format!("grp_{}", "0".repeat(32));
        for (group, member) in [
            (&outer, json!({"value": outer["id"]})),
            (&inner, json!({"value": outer["id"]})),
            (&outer, json!({"value": other["id"], "type": "User"})),
            (&outer, json!({"value": ann["id"], "type": "Group"})),
            (&outer, json!({"value": nobody})),
        ] {
            let add = json!([{"op": "add", "path": "members", "value": [member]}]);
            let refused = refusal(scene.patch(&at(group), add).await);
            assert_eq!(refused, (400, "invalidValue".to_owned()), "{member}");
        }
        assert_eq!(scene.dump(), before);

        // A PUT says all of it; a group that goes leaves those below it.
        let put = json!({"displayName": "Outer", "members": [{"value": other["id"]}]});
        let (_, outer) = scene.send(Method::PUT, &at(&outer), put).await;
        assert_eq!(members(&outer), [("Group", id(&other))]);
        assert_eq!(scene.send(Method::DELETE, &at(&outer), Value::Null).await.0, 204);
        assert_eq!(scene.get(&at(&other)).await["displayName"], "Other");
    }
}
