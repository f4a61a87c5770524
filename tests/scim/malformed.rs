//! What is malformed gets a SCIM error of its kind, never a failure of the service, and changes nothing.

use crate::scene::{Scene, at, refusal};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

#[tokio::test]
async fn each_malformed_request_gets_its_error() {
    let scene = Scene::new().await;
    let ann = scene.user("ann").await;
    let before = scene.dump();
    let deep = format!("{}userName pr{}", "(".repeat(2_000), ")".repeat(2_000));
    for filter in [
        "userName",
        "userName zz 1",
        "userName eq",
        "userName eq x",
        "\"",
        "(",
        "not",
        "[",
        "a[b",
        "userName eq \"\\u12\"",
        "emails[type eq \"x\"",
        "active gt true",
        &deep,
        "\u{7f}",
        "pr",
        "urn:x:y:z eq \"1\"",
        "userName eq \"a\" or",
        "meta.created gt \"x\"",
    ] {
        let encoded: String = byte_serialize(filter.as_bytes()).collect();
        let answer = scene.send(Method::GET, &format!("Users?filter={encoded}"), Value::Null).await;
        let (status, kind) = refusal(answer);
        assert_eq!(status, 400, "{filter}");
        assert!(matches!(kind.as_str(), "invalidFilter" | "invalidValue"), "{filter}: {kind}");
    }
    for (query, kind) in [
        ("startIndex=x", "invalidValue"),
        ("count=1e3", "invalidValue"),
        ("sortBy=a.b.c", "invalidPath"),
        ("sortOrder=up", "invalidValue"),
        ("filter=%00", "invalidValue"),
    ] {
        let answer = scene.send(Method::GET, &format!("Users?{query}"), Value::Null).await;
        assert_eq!(refusal(answer), (400, kind.to_owned()), "{query}");
    }
    let raw = async |method: Method, path: &str, kind: &str, body: String| {
        let url = scene.server.url(&format!("/scim/v2/corp/{path}"));
        let request = Client::new().request(method, url).bearer_auth(&scene.token);
        let request = request.header("content-type", kind).body(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    };
    let nested = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let user = at(&ann);
    for (method, path) in [
        (Method::POST, "Users"),
        (Method::PUT, user.as_str()),
        (Method::PATCH, user.as_str()),
        (Method::POST, "Users/.search"),
        (Method::POST, "Bulk"),
    ] {
        for body in ["", "{", "[]", "7", "null", "{\"a\": }", "\u{0}", nested.as_str()] {
            let answer = raw(method.clone(), path, "application/scim+json", body.to_owned()).await;
            let expected = (400, "invalidSyntax".to_owned());
            assert_eq!(refusal(answer), expected, "{method} {path} {body:.20}");
        }
        let answer = raw(method.clone(), path, "text/plain", "{}".to_owned()).await;
        assert_eq!(refusal(answer).0, 415, "{method} {path}");
        let long = format!("{{\"userName\": \"{}\"}}", "x".repeat(2 << 20));
        let answer = raw(method.clone(), path, "application/json", long).await;
        assert_eq!(refusal(answer).0, 413, "{method} {path}");
    }
    for operations in [
        json!([{"op": "replace", "path": "emails[", "value": "x"}]),
        json!([{"op": "replace", "path": "emails[type eq \"work\"].value.x", "value": "x"}]),
        json!([{"op": "add", "path": "\u{1}", "value": "x"}]),
        json!([{"op": "replace", "path": "name", "value": "x"}]),
        json!([{"op": "replace", "path": "userName", "value": null}]),
        json!(vec![json!({"op": "remove", "path": "title"}); 1_001]),
    ] {
        let (status, kind) = refusal(scene.patch(&user, operations.clone()).await);
        assert_eq!(status, 400, "{operations}");
        assert!(!kind.is_empty(), "{operations}");
    }
    for (method, path, status) in [
        (Method::GET, "nothing", 404),
        (Method::GET, "Schemas/nothing", 404),
        (Method::GET, "ResourceTypes/nothing", 404),
        (Method::POST, "ServiceProviderConfig", 405),
        (Method::DELETE, "Schemas", 405),
        (Method::PUT, "Users", 405),
    ] {
        assert_eq!(refusal(scene.send(method, path, Value::Null).await).0, status, "{path}");
    }
    assert_eq!(scene.dump(), before);
}
