//! Lists: filters, orders, pages, and which attributes are answered.

use crate::scene::{ENTERPRISE, Scene, at, engines, id, refusal};
use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// The userNames that a query answers, in its order.
async fn names(scene: &Scene, query: &str) -> Vec<String> {
    let found = scene.get(&format!("Users?{query}")).await;
    let users = found["Resources"].as_array().expect("a list").iter();
    users.map(|user| user["userName"].as_str().expect("text").to_owned()).collect()
}

async fn three(scene: &Scene) -> Vec<Value> {
    let mut users = Vec::new();
    for (name, title, number) in
        [("cid", "Boss", "3"), ("ann", "Clerk", "1"), ("Bob", "Clerk", "2")]
    {
        let body = json!({
            "userName": name, "externalId": format!("E-{number}"), "title": title,
            "displayName": format!("{name} Ünder"), "active": number != "2",
            "emails": [{"type": "work", "value": format!("{name}@corp.example")}],
            ENTERPRISE: {"employeeNumber": number},
        });
        users.push(scene.create("Users", body).await);
    }
    users
}

#[tokio::test]
async fn users_are_found_by_filters() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let users = three(&scene).await;
        let first = format!("id eq \"{}\"", id(&users[0]));
        for (filter, expected) in [
            (r#"userName eq "ANN""#, vec!["ann"]),
            (r#"userName Eq "nobody""#, vec![]),
            (r#"externalId eq "E-2""#, vec!["Bob"]),
            (r#"externalId eq "e-2""#, vec![]),
            (r#"emails eq "bob@corp.example""#, vec!["Bob"]),
            (r#"emails.value eq "bob@corp.example""#, vec!["Bob"]),
            (r#"emails[type eq "work"].value eq "cid@corp.example""#, vec!["cid"]),
            (r#"emails[type eq "work" and value eq "cid@corp.example"]"#, vec!["cid"]),
            (r#"emails[type eq "home"].value eq "cid@corp.example""#, vec![]),
            (r#"displayName eq "BOB ünder""#, vec!["Bob"]),
            (&first, vec!["cid"]),
            (r#"userName eq "ann" and active eq true"#, vec!["ann"]),
            (r#"active eq false and userName eq "ann""#, vec![]),
            (r#"title eq "clerk""#, vec!["ann", "Bob"]),
            (r#"title eq "Clerk" and not (active eq false)"#, vec!["ann"]),
            (r#"userName sw "b" or title eq "boss""#, vec!["cid", "Bob"]),
            (r#"active eq "False""#, vec!["Bob"]),
            (
                r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber ge "2""#,
                vec!["cid", "Bob"],
            ),
            (r#"meta.created gt "2020-01-01T00:00:00Z" and nickName pr"#, vec![]),
            (r#"colour eq "red""#, vec![]),
        ] {
            let found = names(&scene, &format!("filter={}", encoded(filter))).await;
            assert_eq!(found, expected, "{filter}");
            let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                              "filter": filter, "attributes": ["userName"]});
            for path in ["Users/.search", ".search"] {
                let (status, all) = scene.send(Method::POST, path, body.clone()).await;
                assert_eq!((status, &all["totalResults"]), (200, &json!(expected.len())), "{all}");
            }
        }
    }
}

#[tokio::test]
async fn lists_are_sorted_and_come_in_pages() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        three(&scene).await;
        for (query, expected) in [
            ("", vec!["cid", "ann", "Bob"]),
            ("sortBy=userName", vec!["ann", "Bob", "cid"]),
            ("sortBy=USERNAME&sortOrder=Descending", vec!["cid", "Bob", "ann"]),
            ("sortBy=meta.created&sortOrder=descending", vec!["Bob", "ann", "cid"]),
            ("sortBy=title", vec!["cid", "ann", "Bob"]),
            ("sortBy=emails.value&sortOrder=descending", vec!["cid", "Bob", "ann"]),
            ("startIndex=2&count=1", vec!["ann"]),
            ("startIndex=2&count=1&sortBy=userName", vec!["Bob"]),
            ("startIndex=3", vec!["Bob"]),
            ("startIndex=4", vec![]),
            ("startIndex=0&count=1", vec!["cid"]),
            ("startIndex=-5&count=1", vec!["cid"]),
            ("count=0", vec![]),
            ("count=-1", vec![]),
            ("filter=title%20eq%20%22clerk%22&startIndex=2", vec!["Bob"]),
            ("startIndex=1&count=2&aadOptscim062020", vec!["cid", "ann"]),
        ] {
            assert_eq!(names(&scene, query).await, expected, "{query}");
        }
        let page = scene.get("Users?startIndex=2&count=1").await;
        assert_eq!(
            (&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]),
            (&json!(3), &json!(2), &json!(1))
        );
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]);
        assert_eq!(page["schemas"], schemas);
        // The count goes with those that come and go.
        let user = scene.user("dan").await;
        assert_eq!(scene.get("Users?count=0").await["totalResults"], 4);
        scene.send(Method::DELETE, &at(&user), Value::Null).await;
        assert_eq!(scene.get("Users?count=0").await["totalResults"], 3);
        scene.create("Groups", json!({"displayName": "G"})).await;
        let (_, all) =
            scene.send(Method::POST, ".search", json!({"startIndex": 3, "count": 5})).await;
        assert_eq!((&all["totalResults"], &all["itemsPerPage"]), (&json!(4), &json!(2)));
        assert_eq!(all["Resources"][1]["displayName"], "G");
    }
}

#[tokio::test]
async fn only_the_attributes_that_are_asked_for_are_answered() {
    let scene = Scene::new().await;
    let users = three(&scene).await;
    let keys = |resource: &Value| {
        let mut keys: Vec<String> =
            resource.as_object().expect("an object").keys().cloned().collect();
        keys.retain(|key| key != "id" && key != "schemas");
        keys
    };
    let one = at(&users[0]);
    let only = scene.get(&format!("{one}?attributes=userName,EMAILS.value,colour")).await;
    assert_eq!(keys(&only), ["emails", "userName"]);
    assert_eq!(only["emails"], json!([{"value": "cid@corp.example"}]));
    let only = scene.get(&format!("{one}?attributes={ENTERPRISE}:employeeNumber")).await;
    assert_eq!(
        (keys(&only), &only[ENTERPRISE]),
        (vec![ENTERPRISE.to_owned()], &json!({"employeeNumber": "3"}))
    );
    let without =
        scene.get(&format!("{one}?excludedAttributes=emails.type,meta,id,{ENTERPRISE}")).await;
    assert_eq!(
        keys(&without),
        ["active", "displayName", "emails", "externalId", "title", "userName"]
    );
    assert_eq!(without["id"], users[0]["id"]);
    assert_eq!(without["emails"], json!([{"value": "cid@corp.example", "primary": true}]));
    let both = format!("{one}?attributes=userName&excludedAttributes=title");
    let refused = refusal(scene.send(Method::GET, &both, Value::Null).await);
    assert_eq!(refused, (400, "invalidValue".to_owned()));

    let body = json!({"displayName": "G", "members": [{"value": users[0]["id"]}]});
    let group = scene.create("Groups?attributes=displayName", body).await;
    assert_eq!(keys(&group), ["displayName"]);
    for (query, has) in
        [("", true), ("excludedAttributes=members", false), ("attributes=members", true)]
    {
        let list = scene.get(&format!("Groups?{query}")).await;
        assert_eq!(list["Resources"][0].get("members").is_some(), has, "{query}");
    }
    let of = |user: &Value| encoded(&format!("members eq \"{}\"", id(user)));
    let list = scene.get(&format!("Groups?filter={}", of(&users[0]))).await;
    assert_eq!(list["totalResults"], 1);
    let list = scene.get(&format!("Groups?filter={}", of(&users[1]))).await;
    assert_eq!(list["totalResults"], 0);
    let named = scene.get(&format!("Groups?filter={}", encoded("displayName eq \"g\""))).await;
    assert_eq!(named["Resources"][0]["id"], group["id"]);
}
