//! A service whose connection asks the second engine: the setting is taken, both engines accept a login, and
//! a message on which they differ is a refusal, a trace and a security event.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{Admin, BEGINNING, Begun, Corp, Engine, OPERATOR_TOKEN, Person, TestServer};

const ASSERTION: &str = "_assertion-1";

#[tokio::test]
async fn a_disagreement_signs_nobody_in_and_is_a_security_event() {
    let server = TestServer::start_with(Engine::Sqlite, Some(Corp::PUBLIC_URL), |_| ()).await;
    let (admin, node) = (Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN), server.url(""));
    let corp = Corp::set_up(&admin, BEGINNING).await;
    let connection = admin.patch("orgs/corp/sso", json!({"verification": "dual"})).await;
    assert_eq!(connection["verification"], "dual", "{connection}");

    let person = Person::new("ann");
    let begun = corp.begin(&node, "", &person, ASSERTION, BEGINNING).await.expect("begun");
    // libxml2 takes this for the assertion's ID, there a second time. The outside is not signed.
    let odd = with_attribute(&begun, &format!("xmlns:x=\"urn:x\" x:ID=\"{ASSERTION}\""));
    let refused = corp.post(&node, &begun.cookie, &odd).await.expect("an answer");
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let page = refused.text().await.expect("a page");
    assert!(page.contains("response_rejected") && !page.contains("second"), "{page}");
    assert_eq!(admin.get("orgs/corp/users").await["items"], json!([]));

    let traces = admin.get("orgs/corp/logins").await;
    let trace = &traces["items"][0];
    assert_eq!(trace["code"], "second_opinion_differs", "{trace}");
    let events = security_events(&admin).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["administrator"], "service");
    assert_eq!(events[0]["sub_category"], "second_opinion_differs");
    let details = events[0]["details"].as_str().expect("details");
    assert!(details.contains(trace["id"].as_str().expect("a number")), "{details}");

    // The same answer as the identity provider sent it is accepted, and the trace names both engines.
    let accepted = corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer");
    assert_eq!(accepted.status(), StatusCode::SEE_OTHER);
    let traces = admin.get("orgs/corp/logins").await;
    let mut traces = traces["items"].as_array().expect("a list").iter();
    let trace = traces.find(|trace| trace["outcome"] == "accepted").expect("a trace");
    let steps = trace["steps"].as_array().expect("steps");
    assert!(
        steps.iter().any(|step| step["rule"] == "second_opinion_differs" && step["ok"] == true)
    );
    assert_eq!(security_events(&admin).await.len(), 1);
    server.stop().await;
}

/// The form with an attribute more on the response.
fn with_attribute(begun: &Begun, attribute: &str) -> String {
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(begun.form.as_bytes()).into_owned().collect();
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        if name == "SAMLResponse" {
            let response = STANDARD.decode(value).expect("base64");
            let response = String::from_utf8(response).expect("UTF-8");
            let odd =
                response.replacen("<samlp:Response ", &format!("<samlp:Response {attribute} "), 1);
            form.append_pair(&name, &STANDARD.encode(odd));
        } else {
            form.append_pair(&name, &value);
        }
    }
    form.finish()
}

async fn security_events(admin: &Admin) -> Vec<Value> {
    let listed = admin.get("orgs/corp/audit?category=security").await;
    listed["items"].as_array().expect("a list").clone()
}
