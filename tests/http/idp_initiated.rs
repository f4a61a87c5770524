//! A login that the identity provider began, over HTTP (SPEC 5.2, DESIGN 6): which cookies come with
//! which post, the page that posts again, and the page that asks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Corp, Form, OPERATOR_TOKEN, Page, Person, TestServer, cookie, request_id,
};
use url::Url;

struct Scene {
    server: TestServer,
    corp: Corp,
    admin: Admin,
}

impl Scene {
    async fn new(connection: Value) -> Self {
        let server = TestServer::start_at(sso_tests::Engine::Sqlite, Some(Corp::PUBLIC_URL)).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        admin.patch("orgs/corp/sso", connection).await;
        Self { server, corp, admin }
    }

    /// The form in which the identity provider has a person's browser post an unasked response.
    fn unasked(&self, person: &str, assertion: &str, target: &str) -> String {
        let (person, now) = (Person::new(person), self.server.clock().now());
        let response = self.corp.idp.response(&person, None, assertion, now);
        body(&[("SAMLResponse", &STANDARD.encode(response)), ("RelayState", target)])
    }

    async fn post(&self, cookies: &[&str], form: &str) -> Response {
        let node = self.server.url("");
        self.corp.post(&node, &cookies.join("; "), form).await.expect("an answer")
    }

    /// Posts what a page of ours has the browser post.
    async fn submit(&self, cookies: &[&str], form: &Form) -> Response {
        assert_eq!(form.action.path(), "/saml/corp/acs");
        let fields: Vec<(&str, &str)> =
            form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(cookies, &body(&fields)).await
    }

    async fn signed_in(&self, cookies: &[&str]) -> Option<String> {
        let url = self.server.url("/session");
        let answer = self.corp.get(&url, &cookies.join("; ")).await.expect("an answer");
        let who: Value = answer.json().await.expect("JSON");
        who["account"]["email"].as_str().map(str::to_owned)
    }
}

fn body(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A page of ours as a browser reads it, and the cookie that came with it.
async fn page(answer: Response) -> (String, Form, Option<String>) {
    assert_eq!(answer.status(), StatusCode::OK);
    let set = answer.headers().contains_key(SET_COOKIE).then(|| cookie(answer.headers()));
    let url = answer.url().clone();
    let body = answer.text().await.expect("a page");
    let page = Page { status: StatusCode::OK, url, location: None, body };
    (page.body.clone(), page.form(), set)
}

fn location(answer: &Response) -> &str {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()[LOCATION].to_str().expect("text")
}

#[tokio::test]
async fn an_accepted_login_is_posted_again_and_asks_before_it_replaces_somebody() {
    let scene = Scene::new(json!({"idp_initiated": "accept"})).await;
    // From the identity provider's site the session's cookie stays away.
    let form = scene.unasked("ada", "_1", "/app");
    let (shown, again, browser) = page(scene.post(&[], &form).await).await;
    assert!(shown.contains(r#"<script src="/assets/post.js">"#), "{shown}");
    let browser = browser.expect("a cookie to prove the page by");
    assert!(browser.starts_with("__Host-sso_login="), "{browser}");
    let signed_in = scene.submit(&[&browser], &again).await;
    assert_eq!(location(&signed_in), "https://sso.example/app");
    let ada = cookie(signed_in.headers());
    assert_eq!(scene.signed_in(&[&ada]).await.as_deref(), Some("ada@corp.example"));
    let traces = scene.admin.get("orgs/corp/logins").await;
    assert_eq!(traces["items"][0]["flow"], "idp_initiated");

    let form = scene.unasked("bob", "_2", "");
    let (_, again, kept) = page(scene.post(&[&browser], &form).await).await;
    assert_eq!(kept.as_deref(), Some(browser.as_str()), "other tabs are not in the way");
    let asks = scene.submit(&[&browser, &ada], &again).await;
    assert!(asks.headers().get(SET_COOKIE).is_none());
    let (shown, yes, _) = page(asks).await;
    assert!(!shown.contains("<script"), "a person answers, no script: {shown}");
    assert!(shown.contains("ada@corp.example") && shown.contains("bob@corp.example"), "{shown}");
    assert!(shown.contains("Corp &#60;&#38;&#62;"), "{shown}");
    assert_eq!(scene.signed_in(&[&ada]).await.as_deref(), Some("ada@corp.example"));
    let users = scene.admin.get("orgs/corp/users").await;
    assert_eq!(users["items"].as_array().map(Vec::len), Some(1), "no account was made: {users}");

    let signed_in = scene.submit(&[&browser, &ada], &yes).await;
    assert_eq!(location(&signed_in), "/welcome");
    let bob = cookie(signed_in.headers());
    assert_eq!(scene.signed_in(&[&bob]).await.as_deref(), Some("bob@corp.example"));
    assert_eq!(scene.signed_in(&[&ada]).await, None);
    let replayed = scene.submit(&[&browser, &bob], &yes).await;
    assert_eq!(replayed.status(), StatusCode::FORBIDDEN);
    assert!(replayed.text().await.expect("a page").contains("<code>replayed</code>"));
}

#[tokio::test]
async fn a_restarted_login_leaves_for_the_identity_provider() {
    let scene = Scene::new(json!({"idp_initiated": "restart"})).await;
    let form = scene.unasked("mallory", "_1", "/app");
    let left = scene.post(&[], &form).await;
    assert!(location(&left).starts_with("https://idp.example/sso?SAMLRequest="));
    let browser = cookie(left.headers());
    let now = scene.server.clock().now();
    let begun = scene.corp.answer(left.headers(), &Person::new("ada"), "_2", now);
    let signed_in = scene.post(&[&browser], &begun.form).await;
    assert_eq!(location(&signed_in), "https://sso.example/app");
    let ada = cookie(signed_in.headers());
    assert_eq!(scene.signed_in(&[&ada]).await.as_deref(), Some("ada@corp.example"));
}

#[tokio::test]
async fn an_identity_provider_that_takes_no_requests_is_told_the_target() {
    let scene = Scene::new(json!({
        "idp_initiated": "accept", "sso_profile": "idp", "target_parameter": "TARGET",
    }))
    .await;
    let login = scene.server.url("/sso/corp/login?return_to=/app%3Fx=1&login_hint=ada");
    let left = scene.corp.get(&login, "").await.expect("an answer");
    let to = Url::parse(location(&left)).expect("a URL");
    let query: Vec<_> = to.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let target = "https://sso.example/app?x=1";
    assert_eq!(query, [pair("login_hint", "ada"), pair("TARGET", target)]);
    assert!(!to.as_str().contains("SAMLRequest"));

    let (person, now) = (Person::new("ada"), scene.server.clock().now());
    let response = STANDARD.encode(scene.corp.idp.response(&person, None, "_1", now));
    let form = body(&[("SAMLResponse", &response), ("TARGET", target)]);
    let browser = cookie(left.headers());
    let (_, again, _) = page(scene.post(&[&browser], &form).await).await;
    let signed_in = scene.submit(&[&browser], &again).await;
    assert_eq!(location(&signed_in), target);
}

/// The settings that go together, and one that does not.
#[tokio::test]
async fn each_mode_is_a_setting_and_the_profile_needs_one() {
    let scene = Scene::new(json!({})).await;
    for mode in ["restart", "accept", "off"] {
        let changed = scene.admin.patch("orgs/corp/sso", json!({"idp_initiated": mode})).await;
        assert_eq!(changed["idp_initiated"], mode);
    }
    let refused = scene.server.api(reqwest::Method::PATCH, "orgs/corp/sso");
    let refused = refused.json(&json!({"sso_profile": "idp"})).send().await.expect("an answer");
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let problem: Value = refused.json().await.expect("JSON");
    assert_eq!(problem["code"], "idp_initiated_required");
    let both = json!({"sso_profile": "idp", "idp_initiated": "accept"});
    assert_eq!(scene.admin.patch("orgs/corp/sso", both).await["sso_profile"], "idp");
}

/// On loopback even the login's cookie is `Lax`: a page of ours comes before the page that proves itself.
#[tokio::test]
async fn on_loopback_it_takes_one_page_more() {
    let server = TestServer::start().await;
    let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
    let corp = Corp::set_up(&admin, BEGINNING).await;
    let origin = server.url("");
    admin.patch("orgs/corp/sso", json!({"idp_initiated": "restart"})).await;
    let response = corp.idp.response(&Person::new("ada"), None, "_1", BEGINNING);
    let form = body(&[("SAMLResponse", &STANDARD.encode(response))]);
    let post = async |cookies: &str, form: &str| {
        corp.post(&origin, cookies, form).await.expect("an answer")
    };
    let (_, again, set) = page(post("", &form).await).await;
    assert_eq!(set, None, "a cookie that may be there is not overwritten");
    let fields: Vec<(&str, &str)> =
        again.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let left = post("", &body(&fields)).await;
    let to = location(&left).to_owned();
    assert!(to.starts_with("https://idp.example/sso?"), "{to}");
    let query = Url::parse(&to).expect("a URL");
    let request = query.query_pairs().find(|(name, _)| name == "SAMLRequest").expect("a request");
    assert!(request_id(&request.1).starts_with('_'));
    admin.patch("orgs/corp/sso", json!({"idp_initiated": "accept"})).await;
    let (_, again, set) = page(post("", &body(&fields)).await).await;
    let browser = set.expect("a cookie to prove the page by");
    assert_eq!(again.fields.iter().filter(|(name, _)| name == "sso_posted_again").count(), 1);
    // What it proves is not enough: the assertion is for another address.
    let fields: Vec<(&str, &str)> =
        again.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let refused = post(&browser, &body(&fields)).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}
