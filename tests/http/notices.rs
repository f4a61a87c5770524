//! Notices before certificates and tokens expire (SPEC 7, 8, 13): each once for each threshold, the
//! newest alone where the clock jumped, over restarts and on several nodes; and the metrics.

use crate::admin_api::{acme, read, send};
use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::{BEGINNING, Engine, PostgresCluster, TestKey, TestServer};
use time::Duration;

/// The sentences of the notices in the trail, oldest first.
async fn told(server: &TestServer) -> Vec<String> {
    server.clock().advance(Duration::seconds(1));
    let (_, trail) = read(server, "orgs/acme/audit?administrator=system&limit=200").await;
    let items = trail["items"].as_array().expect("a list").iter().rev();
    items
        .map(|entry| {
            let details = entry["details"].as_str().expect("text");
            let (_, sentence) = details.split_once(", ").expect("the notice's number");
            format!("{}: {sentence}", entry["sub_category"].as_str().expect("text"))
        })
        .collect()
}

async fn service_certificate(server: &TestServer, alias: &str, valid_days: u32) -> Value {
    let new = json!({"alias": alias, "valid_days": valid_days, "key": "p256"});
    let (status, made) = send(server, Method::POST, "orgs/acme/service-certificates", new).await;
    assert_eq!(status, 201, "{made}");
    made
}

/// Sets the clock to so many days before the end of 90 days, and looks.
async fn days_before(server: &TestServer, days: i64) {
    server.clock().set(BEGINNING + Duration::days(90 - days));
    server.run_job("expiry").await;
}

async fn each_threshold_is_told_once(server: TestServer) {
    service_certificate(&server, "first", 90).await;
    days_before(&server, 61).await;
    assert_eq!(told(&server).await, [""; 0]);
    let mut expected = Vec::new();
    for (days, when) in [
        (60, "expires in 60 days"),
        (30, "expires in 30 days"),
        (14, "expires in 14 days"),
        (7, "expires in 7 days"),
        (1, "expires in a day"),
    ] {
        days_before(&server, days).await;
        expected.push(format!(
            "service_certificate_expiry: The service certificate \"first\" {when}, at \
             2026-04-02T03:04:05Z."
        ));
        assert_eq!(told(&server).await, expected);
        server.run_job("expiry").await;
        assert_eq!(told(&server).await, expected, "told once");
    }
    let server = server.restart().await;
    server.run_job("expiry").await;
    days_before(&server, -1).await;
    assert_eq!(told(&server).await, expected, "after a restart, and after the end");
    server.stop().await;
}

#[tokio::test]
async fn each_threshold_is_told_once_on_sqlite() {
    each_threshold_is_told_once(acme().await).await;
}

#[tokio::test]
async fn each_threshold_is_told_once_on_postgresql() {
    let database = PostgresCluster::shared().database();
    let server = TestServer::start_on(Engine::Postgres(database)).await;
    let org = json!({"name": "acme", "domains": ["acme.example"]});
    assert_eq!(send(&server, Method::POST, "orgs", org).await.0, 201);
    each_threshold_is_told_once(server).await;
}

#[tokio::test]
async fn a_clock_that_jumps_tells_the_newest_alone() {
    let server = acme().await;
    service_certificate(&server, "late", 90).await;
    days_before(&server, 5).await;
    let first = told(&server).await;
    assert_eq!(first.len(), 1);
    assert!(first[0].contains("expires in 5 days"), "{first:?}");
    // What is found long after its end is told of too, once.
    days_before(&server, -20).await;
    days_before(&server, -30).await;
    let all = told(&server).await;
    assert_eq!(all.len(), 2);
    assert!(all[1].contains("expired at"), "{all:?}");
}

#[tokio::test]
async fn what_nobody_uses_and_what_was_made_for_a_short_time_is_not_told_of() {
    let server = acme().await;
    let made = service_certificate(&server, "retired", 90).await;
    let id = made["id"].as_str().expect("an id");
    let path = format!("orgs/acme/service-certificates/{id}/retire");
    assert_eq!(send(&server, Method::POST, &path, json!({})).await.0, 200);
    let token = json!({"description": "for a week", "expires_in_days": 7, "role": "user_admin"});
    assert_eq!(send(&server, Method::POST, "orgs/acme/api-tokens", token).await.0, 201);
    server.run_job("expiry").await;
    assert_eq!(told(&server).await, [""; 0]);
    server.clock().set(BEGINNING + Duration::days(6));
    server.run_job("expiry").await;
    let told = told(&server).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("api_token_expiry: The token \"for a week\""));
}

#[tokio::test]
async fn certificates_of_the_identity_provider_are_told_of_once_wherever_they_stand() {
    let server = acme().await;
    let key = TestKey::ec(openssl::nid::Nid::X9_62_PRIME256V1).expiring("20260202030405Z");
    let import = server.api(Method::POST, "orgs/acme/idp-certificates?alias=theirs");
    let imported = import.body(key.certificate()).send().await.expect("an answer");
    assert_eq!(imported.status(), 201);
    server.run_job("expiry").await;
    let told = told(&server).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with(
            "idp_certificate_expiry: The certificate of the identity provider \"theirs\" expires in 31 days"
        ),
        "{told:?}"
    );
}

#[tokio::test]
async fn the_metrics_count_and_name_nobody() {
    let server = acme().await;
    let metrics = async || {
        let answer = reqwest::get(server.url("/metrics")).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
        assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
        answer.text().await.expect("text")
    };
    let first = metrics().await;
    assert!(
        first.contains("sso_notices_total{kind=\"service_certificate_expiry\"} 0\n"),
        "{first}"
    );
    assert!(first.ends_with("# EOF\n"));

    service_certificate(&server, "first", 90).await;
    days_before(&server, 29).await;
    let form = [("SAMLResponse", "AAAA")];
    let refused = reqwest::Client::new().post(server.url("/saml/acme/acs")).form(&form);
    assert_eq!(refused.send().await.expect("an answer").status(), 200, "posted again");
    let form = [("SAMLResponse", "AAAA"), ("sso_posted_again", "1")];
    let refused = reqwest::Client::new().post(server.url("/saml/acme/acs")).form(&form);
    let refused = refused.send().await.expect("an answer");
    assert_eq!(refused.status(), 403);
    let text = metrics().await;
    let end = (BEGINNING + Duration::days(90)).unix_timestamp();
    for line in [
        "sso_notices_total{kind=\"service_certificate_expiry\"} 1".to_owned(),
        "sso_expiring{what=\"service_certificate\",within_days=\"60\"} 1".to_owned(),
        "sso_expiring{what=\"service_certificate\",within_days=\"30\"} 1".to_owned(),
        "sso_expiring{what=\"service_certificate\",within_days=\"14\"} 0".to_owned(),
        format!("sso_earliest_expiry_timestamp_seconds{{what=\"service_certificate\"}} {end}"),
        "sso_logins_total{outcome=\"connection_disabled\"} 1".to_owned(),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("acme"), "{text}");
}
