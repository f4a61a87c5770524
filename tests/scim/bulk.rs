//! Many requests in one: in their order, each by itself, with references to what others make.

use crate::scene::{Scene, at, id, refusal};
use reqwest::Method;
use serde_json::{Value, json};

async fn bulk(scene: &Scene, body: Value) -> Vec<Value> {
    let (status, answer) = scene.send(Method::POST, "Bulk", body).await;
    assert_eq!(status, 200, "{answer}");
    answer["Operations"].as_array().expect("a list").clone()
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().expect("text")).collect()
}

#[tokio::test]
async fn requests_in_one_refer_to_each_other() {
    let scene = Scene::new().await;
    let old = scene.user("old").await;
    let results = bulk(
        &scene,
        json!({"failOnErrors": 5, "Operations": [
            // It waits for those that it refers to.
            {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "G",
                "members": [{"value": "bulkId:a"}, {"value": "bulkId:b"}]}},
            {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "a"}},
            {"method": "post", "path": "/Users", "bulkId": "b", "data": {"userName": "b"}},
            {"method": "POST", "path": "/Users", "bulkId": "c", "data": {"userName": "A"}},
            {"method": "PATCH", "path": "/Users/bulkId:a", "data": {"Operations": [
                {"op": "replace", "path": "title", "value": "x"}]}},
            {"method": "PUT", "path": (format!("/{}", at(&old))), "version": "W/\"9\"",
                "data": {"userName": "old"}},
            {"method": "DELETE", "path": (format!("/{}", at(&old)))},
            {"method": "POST", "path": "/Groups", "bulkId": "d", "data": {"displayName": "D",
                "members": [{"value": "bulkId:c"}]}},
            {"method": "GET", "path": "/Users"},
        ]}),
    )
    .await;
    assert_eq!(
        statuses(&results),
        ["201", "201", "201", "409", "200", "412", "204", "409", "400"],
        "{results:#?}"
    );
    assert_eq!(results[3]["response"]["scimType"], "uniqueness");
    let location = results[0]["location"].as_str().expect("a location");
    let group = scene.get(&format!("Groups/{}", location.rsplit('/').next().expect("an id"))).await;
    assert_eq!(group["members"].as_array().map(Vec::len), Some(2));
    let found = scene.get("Users?filter=userName%20eq%20%22a%22").await;
    assert_eq!(found["Resources"][0]["title"], "x");
    assert_eq!(scene.get("Users").await["totalResults"], 2);
    assert!(!id(&group).is_empty());
}

#[tokio::test]
async fn it_stops_after_as_many_errors_as_are_allowed() {
    let scene = Scene::new().await;
    let make = |name: &str| {
        json!({"method": "POST", "path": "/Users", "bulkId": name,
                                   "data": {"userName": name}})
    };
    let body = json!({"failOnErrors": 1, "Operations": [make("a"), make("A"), make("b")]});
    assert_eq!(statuses(&bulk(&scene, body).await), ["201", "409"]);
    assert_eq!(scene.get("Users").await["totalResults"], 1);
    let many = json!({"Operations": vec![make("x"); 1_001]});
    assert_eq!(refusal(scene.send(Method::POST, "Bulk", many).await).0, 413);
    assert_eq!(refusal(scene.send(Method::POST, "Bulk", json!({})).await).0, 400);
    // Each waits for the other: neither is made.
    let circle = |name: &str, other: &str| {
        json!({"method": "POST", "path": "/Groups", "bulkId": name, "data": {"displayName": name,
               "members": [{"value": (format!("bulkId:{other}"))}]}})
    };
    let body = json!({"Operations": [circle("x", "y"), circle("y", "x")]});
    assert_eq!(statuses(&bulk(&scene, body).await), ["409", "409"]);
}
