//! Groups over the Admin API (SPEC 6, 9): the tree, the members, each refusal by its code, and the groups
//! that a first login joins.

use crate::admin_api::{read, send};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, OPERATOR_TOKEN, Person, PostgresCluster, TestServer,
};

const GROUPS: &str = "orgs/corp/groups";

async fn corp(engine: Engine) -> (TestServer, Corp) {
    let server = TestServer::start_at(engine, Some(Corp::PUBLIC_URL)).await;
    let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
    let corp = Corp::set_up(&admin, BEGINNING).await;
    (server, corp)
}

async fn make(server: &TestServer, body: Value) -> Value {
    let (status, made) = send(server, Method::POST, GROUPS, body).await;
    assert_eq!(status, 201, "{made}");
    made
}

async fn patch(server: &TestServer, group: &Value, body: Value) -> (StatusCode, Value) {
    send(server, Method::PATCH, &path(group), body).await
}

async fn user(server: &TestServer, name: &str) -> Value {
    let email = format!("{name}@corp.example");
    let body = json!({"email": email, "first_name": name, "last_name": "Moe"});
    let (status, made) = send(server, Method::POST, "orgs/corp/users", body).await;
    assert_eq!(status, 201, "{made}");
    made
}

fn path(group: &Value) -> String {
    format!("{GROUPS}/{}", group["id"].as_str().expect("an id"))
}

fn refusal((status, problem): (StatusCode, Value)) -> (u16, String, String) {
    let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
    (status.as_u16(), text("code"), text("field"))
}

#[tokio::test]
async fn a_group_is_made_edited_and_removed() {
    let postgres = Engine::Postgres(PostgresCluster::shared().database());
    for engine in [Engine::Sqlite, postgres] {
        let (server, _) = corp(engine).await;
        let (_, list) = read(&server, GROUPS).await;
        let top = list["items"][0].clone();
        assert_eq!(
            list["items"],
            json!([{"id": top["id"], "sso_id": null, "name": "Corp <&>", "type": "normal",
                    "parents": [], "members": []}])
        );
        let (ann, bob) = (user(&server, "ann").await, user(&server, "bob").await);
        let body = json!({"name": " Staff ", "sso_id": "staff", "members": [ann["id"]]});
        let staff = make(&server, body).await;
        assert_eq!(
            staff,
            json!({"id": staff["id"], "sso_id": "staff", "name": "Staff", "type": "normal",
                   "parents": [top["id"]], "members": [ann["id"]]})
        );
        let body = json!({"name": "Inner", "type": "presence", "parents": [staff["id"]]});
        let inner = make(&server, body).await;
        assert_eq!(read(&server, &path(&inner)).await, (StatusCode::OK, inner.clone()));
        let users = format!("orgs/corp/users/{}", ann["id"].as_str().expect("an id"));
        assert_eq!(read(&server, &users).await.1["groups"], json!(["staff"]));

        // What was read is no change; a field that is named is replaced whole.
        let same = patch(&server, &inner, inner.clone()).await;
        assert_eq!(same, (StatusCode::OK, inner.clone()));
        let mut changed = staff.clone();
        changed["members"] = json!([bob["id"], ann["id"], bob["id"]]);
        changed["sso_id"] = Value::Null;
        let (status, changed) = patch(&server, &staff, changed).await;
        assert_eq!(status, 200, "{changed}");
        assert_eq!((&changed["sso_id"], &changed["name"]), (&Value::Null, &json!("Staff")));
        assert_eq!(changed["members"].as_array().map(Vec::len), Some(2));
        assert_eq!(read(&server, &users).await.1["groups"], json!([staff["id"]]));

        let removed = |group: &Value| server.api(Method::DELETE, &path(group)).send();
        let full = crate::admin_api::answer(removed(&changed).await.expect("an answer")).await;
        assert_eq!(refusal(full), (409, "group_not_empty".to_owned(), String::new()));
        assert_eq!(removed(&inner).await.expect("an answer").status(), 204);
        assert_eq!(patch(&server, &staff, json!({"members": []})).await.0, 200);
        assert_eq!(removed(&staff).await.expect("an answer").status(), 204);
        assert_eq!(read(&server, &path(&staff)).await.0, 404);
        let stays = crate::admin_api::answer(removed(&top).await.expect("an answer")).await;
        assert_eq!(refusal(stays), (409, "group_top_level".to_owned(), String::new()));
    }
}

#[tokio::test]
async fn each_refusal_has_its_code() {
    let (server, _) = corp(Engine::Sqlite).await;
    let (_, list) = read(&server, GROUPS).await;
    let top = list["items"][0].clone();
    let ann = user(&server, "ann").await;
    let other = json!({"name": "other", "domains": ["other.example"]});
    assert_eq!(send(&server, Method::POST, "orgs", other).await.0, 201);
    let bob = json!({"email": "bob@other.example", "first_name": "Bob", "last_name": "Moe"});
    let (_, bob) = send(&server, Method::POST, "orgs/other/users", bob).await;
    let (_, foreign) = read(&server, "orgs/other/groups").await;
    let foreign = foreign["items"][0]["id"].clone();
    let staff = make(&server, json!({"name": "Staff", "sso_id": "staff"})).await;
    let inner = make(&server, json!({"name": "Inner", "parents": [staff["id"]]})).await;
    let told = |status: u16, code: &str, field: &str| (status, code.to_owned(), field.to_owned());

    for (body, expected) in [
        (json!({"sso_id": "x"}), told(422, "invalid_field", "name")),
        (json!({"name": " "}), told(422, "invalid_field", "name")),
        (json!({"name": "x".repeat(257)}), told(422, "invalid_field", "name")),
        (json!({"name": 7}), told(422, "invalid_field", "name")),
        (json!({"name": "x", "sso_id": "staff"}), told(409, "group_sso_id_taken", "sso_id")),
        (json!({"name": "x", "sso_id": staff["id"]}), told(422, "invalid_field", "sso_id")),
        (json!({"name": "x", "type": "other"}), told(422, "invalid_field", "type")),
        (json!({"name": "x", "parents": [foreign]}), told(422, "invalid_field", "parents")),
        (json!({"name": "x", "parents": ["grp_1"]}), told(422, "invalid_field", "parents")),
        (json!({"name": "x", "members": [bob["id"]]}), told(422, "invalid_field", "members")),
        (json!({"name": "x", "members": "ann"}), told(422, "invalid_field", "members")),
        (json!({"name": "x", "id": staff["id"]}), told(422, "read_only_field", "id")),
        (json!({"name": "x", "colour": 1}), told(422, "invalid_field", "colour")),
    ] {
        let answer = send(&server, Method::POST, GROUPS, body.clone()).await;
        assert_eq!(refusal(answer), expected, "{body}");
    }
    let circle = patch(&server, &staff, json!({"parents": [inner["id"]]})).await;
    assert_eq!(refusal(circle), told(422, "invalid_field", "parents"));
    let itself = patch(&server, &staff, json!({"parents": [staff["id"]]})).await;
    assert_eq!(refusal(itself), told(422, "invalid_field", "parents"));
    // Into the top-level group leads no way but the role.
    for (body, field) in [
        (json!({"members": [ann["id"]]}), "members"),
        (json!({"sso_id": "top"}), "sso_id"),
        (json!({"parents": [staff["id"]]}), "parents"),
    ] {
        let answer = patch(&server, &top, body).await;
        assert_eq!(refusal(answer), told(422, "read_only_field", field));
    }
    assert_eq!(patch(&server, &top, json!({"name": "All of us"})).await.0, 200);
    let (_, list) = read(&server, GROUPS).await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(3));
    let promoted = format!("orgs/corp/users/{}", ann["id"].as_str().expect("an id"));
    let role = json!({"role": "org_admin"});
    assert_eq!(send(&server, Method::PATCH, &promoted, role).await.0, 200);
    assert_eq!(read(&server, &path(&top)).await.1["members"], json!([ann["id"]]));
}

#[tokio::test]
async fn a_first_login_joins_the_groups_that_there_are() {
    let (server, corp) = corp(Engine::Sqlite).await;
    make(&server, json!({"name": "Staff", "sso_id": "staff"})).await;
    make(&server, json!({"name": "Crew", "sso_id": "crew"})).await;
    let sign_in = async |person: &Person, assertion: &str| {
        let (node, now) = (server.url(""), server.clock().now());
        let begun = corp.begin(&node, "", person, assertion, now).await.expect("begun");
        let posted = corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer");
        assert_eq!(posted.status(), StatusCode::SEE_OTHER);
        let (_, users) = read(&server, "orgs/corp/users").await;
        users["items"][0].clone()
    };
    let ann = Person::new("ann").and("groupid", "staff").and("groupid", "nobodys");
    assert_eq!(sign_in(&ann, "_1").await["groups"], json!(["staff"]));
    let (_, logins) = read(&server, "orgs/corp/logins?limit=1").await;
    let steps = logins["items"][0]["steps"].as_array().expect("steps").clone();
    let ignored = steps.iter().find(|step| step["rule"] == "groups_ignored").expect("a step");
    assert_eq!(ignored["found"], "1 unknown: nobodys");
    // At creation only (SPEC 9).
    let later = Person::new("ann").and("groupid", "crew");
    assert_eq!(sign_in(&later, "_2").await["groups"], json!(["staff"]));
}
