//! A person's own sessions over HTTP, and what ends a session at once: on each engine, and on two nodes
//! (SPEC 5.4, 9, 10; ATTACKS TEN-04, WEB-01).

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, StatusCode, redirect};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, OPERATOR_TOKEN, Person, PostgresCluster, TestServer, cookie,
};
use std::time::{Duration, Instant};

struct Scene {
    server: TestServer,
    corp: Corp,
    admin: Admin,
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        let server = TestServer::start_at(engine, Some(Corp::PUBLIC_URL)).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        Self { server, corp, admin }
    }

    async fn on_each_engine() -> [Self; 2] {
        let postgres = Engine::Postgres(PostgresCluster::shared().database());
        [Self::on(Engine::Sqlite).await, Self::on(postgres).await]
    }

    /// Signs a person in: the pair of the session's cookie. `had`: that of the browser before.
    async fn sign_in_with(&self, had: &str, person: &str, assertion: &str) -> String {
        let (node, now) = (self.server.url(""), self.server.clock().now());
        let left = self.corp.get(&format!("{node}/sso/corp/login"), had).await.expect("an answer");
        let begun = self.corp.answer(left.headers(), &Person::new(person), assertion, now);
        let ended = self.corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer");
        assert_eq!(ended.status(), StatusCode::SEE_OTHER);
        // What is made within a millisecond has no order.
        self.server.clock().advance(time::Duration::seconds(1));
        cookie(ended.headers())
    }

    async fn sign_in(&self, person: &str, assertion: &str) -> String {
        self.sign_in_with("", person, assertion).await
    }

    async fn send(&self, method: Method, path: &str, cookie: &str) -> Response {
        let client =
            Client::builder().redirect(redirect::Policy::none()).build().expect("a client");
        let asked = client.request(method, self.server.url(path)).header(COOKIE, cookie);
        asked.send().await.expect("an answer")
    }

    async fn submit(&self, cookie: &str, fields: &[(&str, &str)]) -> Response {
        let client =
            Client::builder().redirect(redirect::Policy::none()).build().expect("a client");
        let asked = client.post(self.server.url("/sessions/end")).header(COOKIE, cookie);
        asked.form(fields).send().await.expect("an answer")
    }

    async fn is_signed_in(&self, cookie: &str) -> bool {
        let status = self.send(Method::GET, "/session", cookie).await.status();
        assert!([200, 401].contains(&status.as_u16()), "{status}");
        status == 200
    }

    async fn own(&self, cookie: &str) -> Value {
        let list = self.send(Method::GET, "/sessions", cookie).await;
        assert_eq!(list.status(), 200);
        list.json().await.expect("JSON")
    }

    async fn account(&self, cookie: &str) -> String {
        let who = self.send(Method::GET, "/session", cookie).await;
        let who: Value = who.json().await.expect("JSON");
        who["account"]["id"].as_str().expect("an id").to_owned()
    }
}

#[tokio::test]
async fn a_login_ends_the_session_that_the_browser_had() {
    for scene in Scene::on_each_engine().await {
        let elsewhere = scene.sign_in("ada", "_1").await;
        let first = scene.sign_in("ada", "_2").await;
        let second = scene.sign_in_with(&first, "bob", "_3").await;
        assert!(!scene.is_signed_in(&first).await);
        assert!(scene.is_signed_in(&second).await && scene.is_signed_in(&elsewhere).await);
    }
}

/// The identity provider's posts, from another site, bring the cookie of the login and none of a session.
#[tokio::test]
async fn tabs_that_sign_in_at_once_leave_one_session() {
    for scene in Scene::on_each_engine().await {
        let elsewhere = scene.sign_in("ada", "_elsewhere").await;
        let (node, now) = (scene.server.url(""), scene.server.clock().now());
        let login = format!("{node}/sso/corp/login");
        let (mut browser, mut tabs) = (String::new(), Vec::new());
        for tab in 0..3 {
            let left = scene.corp.get(&login, &browser).await.expect("an answer");
            browser = cookie(left.headers());
            tabs.push(scene.corp.answer(
                left.headers(),
                &Person::new("ada"),
                &format!("_{tab}"),
                now,
            ));
        }
        // Two in the same moment, then the third.
        let post = |tab: usize| scene.corp.post(&node, &browser, &tabs[tab].form);
        let (first, second) = tokio::join!(post(0), post(1));
        let mut sessions = Vec::new();
        for ended in [first, second, post(2).await] {
            let ended = ended.expect("an answer");
            assert_eq!(ended.status(), StatusCode::SEE_OTHER);
            sessions.push(cookie(ended.headers()));
        }
        let mut live = Vec::new();
        for session in &sessions {
            live.push(scene.is_signed_in(session).await);
        }
        assert_eq!(live, [false, false, true]);
        assert!(scene.is_signed_in(&elsewhere).await, "another browser's stays");
        let listed = scene.own(&sessions[2]).await;
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(2), "{listed}");
    }
}

#[tokio::test]
async fn a_person_sees_and_ends_their_own_sessions() {
    for scene in Scene::on_each_engine().await {
        let [one, two, three] = [
            scene.sign_in("ada", "_1").await,
            scene.sign_in("ada", "_2").await,
            scene.sign_in("ada", "_3").await,
        ];
        let bob = scene.sign_in("bob", "_4").await;
        let list = scene.own(&two).await;
        let items = list["items"].as_array().expect("a list");
        let current: Vec<bool> =
            items.iter().map(|item| item["is_current"].as_bool().expect("a flag")).collect();
        assert_eq!(current, [false, true, false]);
        assert_eq!(items[0]["authenticated_at"], "2026-01-02T03:04:05Z");
        assert!(!list.to_string().contains("token"), "{list}");
        let first = items[0]["id"].as_str().expect("an id");
        let bobs = scene.own(&bob).await["items"][0]["id"].as_str().expect("an id").to_owned();

        // Another person's, one that never was, and nobody's.
        for (cookie, id, status) in [
            (&two, bobs.as_str(), 404),
            (&two, "ses_00000000000000000000000000000000", 404),
            (&two, "rubbish", 404),
            (&String::new(), first, 401),
        ] {
            let refused = scene.send(Method::DELETE, &format!("/sessions/{id}"), cookie).await;
            assert_eq!(refused.status(), status, "{id}");
        }
        let ended = scene.send(Method::DELETE, &format!("/sessions/{first}"), &two).await;
        assert_eq!(ended.status(), 204);
        assert!(ended.headers().get(SET_COOKIE).is_none());
        assert!(!scene.is_signed_in(&one).await && scene.is_signed_in(&three).await);

        let all = scene.send(Method::DELETE, "/sessions", &two).await;
        assert_eq!(all.status(), 204);
        assert!(all.headers()[SET_COOKIE].to_str().expect("text").contains("Max-Age=0"));
        assert!(!scene.is_signed_in(&two).await && !scene.is_signed_in(&three).await);
        assert!(scene.is_signed_in(&bob).await);
        for (method, path) in [(Method::GET, "/sessions"), (Method::DELETE, "/sessions")] {
            assert_eq!(scene.send(method, path, &two).await.status(), 401);
        }
        let trail =
            scene.admin.get("orgs/corp/audit?administrator=ada@corp.example&category=users");
        let acts = trail.await["items"].as_array().expect("a list").len();
        assert!(acts >= 2, "both are in the trail");
    }
}

#[tokio::test]
async fn the_page_ends_sessions_by_a_form_that_only_it_has() {
    let scene = Scene::on(Engine::Sqlite).await;
    let here = scene.sign_in("ada", "_1").await;
    let page = scene.send(Method::GET, "/welcome", &here).await.text().await.expect("a page");
    assert!(!page.contains("Also signed in elsewhere"), "{page}");
    let there = scene.sign_in("ada", "_2").await;
    let third = scene.sign_in("ada", "_3").await;
    let page = scene.send(Method::GET, "/welcome", &here).await.text().await.expect("a page");
    assert_eq!(page.matches("Sign out there").count(), 2);
    let proof = page.split(r#"name="proof" value=""#).nth(1).expect("a proof");
    let proof = proof.split('"').next().expect("its end");
    let id = scene.own(&there).await["items"][1]["id"].as_str().expect("an id").to_owned();

    // Another site's form, one of another session of the same person, and none at all.
    for (cookie, fields) in [
        (&here, vec![("session", id.as_str())]),
        (&here, vec![("session", id.as_str()), ("proof", "")]),
        (&here, vec![("session", "others"), ("proof", "AAAA")]),
        (&third, vec![("session", id.as_str()), ("proof", proof)]),
    ] {
        let refused = scene.submit(cookie, &fields).await;
        assert_eq!(refused.status(), 403, "{fields:?}");
        assert!(refused.text().await.expect("a page").contains("<code>form_not_ours</code>"));
    }
    assert!(scene.is_signed_in(&there).await);
    let nobody = scene.submit("", &[("session", "others"), ("proof", proof)]).await;
    assert_eq!(nobody.headers()[LOCATION], "/welcome");
    assert!(scene.is_signed_in(&there).await);

    let done = scene.submit(&here, &[("session", &id), ("proof", proof)]).await;
    assert_eq!(
        (done.status(), &done.headers()[LOCATION]),
        (StatusCode::SEE_OTHER, &"/welcome".parse().expect("a value"))
    );
    assert!(!scene.is_signed_in(&there).await && scene.is_signed_in(&third).await);
    let again = scene.submit(&here, &[("session", &id), ("proof", proof)]).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER, "it is gone already");
    scene.submit(&here, &[("session", "others"), ("proof", proof)]).await;
    assert!(!scene.is_signed_in(&third).await && scene.is_signed_in(&here).await);
}

/// Each act with what undoes it: the session has ended on the very next request, and does not come back.
#[tokio::test]
async fn what_takes_access_away_ends_sessions_at_once() {
    for scene in Scene::on_each_engine().await {
        let mut assertion = 0;
        let mut sign_in = async || {
            assertion += 1;
            scene.sign_in("ada", &format!("_{assertion}")).await
        };
        let id = scene.account(&sign_in().await).await;
        let user = format!("orgs/corp/users/{id}");
        for (path, off, on) in [
            ("orgs/corp", json!({"sso_enabled": false}), json!({"sso_enabled": true})),
            ("orgs/corp/sso", json!({"state": "disabled"}), json!({"state": "active"})),
        ] {
            let session = sign_in().await;
            assert!(scene.is_signed_in(&session).await);
            scene.admin.patch(path, off).await;
            assert!(!scene.is_signed_in(&session).await, "{path}");
            scene.admin.patch(path, on).await;
            assert!(!scene.is_signed_in(&session).await, "{path}: it was ended, not hidden");
        }
        let session = sign_in().await;
        scene.admin.act(&format!("{user}/deactivate")).await;
        assert!(!scene.is_signed_in(&session).await);
        scene.admin.act(&format!("{user}/reactivate")).await;
        assert!(!scene.is_signed_in(&session).await);

        // A role counts from the next request on, and ends nothing.
        let session = sign_in().await;
        scene.admin.patch(&user, json!({"role": "org_admin"})).await;
        let who = scene.send(Method::GET, "/session", &session).await;
        let who: Value = who.json().await.expect("JSON");
        assert_eq!(who["account"]["role"], "org_admin");

        let removed = scene.server.api(Method::DELETE, "orgs/corp/sso").send().await;
        assert_eq!(removed.expect("an answer").status(), 204);
        assert!(!scene.is_signed_in(&session).await, "the connection is gone");
    }
}

/// On two nodes, with one database: at the other within a second (SPEC 10).
#[tokio::test]
async fn what_takes_access_away_does_so_on_every_node() {
    let scene = Scene::on(Engine::Postgres(PostgresCluster::shared().database())).await;
    let key = scene.server.data_dir().join("master.key");
    let database = match scene.server.database() {
        sso_tests::Database::Postgres(url) => Engine::Postgres(url),
        sso_tests::Database::Sqlite(_) => panic!("one database for two nodes"),
    };
    let other = TestServer::start_with(database, Some(Corp::PUBLIC_URL), |config| {
        config.master_key_file = Some(key);
    })
    .await;
    let at_other = async |session: &str| {
        let url = other.url("/session");
        scene.corp.get(&url, session).await.expect("an answer").status() == 200
    };
    let acts = [
        ("orgs/corp/sso", json!({"state": "disabled"}), json!({"state": "active"})),
        ("orgs/corp", json!({"sso_enabled": false}), json!({"sso_enabled": true})),
    ];
    for (number, (path, off, on)) in acts.into_iter().enumerate() {
        let session = scene.sign_in("ada", &format!("_{number}")).await;
        assert!(at_other(&session).await);
        scene.admin.patch(path, off).await;
        let changed = Instant::now();
        assert!(!at_other(&session).await, "{path}");
        assert!(changed.elapsed() < Duration::from_secs(1), "{:?}", changed.elapsed());
        scene.admin.patch(path, on).await;
    }
    let session = scene.sign_in("ada", "_last").await;
    let id = scene.account(&session).await;
    scene.admin.patch(&format!("orgs/corp/users/{id}"), json!({"role": "user_admin"})).await;
    let who = scene.corp.get(&other.url("/session"), &session).await.expect("an answer");
    let who: Value = who.json().await.expect("JSON");
    assert_eq!(who["account"]["role"], "user_admin");
    scene.admin.act(&format!("orgs/corp/users/{id}/deactivate")).await;
    assert!(!at_other(&session).await);
}
