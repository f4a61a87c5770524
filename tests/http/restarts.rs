//! Logins that are begun anew come to an end (SPEC 5.2, `restart`): an identity provider that names nothing in
//! its answers is asked a few times, by either protocol, and nobody is kept out or signed in by what others
//! have their browser post.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, StatusCode, redirect};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{Admin, BEGINNING, Corp, Engine, OPERATOR_TOKEN, Person, TestServer, request_id};
use std::collections::BTreeMap;
use time::Duration;
use url::Url;

/// A form as an identity provider has it posted, answering nothing.
type Answer = Vec<(&'static str, String)>;

/// A browser: it keeps cookies by their names.
#[derive(Default)]
struct Jar(BTreeMap<String, String>);

impl Jar {
    fn keep(&mut self, headers: &HeaderMap) {
        for set in headers.get_all(SET_COOKIE) {
            let set = set.to_str().expect("text");
            let (name, rest) = set.split_once('=').expect("a cookie");
            match set.contains("Max-Age=0") {
                true => self.0.remove(name),
                false => {
                    let value = rest.split(';').next().unwrap_or_default();
                    self.0.insert(name.to_owned(), value.to_owned())
                }
            };
        }
    }

    /// What comes with a post from another site: all but the session's.
    fn cross_site(&self) -> String {
        let pairs = self.0.iter().filter(|(name, _)| *name != "__Host-sso_session");
        pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

struct Scene {
    server: TestServer,
    admin: Admin,
    corp: Corp,
    client: Client,
    path: &'static str,
}

impl Scene {
    async fn new(path: &'static str, connection: Value) -> Self {
        let server = TestServer::start_at(Engine::Sqlite, Some(Corp::PUBLIC_URL)).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        admin.patch("orgs/corp/sso", connection).await;
        let client = Client::builder().redirect(redirect::Policy::none());
        Self { server, admin, corp, client: client.build().expect("a client"), path }
    }

    async fn saml() -> (Self, Answer) {
        let scene = Self::new("/saml/corp/acs", json!({"idp_initiated": "restart"})).await;
        let response = scene.corp.idp.response(&Person::new("mallory"), None, "_1", BEGINNING);
        (scene, vec![("SAMLResponse", STANDARD.encode(response))])
    }

    /// What is thrown away is not verified: it needs no token.
    async fn wsfed() -> (Self, Answer) {
        let connection = json!({"protocol": "wsfed", "idp_initiated": "restart"});
        let scene = Self::new("/wsfed/corp", connection).await;
        let token = sso_tests::token_response("<a/>");
        (scene, vec![("wa", "wsignin1.0".to_owned()), ("wresult", token)])
    }

    async fn post(&self, jar: &mut Jar, form: &[(&str, String)]) -> Response {
        let post = self.client.post(self.server.url(self.path)).form(form);
        let answer = post.header(COOKIE, jar.cross_site()).send().await.expect("an answer");
        jar.keep(answer.headers());
        answer
    }

    async fn is_begun_anew(&self, jar: &mut Jar, form: &[(&str, String)]) -> Url {
        let answer = self.post(jar, form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let to = answer.headers()[LOCATION].to_str().expect("text").to_owned();
        assert!(to.starts_with("https://idp.example/sso?"), "{to}");
        Url::parse(&to).expect("a URL")
    }

    /// The page says what the person can do, and the trace what the administrator can.
    async fn is_refused(&self, answer: Response, code: &str) {
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        let page = answer.text().await.expect("a page");
        assert!(page.contains(&format!("<code>{code}</code>")), "{page}");
        assert!(page.contains("href=\"/sso/corp/login\""), "a way on: {page}");
        let trace = &self.admin.get("orgs/corp/logins?limit=1").await["items"][0];
        assert_eq!((&trace["code"], &trace["flow"]), (&json!(code), &json!("idp_initiated")));
        let steps = trace["steps"].as_array().expect("steps");
        let hint = steps.last().expect("a step")["hint"].as_str().expect("a hint");
        assert!(code != "restart_unanswered" || hint.contains("set idp_initiated to"), "{hint}");
    }

    /// Signs in with an answer to the request that left for the identity provider.
    async fn signs_in(&self, jar: &mut Jar, left: &Url, person: &str, assertion: &str) {
        let parameter = |name: &str| {
            let found = left.query_pairs().find(|(known, _)| known == name);
            found.expect("the parameter").1.into_owned()
        };
        let request = request_id(&parameter("SAMLRequest"));
        let (person, now) = (Person::new(person), self.server.clock().now());
        let response = self.corp.idp.response(&person, Some(&request), assertion, now);
        let form = [("SAMLResponse", STANDARD.encode(response))];
        let answer = self.post(jar, &form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert!(jar.0.contains_key("__Host-sso_session"));
    }
}

#[tokio::test]
async fn an_identity_provider_that_names_nothing_is_asked_three_times() {
    for (scene, answer) in [Scene::saml().await, Scene::wsfed().await] {
        let mut jar = Jar::default();
        for round in 0..2 {
            for time in 1..=3 {
                scene.is_begun_anew(&mut jar, &answer).await;
                assert!(jar.0.contains_key("__Host-sso_restarted"), "{round} {time}");
            }
            let refused = scene.post(&mut jar, &answer).await;
            scene.is_refused(refused, "restart_unanswered").await;
            // The person, who has to do something now, may try once more.
            assert!(!jar.0.contains_key("__Host-sso_restarted"));
        }
        // What has gone by for a minute counts no more.
        for _ in 0..3 {
            scene.is_begun_anew(&mut jar, &answer).await;
        }
        scene.server.clock().advance(Duration::seconds(60));
        scene.is_begun_anew(&mut jar, &answer).await;
    }
}

/// The handle that was sent comes back, which says at once that the request was answered.
#[tokio::test]
async fn an_answer_with_our_handle_and_nothing_else_is_refused_at_once() {
    let (scene, mut answer) = Scene::saml().await;
    let mut jar = Jar::default();
    let left = scene.is_begun_anew(&mut jar, &answer).await;
    let state = left.query_pairs().find(|(name, _)| name == "RelayState").expect("a RelayState");
    answer.push(("RelayState", state.1.into_owned()));
    let refused = scene.post(&mut jar, &answer).await;
    scene.is_refused(refused, "restart_unanswered").await;
    // In WS-Federation it is all that an answer ever has: such a token is looked at.
    let (scene, mut answer) = Scene::wsfed().await;
    let mut jar = Jar::default();
    let left = scene.is_begun_anew(&mut jar, &answer).await;
    let context = left.query_pairs().find(|(name, _)| name == "wctx").expect("a wctx");
    answer.push(("wctx", context.1.into_owned()));
    let refused = scene.post(&mut jar, &answer).await;
    assert!(refused.text().await.expect("a page").contains("<code>response_rejected</code>"));
}

/// An attacker's page has a browser post whatever it likes.
#[tokio::test]
async fn nobody_is_kept_out_or_signed_in_by_others() {
    let (scene, answer) = Scene::saml().await;
    let mut jar = Jar::default();
    for _ in 0..3 {
        scene.is_begun_anew(&mut jar, &answer).await;
    }
    assert!(!jar.0.contains_key("__Host-sso_session"), "nobody is signed in");
    // A login that the person begins here is none of it, and the count is over with it.
    let login = scene.server.url("/sso/corp/login");
    let left = scene.corp.get(&login, &jar.cross_site()).await.expect("an answer");
    jar.keep(left.headers());
    let left = Url::parse(left.headers()[LOCATION].to_str().expect("text")).expect("a URL");
    scene.signs_in(&mut jar, &left, "ann", "_a1").await;
    assert!(!jar.0.contains_key("__Host-sso_restarted"));
    // At the portal again: begun anew, and answered.
    let left = scene.is_begun_anew(&mut jar, &answer).await;
    scene.signs_in(&mut jar, &left, "ann", "_a2").await;

    // What was begun anew through another connection, or never, counts nothing.
    let other = json!({"name": "other", "domains": ["other.example"]});
    scene.admin.create("orgs", other).await;
    let connection = json!({
        "idp_entity_id": "https://other-idp.example", "sso_url": "https://idp.example/sso",
        "idp_initiated": "restart",
    });
    let put = scene.server.api(Method::PUT, "orgs/other/sso").json(&connection).send();
    assert_eq!(put.await.expect("an answer").status(), StatusCode::OK);
    for _ in 0..3 {
        scene.is_begun_anew(&mut jar, &answer).await;
    }
    let elsewhere = Scene { path: "/saml/other/acs", ..scene };
    elsewhere.is_begun_anew(&mut jar, &answer).await;
    for made_up in ["9._never", "9.", "x", "9"] {
        let mut jar = Jar::default();
        jar.0.insert("__Host-sso_restarted".to_owned(), made_up.to_owned());
        elsewhere.is_begun_anew(&mut jar, &answer).await;
    }
}
