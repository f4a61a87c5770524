//! The Admin API: what works, and each refusal by its status and code (SPEC 6).

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use sso_server::config::Config;
use sso_tests::{Engine, TestServer, browser};

pub(crate) async fn send(
    server: &TestServer,
    method: Method,
    path: &str,
    body: Value,
) -> (StatusCode, Value) {
    answer(server.api(method, path).json(&body).send().await.expect("an answer")).await
}

pub(crate) async fn read(server: &TestServer, path: &str) -> (StatusCode, Value) {
    answer(server.api(Method::GET, path).send().await.expect("an answer")).await
}

pub(crate) async fn answer(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let kind = response.headers()["content-type"].to_str().expect("text").to_owned();
    let expected =
        if status.is_success() { "application/json" } else { "application/problem+json" };
    assert_eq!(kind, expected);
    let body: Value = response.json().await.expect("JSON");
    if !status.is_success() {
        assert_eq!(body["status"], status.as_u16());
    }
    (status, body)
}

async fn made(server: TestServer, org: Value) -> TestServer {
    let (status, body) = send(&server, Method::POST, "orgs", org).await;
    assert_eq!(status, 201, "{body}");
    server
}

pub(crate) async fn acme() -> TestServer {
    acme_with(Engine::Sqlite, |_| ()).await
}

/// The same on an engine, with settings of its own.
pub(crate) async fn acme_with(engine: Engine, change: impl FnOnce(&mut Config)) -> TestServer {
    let server = TestServer::start_with(engine, None, change).await;
    made(server, json!({"name": "acme", "domains": ["acme.example"]})).await
}

pub(crate) fn connection() -> Value {
    json!({"idp_entity_id": "https://idp.example", "sso_url": "https://idp.example/sso"})
}

#[tokio::test]
async fn an_organization_is_made_read_and_changed() {
    let server = TestServer::start().await;
    let body = json!({"name": "Acme", "display_name": "Acme Inc.", "domains": ["ACME.example"]});
    let made = server.api(Method::POST, "orgs").json(&body).send().await.expect("an answer");
    assert_eq!(made.status(), 201);
    assert_eq!(made.headers()["location"], "/api/v1/orgs/acme");
    let made: Value = made.json().await.expect("JSON");
    assert_eq!(made["name"], "acme");
    assert_eq!(made["domains"], json!(["acme.example"]));
    assert_eq!(made["sso_enabled"], true);
    assert_eq!(made["sessions"]["idle_seconds"], 28_800);

    for path in ["orgs/acme", "orgs/ACME", "orgs/acme.example", "orgs/Acme.Example"] {
        assert_eq!(read(&server, path).await, (StatusCode::OK, made.clone()), "{path}");
    }

    // A named field is replaced whole, null gives the default back, the others stay.
    let change = json!({"sessions": {"idle_seconds": 60}, "display_name": null, "contact": "it@acme.example"});
    let (status, changed) = send(&server, Method::PATCH, "orgs/acme", change).await;
    assert_eq!(status, 200);
    assert_eq!(changed["sessions"]["idle_seconds"], 60);
    assert_eq!(changed["sessions"]["absolute_seconds"], 86_400);
    assert_eq!(changed["display_name"], "");
    assert_eq!(changed["contact"], "it@acme.example");
    assert_eq!(changed["domains"], json!(["acme.example"]));
    assert_eq!(read(&server, "orgs/acme").await.1, changed);
}

#[tokio::test]
async fn lists_come_in_parts() {
    let server = TestServer::start().await;
    for name in ["c", "a", "b"] {
        assert_eq!(send(&server, Method::POST, "orgs", json!({"name": name})).await.0, 201);
    }
    let (status, first) = read(&server, "orgs?limit=2").await;
    assert_eq!(status, 200);
    assert_eq!(first["items"][0]["name"], "a");
    assert_eq!(first["items"][1]["name"], "b");
    let next = first["next"].as_str().expect("a cursor");
    let (_, last) = read(&server, &format!("orgs?limit=2&cursor={next}")).await;
    assert_eq!(last["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(last["items"][0]["name"], "c");
    assert_eq!(last["next"], Value::Null);

    for query in ["limit=0", "limit=x", "cursor=%20", "page=2", "limit=1&limit=2"] {
        let (status, problem) = read(&server, &format!("orgs?{query}")).await;
        assert_eq!(
            (status.as_u16(), &problem["code"]),
            (400, &json!("malformed_query")),
            "{query}"
        );
    }
    assert_eq!(read(&server, "orgs?limit=100000").await.0, 200);
}

#[tokio::test]
async fn each_refusal_of_an_organization_has_its_code() {
    let server = acme().await;
    for (method, path, body, status, code, field) in [
        (Method::POST, "orgs", json!({"name": "acme"}), 409, "org_exists", "name"),
        (
            Method::POST,
            "orgs",
            json!({"name": "other", "domains": ["acme.example"]}),
            409,
            "domain_taken",
            "domains",
        ),
        (Method::POST, "orgs", json!({"name": "-"}), 422, "invalid_field", "name"),
        (Method::POST, "orgs", json!({}), 422, "invalid_field", "name"),
        (
            Method::POST,
            "orgs",
            json!({"name": "other", "colour": 1}),
            422,
            "invalid_field",
            "colour",
        ),
        (
            Method::POST,
            "orgs",
            json!({"name": "other", "domains": "x.example"}),
            422,
            "invalid_field",
            "domains",
        ),
        (
            Method::POST,
            "orgs",
            json!({"name": "other", "domains": ["x"]}),
            422,
            "invalid_field",
            "domains",
        ),
        (
            Method::POST,
            "orgs",
            json!({"name": "other", "sessions": {"idle": 1}}),
            422,
            "invalid_field",
            "sessions.idle",
        ),
        (Method::PATCH, "orgs/acme", json!({"name": "other"}), 422, "read_only_field", "name"),
        (
            Method::PATCH,
            "orgs/acme",
            json!({"support_url": "javascript:alert(1)"}),
            422,
            "invalid_field",
            "support_url",
        ),
    ] {
        let (got, problem) = send(&server, method, path, body.clone()).await;
        assert_eq!(got.as_u16(), status, "{body} {problem}");
        assert_eq!((&problem["code"], &problem["field"]), (&json!(code), &json!(field)), "{body}");
    }
    // Nothing of what was refused was done.
    assert_eq!(read(&server, "orgs").await.1["items"].as_array().map(Vec::len), Some(1));
    let same = json!({"name": "acme", "domains": ["acme.example", "acme.test"]});
    assert_eq!(send(&server, Method::PATCH, "orgs/acme", same).await.0, 200);
}

#[tokio::test]
async fn a_connection_is_made_read_changed_and_removed() {
    let server = acme().await;
    let (status, problem) = read(&server, "orgs/acme/sso").await;
    assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not_found")));
    assert_eq!(send(&server, Method::PATCH, "orgs/acme/sso", json!({})).await.0, 404);

    let (status, made) = send(&server, Method::PUT, "orgs/acme/sso", connection()).await;
    assert_eq!(status, 200, "{made}");
    assert_eq!(made["protocol"], "saml2");
    assert_eq!(made["sp_entity_id"], server.public_url().join("/saml/acme/metadata"));
    assert_eq!(made["clock_skew_seconds"], 120);
    assert_eq!(made["attribute_map"], json!({"preset": "standard", "map": {}}));

    let change = json!({
        "auto_create": true,
        "attribute_map": {"preset": null, "map": {"mail": ["uid", "email"], "NameID": "ssoid"}},
    });
    let (status, changed) = send(&server, Method::PATCH, "orgs/acme/sso", change.clone()).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!(changed["auto_create"], true);
    assert_eq!(changed["attribute_map"], change["attribute_map"]);
    assert_eq!(read(&server, "orgs/acme.example/sso").await.1, changed);

    // What is read can be written back; PUT gives what it does not name its default.
    assert_eq!(send(&server, Method::PUT, "orgs/acme/sso", changed.clone()).await.1, changed);
    let (_, replaced) = send(&server, Method::PUT, "orgs/acme/sso", connection()).await;
    assert_eq!(replaced, made);

    let gone = server.api(Method::DELETE, "orgs/acme/sso").send().await.expect("an answer");
    assert_eq!(gone.status(), 204);
    assert_eq!(read(&server, "orgs/acme/sso").await.0, 404);
    let (status, problem) =
        answer(server.api(Method::DELETE, "orgs/acme/sso").send().await.expect("an answer")).await;
    assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn each_rule_of_a_connection_has_its_code() {
    let server = acme().await;
    for (change, code, field) in [
        (json!({"idp_entity_id": null}), "invalid_field", "idp_entity_id"),
        (json!({"protocol": "wsfed"}), "invalid_field", "idp_entity_id"),
        (json!({"protocol": "oidc"}), "invalid_field", "protocol"),
        (json!({"sso_binding": "soap"}), "invalid_field", "sso_binding"),
        (json!({"realm": "x"}), "invalid_field", "realm"),
        (json!({"attribute_map": {"preset": "acme"}}), "invalid_field", "attribute_map.preset"),
        (json!({"clock_skew_seconds": 301}), "invalid_field", "clock_skew_seconds"),
        (
            json!({"sign_authn_requests": true}),
            "service_certificate_required",
            "sign_authn_requests",
        ),
        (json!({"sso_profile": "idp"}), "idp_initiated_required", "idp_initiated"),
        (json!({"single_logout": "redirect_only"}), "logout_url_required", "logout_url"),
        (json!({"strip_uid_domain": true}), "strip_uid_domain", "strip_uid_domain"),
        (
            json!({"account_key": "name_id", "name_id_format": "transient"}),
            "transient_account_key",
            "account_key",
        ),
        (json!({"verification": "dual"}), "second_opinion_unavailable", "verification"),
        (json!({"state": "enforced"}), "test_login_required", "state"),
    ] {
        let mut body = connection();
        body.as_object_mut().expect("object").extend(change.as_object().expect("object").clone());
        let (status, problem) = send(&server, Method::PUT, "orgs/acme/sso", body).await;
        assert_eq!(status, 422, "{change} {problem}");
        assert_eq!(
            (&problem["code"], &problem["field"]),
            (&json!(code), &json!(field)),
            "{change}"
        );
        assert_eq!(read(&server, "orgs/acme/sso").await.0, 404);
    }
    assert_eq!(send(&server, Method::PUT, "orgs/acme/sso", connection()).await.0, 200);

    let wsfed = json!({
        "protocol": "wsfed",
        "federation_service_uri": "http://adfs.example/adfs/services/trust",
        "sso_url": "https://adfs.example/adfs/ls/",
    });
    let (status, made) = send(&server, Method::PUT, "orgs/acme/sso", wsfed.clone()).await;
    assert_eq!((status.as_u16(), &made["protocol"]), (200, &json!("wsfed")), "{made}");
    assert_eq!(made["service_uri"], "urn:federation:localhost:acme");
    assert_eq!(read(&server, "orgs/acme/sso").await.1, made);
    for (change, code, field) in [
        (json!({"verification": "dual"}), "second_opinion_unavailable", "verification"),
        (json!({"sign_authn_requests": true}), "invalid_field", "sign_authn_requests"),
        (json!({"on_missing": {}}), "invalid_field", "on_missing"),
        (json!({"wfresh": -1}), "invalid_field", "wfresh"),
        (json!({"federation_service_uri": null}), "invalid_field", "federation_service_uri"),
    ] {
        let (status, problem) = send(&server, Method::PATCH, "orgs/acme/sso", change).await;
        assert_eq!(status, 422, "{problem}");
        assert_eq!((&problem["code"], &problem["field"]), (&json!(code), &json!(field)));
    }
    let change = json!({"wauth": "urn:x", "auto_create": true});
    assert_eq!(send(&server, Method::PATCH, "orgs/acme/sso", change).await.0, 200);
    let (_, saml) =
        send(&server, Method::PATCH, "orgs/acme/sso", json!({"protocol": "saml2"})).await;
    let (issuer, ours) = (&saml["idp_entity_id"], &saml["sp_entity_id"]);
    assert_eq!(issuer, &wsfed["federation_service_uri"]);
    assert_eq!(ours, &json!(server.public_url().join("/saml/acme/metadata")));
    assert_eq!((&saml["auto_create"], &saml["wauth"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let server = TestServer::start().await;
    let post = |kind: &'static str, body: String| {
        server.api(Method::POST, "orgs").header("content-type", kind).body(body).send()
    };
    for (kind, body, status, code) in [
        ("application/json", "{\"name\": ", 400, "malformed_body"),
        ("application/json", "[]", 400, "malformed_body"),
        ("application/json", "", 400, "malformed_body"),
        ("application/json", "{\"name\":\"a\"} {}", 400, "malformed_body"),
        ("text/plain", "{\"name\":\"a\"}", 415, "unsupported_media_type"),
        ("application/json; charset=utf-16", "{\"name\":\"a\"}", 415, "unsupported_media_type"),
    ] {
        let (got, problem) = answer(post(kind, body.to_owned()).await.expect("an answer")).await;
        assert_eq!((got.as_u16(), &problem["code"]), (status, &json!(code)), "{kind} {body}");
    }
    let (status, problem) =
        answer(post("application/json", "x".repeat(10 << 20)).await.expect("an answer")).await;
    assert_eq!((status.as_u16(), &problem["code"]), (413, &json!("body_too_large")));
    let good = post("application/json; charset=UTF-8", "{\"name\":\"a\"}".to_owned());
    assert_eq!(good.await.expect("an answer").status(), 201);
}

#[tokio::test]
async fn nothing_is_told_without_the_operators_token() {
    let server = acme().await;
    let client = browser();
    for path in
        ["orgs", "orgs/acme", "orgs/acme/sso", "orgs/acme/users", "orgs/acme/logins", "nothing"]
    {
        let url = server.url(&format!("/api/v1/{path}"));
        for authorization in [
            None,
            Some("Bearer".to_owned()),
            Some("Bearer wrong".to_owned()),
            Some(format!("Basic {}", sso_tests::OPERATOR_TOKEN)),
            Some(format!("Bearer {}x", sso_tests::OPERATOR_TOKEN)),
        ] {
            let mut request = client.get(&url);
            if let Some(value) = &authorization {
                request = request.header("authorization", value);
            }
            let response = request.send().await.expect("an answer");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
            let (status, problem) = answer(response).await;
            assert_eq!(
                (status.as_u16(), &problem["code"]),
                (401, &json!("unauthorized")),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = acme().await;
    for path in [
        "nothing",
        "orgs/other",
        "orgs/acme.test",
        "orgs/other/sso",
        "orgs/acme/users/x",
        "orgs/acme/users/acc_00000000000000000000000000000000",
        "orgs/acme/logins/trc_00000000000000000000000000000000",
        "orgs/%FF",
    ] {
        let (status, problem) = read(&server, path).await;
        assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not_found")), "{path}");
    }
    let (status, problem) = send(&server, Method::PUT, "orgs", json!({})).await;
    assert_eq!((status.as_u16(), &problem["code"]), (405, &json!("method_not_allowed")));
    for path in ["orgs/acme/users", "orgs/acme/users?status=all&q=a&role=user", "orgs/acme/logins"]
    {
        assert_eq!(read(&server, path).await.1, json!({"items": [], "next": null}), "{path}");
    }
    assert_eq!(read(&server, "orgs/acme/users?status=gone").await.0, 400);
}
