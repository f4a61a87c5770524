//! What an organization adds to users (SPEC 11.4), as an extension by its own URN: told of in `/Schemas`, read,
//! written, filtered and sorted like any other attribute, by the rules of the schema.

use crate::scene::{ENTERPRISE, Scene, USER, at, engines, refusal};
use reqwest::Method;
use serde_json::{Value, json};

const OWN: &str = "urn:ietf:params:scim:schemas:extension:org-corp:2.0:User";

async fn define(scene: &Scene, attributes: Value) {
    let body = json!({ "attributes": attributes });
    let (status, stored) = scene.admin(Method::PUT, "/attribute-schema", body).await;
    assert_eq!(status, 200, "{stored}");
}

fn attributes() -> Value {
    json!([
        {"name": "desk", "length": 4, "pattern": "[0-9]+"},
        {"name": "badge", "type": "integer", "unique": true},
        {"name": "remote", "type": "boolean"},
        {"name": "since", "type": "date_time", "mutability": "update_only"},
        {"name": "tags", "type": "list"},
        {"name": "grade", "mutability": "read_only"},
    ])
}

fn user(name: &str, own: Value) -> Value {
    json!({"schemas": [USER, OWN], "userName": format!("{name}@corp.example"), OWN: own})
}

#[tokio::test]
async fn the_schema_is_told_of() {
    let scene = Scene::new().await;
    let schemas = scene.get("Schemas").await;
    assert_eq!(schemas["totalResults"], 3, "nothing is added yet");
    define(&scene, attributes()).await;
    let own = scene.get(&format!("Schemas/{OWN}")).await;
    assert_eq!((&own["id"], &own["meta"]["resourceType"]), (&json!(OWN), &json!("Schema")));
    let told: Vec<_> = own["attributes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            ["name", "type", "multiValued", "required", "caseExact", "mutability", "uniqueness"]
                .map(|member| one[member].clone())
        })
        .collect();
    let row = |name: &str, kind: &str, several: bool, mutability: &str, uniqueness: &str| {
        let (name, kind) = (json!(name), json!(kind));
        [
            name,
            kind,
            json!(several),
            json!(false),
            json!(true),
            json!(mutability),
            json!(uniqueness),
        ]
    };
    let expected = [
        row("desk", "string", false, "readWrite", "none"),
        row("badge", "integer", false, "readWrite", "server"),
        row("remote", "boolean", false, "readWrite", "none"),
        row("since", "dateTime", false, "readWrite", "none"),
        row("tags", "string", true, "readWrite", "none"),
        row("grade", "string", false, "readOnly", "none"),
    ];
    assert_eq!(told, expected);
    assert_eq!(scene.get("Schemas").await["Resources"][3], own);
    let kinds = scene.get("ResourceTypes/User").await;
    let extensions =
        json!([{"schema": ENTERPRISE, "required": false}, {"schema": OWN, "required": false}]);
    assert_eq!(kinds["schemaExtensions"], extensions);
    define(&scene, json!([{"name": "desk", "required": true}])).await;
    let kinds = scene.get("ResourceTypes/User").await;
    assert_eq!(kinds["schemaExtensions"][1], json!({"schema": OWN, "required": true}));
}

#[tokio::test]
async fn a_directory_writes_them_by_the_rules() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        define(&scene, attributes()).await;
        let own = json!({"desk": "17", "badge": 7, "remote": false, "tags": ["a", "b"]});
        let mut sent = own.clone();
        // What is not the directory's to write, or not yet, is passed over; names are in either case.
        sent["grade"] = json!("A");
        sent["since"] = json!("2026-01-02T03:04:05Z");
        let mut body = user("ann", sent);
        let moved = body.as_object_mut().expect("an object").remove(OWN).expect("there");
        body[OWN.to_ascii_uppercase()] = moved;
        let made = scene.create("Users", body).await;
        assert_eq!(made[OWN], own);
        assert_eq!(made["schemas"], json!([USER, OWN]));
        let at = at(&made);
        assert_eq!(scene.get(&at).await, made);
        let account = scene.account(&made).await;
        let shown = ["desk", "badge", "remote", "tags", "since", "grade"];
        let expected =
            [json!("17"), json!(7), json!(false), json!(["a", "b"]), Value::Null, Value::Null];
        assert_eq!(shown.map(|field| account[field].clone()), expected);

        for (own, status, kind) in [
            (json!({"desk": "x"}), 400, "invalidValue"),
            (json!({"desk": "12345"}), 400, "invalidValue"),
            (json!({"badge": "seven"}), 400, "invalidValue"),
            (json!({"badge": 7.5}), 400, "invalidValue"),
            (json!({"remote": "perhaps"}), 400, "invalidValue"),
            (json!({"tags": [{"a": 1}]}), 400, "invalidValue"),
            (json!("x"), 400, "invalidValue"),
            (json!({"badge": 7}), 409, "uniqueness"),
        ] {
            let answer = scene.send(Method::POST, "Users", user("bob", own.clone())).await;
            assert_eq!(refusal(answer), (status, kind.to_owned()), "{own}");
        }
        let (_, refused) =
            scene.send(Method::POST, "Users", user("bob", json!({"desk": "x"}))).await;
        assert_eq!(refused["detail"], "desk (invalid_field): It takes: what matches [0-9]+.");

        // A user that is sent whole without the extension keeps it; with it, it is what is sent.
        let whole = json!({"userName": "ann@corp.example", "title": "Clerk"});
        let (status, kept) = scene.send(Method::PUT, &at, whole).await;
        assert_eq!((status, &kept[OWN], &kept["title"]), (200, &own, &json!("Clerk")));
        let later = json!({"badge": "8", "since": "2026-01-02T04:04:05+01:00"});
        let (_, replaced) = scene.send(Method::PUT, &at, user("ann", later)).await;
        assert_eq!(replaced[OWN], json!({"badge": 8, "since": "2026-01-02T03:04:05Z"}));
        let (_, emptied) = scene.send(Method::PUT, &at, user("ann", json!({}))).await;
        assert_eq!((emptied.get(OWN), &emptied["schemas"]), (None, &json!([USER])));
        // The value that was given up is free.
        scene.create("Users", user("bob", json!({"badge": 7}))).await;
    }
}

#[tokio::test]
async fn a_patch_reaches_into_the_extension() {
    let scene = Scene::new().await;
    define(&scene, attributes()).await;
    let made = scene.create("Users", user("ann", json!({"desk": "1", "tags": ["a"]}))).await;
    let at = at(&made);
    let desk = format!("{OWN}:desk");
    for (operations, expected) in [
        (
            json!([{"op": "Replace", "path": desk, "value": "2"}]),
            json!({"desk": "2", "tags": ["a"]}),
        ),
        (
            json!([{"op": "add", "path": format!("{}:TAGS", OWN.to_ascii_uppercase()), "value": ["b"]}]),
            json!({"desk": "2", "tags": ["a", "b"]}),
        ),
        (
            json!([{"op": "replace", "value": {format!("{OWN}:badge"): "7", format!("{OWN}:remote"): "True"}}]),
            json!({"desk": "2", "tags": ["a", "b"], "badge": 7, "remote": true}),
        ),
        (
            json!([{"op": "replace", "value": {OWN: {"desk": "3", "badge": 8}}}]),
            json!({"desk": "3", "tags": ["a", "b"], "badge": 8, "remote": true}),
        ),
        (
            json!([{"op": "remove", "path": format!("{OWN}:tags")},
                   {"op": "add", "path": format!("{OWN}:since"), "value": "2026-01-02T03:04:05Z"}]),
            json!({"desk": "3", "badge": 8, "remote": true, "since": "2026-01-02T03:04:05Z"}),
        ),
        (json!([{"op": "remove", "path": OWN}]), Value::Null),
    ] {
        let (status, changed) = scene.patch(&at, operations.clone()).await;
        assert_eq!((status, &changed[OWN]), (200, &expected), "{operations}");
    }
    for (operation, status, kind) in [
        (json!({"op": "replace", "path": format!("{OWN}:grade"), "value": "A"}), 400, "mutability"),
        (json!({"op": "replace", "path": format!("{OWN}:x"), "value": "A"}), 400, "invalidPath"),
        (
            json!({"op": "add", "path": desk.replace("corp", "other"), "value": "1"}),
            400,
            "invalidPath",
        ),
        (json!({"op": "add", "path": desk, "value": "x"}), 400, "invalidValue"),
        (json!({"op": "add", "path": format!("{OWN}:badge"), "value": "x"}), 400, "invalidValue"),
    ] {
        let answer = scene.patch(&at, json!([operation])).await;
        assert_eq!(refusal(answer), (status, kind.to_owned()), "{operation}");
    }
    let user = scene.get(&at).await;
    assert_eq!(user.get(OWN), None);
}

#[tokio::test]
async fn users_are_filtered_sorted_and_selected_by_them() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        define(&scene, attributes()).await;
        for (name, own) in [
            ("ann", json!({"desk": "1", "badge": 30, "tags": ["x", "y"], "remote": true})),
            ("bob", json!({"desk": "12", "badge": -4, "tags": ["y"]})),
            ("cay", json!({"badge": 5})),
            ("dan", json!({"desk": "2"})),
        ] {
            scene.create("Users", user(name, own)).await;
        }
        let found = async |query: &str| {
            let list = scene.get(&format!("Users?{query}")).await;
            let users = list["Resources"].as_array().expect("a list").iter();
            let name = |user: &Value| {
                let name = user["userName"].as_str().expect("a name");
                name.split('@').next().unwrap_or_default().to_owned()
            };
            users.map(name).collect::<Vec<_>>().join(" ")
        };
        let filter = |condition: &str| {
            let pairs = [("filter", format!("{OWN}:{condition}"))];
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        };
        for (condition, expected) in [
            ("desk eq \"12\"", "bob"),
            ("desk sw \"1\"", "ann bob"),
            ("desk pr", "ann bob dan"),
            ("badge eq 5", "cay"),
            ("badge eq \"5\"", "cay"),
            ("badge eq 6", ""),
            ("badge gt -5", "ann bob cay"),
            ("badge lt 30", "bob cay"),
            ("tags eq \"y\"", "ann bob"),
            ("tags eq \"Y\"", ""),
            ("remote eq true", "ann"),
            ("grade pr", ""),
            ("nothing eq \"1\"", ""),
        ] {
            assert_eq!(found(&filter(condition)).await, expected, "{condition}");
        }
        let sorted = format!("sortBy={OWN}:badge");
        assert_eq!(found(&sorted).await, "bob cay ann dan");
        assert_eq!(found(&format!("{sorted}&sortOrder=descending")).await, "ann cay bob dan");
        let contains = format!("Users?{}", filter("badge co 5"));
        let refused = refusal(scene.send(Method::GET, &contains, Value::Null).await);
        assert_eq!(refused, (400, "invalidFilter".to_owned()));

        let query = format!("Users?{}&attributes={OWN}:desk", filter("badge eq 30"));
        let one = scene.get(&query).await["Resources"][0].clone();
        assert_eq!(one[OWN], json!({"desk": "1"}));
        assert_eq!(one.get("userName"), None);
        let query = format!("Users?{}&excludedAttributes={OWN}", filter("badge eq 30"));
        let one = scene.get(&query).await["Resources"][0].clone();
        assert_eq!((one.get(OWN), &one["userName"]), (None, &json!("ann@corp.example")));
    }
}
