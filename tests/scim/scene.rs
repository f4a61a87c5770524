//! A server whose organization `corp` has a directory, with a SCIM token.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, OPERATOR_TOKEN, Person, PostgresCluster, TestServer, cookie,
};
use time::Duration;

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

pub(crate) struct Scene {
    pub(crate) server: TestServer,
    corp: Corp,
    pub(crate) token: String,
}

/// Both engines.
pub(crate) fn engines() -> [Engine; 2] {
    [Engine::Sqlite, Engine::Postgres(PostgresCluster::shared().database())]
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::on(Engine::Sqlite).await
    }

    pub(crate) async fn on(engine: Engine) -> Self {
        let server = TestServer::start_at(engine, Some(Corp::PUBLIC_URL)).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        let token = scim_token(&server, "corp").await;
        Self { server, corp, token }
    }

    /// Sends a request, a second after the last one: the status, and what came.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        self.send_as(&self.token, method, &format!("corp/{path}"), body, &[]).await
    }

    /// The same with a token, a whole path under `/scim/v2` and headers of its own.
    pub(crate) async fn send_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> (u16, Value) {
        self.server.clock().advance(Duration::seconds(1));
        let url = self.server.url(&format!("/scim/v2/{path}"));
        let mut request = Client::new().request(method.clone(), url).bearer_auth(token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            let kind = "application/scim+json";
            request = request.header("content-type", kind).body(body.to_string());
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type").cloned();
        let text = answer.text().await.expect("a body");
        if text.is_empty() {
            return (status, Value::Null);
        }
        assert_eq!(kind.expect("a type"), "application/scim+json", "{method} {path}: {text}");
        (status, serde_json::from_str(&text).expect("JSON"))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, found) = self.send(Method::GET, path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {found}");
        found
    }

    pub(crate) async fn create(&self, path: &str, body: Value) -> Value {
        let (status, made) = self.send(Method::POST, path, body).await;
        assert_eq!(status, 201, "{made}");
        made
    }

    /// Makes a user as short as it can be.
    pub(crate) async fn user(&self, name: &str) -> Value {
        let body = json!({"schemas": [USER], "userName": format!("{name}@corp.example")});
        self.create("Users", body).await
    }

    pub(crate) async fn patch(&self, path: &str, operations: Value) -> (u16, Value) {
        let body = json!({"schemas": [PATCH], "Operations": operations});
        self.send(Method::PATCH, path, body).await
    }

    /// What the Admin API shows.
    pub(crate) async fn admin(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        self.server.clock().advance(Duration::seconds(1));
        let request = self.server.api(method, &format!("orgs/corp{path}"));
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    pub(crate) async fn shown(&self, path: &str) -> Value {
        let (status, found) = self.admin(Method::GET, path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {found}");
        found
    }

    /// The account of a user, as administrators see it.
    pub(crate) async fn account(&self, user: &Value) -> Value {
        self.shown(&format!("/users/{}", id(user))).await
    }

    /// Everything that the database keeps, but for what was asked of it and who does its own work.
    pub(crate) fn dump(&self) -> String {
        self.server.database().dump(&["leases", "scim_requests", "scim_request_counts"])
    }

    /// Begins or ends the dry run of the directory's token.
    pub(crate) async fn set_dry_run(&self, dry_run: bool) {
        let tokens = self.shown("/scim-tokens").await;
        let path = format!("/scim-tokens/{}", id(&tokens["items"][0]));
        let (status, token) = self.admin(Method::PATCH, &path, json!({"dry_run": dry_run})).await;
        assert_eq!((status, &token["dry_run"]), (200, &json!(dry_run)), "{token}");
    }

    /// Signs a person in: the cookie of the session, or nothing where it was refused.
    pub(crate) async fn sign_in(&self, person: &Person, assertion: &str) -> Option<String> {
        self.server.clock().advance(Duration::seconds(1));
        let (node, now) = (self.server.url(""), self.server.clock().now());
        let begun = self.corp.begin(&node, "", person, assertion, now).await.expect("begun");
        let posted = self.corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer");
        (posted.status() == StatusCode::SEE_OTHER).then(|| cookie(posted.headers()))
    }

    /// Whether a cookie is of a live session.
    pub(crate) async fn is_signed_in(&self, cookie: &str) -> bool {
        let answer = self.corp.get(&self.server.url("/session"), cookie).await;
        answer.expect("an answer").status() == StatusCode::OK
    }
}

/// Makes a SCIM token of an organization.
pub(crate) async fn scim_token(server: &TestServer, org: &str) -> String {
    let path = format!("orgs/{org}/scim-tokens");
    let made = server.api(Method::POST, &path).json(&json!({"description": "a directory"}));
    let made = made.send().await.expect("an answer");
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.expect("JSON");
    made["secret"].as_str().expect("a secret").to_owned()
}

pub(crate) fn id(thing: &Value) -> &str {
    thing["id"].as_str().expect("an id")
}

/// The path of a user or group.
pub(crate) fn at(thing: &Value) -> String {
    let kind = thing["meta"]["resourceType"].as_str().expect("a type");
    format!("{kind}s/{}", id(thing))
}

/// The status and the kind of a refusal.
pub(crate) fn refusal((status, error): (u16, Value)) -> (u16, String) {
    assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{error}");
    assert_eq!(error["status"], status.to_string(), "{error}");
    assert!(error["detail"].is_string(), "{error}");
    (status, error["scimType"].as_str().unwrap_or_default().to_owned())
}
