//! A token of one tenant opens no other, and none but a SCIM token opens this.

use crate::scene::{Scene, at, refusal, scim_token};
use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::OPERATOR_TOKEN;
use time::Duration;

#[tokio::test]
async fn a_token_is_for_its_own_organization_and_for_scim_alone() {
    let scene = Scene::new().await;
    let ann = scene.user("ann").await;
    let other = json!({"name": "other", "domains": ["other.example"]});
    assert_eq!(
        scene.server.api(Method::POST, "orgs").json(&other).send().await.expect("made").status(),
        201
    );
    let foreign = scim_token(&scene.server, "other").await;
    let admin = json!({"description": "a script", "role": "org_admin"});
    let (_, admin) = scene.admin(Method::POST, "/api-tokens", admin).await;
    let admin = admin["secret"].as_str().expect("a secret");
    let before = scene.dump();

    let user = format!("corp/{}", at(&ann));
    let body = json!({"userName": "x"});
    let patch = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
    for (method, path, body) in [
        (Method::GET, "corp/Users", Value::Null),
        (Method::GET, "CORP.example/Users", Value::Null),
        (Method::POST, "corp/Users", body.clone()),
        (Method::GET, user.as_str(), Value::Null),
        (Method::PUT, user.as_str(), body.clone()),
        (Method::PATCH, user.as_str(), patch),
        (Method::DELETE, user.as_str(), Value::Null),
        (Method::GET, "corp/Groups", Value::Null),
        (Method::POST, "corp/.search", json!({})),
        (Method::POST, "corp/Bulk", json!({"Operations": []})),
        (Method::GET, "corp/Schemas", Value::Null),
    ] {
        for (token, status) in [
            (foreign.as_str(), 403),
            (admin, 401),
            (OPERATOR_TOKEN, 401),
            ("sso_scim_nobodys", 401),
        ] {
            let answer = scene.send_as(token, method.clone(), path, body.clone(), &[]).await;
            assert_eq!(refusal(answer), (status, String::new()), "{method} {path} {token}");
        }
    }
    // Whether another organization exists is nobody's business.
    for org in ["other", "nobody", "%FF"] {
        let path = format!("{org}/Users");
        let answer = scene.send_as(&scene.token, Method::GET, &path, Value::Null, &[]).await;
        assert_eq!(refusal(answer).0, 403, "{org}");
    }
    // Its users are reached by no token but its own, by their identifiers neither.
    let path = format!("other/{}", at(&ann));
    let answer = scene.send_as(&foreign, Method::DELETE, &path, Value::Null, &[]).await;
    assert_eq!(refusal(answer).0, 404);
    let api = scene.server.api_as(&scene.token, Method::GET, "orgs/corp/users").send().await;
    assert_eq!(api.expect("an answer").status(), 401);
    assert_eq!(scene.dump(), before);
}

#[tokio::test]
async fn a_token_ends_when_it_is_removed_or_has_expired() {
    let scene = Scene::new().await;
    assert_eq!(scene.get("Users").await["totalResults"], 0);
    let tokens = scene.shown("/scim-tokens").await;
    let token = tokens["items"][0].clone();
    assert_eq!(token.get("secret"), None);
    assert_eq!(scene.shown("/api-tokens").await["items"], json!([]));
    scene.server.clock().advance(Duration::days(365));
    let expired = scene.send(Method::GET, "Users", Value::Null).await;
    assert_eq!(refusal(expired).0, 401);

    let fresh = scim_token(&scene.server, "corp").await;
    let ask = async || scene.send_as(&fresh, Method::GET, "corp/Users", Value::Null, &[]).await;
    assert_eq!(ask().await.0, 200);
    let tokens = scene.shown("/scim-tokens").await;
    let newest = tokens["items"][1]["id"].as_str().expect("an id").to_owned();
    let gone = scene.admin(Method::DELETE, &format!("/scim-tokens/{newest}"), Value::Null).await;
    assert_eq!(gone.0, 204);
    assert_eq!(refusal(ask().await).0, 401);
}
