//! A whole login over HTTP and the session that it ends in: cookies, `/session`, the landing page,
//! sign-out (SPEC 5.1, 5.4, 6, DESIGN 6). The service is behind https, as in production.

use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, IdentityProvider, OPERATOR_TOKEN, Person, PostgresCluster,
    SeededRandom, TestServer,
};
use time::Duration;

/// A server with the organization `corp`, connected to an identity provider through the Admin API.
struct Scene {
    server: TestServer,
    corp: Corp,
}

impl Scene {
    async fn new() -> Self {
        Self::on(Engine::Sqlite).await
    }

    async fn on(engine: Engine) -> Self {
        let server = TestServer::start_at(engine, Some(Corp::PUBLIC_URL)).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        Self { server, corp }
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        self.corp.get(&self.server.url(path), cookie).await.expect("an answer")
    }

    /// Begins a login: its cookie, and the form that the identity provider has the browser post.
    async fn begin(&self, query: &str, person: &Person, assertion: &str) -> (String, String) {
        let (node, now) = (self.server.url(""), self.server.clock().now());
        let begun = self.corp.begin(&node, query, person, assertion, now).await;
        let begun = begun.expect("an answer");
        (begun.cookie, begun.form)
    }

    async fn post(&self, cookie: &str, form: &str) -> Response {
        self.corp.post(&self.server.url(""), cookie, form).await.expect("an answer")
    }

    /// Signs a person in; the answer at the ACS.
    async fn sign_in(&self, query: &str, person: &Person, assertion: &str) -> Response {
        let (cookie, form) = self.begin(query, person, assertion).await;
        let signed_in = self.post(&cookie, &form).await;
        assert_eq!(signed_in.status(), 303);
        signed_in
    }
}

fn header(response: &Response, name: reqwest::header::HeaderName) -> String {
    let value = response.headers().get(name).expect("the header");
    value.to_str().expect("text").to_owned()
}

/// A cookie's name and value, without its attributes.
fn pair(cookie: &str) -> String {
    cookie.split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_next_certificate_of_the_identity_provider_becomes_active_by_a_login() {
    let mut scene = Scene::new().await;
    let person = Person::new("ada");
    for (alias, seed) in [("old", 2), ("new", 3)] {
        scene.corp.idp = IdentityProvider::new(BEGINNING, &SeededRandom::new(seed));
        let path = format!("orgs/corp/idp-certificates?alias={alias}");
        let certificate = scene.corp.idp.certificate().to_vec();
        let posted = scene.server.api(Method::POST, &path).body(certificate).send().await;
        assert_eq!(posted.expect("an answer").status(), 201);
        scene.server.clock().advance(Duration::seconds(1));
    }
    let states = async || {
        let list = scene.server.api(Method::GET, "orgs/corp/idp-certificates").send().await;
        let list: Value = list.expect("an answer").json().await.expect("JSON");
        let state = |item: &Value| item["state"].as_str().expect("a state").to_owned();
        list["items"].as_array().expect("a list").iter().map(state).collect::<Vec<_>>()
    };
    assert_eq!(states().await, ["active", "next"]);
    scene.sign_in("", &person, "_1").await;
    assert_eq!(states().await, ["previous", "active"]);
    scene.sign_in("", &person, "_2").await;
    assert_eq!(states().await, ["previous", "active"]);
}

#[tokio::test]
async fn a_login_ends_in_a_session() {
    let scene = Scene::new().await;
    let person = Person::new("ann").with("displayName", "Ann <b>Lee</b>");
    let signed_in = scene.sign_in("", &person, "_a1").await;
    assert_eq!(header(&signed_in, LOCATION), "/welcome");
    let cookie = header(&signed_in, SET_COOKIE);
    let (session, attributes) = cookie.split_once("; ").expect("attributes");
    assert_eq!(session.strip_prefix("__Host-sso_session=").map(str::len), Some(43));
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax; Secure");

    let answer = scene.get("/session", session).await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    let who: Value = answer.json().await.expect("JSON");
    assert_eq!(who["org"], "corp");
    assert_eq!(who["authenticated_at"], "2026-01-02T03:04:05Z");
    assert_eq!(who["expires_at"], "2026-01-03T03:04:05Z");
    assert!(who["authn_context"].as_str().expect("a URI").starts_with("urn:oasis:"));
    assert_eq!(who["account"]["email"], "ann@corp.example");
    assert_eq!(who["account"]["status"], "active");
    assert_eq!(who["account"]["source"], "sso");
    assert_eq!(who["account"]["name_id"]["value"], "ann-id");

    // The account is the one that the Admin API has.
    let users = scene.server.api(Method::GET, "orgs/corp/users").send().await.expect("an answer");
    let users: Value = users.json().await.expect("JSON");
    assert_eq!(users["items"], json!([who["account"]]));
    let id = who["account"]["id"].as_str().expect("an id");
    let one = scene.server.api(Method::GET, &format!("orgs/corp/users/{id}")).send().await;
    assert_eq!(one.expect("an answer").json::<Value>().await.expect("JSON"), who["account"]);
    let logins = scene.server.api(Method::GET, "orgs/corp/logins").send().await.expect("an answer");
    let logins: Value = logins.json().await.expect("JSON");
    assert_eq!(logins["items"][0]["outcome"], "accepted");
    assert_eq!(logins["items"][0]["account"], who["account"]["id"]);

    let page = scene.get("/welcome", session).await.text().await.expect("a page");
    assert!(page.contains("<h1>Ann &#60;b&#62;Lee&#60;/b&#62;</h1>"), "{page}");
    assert!(page.contains("Corp &#60;&#38;&#62;"), "{page}");
    assert!(page.contains(r#"<time datetime="2026-01-02T03:04:05Z">2 January 2026, 03:04 UTC"#));
    assert!(page.contains(r#"href="/sso/corp/logout""#));
    assert_eq!(header(&scene.get("/", session).await, LOCATION), "/welcome");

    let out = scene.get("/sso/corp/logout", session).await;
    assert_eq!(out.status(), 200);
    assert!(header(&out, SET_COOKIE).starts_with("__Host-sso_session=; "));
    assert_eq!(scene.get("/session", session).await.status(), 401);
}

#[tokio::test]
async fn a_login_goes_where_it_was_asked_to() {
    let scene = Scene::new().await;
    let person = Person::new("ann");
    for (n, (query, to)) in [
        ("?return_to=/app?x=1", "https://sso.example/app?x=1"),
        ("?return_to=https://corp.example/in", "https://corp.example/in"),
        ("?return_to=https://evil.example/", "/welcome"),
    ]
    .into_iter()
    .enumerate()
    {
        let signed_in = scene.sign_in(query, &person, &format!("_a{n}")).await;
        assert_eq!(header(&signed_in, LOCATION), to);
    }
}

#[tokio::test]
async fn a_mobile_session_outlives_the_window() {
    let scene = Scene::new().await;
    let signed_in = scene.sign_in("?client=mobile", &Person::new("ann"), "_a1").await;
    let cookie = header(&signed_in, SET_COOKIE);
    assert!(cookie.contains("; Max-Age=2592000; "), "{cookie}");
    scene.server.clock().advance(Duration::days(29));
    assert_eq!(scene.get("/session", &pair(&cookie)).await.status(), 200);
    scene.server.clock().advance(Duration::days(2));
    assert_eq!(scene.get("/session", &pair(&cookie)).await.status(), 401);
}

#[tokio::test]
async fn a_response_counts_in_the_browser_that_began_and_once() {
    let scene = Scene::new().await;
    let (cookie, form) = scene.begin("", &Person::new("ann"), "_a1").await;
    let (other, _) = scene.begin("", &Person::new("bob"), "_a2").await;
    for stranger in ["", other.as_str()] {
        let refused = scene.post(stranger, &form).await;
        assert_eq!(refused.status(), 403);
        assert!(refused.headers().get(SET_COOKIE).is_none());
        assert!(refused.text().await.expect("a page").contains("<code>browser_mismatch</code>"));
    }
    assert_eq!(scene.post(&cookie, &form).await.status(), 303);
    let again = scene.post(&cookie, &form).await;
    assert_eq!(again.status(), 403);
    let page = again.text().await.expect("a page");
    assert!(page.contains("<code>replayed</code>"), "{page}");
}

#[tokio::test]
async fn sessions_and_replay_records_outlive_a_restart() {
    let postgres = Engine::Postgres(PostgresCluster::shared().database());
    for engine in [Engine::Sqlite, postgres] {
        let scene = Scene::on(engine).await;
        let (cookie, form) = scene.begin("", &Person::new("ann"), "_a1").await;
        let session = pair(&header(&scene.post(&cookie, &form).await, SET_COOKIE));
        let scene = Scene { server: scene.server.restart().await, corp: scene.corp };
        assert_eq!(scene.get("/session", &session).await.status(), 200);
        let again = scene.post(&cookie, &form).await;
        assert_eq!(again.status(), 403);
        assert!(again.text().await.expect("a page").contains("<code>replayed</code>"));
        scene.server.stop().await;
    }
}
