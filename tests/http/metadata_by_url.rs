//! Metadata by its address (SPEC 2): imported, refreshed, held back where it is risky, and kept as it was
//! where its host says nothing good. The host is a real one, on loopback.

use crate::admin_api::{self, acme_with, answer};
use reqwest::Method;
use serde_json::{Value, json};
use sso_server::config::{Config, Networks};
use sso_tests::{
    BEGINNING, Engine, Federation, HostAnswer, IdentityProvider, IdpMetadata, MetadataHost,
    PostgresCluster, SeededRandom, TestKey, TestServer, entity_id,
};
use time::Duration;

const METADATA: &str = "orgs/acme/sso/metadata";

/// Lets a service ask hosts on loopback.
pub(crate) fn asks_loopback(config: &mut Config) {
    config.outgoing_networks =
        Networks::read("outgoing_networks", Some(MetadataHost::NETWORK)).expect("a network");
}

/// An identity provider with a key of its own.
pub(crate) fn idp() -> IdentityProvider {
    IdentityProvider::new(BEGINNING, &SeededRandom::new(1))
}

async fn send(server: &TestServer, method: Method, path: &str, body: Value) -> (u16, Value) {
    let (status, answer) = admin_api::send(server, method, path, body).await;
    (status.as_u16(), answer)
}

async fn read(server: &TestServer, path: &str) -> (u16, Value) {
    let (status, answer) = admin_api::read(server, path).await;
    (status.as_u16(), answer)
}

/// A service with `acme`, whose metadata is at a host that has this document.
async fn imported(document: String, mut how: Value) -> (TestServer, MetadataHost) {
    let host = MetadataHost::start(document).await;
    let server = acme_with(Engine::Sqlite, asks_loopback).await;
    how["url"] = host.url().into();
    let (status, report) = send(&server, Method::POST, METADATA, how).await;
    assert_eq!(status, 200, "{report}");
    (server, host)
}

/// How the metadata stands.
async fn state(server: &TestServer) -> Value {
    let asked = server.api(Method::GET, METADATA).header("accept", "application/json");
    let (status, state) = answer(asked.send().await.expect("an answer")).await;
    assert_eq!(status, 200, "{state}");
    state
}

async fn post(server: &TestServer, path: &str) -> (u16, Value) {
    send(server, Method::POST, &format!("{METADATA}/{path}"), json!({})).await
}

/// The acts and notices about metadata in the audit trail, oldest first.
async fn told(server: &TestServer) -> Vec<String> {
    server.clock().advance(Duration::seconds(1));
    let (_, trail) = read(server, "orgs/acme/audit?category=configuration&limit=200").await;
    let entries = trail["items"].as_array().expect("a list").iter().rev();
    let acts = entries.map(|entry| {
        let text = |name: &str| entry[name].as_str().expect("text");
        format!("{} {}", text("administrator"), text("sub_category"))
    });
    acts.filter(|act| act.contains("metadata")).collect()
}

#[tokio::test]
async fn an_address_is_imported_and_shown() {
    let (one, until) = (idp(), "2026-02-01T00:00:00Z");
    let attributes = format!("validUntil=\"{until}\" cacheDuration=\"PT6H\"");
    let document = IdpMetadata::of(&[&one]).with(&attributes).document();
    let (server, host) = imported(document.clone(), json!({})).await;
    assert_eq!(host.asked(), 1);
    let (_, connection) = read(&server, "orgs/acme/sso").await;
    assert_eq!(connection["idp_entity_id"], "https://idp.example/");
    let shown = state(&server).await;
    assert_eq!(shown["url"], host.url());
    assert_eq!(shown["valid_until"], until);
    assert_eq!(shown["cache_seconds"], 6 * 3_600);
    assert_eq!(shown["taken_at"], "2026-01-02T03:04:05Z");
    assert_eq!((&shown["failure"], &shown["pending"]), (&Value::Null, &Value::Null));
    assert_eq!(shown["pending_approval"], false);
    // Whoever asks for nothing in particular gets the document.
    let asked = server.api(Method::GET, METADATA).send().await.expect("an answer");
    assert_eq!(asked.text().await.expect("XML"), document);

    // A document that is handed in ends the refreshes.
    let body = json!({"document": document});
    assert_eq!(send(&server, Method::POST, METADATA, body).await.0, 200);
    let shown = state(&server).await;
    assert_eq!((&shown["url"], &shown["due_at"]), (&Value::Null, &Value::Null));
    let (status, problem) = post(&server, "refresh").await;
    assert_eq!((status, &problem["code"]), (409, &json!("metadata_not_by_url")));
    server.clock().advance(Duration::days(2));
    server.run_job("metadata").await;
    assert_eq!(host.asked(), 1);
}

#[tokio::test]
async fn nobody_is_asked_whom_the_service_may_not_ask() {
    let host = MetadataHost::start(IdpMetadata::of(&[&idp()]).document()).await;
    let server = acme_with(Engine::Sqlite, |_| ()).await;
    let port = host.url().rsplit(':').next().map(str::to_owned).expect("a port and a path");
    for url in [
        host.url(),
        host.named_url("localhost"),
        host.named_url("0x7f000001"),
        host.named_url("[::1]"),
        host.named_url("[::ffff:127.0.0.1]"),
        format!("https://127.0.0.1:{port}"),
        format!("https://localhost:{port}"),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let (status, problem) = send(&server, Method::POST, METADATA, json!({"url": url})).await;
        assert_eq!((status, &problem["code"]), (422, &json!("address_not_allowed")), "{url}");
    }
    assert_eq!(host.asked(), 0);
    assert_eq!(read(&server, "orgs/acme/sso").await.0, 404, "nothing was made");
    // The same address, where the operator allows the network.
    let allowed = acme_with(Engine::Sqlite, asks_loopback).await;
    let body = json!({"url": host.url()});
    assert_eq!(send(&allowed, Method::POST, METADATA, body).await.0, 200);
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused_with_its_reason() {
    let (one, other) = (idp(), idp());
    let host = MetadataHost::start(String::new()).await;
    let server = acme_with(Engine::Sqlite, asks_loopback).await;
    let good = IdpMetadata::of(&[&one]);
    let pin = pem(&one);
    let tenant =
        IdpMetadata { entity_id: "https://sts.windows.net/{tenant}/".to_owned(), ..good.clone() };
    let expired = good.clone().with("validUntil=\"2026-01-02T03:04:05Z\"");
    let other_key = String::from_utf8(TestKey::rsa(2048).pem()).expect("PEM");
    use HostAnswer::{Document, Redirect, Status};
    for (says, more, code) in [
        (Document(tenant.document()), json!({}), "tenant_placeholder"),
        (Document(expired.document()), json!({}), "metadata_expired"),
        (Document("<x/>".to_owned()), json!({}), "not_metadata"),
        (Document(good.document()), json!({"entity_id": "urn:x"}), "entity_not_found"),
        (Document(good.document()), json!({"pin": pin}), "unsigned"),
        (Document(good.signed_by(&other)), json!({"pin": pin}), "untrusted_key"),
        (Document(good.signed_by(&one)), json!({"pin": other_key}), "algorithm_key_mismatch"),
        (
            Document(good.signed_by(&one).replace("/sso\"", "/evil\"")),
            json!({"pin": pin}),
            "digest_mismatch",
        ),
        (Document(good.document()), json!({"pin": "x"}), "not_a_certificate"),
        (Document(good.document()), json!({"document": "x"}), "invalid_field"),
        (Document(good.document()), json!({"certificate": "x"}), "invalid_field"),
        (Status(404), json!({}), "answer_not_ok"),
        (Status(304), json!({}), "answer_not_ok"),
        (Redirect(host.url()), json!({}), "answer_not_ok"),
        (HostAnswer::Endless, json!({}), "answer_too_large"),
    ] {
        host.says(says);
        let mut body = more;
        body["url"] = host.url().into();
        let (status, problem) = send(&server, Method::POST, METADATA, body).await;
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{problem}");
    }
    let (status, problem) = send(&server, Method::POST, METADATA, json!({})).await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_field")));
    assert_eq!(read(&server, "orgs/acme/sso").await.0, 404, "nothing was made");

    // Each defect repaired: a document that the pinned key signed, from its address and handed in.
    host.has(good.signed_by(&one));
    for body in [
        json!({"url": host.url(), "pin": pin}),
        json!({"document": good.signed_by(&one), "pin": pin, "entity_id": good.entity_id}),
    ] {
        let (status, report) = send(&server, Method::POST, METADATA, body).await;
        assert_eq!(status, 200, "{report}");
        assert_eq!(state(&server).await["pin"], pin);
    }
    let body = json!({"document": good.document(), "pin": pin});
    let (status, problem) = send(&server, Method::POST, METADATA, body).await;
    assert_eq!((status, &problem["code"]), (422, &json!("unsigned")));
}

/// The certificate of an identity provider as one pins it.
fn pem(idp: &IdentityProvider) -> String {
    let certificate = openssl::x509::X509::from_der(idp.certificate()).expect("a certificate");
    String::from_utf8(certificate.to_pem().expect("PEM")).expect("text")
}

#[tokio::test]
async fn a_refresh_follows_the_document_and_spares_its_host() {
    let one = idp();
    let document = IdpMetadata::of(&[&one]).with("cacheDuration=\"PT6H\"");
    let (server, host) = imported(document.document(), json!({})).await;
    let after = async |wait: Duration| {
        server.clock().advance(wait);
        server.run_job("metadata").await;
        host.asked()
    };
    assert_eq!(after(Duration::ZERO).await, 1);
    assert_eq!(after(Duration::hours(6) - Duration::seconds(1)).await, 1, "not due yet");
    // A tenth is added by chance.
    assert_eq!(after(Duration::minutes(36) + Duration::seconds(1)).await, 2);
    assert_eq!(host.not_modified(), 1);
    assert_eq!(after(Duration::ZERO).await, 2);
    let shown = state(&server).await;
    assert_ne!(shown["checked_at"], shown["taken_at"]);
    assert_eq!(told(&server).await, ["operator metadata_imported"], "nothing to tell");

    // A key comes beside the one that is known: used at once, with its entry.
    let two = idp();
    host.has(IdpMetadata::of(&[&one, &two]).document());
    let (status, report) = post(&server, "refresh").await;
    assert_eq!((status, &report["changed"]), (200, &json!(["idp_certificates"])), "{report}");
    assert_eq!(report["pending_approval"], false);
    assert_eq!(report["filled"]["idp_certificates"].as_array().map(Vec::len), Some(2));
    let expected = ["operator metadata_imported", "operator metadata_refreshed"];
    assert_eq!(told(&server).await, expected);
    // And the old one goes.
    host.has(IdpMetadata::of(&[&two]).document());
    server.clock().advance(Duration::hours(5));
    server.run_job("metadata").await;
    assert_eq!(told(&server).await[2..], ["system metadata_refreshed"]);
    assert_eq!(state(&server).await["failure"], Value::Null);
}

#[tokio::test]
async fn whatever_the_host_says_the_last_good_copy_stays() {
    let (one, other) = (idp(), idp());
    let good = IdpMetadata::of(&[&one]);
    let pinned = json!({"pin": pem(&one)});
    let (server, host) = imported(good.signed_by(&one), pinned).await;
    let (_, before) = read(&server, "orgs/acme/sso").await;
    let document = || async {
        let asked = server.api(Method::GET, METADATA).send().await.expect("an answer");
        asked.text().await.expect("XML")
    };
    let copy = document().await;
    let expired = good.clone().with("validUntil=\"2026-01-02T03:04:05Z\"");
    let mut notices = 0;
    use HostAnswer::{Document, Redirect, Status};
    for (says, code) in [
        (Status(404), "answer_not_ok"),
        (Status(500), "answer_not_ok"),
        (Redirect("https://evil.example/".to_owned()), "answer_not_ok"),
        (HostAnswer::Endless, "answer_too_large"),
        (HostAnswer::Silent, "host_timed_out"),
        (Document(String::new()), "not_well_formed"),
        (Document(expired.signed_by(&one)), "metadata_expired"),
        (Document(good.document()), "unsigned"),
        (Document(good.signed_by(&other)), "untrusted_key"),
    ] {
        host.says(says);
        server.clock().advance(Duration::days(2));
        server.run_job("metadata").await;
        let failure = state(&server).await["failure"].clone();
        assert_eq!(failure["code"], code, "{failure}");
        notices += usize::from(failure["code"] != "answer_not_ok" || notices == 0);
        assert_eq!(read(&server, "orgs/acme/sso").await.1, before, "{code}");
        assert_eq!(document().await, copy, "{code}");
        let told = told(&server).await;
        let about = told.iter().filter(|act| *act == "system metadata_refresh_failed").count();
        assert_eq!(about, notices, "{code}: each reason is told once");
    }
    assert_eq!(state(&server).await["failure"]["times"], 9);

    // It is asked less and less: the ninth failure is a day apart from the next attempt.
    let asked = host.asked();
    server.clock().advance(Duration::hours(23));
    server.run_job("metadata").await;
    assert_eq!(host.asked(), asked);

    // An administrator who asks by hand is told the same, and a good answer ends it.
    let (status, problem) = post(&server, "refresh").await;
    assert_eq!((status, &problem["code"]), (422, &json!("untrusted_key")));
    host.has(good.signed_by(&one));
    assert_eq!(post(&server, "refresh").await.0, 200);
    assert_eq!(state(&server).await["failure"], Value::Null);
    let (server, host) = (server.restart().await, host);
    let asked = host.asked();
    server.clock().advance(Duration::days(2));
    server.run_job("metadata").await;
    assert_eq!(host.asked(), asked + 1, "a restart forgets nothing");
}

/// One entity of many, which is all that is kept of the aggregate.
#[tokio::test]
async fn an_entity_of_an_aggregate_is_refreshed() {
    let key = TestKey::rsa(2048).certificate();
    let (one, two) = ([key.clone()], [key, TestKey::rsa(2048).certificate()]);
    let aggregate = |certificates| Federation { entities: 40, certificates }.document();
    let (server, host) = imported(aggregate(&one), json!({"entity_id": entity_id(31)})).await;
    let kept = server.api(Method::GET, METADATA).send().await.expect("an answer");
    let kept = kept.text().await.expect("XML");
    assert!(kept.contains(&entity_id(31)) && !kept.contains(&entity_id(30)));
    // The same, of which the host knows, and another key.
    assert_eq!(post(&server, "refresh").await.1["changed"], json!([]));
    assert_eq!(host.not_modified(), 1);
    host.has(aggregate(&two));
    let (status, report) = post(&server, "refresh").await;
    assert_eq!((status, &report["changed"]), (200, &json!(["idp_certificates"])), "{report}");
    // It left the federation, or the host answers with another document.
    host.has(Federation { entities: 20, certificates: &two }.document());
    let (status, problem) = post(&server, "refresh").await;
    assert_eq!((status, &problem["code"]), (422, &json!("entity_not_found")));
    assert_eq!(state(&server).await["failure"]["code"], "entity_not_found");
    // All of its keys change, and an administrator approves of what was kept.
    let other = [TestKey::rsa(2048).certificate()];
    host.has(aggregate(&other));
    assert_eq!(post(&server, "refresh").await.1["pending_approval"], true);
    let (status, report) = post(&server, "approve").await;
    assert_eq!((status, &report["changed"]), (200, &json!(["idp_certificates"])), "{report}");
}

/// Of a host that is gone, and of an address that is not allowed any more.
#[tokio::test]
async fn a_host_that_is_gone_changes_nothing() {
    let (server, _) = imported(IdpMetadata::of(&[&idp()]).document(), json!({})).await;
    let gone = sso_tests::free_port();
    server.database().run(&format!(
        "UPDATE metadata_sources SET document = \
         json_set(document, '$.url', 'http://127.0.0.1:{gone}/')"
    ));
    let (status, problem) = post(&server, "refresh").await;
    assert_eq!((status, &problem["code"]), (422, &json!("host_unreachable")));
    server.database().run(
        "UPDATE metadata_sources SET document = json_set(document, '$.url', 'https://10.0.0.1/')",
    );
    let (status, problem) = post(&server, "refresh").await;
    assert_eq!((status, &problem["code"]), (422, &json!("address_not_allowed")));
    let failure = state(&server).await["failure"].clone();
    assert_eq!((&failure["code"], &failure["times"]), (&json!("address_not_allowed"), &json!(2)));
    assert_eq!(read(&server, "orgs/acme/sso").await.0, 200);
}

async fn what_is_risky_waits(engine: Engine) {
    let (one, two) = (idp(), idp());
    let good = IdpMetadata::of(&[&one]);
    let host = MetadataHost::start(good.document()).await;
    let server = acme_with(engine, asks_loopback).await;
    let (status, report) = send(&server, Method::POST, METADATA, json!({"url": host.url()})).await;
    assert_eq!(status, 200, "{report}");
    let (_, before) = read(&server, "orgs/acme/sso").await;
    for path in ["approve", "reject"] {
        let (status, problem) = post(&server, path).await;
        assert_eq!((status, &problem["code"]), (409, &json!("nothing_to_approve")));
    }

    for (document, field) in [
        (
            IdpMetadata { entity_id: "https://other.example/".to_owned(), ..good.clone() },
            "idp_entity_id",
        ),
        (IdpMetadata { sso_url: "https://evil.example/sso".to_owned(), ..good.clone() }, "sso_url"),
        (IdpMetadata::of(&[&two]), "idp_certificates"),
    ] {
        host.has(document.document());
        server.clock().advance(Duration::days(2));
        server.run_job("metadata").await;
        let shown = state(&server).await;
        assert_eq!(shown["pending_approval"], true, "{shown}");
        assert_eq!(shown["failure"], Value::Null);
        let change = &shown["pending"]["changes"][0];
        assert_eq!((&change["field"], &change["needs_approval"]), (&json!(field), &json!(true)));
        assert_eq!(read(&server, "orgs/acme/sso").await.1, before, "it waits");
        // The next refresh finds the same, and tells it once.
        let (status, report) = post(&server, "refresh").await;
        assert_eq!((status, &report["pending_approval"]), (200, &json!(true)), "{report}");
        assert_eq!(state(&server).await["pending"], shown["pending"]);
        let (status, problem) = post(&server, "approve?pending=0123456789abcdef").await;
        assert_eq!((status, &problem["code"]), (409, &json!("changed_meanwhile")));

        // What was rejected is not proposed again.
        let seen = shown["pending"]["id"].as_str().expect("a name").to_owned();
        let (status, rejected) = post(&server, &format!("reject?pending={seen}")).await;
        assert_eq!((status, &rejected["pending_approval"]), (200, &json!(false)));
        let (_, report) = post(&server, "refresh").await;
        assert_eq!((&report["pending_approval"], &report["changed"]), (&json!(false), &json!([])));
        assert_eq!(state(&server).await["pending"], Value::Null);
        assert_eq!(read(&server, "orgs/acme/sso").await.1, before);
    }
    let told = told(&server).await;
    for act in ["system metadata_approval_needed", "operator metadata_rejected"] {
        assert_eq!(told.iter().filter(|told| *told == act).count(), 3, "{act}: {told:?}");
    }

    // An approval of what was compared with another connection is refused, and leaves it as it is.
    let moved = IdpMetadata { sso_url: "https://new.example/sso".to_owned(), ..good.clone() };
    host.has(moved.document());
    assert_eq!(post(&server, "refresh").await.1["pending_approval"], true);
    let patch = json!({"auto_create": true});
    assert_eq!(send(&server, Method::PATCH, "orgs/acme/sso", patch).await.0, 200);
    let (status, problem) = post(&server, "approve").await;
    assert_eq!((status, &problem["code"]), (409, &json!("changed_meanwhile")));
    assert_eq!(read(&server, "orgs/acme/sso").await.1["sso_url"], before["sso_url"]);
    // Compared anew it is approved, once, and what was set meanwhile stays.
    assert_eq!(post(&server, "refresh").await.1["pending_approval"], true);
    let (status, report) = post(&server, "approve").await;
    assert_eq!((status, &report["changed"]), (200, &json!(["sso_url"])), "{report}");
    assert_eq!(report["pending_approval"], false);
    let (_, now) = read(&server, "orgs/acme/sso").await;
    assert_eq!((&now["sso_url"], &now["auto_create"]), (&json!(moved.sso_url), &json!(true)));
    let (status, problem) = post(&server, "approve").await;
    assert_eq!((status, &problem["code"]), (409, &json!("nothing_to_approve")));

    // A change that its host took back waits no more.
    host.has(good.document());
    assert_eq!(post(&server, "refresh").await.1["pending_approval"], true);
    host.has(moved.document());
    assert_eq!(post(&server, "refresh").await.1["pending_approval"], false);
    assert_eq!(state(&server).await["pending"], Value::Null);
}

#[tokio::test]
async fn what_is_risky_waits_on_sqlite() {
    what_is_risky_waits(Engine::Sqlite).await;
}

#[tokio::test]
async fn what_is_risky_waits_on_postgresql() {
    what_is_risky_waits(Engine::Postgres(PostgresCluster::shared().database())).await;
}

/// A document that waits, and whose time runs out meanwhile, is not used.
#[tokio::test]
async fn what_waits_too_long_is_not_used() {
    let (one, two) = (idp(), idp());
    let (server, host) = imported(IdpMetadata::of(&[&one]).document(), json!({})).await;
    let soon = IdpMetadata::of(&[&two]).with("validUntil=\"2026-01-03T00:00:00Z\"");
    host.has(soon.document());
    assert_eq!(post(&server, "refresh").await.1["pending_approval"], true);
    server.clock().advance(Duration::days(1));
    let (status, problem) = post(&server, "approve").await;
    assert_eq!((status, &problem["code"]), (422, &json!("metadata_expired")));
}
