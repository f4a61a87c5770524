//! Plans of service certificates (SPEC 7): what is taken, carried out on time and after downtime, and told of
//! where it cannot be.

use crate::admin_api::{acme, read, send};
use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::{BEGINNING, TestServer};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

const PATH: &str = "orgs/acme/service-certificates";

fn after(days: i64) -> Value {
    let at: OffsetDateTime = BEGINNING + Duration::days(days);
    at.format(&Rfc3339).expect("RFC 3339").into()
}

async fn made(server: &TestServer, alias: &str) -> String {
    // A list is in the order in which they were made.
    server.clock().advance(Duration::seconds(1));
    let new = json!({"alias": alias, "valid_days": 90, "key": "p256"});
    let (status, made) = send(server, Method::POST, PATH, new).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().expect("an id").to_owned()
}

async fn plan(server: &TestServer, id: &str, activate: Value, retire: Value) -> Value {
    let plan = json!({"activate_at": activate, "retire_at": retire});
    let (status, planned) = send(server, Method::PUT, &format!("{PATH}/{id}/plan"), plan).await;
    assert_eq!(status, 200, "{planned}");
    planned
}

async fn states(server: &TestServer) -> Vec<String> {
    let (_, list) = read(server, PATH).await;
    let items = list["items"].as_array().expect("a list").iter();
    items.map(|item| item["state"].as_str().expect("text").to_owned()).collect()
}

/// What the service did by itself, oldest first.
async fn by_itself(server: &TestServer) -> Vec<String> {
    let (_, trail) = read(server, "orgs/acme/audit?administrator=system").await;
    let items = trail["items"].as_array().expect("a list").iter().rev();
    items.map(|entry| entry["sub_category"].as_str().expect("text").to_owned()).collect()
}

#[tokio::test]
async fn a_plan_is_carried_out_on_time() {
    let server = acme().await;
    let (old, new) = (made(&server, "old").await, made(&server, "new").await);
    let activate = format!("{PATH}/{old}/activate");
    assert_eq!(send(&server, Method::POST, &activate, json!({})).await.0, 200);
    plan(&server, &old, Value::Null, after(20)).await;
    let planned = plan(&server, &new, after(10), Value::Null).await;
    assert_eq!(planned["plan"], json!({"activate_at": after(10), "retire_at": null}));
    assert_eq!(planned["chain"], json!([]));

    for (days, expected) in
        [(9, ["active", "next"]), (10, ["previous", "active"]), (20, ["retired", "active"])]
    {
        server.clock().set(BEGINNING + Duration::days(days));
        server.run_job("certificate_plans").await;
        assert_eq!(states(&server).await, expected, "after {days} days");
    }
    let acts = ["service_certificate_activated", "service_certificate_retired"];
    assert_eq!(by_itself(&server).await, acts);
    let (_, done) = read(&server, &format!("{PATH}/{new}")).await;
    assert_eq!(done["plan"], json!({"activate_at": null, "retire_at": null}));
}

#[tokio::test]
async fn overdue_plans_are_carried_out_in_their_order_after_downtime() {
    let server = acme().await;
    let (a, b, c) = (made(&server, "a").await, made(&server, "b").await, made(&server, "c").await);
    plan(&server, &c, after(3), Value::Null).await;
    plan(&server, &b, after(2), after(4)).await;
    plan(&server, &a, after(1), after(3)).await;
    let clock = BEGINNING + Duration::days(30);
    server.clock().set(clock);
    let server = server.restart().await;
    server.run_job("certificate_plans").await;
    assert_eq!(states(&server).await, ["retired", "retired", "active"]);
    assert_eq!(by_itself(&server).await.len(), 5);
}

#[tokio::test]
async fn a_plan_that_became_impossible_is_told_of_and_given_up() {
    let server = acme().await;
    let (first, late) = (made(&server, "first").await, made(&server, "late").await);
    let activate = format!("{PATH}/{first}/activate");
    assert_eq!(send(&server, Method::POST, &activate, json!({})).await.0, 200);
    plan(&server, &first, Value::Null, after(5)).await;
    plan(&server, &late, after(89), Value::Null).await;
    server.clock().set(BEGINNING + Duration::days(91));
    server.run_job("certificate_plans").await;
    server.run_job("certificate_plans").await;
    assert_eq!(states(&server).await, ["active", "next"]);
    let blocked = "certificate_plan_blocked";
    let given_up = "service_certificate_plan_given_up";
    let mut acts = by_itself(&server).await;
    acts.sort();
    assert_eq!(acts, [blocked, blocked, given_up, given_up]);
    let (_, kept) = read(&server, &format!("{PATH}/{first}")).await;
    assert_eq!(kept["plan"]["retire_at"], Value::Null);
}

#[tokio::test]
async fn each_refusal_of_a_plan_has_its_code() {
    let server = acme().await;
    let (active, next) = (made(&server, "active").await, made(&server, "next").await);
    let activate = format!("{PATH}/{active}/activate");
    assert_eq!(send(&server, Method::POST, &activate, json!({})).await.0, 200);
    let absent = "crt_00000000000000000000000000000000".to_owned();
    for (id, body, status, code, field) in [
        (&next, json!({"activate_at": after(0)}), 422, "invalid_field", "activate_at"),
        (&next, json!({"activate_at": after(91)}), 422, "invalid_field", "activate_at"),
        (&active, json!({"activate_at": after(1)}), 422, "invalid_field", "activate_at"),
        (&next, json!({"activate_at": "tomorrow"}), 422, "invalid_field", "activate_at"),
        (&next, json!({"retire_at": after(-1)}), 422, "invalid_field", "retire_at"),
        (
            &next,
            json!({"activate_at": after(2), "retire_at": after(2)}),
            422,
            "invalid_field",
            "retire_at",
        ),
        (&next, json!({"at": after(2)}), 422, "invalid_field", "at"),
        (&absent, json!({}), 404, "not_found", ""),
    ] {
        let path = format!("{PATH}/{id}/plan");
        let (found, problem) = send(&server, Method::PUT, &path, body.clone()).await;
        assert_eq!((found.as_u16(), &problem["code"]), (status, &json!(code)), "{body}");
        assert_eq!(problem["field"].as_str().unwrap_or_default(), field, "{body}");
    }
    plan(&server, &next, after(1), after(2)).await;
    let path = format!("{PATH}/{next}");
    assert_eq!(send(&server, Method::POST, &format!("{path}/retire"), json!({})).await.0, 200);
    let body = json!({"retire_at": after(3)});
    let (status, problem) = send(&server, Method::PUT, &format!("{path}/plan"), body).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("certificate_retired")));
    // An offset is an instant like any other.
    let body = json!({"retire_at": "2026-02-01T02:00:00+02:00"});
    let (_, planned) = send(&server, Method::PUT, &format!("{PATH}/{active}/plan"), body).await;
    assert_eq!(planned["plan"]["retire_at"], "2026-02-01T00:00:00Z");
}
