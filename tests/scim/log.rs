//! What a directory asked and what became of it, for the administrators (SPEC 11.1).

use crate::scene::{Scene, at, engines, id, scim_token};
use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;

#[tokio::test]
async fn each_request_is_kept_with_what_became_of_it() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let tokens = scene.shown("/scim-tokens").await;
        let token = id(&tokens["items"][0]);
        let mut ann = json!({"userName": "ann@corp.example", "password": "Pw-secret-1"});
        ann["externalId"] = json!("x-1");
        let ann = scene.create("Users", ann).await;
        scene.send(Method::POST, "Users", json!({"userName": "ANN@corp.example"})).await;
        scene.get("Users?filter=userName%20eq%20%22ann%40corp.example%22&key=abc-secret").await;
        scene.send(Method::GET, "Users?filter=zz", Value::Null).await;
        let rename = json!([{"op": "Add", "path": "title", "value": "Boss"}]);
        scene.patch(&at(&ann), rename).await;
        scene.send(Method::GET, "nothing", Value::Null).await;

        let log = scene.shown("/scim-requests").await;
        let log = log["items"].as_array().expect("a list");
        let told: Vec<Value> = log
            .iter()
            .rev()
            .map(|kept| {
                assert_eq!((&kept["token"], &kept["org"]), (&json!(token), &json!("corp")));
                assert_eq!(
                    (&kept["client"], &kept["dry_run"]),
                    (&json!("127.0.0.1"), &json!(false))
                );
                assert!(kept["at"].is_string() && kept["milliseconds"].is_u64(), "{kept}");
                json!([
                    kept["method"],
                    kept["path"],
                    kept["query"],
                    kept["status"],
                    kept["error"]["scim_type"],
                    kept["changed"]
                ])
            })
            .collect();
        let user = format!("/corp/{}", at(&ann));
        let created = format!("account_created:  ({}) by the directory", id(&ann));
        let updated = format!("account_updated:  ({}) by the directory: job_title", id(&ann));
        assert_eq!(
            told,
            [
                json!(["POST", "/corp/Users", null, 201, null, [created]]),
                json!(["POST", "/corp/Users", null, 409, "uniqueness", []]),
                json!([
                    "GET",
                    "/corp/Users",
                    "filter=userName eq \"ann@corp.example\"",
                    200,
                    null,
                    []
                ]),
                json!(["GET", "/corp/Users", "filter=zz", 400, "invalidFilter", []]),
                json!(["PATCH", user, null, 200, null, [updated]]),
                json!(["GET", "/corp/nothing", null, 404, null, []]),
            ]
        );
        let whole = serde_json::to_string(log).expect("JSON");
        for secret in ["secret", &scene.token] {
            assert!(!whole.contains(secret), "{secret}");
        }
        let one = scene.shown(&format!("/scim-requests/{}", id(&log[0]))).await;
        assert_eq!(one, log[0]);

        // What was refused, what changes, and a token's.
        let count = async |query: &str| {
            let found = scene.shown(&format!("/scim-requests?{query}")).await;
            found["items"].as_array().expect("a list").len()
        };
        assert_eq!(count("refused=true").await, 3);
        assert_eq!(count("writes=true").await, 3);
        assert_eq!(count(&format!("token={token}&limit=2")).await, 2);
        assert_eq!(count(&format!("token=tok_{}", "0".repeat(32))).await, 0);
        let (status, problem) =
            scene.admin(Method::GET, "/scim-requests?what=1", Value::Null).await;
        assert_eq!((status, &problem["code"]), (400, &json!("malformed_query")));
        // Another organization sees nothing of it; what was asked of it is in the asker's own log.
        let other = json!({"name": "other", "domains": ["other.example"]});
        let made = scene.server.api(Method::POST, "orgs").json(&other).send().await.expect("made");
        assert_eq!(made.status(), 201);
        let foreign = scim_token(&scene.server, "other").await;
        scene.send_as(&foreign, Method::GET, "corp/Users", Value::Null, &[]).await;
        scene.send_as("sso_scim_nobodys", Method::GET, "corp/Users", Value::Null, &[]).await;
        assert_eq!(count("").await, 6);
        let theirs = scene.server.api(Method::GET, "orgs/other/scim-requests").send().await;
        let theirs: Value = theirs.expect("an answer").json().await.expect("JSON");
        assert_eq!(theirs["items"].as_array().map(Vec::len), Some(1), "{theirs}");
        assert_eq!(theirs["items"][0]["status"], 403);
        // A token that has expired is told, too.
        scene.server.clock().advance(Duration::days(365));
        assert_eq!(scene.send(Method::GET, "Users", Value::Null).await.0, 401);
        assert_eq!(scene.shown("/scim-requests").await["items"][0]["status"], 401);
    }
}

#[tokio::test]
async fn of_a_bulk_each_change_and_each_refusal_is_told() {
    let scene = Scene::new().await;
    let body = json!({"Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "a"}},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "A"}},
    ]});
    assert_eq!(scene.send(Method::POST, "Bulk", body).await.0, 200);
    let log = scene.shown("/scim-requests").await;
    let changed = log["items"][0]["changed"].as_array().expect("a list");
    let lines: Vec<&str> = changed.iter().filter_map(Value::as_str).collect();
    assert!(lines[0].starts_with("account_created: "), "{lines:?}");
    assert!(lines[1].starts_with("refused: POST /Users: 409 "), "{lines:?}");
}
