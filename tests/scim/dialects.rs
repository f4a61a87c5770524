//! The provisioning of Entra ID and of Okta, request by request as their documentation has it, and the
//! state that each leaves, compared whole.

use crate::scene::{ENTERPRISE, GROUP, PATCH, Scene, USER, at, engines, id};
use reqwest::Method;
use serde_json::{Value, json};

/// What there is, without what differs from run to run.
async fn state(scene: &Scene) -> Value {
    let mut users = scene.shown("/users?status=all&sort=email").await["items"].clone();
    for user in users.as_array_mut().expect("a list") {
        let user = user.as_object_mut().expect("an object");
        for name in ["id", "created_at", "updated_at", "last_login_at", "name_id", "org", "role"] {
            user.remove(name);
        }
    }
    let groups = scene.shown("/groups").await;
    let groups = groups["items"].as_array().expect("a list").iter();
    let groups: Vec<Value> = groups
        .filter(|group| group["parents"] != json!([]))
        .map(|group| {
            json!({"name": group["name"], "sso_id": group["sso_id"],
                   "members": group["members"].as_array().map(Vec::len)})
        })
        .collect();
    json!({"users": users, "groups": groups})
}

#[tokio::test]
async fn what_entra_id_sends_leaves_what_it_means() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        // The test of the connection, with a userName that nobody has.
        let probe = scene.get("Users?filter=userName%20eq%20%22non-existent-user%22").await;
        assert_eq!((&probe["totalResults"], &probe["Resources"]), (&json!(0), &json!([])));

        // Each person is asked for, then made.
        let mut users = Vec::new();
        for (name, number) in [("ann", 1), ("bob", 2), ("cid", 3)] {
            let filter = format!("Users?filter=userName+eq+%22{name}%40corp.example%22");
            assert_eq!(scene.get(&filter).await["totalResults"], 0);
            let body = json!({
                "schemas": [USER, ENTERPRISE],
                "externalId": format!("{name}-object"),
                "userName": format!("{name}@corp.example"),
                "active": true,
                "displayName": name,
                "title": null,
                "emails": [{"primary": true, "type": "work",
                            "value": format!("{name}@corp.example")}],
                "meta": {"resourceType": "User"},
                "name": {"formatted": format!("{name} Lee"), "familyName": "Lee", "givenName": name},
                "preferredLanguage": "en-US",
                "roles": [],
                ENTERPRISE: {"employeeNumber": number.to_string(), "department": "Sales"},
            });
            users.push(scene.create("Users", body).await);
            assert_eq!(scene.get(&filter).await["Resources"][0]["id"], users[number - 1]["id"]);
        }
        let patch = async |thing: &Value, operations: Value| {
            let body = json!({"schemas": [PATCH], "Operations": operations});
            let path = format!("{}?aadOptscim062020", at(thing));
            let (status, answer) = scene.send(Method::PATCH, &path, body).await;
            assert!(status == 200 || status == 204, "{answer}");
        };
        // A change of attributes, one operation each, and in one value with dotted names.
        patch(&users[0], json!([
            {"op": "Replace", "path": "displayName", "value": "Ann L."},
            {"op": "Add", "path": "title", "value": "Boss"},
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ann.lee@corp.example"},
            {"op": "Replace", "path": "userName", "value": "ann.lee@corp.example"},
            {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+47 1"},
            {"op": "Replace", "path": (format!("{ENTERPRISE}:department")), "value": "Legal"},
            {"op": "Add", "path": (format!("{ENTERPRISE}:manager")), "value": users[1]["id"]},
        ])).await;
        patch(
            &users[1],
            json!([{"op": "replace", "value": {
                "name.givenName": "Robert",
                "addresses[type eq \"work\"].locality": "Oslo",
                "addresses[type eq \"work\"].country": "Norway",
                (format!("{ENTERPRISE}:employeeNumber")): "22",
            }}]),
        )
        .await;
        patch(&users[1], json!([{"op": "Remove", "path": "name.familyName"}])).await;
        // Somebody leaves: first deactivated, much later removed.
        patch(&users[2], json!([{"op": "Replace", "path": "active", "value": "False"}])).await;

        // Groups: made empty, asked for without members, filled and emptied by lists of values.
        let probe = "Groups?excludedAttributes=members&filter=displayName+eq+%22Staff%22";
        assert_eq!(scene.get(probe).await["totalResults"], 0);
        let mut groups = Vec::new();
        for name in ["Staff", "Legal"] {
            let body = json!({"schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
                              "externalId": format!("{name}-object"), "displayName": name,
                              "meta": {"resourceType": "Group"}});
            groups.push(scene.create("Groups", body).await);
        }
        let shown = scene.get(&format!("{}?excludedAttributes=members", at(&groups[0]))).await;
        assert_eq!(shown["displayName"], "Staff");
        let value = |user: &Value| json!([{"value": user["id"]}]);
        for user in &users {
            patch(&groups[0], json!([{"op": "Add", "path": "members", "value": value(user)}]))
                .await;
            patch(&groups[1], json!([{"op": "Add", "path": "members", "value": value(user)}]))
                .await;
        }
        let filter = format!(
            "Groups?filter=id+eq+%22{}%22+and+members+eq+%22{}%22",
            id(&groups[0]),
            id(&users[2])
        );
        assert_eq!(scene.get(&filter).await["totalResults"], 1);
        patch(&groups[0], json!([{"op": "Remove", "path": "members", "value": value(&users[2])}]))
            .await;
        assert_eq!(scene.get(&filter).await["totalResults"], 0);
        patch(&groups[1], json!([{"op": "Replace", "path": "displayName", "value": "Law"}])).await;

        let user = |fields: Value, status: &str, groups: Value| {
            let mut user = json!({"source": "scim", "status": status, "groups": groups});
            user.as_object_mut()
                .expect("an object")
                .extend(fields.as_object().expect("one").clone());
            user
        };
        let expected = json!({
            "users": [
                user(json!({"uid": "ann.lee@corp.example", "ssoid": "ann-object",
                    "email": "ann.lee@corp.example", "first_name": "ann", "last_name": "Lee",
                    "display_name": "Ann L.", "job_title": "Boss", "mobile_phone": "+47 1",
                    "employee_id": "1", "business_unit": "Legal"}),
                    "active", json!(["Legal-object", "Staff-object"])),
                user(json!({"uid": "bob@corp.example", "ssoid": "bob-object",
                    "email": "bob@corp.example", "first_name": "Robert", "display_name": "bob",
                    "employee_id": "22", "business_unit": "Sales", "city": "Oslo"}),
                    "active", json!(["Legal-object", "Staff-object"])),
                user(json!({"uid": "cid@corp.example", "ssoid": "cid-object",
                    "email": "cid@corp.example", "first_name": "cid", "last_name": "Lee",
                    "display_name": "cid", "employee_id": "3", "business_unit": "Sales"}),
                    "inactive", json!(["Legal-object"])),
            ],
            "groups": [
                {"name": "Staff", "sso_id": "Staff-object", "members": 2},
                {"name": "Law", "sso_id": "Legal-object", "members": 3},
            ],
        });
        assert_eq!(state(&scene).await, expected);
        let ann = scene.get(&at(&users[0])).await;
        assert_eq!(ann[ENTERPRISE]["manager"]["value"], users[1]["id"]);
        assert_eq!(ann["name"]["formatted"], "ann Lee");
        let bob = scene.get(&at(&users[1])).await;
        let address = json!([{"type": "work", "locality": "Oslo", "country": "Norway"}]);
        assert_eq!(bob["addresses"], address, "a country by name is the directory's own");

        // They come back, or are removed.
        patch(&users[2], json!([{"op": "Replace", "path": "active", "value": "True"}])).await;
        assert_eq!(scene.account(&users[2]).await["status"], "active");
        for thing in [&users[2], &groups[1]] {
            assert_eq!(scene.send(Method::DELETE, &at(thing), Value::Null).await.0, 204);
        }
        let left = state(&scene).await;
        assert_eq!(left["users"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            left["groups"],
            json!([{"name": "Staff", "sso_id": "Staff-object", "members": 2}])
        );
    }
}

#[tokio::test]
async fn what_okta_sends_leaves_what_it_means() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let probe = scene.get("Users?startIndex=1&count=2").await;
        assert_eq!((&probe["totalResults"], &probe["itemsPerPage"]), (&json!(0), &json!(0)));
        let whole = |login: &str, given: &str, active: bool| {
            json!({
                "schemas": [USER],
                "userName": login,
                "name": {"givenName": given, "familyName": "Lee"},
                "emails": [{"primary": true, "value": login, "type": "work"}],
                "displayName": format!("{given} Lee"),
                "locale": "en-US",
                "externalId": format!("00u-{given}"),
                "groups": [],
                "password": "Pw-1",
                "active": active,
            })
        };
        let mut users = Vec::new();
        for given in ["Ann", "Bob"] {
            let login = format!("{given}@corp.example").to_lowercase();
            let filter =
                format!("Users?filter=userName%20eq%20%22{login}%22&startIndex=1&count=100");
            assert_eq!(scene.get(&filter).await["totalResults"], 0);
            users.push(scene.create("Users", whole(&login, given, true)).await);
            assert_eq!(scene.get(&at(&users[users.len() - 1])).await["locale"], "en-US");
        }
        // Applications of the wizard replace the whole user, with what was read of it in it.
        let mut put = scene.get(&at(&users[0])).await;
        put["name"]["givenName"] = json!("Anna");
        put["userName"] = json!("anna@corp.example");
        put["emails"] = json!([{"primary": true, "value": "anna@corp.example", "type": "work"}]);
        let (status, answer) = scene.send(Method::PUT, &at(&users[0]), put).await;
        assert_eq!((status, &answer["userName"]), (200, &json!("anna@corp.example")), "{answer}");
        // Deactivated by PUT, and by PATCH, as those of the catalogue do.
        let off = whole("anna@corp.example", "Anna", false);
        assert_eq!(scene.send(Method::PUT, &at(&users[0]), off).await.1["active"], false);
        let off = json!([{"op": "replace", "value": {"active": false}}]);
        assert_eq!(scene.patch(&at(&users[1]), off).await.1["active"], false);

        // Groups are pushed.
        let body = json!({"schemas": [GROUP], "displayName": "Everyone", "members": [
            {"value": users[0]["id"], "display": "anna@corp.example"}]});
        let group = scene.create("Groups", body).await;
        let members = json!([
            {"op": "remove", "path": (format!("members[value eq \"{}\"]", id(&users[0])))},
            {"op": "add", "path": "members", "value": [
                {"value": users[1]["id"], "display": "bob@corp.example"}]},
        ]);
        assert_eq!(scene.patch(&at(&group), members).await.0, 204);
        let renamed =
            json!([{"op": "replace", "value": {"id": group["id"], "displayName": "All"}}]);
        assert_eq!(scene.patch(&at(&group), renamed).await.0, 204);
        let on = json!([{"op": "replace", "value": {"active": true}}]);
        assert_eq!(scene.patch(&at(&users[1]), on).await.1["active"], true);

        let user = |login: &str, given: &str, external: &str, status: &str, groups: Value| {
            json!({"uid": login, "ssoid": external, "email": login, "first_name": given,
                   "last_name": "Lee", "display_name": format!("{given} Lee"), "source": "scim",
                   "status": status, "groups": groups})
        };
        assert_eq!(
            state(&scene).await,
            json!({
                "users": [
                    user("anna@corp.example", "Anna", "00u-Anna", "inactive", json!([])),
                    user("bob@corp.example", "Bob", "00u-Bob", "active", json!([group["id"]])),
                ],
                "groups": [{"name": "All", "sso_id": null, "members": 1}],
            })
        );
    }
}
