//! SP-initiated login (SPEC 5.1) through npm `samlp`, set up through the Admin API alone, against
//! the real service on each storage engine. The peer verifies our AuthnRequests, we its responses.

use crate::acme::{refused, set_up};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{Browser, Form, Page, Peer, PostgresCluster, ServerProcess};
use url::Url;

const MARCH: &str = "2026-03-01T08:00:00Z";
const MAY: &str = "2026-05-01T08:00:00Z";
const JULY: &str = "2026-07-01T08:00:00Z";

#[tokio::test]
async fn a_person_signs_in_on_sqlite() {
    sign_in_update_and_replay(ServerProcess::start(None).await).await;
}

#[tokio::test]
async fn a_person_signs_in_on_postgresql() {
    let database = PostgresCluster::shared().database();
    sign_in_update_and_replay(ServerProcess::start(Some(database)).await).await;
}

async fn sign_in_update_and_replay(mut service: ServerProcess) {
    let idp = Peer::samlp();
    set_up(&service, &idp, json!({"auto_create": true, "auto_update": true})).await;
    let browser = Browser::default();
    browser.open(&idp.sign_in_url("ann")).await;

    // The first login makes the account.
    say_of_ann(&idp, "Ann", "Miller", MAY).await;
    let first = answer_of_the_idp(&service, &browser).await;
    let page = browser.submit(&first).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let session = session(&service, &browser).await;
    assert_eq!(session["org"], "acme");
    assert_eq!(session["account"]["first_name"], "Ann");
    assert_eq!(session["account"]["source"], "sso");
    let ann = only_account(&service).await;
    assert_eq!(ann["id"], session["account"]["id"]);
    assert_eq!(ann["uid"], "ann@acme.example");
    assert_eq!(ann["last_name"], "Miller");
    assert_eq!(ann["name_id"]["value"], "ann@acme.example");

    // An equal stamp changes nothing, an older one neither, a newer one does, without a stamp
    // nothing does: one account all the while.
    for (last_name, stamp, stored) in [
        ("Equal", Some(MAY), "Miller"),
        ("Older", Some(MARCH), "Miller"),
        ("Newer", Some(JULY), "Newer"),
        ("Between", Some(MAY), "Newer"),
        ("Without", None, "Newer"),
    ] {
        say_of(&idp, "Ann", last_name, stamp).await;
        let page = sign_in(&service, &browser).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let now = only_account(&service).await;
        assert_eq!(now["id"], ann["id"]);
        assert_eq!(now["last_name"], stored, "stamp {stamp:?}");
    }
    let requests = idp.requests().await;
    assert_eq!(requests.len(), 6, "each login's AuthnRequest was verified: {requests:?}");

    // A response is used once, in the same browser, and never in another one, before and after a
    // crash. A second answer to the same request is another assertion, and is not used either.
    let (one, other) = two_answers_to_one_request(&service, &browser).await;
    assert_eq!(browser.submit(&one).await.status, StatusCode::OK);
    for _ in 0..2 {
        refused(&service, &browser.post(&first).await, "replayed").await;
        refused(&service, &browser.post(&one).await, "replayed").await;
        refused(&service, &browser.post(&other).await, "request_already_used").await;
        refused(&service, &Browser::default().post(&first).await, "browser_mismatch").await;
        service.crash_and_restart().await;
    }

    // What was committed before the crash is there after it: the account and the session.
    assert_eq!(only_account(&service).await["last_name"], "Newer");
    assert_eq!(self::session(&service, &browser).await["account"]["id"], ann["id"]);

    // A response that was not used before the crash is used after it, once.
    say_of_ann(&idp, "Ann", "Later", "2026-09-01T08:00:00Z").await;
    let begun_before = answer_of_the_idp(&service, &browser).await;
    service.crash_and_restart().await;
    assert_eq!(browser.submit(&begun_before).await.status, StatusCode::OK);
    assert_eq!(only_account(&service).await["last_name"], "Later");
    refused(&service, &browser.post(&begun_before).await, "replayed").await;
}

async fn say_of_ann(idp: &Peer, first_name: &str, last_name: &str, stamp: &str) {
    say_of(idp, first_name, last_name, Some(stamp)).await;
}

async fn say_of(idp: &Peer, first_name: &str, last_name: &str, stamp: Option<&str>) {
    let mut attributes = json!({
        "uid": "ann@acme.example",
        "email": "ann@acme.example",
        "firstname": first_name,
        "lastname": last_name,
    });
    if let Some(stamp) = stamp {
        attributes["updateTimeStamp"] = json!(stamp);
    }
    idp.set_person("ann", json!({"name_id": "ann@acme.example", "attributes": attributes})).await;
}

/// Begins a login and goes to the identity provider: the form that it answers with, not posted yet.
async fn answer_of_the_idp(service: &ServerProcess, browser: &Browser) -> Form {
    let request = begin(service, browser).await;
    answer(service, browser, &request).await
}

async fn two_answers_to_one_request(service: &ServerProcess, browser: &Browser) -> (Form, Form) {
    let request = begin(service, browser).await;
    let one = answer(service, browser, &request).await;
    let other = answer(service, browser, &request).await;
    assert_ne!(one.field("SAMLResponse"), other.field("SAMLResponse"));
    (one, other)
}

/// Begins a login: the address, with the AuthnRequest, to which the browser is sent.
async fn begin(service: &ServerProcess, browser: &Browser) -> Url {
    let page = browser.open(&service.url("/sso/acme/login")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    page.location.expect("the identity provider's address")
}

async fn answer(service: &ServerProcess, browser: &Browser, request: &Url) -> Form {
    let page = browser.open(request.as_str()).await;
    assert_eq!(page.status, StatusCode::OK, "the identity provider refused: {}", page.body);
    let form = page.form();
    assert_eq!(form.action.as_str(), service.url("/saml/acme/acs"));
    form
}

async fn sign_in(service: &ServerProcess, browser: &Browser) -> Page {
    browser.submit(&answer_of_the_idp(service, browser).await).await
}

async fn session(service: &ServerProcess, browser: &Browser) -> Value {
    let page = browser.open(&service.url("/session")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    serde_json::from_str(&page.body).expect("JSON")
}

async fn only_account(service: &ServerProcess) -> Value {
    let users = service.admin().get("orgs/acme/users").await;
    let items = users["items"].as_array().expect("a list");
    assert_eq!(items.len(), 1, "{users}");
    items[0].clone()
}
