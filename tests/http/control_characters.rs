//! Control characters in what an administrator sends: refused by a rule, on each engine alike, before
//! a database sees them. (PostgreSQL stores no NUL, and would fail.)

use crate::admin_api::{connection, read, send};
use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::{Engine, PostgresCluster, TestServer};

#[tokio::test]
async fn control_characters_are_refused_in_every_place() {
    let postgres = Engine::Postgres(PostgresCluster::shared().database());
    for engine in [Engine::Sqlite, postgres] {
        let server = TestServer::start_on(engine).await;
        let org = json!({"name": "acme", "domains": ["acme.example"]});
        assert_eq!(send(&server, Method::POST, "orgs", org).await.0, 201);
        assert_eq!(send(&server, Method::PUT, "orgs/acme/sso", connection()).await.0, 200);

        for path in ["orgs/%00", "orgs/acme%00", "orgs/acme.example%0a", "orgs/acme/users/%00"] {
            let (status, problem) = read(&server, path).await;
            assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not_found")), "{path}");
        }
        for path in [
            "orgs?cursor=%00",
            "orgs/acme/users?q=%00",
            "orgs/acme/users?q=a%0ab",
            "orgs/acme/users?employee_id=%00",
            "orgs/acme/groups?name=%00",
            "orgs/acme/audit?administrator=%00",
        ] {
            let (status, problem) = read(&server, path).await;
            let refused = (status.as_u16(), &problem["code"]);
            assert_eq!(refused, (400, &json!("malformed_query")), "{path}");
        }
        let nul = "a\0b";
        for (method, path, field, value) in [
            (Method::PATCH, "orgs/acme", "display_name", json!(nul)),
            (Method::PATCH, "orgs/acme", "domains", json!(["acme.example", nul])),
            (Method::PATCH, "orgs/acme", "provisioning", json!({"registration_message": nul})),
            (Method::PATCH, "orgs/acme/sso", "target_parameter", json!(nul)),
            (Method::PATCH, "orgs/acme/sso", "idp_entity_id", json!(nul)),
            (Method::PATCH, "orgs/acme/sso", "authn_context_class_ref", json!([nul])),
            (Method::PATCH, "orgs/acme/sso", "attribute_map", json!({"map": {nul: "uid"}})),
            (Method::POST, "orgs/acme/service-certificates", "alias", json!(nul)),
            (Method::POST, "orgs/acme/api-tokens", "description", json!(nul)),
            (Method::POST, "orgs/acme/users", "first_name", json!(nul)),
            (Method::POST, "orgs/acme/groups", "name", json!(nul)),
        ] {
            let (status, problem) = send(&server, method, path, json!({field: value})).await;
            let refused = (status.as_u16(), &problem["code"], &problem["field"]);
            assert_eq!(refused, (422, &json!("invalid_field"), &json!(field)), "{path} {problem}");
        }
        let (_, trail) = read(&server, "orgs/acme/audit").await;
        assert_eq!(trail["items"].as_array().map(Vec::len), Some(2), "{trail}");
        assert_eq!(read(&server, "orgs/acme").await.1["display_name"], Value::from(""));
    }
}
