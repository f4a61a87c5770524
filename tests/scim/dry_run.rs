//! A dry run is answered and logged as if it were done, and changes nothing (SPEC 11.1).

use crate::scene::{GROUP, Scene, at, engines, id, refusal};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_dry_run_is_answered_and_changes_nothing() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let (ann, bob) = (scene.user("ann").await, scene.user("bob").await);
        let body = json!({"schemas": [GROUP], "displayName": "Staff",
                          "members": [{"value": ann["id"]}]});
        let staff = scene.create("Groups", body).await;
        scene.set_dry_run(true).await;
        let before = scene.dump();

        let made = scene.create("Users", json!({"userName": "cid@corp.example"})).await;
        assert_eq!(made["userName"], "cid@corp.example");
        assert_eq!(refusal(scene.send(Method::GET, &at(&made), Value::Null).await).0, 404);
        let rename = json!([{"op": "replace", "path": "displayName", "value": "Ann"}]);
        assert_eq!(scene.patch(&at(&ann), rename).await.1["displayName"], "Ann");
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        assert_eq!(scene.patch(&at(&ann), off).await.1["active"], false);
        let put = json!({"userName": "bob@corp.example", "title": "Boss"});
        assert_eq!(scene.send(Method::PUT, &at(&bob), put).await.1["title"], "Boss");
        let add = json!([{"op": "add", "path": "members", "value": [{"value": bob["id"]}]}]);
        assert_eq!(scene.patch(&at(&staff), add).await.0, 204);
        scene.create("Groups", json!({"displayName": "Crew"})).await;
        for thing in [&ann, &staff] {
            assert_eq!(scene.send(Method::DELETE, &at(thing), Value::Null).await.0, 204);
        }
        let bulk = json!({"Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "d", "data": {"userName": "d"}},
            {"method": "DELETE", "path": (format!("/{}", at(&bob)))},
        ]});
        let (_, bulk) = scene.send(Method::POST, "Bulk", bulk).await;
        assert_eq!(bulk["Operations"][0]["status"], "201");
        assert_eq!(bulk["Operations"][1]["status"], "204");
        // What would be refused is.
        let taken =
            scene.send(Method::POST, "Users", json!({"userName": "ANN@corp.example"})).await;
        assert_eq!(refusal(taken), (409, "uniqueness".to_owned()));
        let add = json!([{"op": "add", "path": "members", "value": [{"value": made["id"]}]}]);
        assert_eq!(refusal(scene.patch(&at(&staff), add).await), (400, "invalidValue".to_owned()));
        assert!(scene.dump() == before, "a dry run changed something");

        // The log has what would have changed.
        let log = scene.shown("/scim-requests?refused=false&writes=true&limit=200").await;
        let dry: Vec<&Value> = log["items"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|kept| kept["dry_run"] == true)
            .collect();
        assert_eq!(dry.len(), 9, "{dry:#?}");
        let last = dry[0]["changed"].as_array().expect("a list");
        assert_eq!(last.len(), 2, "{last:?}");
        let told = dry.iter().any(|kept| {
            let line = kept["changed"][0].as_str().unwrap_or_default();
            line.starts_with("account_deactivated: ") && line.contains(id(&ann))
        });
        assert!(told, "{dry:#?}");

        // The same token, live: the same request is carried out.
        scene.set_dry_run(false).await;
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        assert_eq!(scene.patch(&at(&ann), off).await.1["active"], false);
        assert_eq!(scene.account(&ann).await["status"], "inactive");
    }
}

#[tokio::test]
async fn while_all_tokens_are_dry_runs_accounts_are_written_by_hand() {
    let scene = Scene::new().await;
    let person = |name: &str| json!({"email": format!("{name}@corp.example"), "first_name": name, "last_name": "Moe"});
    let (status, refused) = scene.admin(Method::POST, "/users", person("ann")).await;
    assert_eq!((status, &refused["code"]), (409, &json!("managed_externally")));
    scene.set_dry_run(true).await;
    assert_eq!(scene.admin(Method::POST, "/users", person("ann")).await.0, 201);
    let new = json!({"description": "to try", "dry_run": true});
    let (status, made) = scene.admin(Method::POST, "/scim-tokens", new).await;
    assert_eq!((status, &made["dry_run"]), (201, &json!(true)));
    assert_eq!(scene.admin(Method::POST, "/users", person("bob")).await.0, 201);
}
