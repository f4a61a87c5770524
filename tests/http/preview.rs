//! `orgs/{org}/sso/preview`: what a mapping would make of a person, with nothing stored (SPEC 6, 9).

use crate::admin_api::read;
use crate::users::{Scene, USERS, path, refusal, told};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{Engine, Person, PostgresCluster};

const PREVIEW: &str = "orgs/corp/sso/preview";

fn attribute(name: &str, value: &str) -> Value {
    json!({"name": name, "values": [value]})
}

fn ann() -> Value {
    json!([
        attribute("mail", "ann@corp.example"),
        attribute("firstname", "Ann"),
        attribute("sn", "Lee"),
        attribute("jobTitle", ""),
    ])
}

fn tried() -> Value {
    json!({"attribute_map": {"preset": "standard",
                             "map": {"mail": ["uid", "email"], "sn": "last_name"}}})
}

async fn preview(scene: &Scene, question: Value) -> Value {
    let (status, answer) = scene.send(Method::POST, PREVIEW, question).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// The account without what is new each time.
fn foreseen(answer: &Value) -> (Value, Value) {
    let mut account = answer["account"]["account"].clone();
    for field in ["id", "created_at", "updated_at", "last_login_at"] {
        account[field] = Value::Null;
    }
    (answer["account"]["change"].clone(), account)
}

#[tokio::test]
async fn attributes_are_tried_on_settings_that_are_not_stored() {
    let postgres = Engine::Postgres(PostgresCluster::shared().database());
    for engine in [Engine::Sqlite, postgres] {
        let scene = Scene::on(engine).await;
        let before = (read(&scene.server, "orgs/corp/sso").await, scene.acts().await);
        let refused = preview(&scene, json!({"attributes": ann()})).await;
        assert_eq!((&refused["connection"], &refused["account"]), (&json!("live"), &Value::Null));
        assert_eq!(refused["refusal"]["rule"], "required_attribute_missing");
        assert_eq!(refused["refusal"]["found"], "no value for uid, email, last_name");

        let made = preview(&scene, json!({"attributes": ann(), "settings": tried()})).await;
        assert_eq!(made["refusal"], Value::Null);
        let fields = json!([
            {"field": "uid", "values": ["ann@corp.example"]},
            {"field": "email", "values": ["ann@corp.example"]},
            {"field": "first_name", "values": ["Ann"]},
            {"field": "last_name", "values": ["Lee"]},
            {"field": "job_title", "values": []},
        ]);
        assert_eq!(made["fields"], fields);
        assert_eq!(made["attributes"], ann());
        assert_eq!(made["changed"], json!(["uid", "email", "first_name", "last_name"]));
        assert_eq!(made["notes"][0]["rule"], "account_created");
        let (change, account) = foreseen(&made);
        assert_eq!(change, "created");
        let shown = ["uid", "first_name", "last_name", "role", "source", "status"];
        let expected = ["ann@corp.example", "Ann", "Lee", "user", "sso", "active"];
        assert_eq!(shown.map(|field| account[field].clone()), expected.map(|text| json!(text)));

        // An account that there is: what would change of it.
        let kim = json!({"email": "ann@corp.example", "first_name": "Anna", "last_name": "Lee"});
        let (_, stored) = scene.send(Method::POST, USERS, kim).await;
        let updated = preview(&scene, json!({"attributes": ann(), "settings": tried()})).await;
        assert_eq!(
            (&updated["account"]["change"], &updated["changed"]),
            (&json!("updated"), &json!(["first_name"]))
        );
        assert_eq!(updated["account"]["account"]["id"], stored["id"]);
        let mut no_update = tried();
        no_update["auto_update"] = json!(false);
        let left = preview(&scene, json!({"attributes": ann(), "settings": no_update})).await;
        assert_eq!(
            (&left["account"]["change"], &left["changed"]),
            (&json!("signed_in"), &json!([]))
        );
        assert_eq!(left["notes"][0]["found"], "auto_update is off");

        // Nothing of it was stored.
        assert_eq!(read(&scene.server, &path(&stored)).await, (StatusCode::OK, stored));
        let acts: Vec<_> = scene.acts().await;
        assert_eq!((read(&scene.server, "orgs/corp/sso").await, &acts[1..]), (before.0, &[][..]));
        assert_eq!(read(&scene.server, "orgs/corp/logins").await.1["items"], json!([]));
    }
}

#[tokio::test]
async fn the_message_of_a_login_is_tried_and_settings_never_reach_what_verifies() {
    let scene = Scene::new().await;
    // A refused login keeps its message.
    let ann = Person::new("ann").with("mail", "ann@corp.example").without("email");
    let code = scene.sign_in(&ann, "_1").await.expect_err("refused");
    assert_eq!(code, "required_attribute_missing");
    let (_, logins) = read(&scene.server, "orgs/corp/logins?limit=1").await;
    let trace = logins["items"][0]["id"].clone();
    let map = json!({"attribute_map": {"preset": "standard", "map": {"mail": "email"}}});
    let refused = preview(&scene, json!({"trace": trace})).await;
    assert_eq!(refused["refusal"]["rule"], "required_attribute_missing");
    // Settings that would verify otherwise do not: another issuer is only tried.
    let mut tried = map.clone();
    tried["idp_entity_id"] = json!("https://other.example");
    let made = preview(&scene, json!({"trace": trace, "settings": tried})).await;
    assert_eq!((&made["refusal"], &made["account"]["change"]), (&Value::Null, &json!("created")));
    assert_eq!(made["account"]["account"]["email"], "ann@corp.example");

    // The draft is what is tried where there is one.
    let (status, _) = scene.send(Method::PATCH, "orgs/corp/sso/draft", map).await;
    assert_eq!(status, 200);
    let drafted = preview(&scene, json!({"trace": trace})).await;
    assert_eq!(
        (&drafted["connection"], &drafted["account"]["change"]),
        (&json!("draft"), &json!("created"))
    );
    assert_eq!(scene.sign_in(&ann, "_2").await, Err("required_attribute_missing".to_owned()));

    // A message that is given is held to every rule, as of when it came.
    let now = scene.server.clock().now();
    let message = scene.corp.idp.response(&ann, Some("_request"), "_3", now);
    let given = preview(&scene, json!({"message": message})).await;
    assert_eq!(given["account"]["change"], "created", "{given}");
    let late = json!({"message": message, "at": "2030-01-01T00:00:00Z"});
    let late = preview(&scene, late).await;
    assert_eq!((&late["account"], &late["fields"]), (&Value::Null, &json!([])));
    assert!(late["refusal"]["rule"].is_string(), "{late}");
    let forged = message.replace("ann@corp.example", "bob@corp.example");
    let forged = preview(&scene, json!({"message": forged})).await;
    assert_eq!((&forged["account"], &forged["fields"]), (&Value::Null, &json!([])));

    for (question, expected) in [
        (json!({"trace": trace, "message": "<a/>"}), told(422, "invalid_field", "trace")),
        (json!({"settings": {"colour": 1}}), told(422, "invalid_field", "colour")),
        (
            json!({"settings": {"attribute_map": {"map": {"a": "nothing"}}}}),
            told(422, "invalid_field", "attribute_map"),
        ),
        (json!({"attributes": {"a": "b"}}), told(422, "invalid_field", "attributes")),
        (json!({"trace": format!("trc_{}", "0".repeat(32))}), told(404, "not_found", "")),
    ] {
        let refused = refusal(scene.send(Method::POST, PREVIEW, question.clone()).await);
        assert_eq!(refused, expected, "{question}");
    }
    let (_, trail) = read(&scene.server, "orgs/corp/audit?category=reports").await;
    let previews = trail["items"].as_array().expect("a list").iter();
    let previews = previews.filter(|entry| entry["sub_category"] == "login_previewed");
    assert_eq!(previews.count(), 3, "whoever was told of a person is in the trail");
}
