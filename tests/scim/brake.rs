//! A directory that removes too much is held until an administrator lets it pass (SPEC 11.1).

use crate::scene::{Scene, at, engines, refusal};
use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::Person;

/// The status of a removal, by turns as each vendor makes it.
async fn remove(scene: &Scene, number: usize, user: &Value) -> (u16, Value) {
    let off = |value: Value| json!([{"op": "Replace", "path": "active", "value": value}]);
    match number % 3 {
        0 => scene.patch(&at(user), off(json!("False"))).await,
        1 => {
            let body = json!({"userName": user["userName"], "active": false});
            scene.send(Method::PUT, &at(user), body).await
        }
        _ => scene.send(Method::DELETE, &at(user), Value::Null).await,
    }
}

#[tokio::test]
async fn what_is_over_the_bound_is_held_until_it_is_lifted() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let shown = scene.shown("/removal-brake").await;
        assert_eq!(
            shown,
            json!({"enabled": true, "percent": 10, "minimum": 100, "window_hours": 24, "bound": 100,
                   "removals": 0, "counted_since": null, "held_since": null, "lifted_until": null})
        );
        let settings = json!({"percent": 50, "minimum": 3});
        let (status, set) = scene.admin(Method::PATCH, "/removal-brake", settings).await;
        assert_eq!((status, &set["bound"]), (200, &json!(3)), "{set}");
        let mut users = Vec::new();
        for name in ["ann", "b", "c", "d", "e", "f", "g", "h"] {
            users.push(scene.user(name).await);
        }
        assert_eq!(scene.shown("/removal-brake").await["bound"], 4);
        let group = scene.create("Groups", json!({"displayName": "G"})).await;
        let ann = scene.sign_in(&Person::new("ann"), "_ann").await;

        for (number, user) in users[1..5].iter().enumerate() {
            let (status, answer) = remove(&scene, number, user).await;
            assert!(matches!(status, 200 | 204), "{number}: {answer}");
        }
        // Each way of removing is held, and so is a group; nothing of it is changed.
        let before = scene.dump();
        for number in 0..3 {
            let (status, answer) = remove(&scene, number, &users[0]).await;
            assert!(answer["detail"].as_str().is_some_and(|text| text.contains("removals_held")));
            assert_eq!(refusal((status, answer)), (403, String::new()), "{number}");
        }
        assert_eq!(refusal(scene.send(Method::DELETE, &at(&group), Value::Null).await).0, 403);
        let bulk =
            json!({"Operations": [{"method": "DELETE", "path": (format!("/{}", at(&users[0])))}]});
        let (status, answer) = scene.send(Method::POST, "Bulk", bulk).await;
        assert_eq!((status, &answer["Operations"][0]["status"]), (200, &json!("403")));
        let held = scene.shown("/removal-brake").await;
        assert!(held["held_since"].is_string(), "{held}");
        assert_eq!(scene.account(&users[0]).await["status"], "active");
        if let Some(ann) = &ann {
            assert!(scene.is_signed_in(ann).await);
        }
        assert_ne!(scene.dump(), before, "that it holds is remembered");
        // What removes nothing goes on, and so does what administrators do.
        let rename = json!([{"op": "Replace", "path": "displayName", "value": "Ann"}]);
        assert_eq!(scene.patch(&at(&users[0]), rename).await.0, 200);
        scene.user("i").await;
        let off = format!("/users/{}/deactivate", users[5]["id"].as_str().expect("an id"));
        assert_eq!(scene.admin(Method::POST, &off, json!({})).await.0, 200);

        // The administrators are told once.
        for _ in 0..2 {
            scene.server.run_job("removal_brakes").await;
        }
        let told = scene.shown("/audit?administrator=system&category=security").await;
        let told = told["items"].as_array().expect("a list");
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["sub_category"], "removals_held");

        let (status, lifted) =
            scene.admin(Method::POST, "/removal-brake/lift", json!({"hours": 1})).await;
        assert_eq!((status, &lifted["held_since"]), (200, &Value::Null), "{lifted}");
        for (number, user) in users[6..].iter().chain([&users[0]]).enumerate() {
            assert!(remove(&scene, number, user).await.0 < 300);
        }
        assert_eq!(scene.send(Method::DELETE, &at(&group), Value::Null).await.0, 204);
        let acts = scene.shown("/audit?category=security").await;
        let acts: Vec<_> = acts["items"].as_array().expect("a list").iter().collect();
        for act in ["removal_brake_changed", "removal_brake_lifted"] {
            assert!(acts.iter().any(|entry| entry["sub_category"] == act), "{act}");
        }
    }
}

#[tokio::test]
async fn a_brake_is_held_to_its_rules() {
    let scene = Scene::new().await;
    for (path, method, bad, good) in [
        ("", Method::PATCH, json!({"percent": 101}), json!({"percent": 100})),
        ("", Method::PATCH, json!({"minimum": 1_000_001}), json!({"minimum": 0})),
        ("", Method::PATCH, json!({"window_hours": 0}), json!({"window_hours": 720})),
        ("", Method::PATCH, json!({"removals": 0}), json!({"enabled": false})),
        ("/lift", Method::POST, json!({"hours": 169}), json!({"hours": 168})),
    ] {
        let path = format!("/removal-brake{path}");
        let (status, problem) = scene.admin(method.clone(), &path, bad).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid_field")), "{problem}");
        assert_eq!(scene.admin(method, &path, good).await.0, 200);
    }
    // Null gives a setting its default back.
    let (_, set) = scene.admin(Method::PATCH, "/removal-brake", json!({"percent": null})).await;
    assert_eq!(set["percent"], 10);
}
