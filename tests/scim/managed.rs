//! What is written by hand while a directory writes it (SPEC 10): refused, but for what a directory has no
//! word of.

use crate::scene::{Scene, engines, id, scim_token};
use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;

fn person(name: &str) -> Value {
    json!({"email": format!("{name}@corp.example"), "first_name": name, "last_name": "Moe"})
}

/// What a directory being on refuses, with what is sent.
fn refused(user: &Value, group: &Value) -> Vec<(Method, String, Value)> {
    let (user, group) = (format!("/users/{}", id(user)), format!("/groups/{}", id(group)));
    vec![
        (Method::POST, "/users".to_owned(), person("new")),
        (Method::PATCH, user.clone(), json!({"city": "Oslo"})),
        (Method::PATCH, user, json!({"city": "Oslo", "role": "user_admin"})),
        (Method::POST, "/groups".to_owned(), json!({"name": "New"})),
        (Method::PATCH, group.clone(), json!({"name": "Other"})),
        (Method::DELETE, group, Value::Null),
    ]
}

/// What stays possible.
fn permitted(user: &Value) -> Vec<(Method, String, Value)> {
    let user = format!("/users/{}", id(user));
    vec![
        (Method::PATCH, user.clone(), json!({"role": "user_admin"})),
        (Method::PATCH, user.clone(), json!({"role": "user", "name_id": null})),
        (Method::POST, format!("{user}/deactivate"), json!({})),
        (Method::POST, format!("{user}/reactivate"), json!({})),
        (Method::DELETE, format!("{user}/sessions"), Value::Null),
    ]
}

#[tokio::test]
async fn what_the_directory_writes_is_not_written_by_hand() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let body = json!({"userName": "ann@corp.example",
                          "name": {"givenName": "Ann", "familyName": "Lee"},
                          "emails": [{"type": "work", "value": "ann@corp.example"}]});
        let user = scene.create("Users", body).await;
        let group = scene.create("Groups", json!({"displayName": "G"})).await;
        let before = scene.dump();
        for (method, path, body) in refused(&user, &group) {
            let (status, problem) = scene.admin(method.clone(), &path, body).await;
            let told = (status, &problem["code"]);
            assert_eq!(told, (409, &json!("managed_externally")), "{method} {path}");
        }
        assert_eq!(scene.dump(), before);
        for (method, path, body) in permitted(&user) {
            let (status, answer) = scene.admin(method.clone(), &path, body).await;
            assert!((200..300).contains(&status), "{method} {path}: {answer}");
        }
        // What was read can be sent back as it is.
        let account = scene.account(&user).await;
        let path = format!("/users/{}", id(&user));
        assert_eq!(scene.admin(Method::PATCH, &path, account).await.0, 200);

        // Without a live token everything is by hand again.
        let tokens = scene.shown("/scim-tokens").await;
        let token = format!("/scim-tokens/{}", id(&tokens["items"][0]));
        assert_eq!(scene.admin(Method::DELETE, &token, Value::Null).await.0, 204);
        for (method, path, body) in refused(&user, &group) {
            let (status, answer) = scene.admin(method.clone(), &path, body).await;
            assert!((200..300).contains(&status), "{method} {path}: {answer}");
        }
        scim_token(&scene.server, "corp").await;
        assert_eq!(scene.admin(Method::POST, "/users", person("late")).await.0, 409);
        scene.server.clock().advance(Duration::days(366));
        assert_eq!(scene.admin(Method::POST, "/users", person("late")).await.0, 201);
    }
}
