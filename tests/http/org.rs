//! An organization's own record (SPEC 6): every field of it, and who sets which.

use crate::admin_api::{acme, connection, read, send};
use crate::api_tokens::{secret, send_as};
use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::{TestServer, browser};
use time::Duration;
use tokio::task::JoinSet;

/// Every field, as an organization has it that says nothing of them.
fn bare() -> Value {
    json!({
        "name": "acme",
        "display_name": "",
        "company": "",
        "domains": ["acme.example"],
        "trusted_domains": [],
        "sso_enabled": true,
        "delegated_authentication": false,
        "allowed_partners": [],
        "sessions": {
            "idle_seconds": 28_800, "absolute_seconds": 86_400, "mobile_seconds": 2_592_000,
        },
        "provisioning": {
            "mandatory_fields": [], "self_registration": false, "notify_on_registration": false,
        },
        "im_logging": {"enabled": false, "default_endpoint": "default_endpoint"},
    })
}

/// What an Organization Administrator sets.
fn own() -> Value {
    json!({
        "display_name": "Acme",
        "trusted_domains": ["partner.example"],
        "contact": "it@acme.example",
        "website": "https://acme.example/",
        "primary_admin": "ann@acme.example",
        "notification_email": "ops@acme.example",
        "forgot_password_url": "https://idp.example/forgot",
        "support_url": "https://help.acme.example/",
        "sessions": {"idle_seconds": 600, "absolute_seconds": 3_600, "mobile_seconds": 7_200},
        "provisioning": {
            "mandatory_fields": ["city"],
            "self_registration": false,
            "registration_url": "https://acme.example/join",
            "registration_message": "Ask Ann.",
            "notify_on_registration": false,
            "max_active_users": 10,
        },
        "im_logging": {"enabled": true, "default_endpoint": "chat"},
    })
}

fn with(mut whole: Value, changes: &Value) -> Value {
    let changes = changes.as_object().expect("an object").clone();
    whole.as_object_mut().expect("an object").extend(changes);
    whole
}

/// What the operator sees of the organization, and how often it was changed.
async fn seen(server: &TestServer) -> (Value, usize) {
    let trail = read(server, "orgs/acme/audit?category=configuration&limit=200").await.1;
    (read(server, "orgs/acme").await.1, trail["items"].as_array().expect("a list").len())
}

#[tokio::test]
async fn every_field_is_kept() {
    let server = acme().await;
    assert_eq!(read(&server, "orgs/acme").await.1, bare());
    let whole = with(with(bare(), &own()), &json!({"company": "Acme Inc.", "sso_enabled": false}));
    let (status, changed) = send(&server, Method::PATCH, "orgs/acme", whole.clone()).await;
    assert_eq!((status.as_u16(), &changed), (200, &whole));
    assert_eq!(read(&server, "orgs/acme").await.1, whole);

    let second = with(whole, &json!({"name": "second", "domains": ["second.example"]}));
    let (status, made) = send(&server, Method::POST, "orgs", second.clone()).await;
    assert_eq!((status.as_u16(), made), (201, second));
}

#[tokio::test]
async fn an_organization_administrator_sets_what_is_its_own() {
    let server = acme().await;
    let token = secret(&server, "acme", "org_admin").await;
    let whole = with(bare(), &own());
    // What is the operator's may be sent along as it is.
    let (status, changed) = send_as(&server, &token, Method::PATCH, "orgs/acme", &whole).await;
    assert_eq!((status.as_u16(), &changed), (200, &whole));
    assert_eq!(read(&server, "orgs/acme").await.1, whole);
}

#[tokio::test]
async fn what_is_the_operators_is_refused_to_others() {
    let server = acme().await;
    let token = secret(&server, "acme", "org_admin").await;
    let before = seen(&server).await;
    for (field, value) in [
        ("name", json!("other")),
        ("company", json!("Another Inc.")),
        ("domains", json!(["acme.example", "victim.example"])),
        ("domains", json!([])),
        ("domains", Value::Null),
        ("sso_enabled", json!(false)),
        ("delegated_authentication", json!(true)),
        ("allowed_partners", json!(["other"])),
    ] {
        let body = json!({"contact": "mallory", field: value});
        let (status, problem) = send_as(&server, &token, Method::PATCH, "orgs/acme", &body).await;
        let told = (status.as_u16(), &problem["code"], &problem["field"]);
        assert_eq!(told, (403, &json!("operator_only"), &json!(field)), "{body}");
    }
    assert_eq!(seen(&server).await, before);
    // The same, without what is the operator's.
    let body = json!({"contact": "mallory"});
    assert_eq!(send_as(&server, &token, Method::PATCH, "orgs/acme", &body).await.0, 200);
}

#[tokio::test]
async fn what_nothing_acts_on_is_not_taken() {
    let server = acme().await;
    let before = seen(&server).await;
    for (field, body) in [
        ("delegated_authentication", json!({"delegated_authentication": true})),
        ("allowed_partners", json!({"allowed_partners": ["other"]})),
        ("provisioning.self_registration", json!({"provisioning": {"self_registration": true}})),
        (
            "provisioning.notify_on_registration",
            json!({"provisioning": {"notify_on_registration": true}}),
        ),
    ] {
        let (status, problem) = send(&server, Method::PATCH, "orgs/acme", body).await;
        let told = (status.as_u16(), &problem["code"], &problem["field"]);
        assert_eq!(told, (422, &json!("not_supported"), &json!(field)));
    }
    assert_eq!(seen(&server).await, before);
}

/// A change is planned on what was read, so that none of several at once is lost.
#[tokio::test]
async fn changes_at_once_are_all_kept() {
    let server = acme().await;
    let mut changes = JoinSet::new();
    for (field, value) in [
        ("contact", "it"),
        ("display_name", "Acme"),
        ("company", "Acme Inc."),
        ("website", "https://a.example/"),
    ] {
        let sent = server.api(Method::PATCH, "orgs/acme").json(&json!({field: value})).send();
        changes.spawn(async move { (field, value, sent.await.expect("an answer").status()) });
    }
    let all = changes.join_all().await;
    let stored = read(&server, "orgs/acme").await.1;
    for (field, value, status) in all {
        assert_eq!(status, 200, "{field}");
        assert_eq!(stored[field], value);
    }
}

/// SPEC 6: where single sign-on is off nobody signs in, and the trace says why.
#[tokio::test]
async fn an_organization_without_single_sign_on_signs_nobody_in() {
    let server = acme().await;
    assert_eq!(send(&server, Method::PUT, "orgs/acme/sso", connection()).await.0, 200);
    let client = browser();
    let begun = client.get(server.url("/sso/acme/login")).send().await.expect("an answer");
    assert_eq!(begun.status(), 303, "it begins while it may");
    let off = json!({"sso_enabled": false});
    assert_eq!(send(&server, Method::PATCH, "orgs/acme", off).await.0, 200);
    let refused = async || {
        let traces = read(&server, "orgs/acme/logins").await.1["items"].clone();
        let latest = &traces[0];
        let steps = latest["steps"].as_array().expect("steps");
        let told = (&latest["code"], &steps.last().expect("a step")["found"]);
        let expected = json!("single sign-on is off for the organization");
        assert_eq!(told, (&json!("connection_disabled"), &expected));
        (traces.as_array().expect("a list").len(), latest["id"].to_string())
    };
    server.clock().advance(Duration::seconds(1));
    let begun = client.get(server.url("/sso/acme/login")).send().await.expect("an answer");
    assert_eq!(begun.status(), 403);
    let page = begun.text().await.expect("a page");
    let (count, trace) = refused().await;
    assert!(page.contains("connection_disabled") && page.contains(trace.trim_matches('"')));
    assert_eq!(count, 1);
    server.clock().advance(Duration::seconds(1));
    let posted = client.post(server.url("/saml/acme/acs")).form(&[("SAMLResponse", "PGE+")]);
    let posted = posted.send().await.expect("an answer");
    assert_eq!(posted.status(), 403);
    assert!(posted.text().await.expect("a page").contains("connection_disabled"));
    assert_eq!(refused().await.0, 2);

    let on = json!({"sso_enabled": true});
    assert_eq!(send(&server, Method::PATCH, "orgs/acme", on).await.0, 200);
    let begun = client.get(server.url("/sso/acme/login")).send().await.expect("an answer");
    assert_eq!(begun.status(), 303);
}
