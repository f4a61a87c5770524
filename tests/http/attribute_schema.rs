//! The attributes that an organization adds to the profile of its people (SPEC 11.4): defined over the Admin
//! API, filled by administrators and assertions by the same rules, shown with the account.

use crate::admin_api::read;
use crate::users::{Scene, USERS, path, person, refusal, told};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_tests::{Engine, Person, PostgresCluster};

const SCHEMA: &str = "orgs/corp/attribute-schema";

fn engines() -> [Engine; 2] {
    [Engine::Sqlite, Engine::Postgres(PostgresCluster::shared().database())]
}

/// The members that were not given have their defaults.
fn attribute(members: Value) -> Value {
    let mut whole = json!({"type": "string", "required": false, "unique": false,
                           "mutability": "read_write"});
    let all = whole.as_object_mut().expect("an object");
    all.extend(members.as_object().expect("an object").clone());
    whole
}

async fn put(scene: &Scene, attributes: Value) -> Value {
    let body = json!({ "attributes": attributes });
    let (status, stored) = scene.send(Method::PUT, SCHEMA, body).await;
    assert_eq!(status, 200, "{stored}");
    stored
}

#[tokio::test]
async fn a_schema_is_defined_changed_and_taken_back() {
    let scene = Scene::new().await;
    assert_eq!(read(&scene.server, SCHEMA).await, (StatusCode::OK, json!({"attributes": []})));
    let badge = attribute(json!({"name": "badge", "type": "integer", "unique": true}));
    let desk = attribute(json!({"name": "desk", "length": 20, "pattern": "[0-9]+"}));
    let given = json!([{"name": "badge", "type": "integer", "unique": true}, desk]);
    assert_eq!(put(&scene, given).await, json!({"attributes": [badge, desk]}));

    let tags = attribute(json!({"name": "tags", "type": "list"}));
    let at = format!("{SCHEMA}/tags");
    let (status, defined) = scene.send(Method::PUT, &at, json!({"type": "list"})).await;
    assert_eq!((status.as_u16(), &defined), (200, &tags));
    let required = json!({"name": "tags", "type": "list", "required": true});
    let (status, changed) = scene.send(Method::PUT, &at, required.clone()).await;
    assert_eq!((status.as_u16(), &changed), (200, &attribute(required)));
    let whole = json!({"attributes": [badge, desk, changed]});
    assert_eq!(read(&scene.server, SCHEMA).await.1, whole);

    for (method, at, body, expected) in [
        (Method::PUT, "/tags", json!({"name": "tag"}), told(422, "read_only_field", "name")),
        (Method::PUT, "/a-b", json!({}), told(422, "invalid_field", "name")),
        (Method::PUT, "/email", json!({}), told(422, "invalid_field", "name")),
        (Method::PUT, "/tags", json!({}), told(422, "invalid_field", "attributes.tags.type")),
        (Method::PUT, "/x", json!({"colour": 1}), told(422, "invalid_field", "colour")),
        (Method::PUT, "", json!({"attributes": [{}]}), told(422, "invalid_field", "attributes[0]")),
        (Method::DELETE, "/x", json!({}), told(404, "not_found", "")),
        (Method::DELETE, "/a-b", json!({}), told(404, "not_found", "")),
    ] {
        let refused = refusal(scene.send(method, &format!("{SCHEMA}{at}"), body.clone()).await);
        assert_eq!(refused, expected, "{at} {body}");
    }
    assert_eq!(read(&scene.server, SCHEMA).await.1, whole);
    // A change of the organization leaves the schema, and the schema leaves the organization.
    scene.send(Method::PATCH, "orgs/corp", json!({"company": "Corp"})).await;
    assert_eq!(scene.delete(&at).await, 204);
    assert_eq!(read(&scene.server, SCHEMA).await.1, json!({"attributes": [badge, desk]}));
    assert_eq!(read(&scene.server, "orgs/corp").await.1["company"], "Corp");

    let (_, trail) = read(&scene.server, "orgs/corp/audit?category=configuration").await;
    let changes = trail["items"].as_array().expect("a list").iter();
    let changes = changes.filter(|entry| entry["sub_category"] == "attribute_schema_changed");
    let told: Vec<_> = changes.map(|entry| entry["details"].clone()).collect();
    let expected =
        ["removed tags with its values", "changed tags", "added tags", "added badge, added desk"];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn an_administrator_fills_them_by_the_rules() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        put(
            &scene,
            json!([
                {"name": "desk", "length": 3, "pattern": "[0-9]+", "required": true},
                {"name": "badge", "type": "integer", "unique": true},
                {"name": "since", "type": "date_time", "mutability": "update_only"},
                {"name": "grade", "mutability": "read_only"},
                {"name": "tags", "type": "list"},
                {"name": "remote", "type": "boolean"},
            ]),
        )
        .await;
        let fields = json!({"desk": "017", "badge": 7, "tags": ["a", "b"], "remote": false});
        let kim = scene.make("kim", fields.clone()).await;
        for (field, value) in fields.as_object().expect("an object") {
            assert_eq!(&kim[field], value, "{field}");
        }
        assert_eq!(read(&scene.server, &path(&kim)).await.1, kim);
        assert_eq!(read(&scene.server, USERS).await.1["items"], json!([kim]));

        for (fields, status, code, field) in [
            (json!({"desk": null}), 422, "required_attribute_missing", "desk"),
            (json!({"desk": "0177"}), 422, "invalid_field", "desk"),
            (json!({"desk": "a"}), 422, "invalid_field", "desk"),
            (json!({"desk": 17}), 422, "invalid_field", "desk"),
            (json!({"badge": "7"}), 422, "invalid_field", "badge"),
            (json!({"badge": 7}), 409, "attribute_taken", "badge"),
            (json!({"since": "2026-01-02T03:04:05Z"}), 422, "read_only_field", "since"),
            (json!({"grade": "A"}), 422, "read_only_field", "grade"),
            (json!({"tags": [1]}), 422, "invalid_field", "tags"),
            (json!({"remote": "no"}), 422, "invalid_field", "remote"),
            (json!({"Desk": "1"}), 422, "invalid_field", "Desk"),
        ] {
            let mut body = person("lee", json!({"desk": "1"}));
            let all = body.as_object_mut().expect("an object");
            all.extend(fields.as_object().expect("an object").clone());
            let refused = refusal(scene.send(Method::POST, USERS, body).await);
            assert_eq!(refused, told(status, code, field), "{fields}");
        }
        let (_, problem) =
            scene.send(Method::POST, USERS, person("lee", json!({"desk": "a"}))).await;
        assert_eq!(problem["detail"], "It takes: what matches [0-9]+.");

        let lee = scene.make("lee", json!({"desk": "1", "badge": 8})).await;
        for (fields, status, code, field) in [
            (json!({"desk": null}), 422, "required_attribute_missing", "desk"),
            (json!({"badge": 7}), 409, "attribute_taken", "badge"),
            (json!({"grade": "A"}), 422, "read_only_field", "grade"),
            (json!({"since": "soon"}), 422, "invalid_field", "since"),
        ] {
            let refused = refusal(scene.patch(&lee, fields.clone()).await);
            assert_eq!(refused, told(status, code, field), "{fields}");
        }
        assert_eq!(read(&scene.server, &path(&lee)).await.1, lee);
        let since = json!({"since": "2026-01-02T04:04:05+01:00", "badge": null});
        let (status, edited) = scene.patch(&lee, since).await;
        assert_eq!((status.as_u16(), &edited["since"]), (200, &json!("2026-01-02T03:04:05Z")));
        assert_eq!(edited.get("badge"), None);
        assert_eq!(scene.patch(&lee, edited.clone()).await, (StatusCode::OK, edited));
        let acts = scene.acts().await;
        let (act, details) = acts.last().expect("an act");
        assert_eq!(act, "account_updated");
        assert!(details.ends_with(" by hand: badge, since"), "{details}");

        // Values go with their attribute, and stay gone.
        assert_eq!(scene.delete(&format!("{SCHEMA}/desk")).await, 204);
        let (_, without) = read(&scene.server, &path(&kim)).await;
        assert_eq!((without.get("desk"), &without["badge"]), (None, &json!(7)));
        let unknown = refusal(scene.patch(&kim, json!({"desk": "1"})).await);
        assert_eq!(unknown, told(422, "invalid_field", "desk"));
    }
}

#[tokio::test]
async fn what_becomes_unique_must_be_so() {
    let scene = Scene::new().await;
    put(&scene, json!([{"name": "badge"}])).await;
    scene.make("kim", json!({"badge": "7"})).await;
    let lee = scene.make("lee", json!({"badge": "7"})).await;
    let unique = json!({"unique": true});
    let at = format!("{SCHEMA}/badge");
    let refused = refusal(scene.send(Method::PUT, &at, unique.clone()).await);
    assert_eq!(refused, told(409, "attribute_taken", "attributes.badge.unique"));
    assert_eq!(read(&scene.server, SCHEMA).await.1["attributes"][0]["unique"], false);
    scene.patch(&lee, json!({"badge": "8"})).await;
    assert_eq!(scene.send(Method::PUT, &at, unique).await.0, 200);
    let taken = refusal(scene.patch(&lee, json!({"badge": "7"})).await);
    assert_eq!(taken, told(409, "attribute_taken", "badge"));
}

#[tokio::test]
async fn assertions_fill_them_by_name_and_by_the_map() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let map = |map: Value| json!({"attribute_map": {"preset": "standard", "map": map}});
        let to_desk = map(json!({"office": ["desk", "city"]}));
        let connection = "orgs/corp/sso";
        let unknown = refusal(scene.send(Method::PATCH, connection, to_desk.clone()).await);
        assert_eq!(unknown, told(422, "invalid_field", "attribute_map"));
        let missing = json!({"on_missing": {"desk": "clear"}});
        let unknown = refusal(scene.send(Method::PATCH, connection, missing.clone()).await);
        assert_eq!(unknown, told(422, "invalid_field", "on_missing"));

        put(
            &scene,
            json!([
                {"name": "desk", "pattern": "[0-9]+"},
                {"name": "badge", "type": "integer", "unique": true},
                {"name": "grade", "mutability": "read_only"},
                {"name": "since", "type": "date_time", "mutability": "update_only"},
                {"name": "tags", "type": "list"},
            ]),
        )
        .await;
        assert_eq!(scene.send(Method::PATCH, connection, to_desk).await.0, 200);
        assert_eq!(scene.send(Method::PATCH, connection, missing).await.0, 200);

        let ann = Person::new("ann")
            .with("office", "17")
            .with("badge", "7")
            .with("grade", "A")
            .with("since", "20260102030405Z")
            .with("tags", "x")
            .with("Badge", "9")
            .with("updateTimeStamp", "1");
        let browser = scene.sign_in(&ann, "_1").await.expect("signed in");
        let shown = async || {
            let (_, users) = read(&scene.server, &format!("{USERS}?q=ann")).await;
            users["items"][0].clone()
        };
        let account = shown().await;
        let of = |account: &Value| {
            ["desk", "city", "badge", "grade", "since", "tags"].map(|field| account[field].clone())
        };
        let since = Value::Null;
        let tags = json!(["x"]);
        let expected = [json!("17"), json!("17"), json!(7), json!("A"), since, tags.clone()];
        assert_eq!(of(&account), expected);
        // The session shows the account as it is.
        let session = scene.corp.get(&scene.server.url("/session"), &browser).await;
        let session: Value = session.expect("an answer").json().await.expect("JSON");
        assert_eq!(of(&session["account"]), expected);

        let newer = Person::new("ann")
            .with("since", "20260102030405Z")
            .with("badge", "8")
            .with("updateTimeStamp", "2");
        scene.sign_in(&newer, "_2").await.expect("signed in");
        let since = json!("2026-01-02T03:04:05Z");
        let expected = [Value::Null, json!("17"), json!(8), json!("A"), since, tags];
        assert_eq!(of(&shown().await), expected);

        let bob = Person::new("bob");
        let refused = async |person: Person, assertion: &str| {
            let code = scene.sign_in(&person, assertion).await.expect_err("refused");
            let (_, logins) = read(&scene.server, "orgs/corp/logins?limit=1").await;
            let steps = logins["items"][0]["steps"].as_array().expect("steps").clone();
            let step = steps.iter().find(|step| step["ok"] == false).expect("a refusal").clone();
            (code, step["expected"].as_str().expect("text").to_owned())
        };
        let (code, expected) = refused(bob.clone().with("office", "x"), "_3").await;
        assert_eq!(
            (code.as_str(), expected.as_str()),
            ("attribute_invalid", "desk: what matches [0-9]+")
        );
        let (code, expected) = refused(bob.clone().with("badge", "8"), "_4").await;
        assert_eq!(
            (code.as_str(), expected.as_str()),
            ("account_conflict", "a badge that no other account has")
        );
        scene.send(Method::PUT, &format!("{SCHEMA}/desk"), json!({"required": true})).await;
        let (code, expected) = refused(bob.clone(), "_5").await;
        assert_eq!(
            (code.as_str(), expected.as_str()),
            ("required_attribute_missing", "office or desk for desk")
        );
        scene.sign_in(&bob.clone().with("desk", "1"), "_6").await.expect("signed in");

        // What the map names and nobody has any more is passed over; other settings can be changed.
        put(&scene, json!([])).await;
        scene.sign_in(&newer.with("updateTimeStamp", "3"), "_7").await.expect("signed in");
        assert_eq!(of(&shown().await)[2..], [const { Value::Null }; 4]);
        let skew = json!({"clock_skew_seconds": 60});
        assert_eq!(scene.send(Method::PATCH, connection, skew).await.0, 200);
    }
}
