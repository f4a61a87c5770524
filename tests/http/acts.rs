//! Every route of the Admin API that changes something leaves its entry in the audit trail, as JSON
//! and as CSV, with who did it (SPEC 13). The routes are those of `docs/openapi.json`: one that is new
//! fails this test until it has its act here.

use crate::admin_api::connection;
use crate::metadata_by_url::{asks_loopback, idp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, IdpMetadata, MetadataHost, OPERATOR_TOKEN, Person, TestKey,
    TestServer, cookie,
};
use std::collections::BTreeSet;
use std::path::Path;
use time::Duration;

/// What is asked with a body, and changes nothing.
const QUESTIONS: &[&str] =
    &["POST orgs/{org}/sso/metadata/entities", "POST orgs/{org}/sso/preview"];

/// Under every path but that of `orgs` itself.
const ORG: &str = "orgs/{org}";

/// An entry of the trail.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    administrator: String,
    timestamp: String,
    category: String,
    sub_category: String,
    details: String,
}

/// An act, and what its entry is to say.
struct Act {
    administrator: String,
    category: &'static str,
    sub_category: &'static str,
    /// What stands in the details.
    about: String,
}

/// A server whose organization is administered by the operator and by a token of its own.
struct Scene {
    server: TestServer,
    corp: Corp,
    /// The secret and the identifier of the token.
    token: (String, String),
    acts: Vec<Act>,
    routes: BTreeSet<String>,
}

#[tokio::test]
async fn every_act_is_in_the_trail() {
    let mut scene = Scene::new().await;
    scene.users().await;
    scene.groups().await;
    scene.service_certificates().await;
    scene.idp_certificates().await;
    scene.configuration().await;
    scene.attributes().await;
    scene.metadata().await;
    scene.replay().await;
    scene.tokens().await;
    scene.removals().await;

    let mut missing = writing_routes();
    // Applications have the trail of the service: `apps.rs`.
    missing.retain(|route| !scene.routes.contains(route) && !route.contains(" apps"));
    assert!(missing.is_empty(), "routes that change something and have no act here: {missing:#?}");

    scene.server.clock().advance(Duration::seconds(1));
    let list = Admin::new(scene.server.url("/api/v1/"), OPERATOR_TOKEN);
    let list = list.get("orgs/corp/audit?limit=200").await;
    assert_eq!(list["next"], Value::Null);
    let entries: Vec<Entry> = list["items"].as_array().expect("a list").iter().map(entry).collect();
    let mut by_administrators = entries.iter().rev().filter(|e| !e.administrator.contains('@'));
    for act in &scene.acts {
        let entry = by_administrators.next().expect("an entry for each act");
        let (by, what) = (&entry.administrator, (&*entry.category, &*entry.sub_category));
        assert_eq!((by, what), (&act.administrator, (act.category, act.sub_category)));
        assert!(entry.details.contains(&act.about), "{}: {entry:?}", act.about);
    }
    assert_eq!(by_administrators.next(), None, "an entry of nothing");

    let file = scene.server.api(Method::GET, "orgs/corp/audit?format=csv").send().await;
    let file = file.expect("an answer").text().await.expect("text");
    let expected: String = entries.iter().map(Entry::line).collect();
    let (head, lines) = file.split_once('\n').expect("a heading");
    assert_eq!(head, "Administrator,Timestamp,Category,Sub Category,Details");
    let (reading, lines) = lines.split_once('\n').expect("the reading of the trail");
    assert!(reading.contains(",reports,audit_read,"), "{reading}");
    assert_eq!(lines, expected);
    for secret in [OPERATOR_TOKEN, &scene.token.0, "PRIVATE KEY", "open-sesame"] {
        assert!(!file.contains(secret), "{secret}");
    }
}

impl Scene {
    async fn new() -> Self {
        let server =
            TestServer::start_with(Engine::Sqlite, Some(Corp::PUBLIC_URL), asks_loopback).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        let mut scene = Self {
            server,
            corp,
            token: (OPERATOR_TOKEN.to_owned(), "operator".to_owned()),
            acts: Vec::new(),
            routes: ["POST orgs", "POST orgs/{org}/sso/metadata"].map(str::to_owned).into(),
        };
        scene.expect("configuration", "org_created", "corp.example");
        scene.expect("configuration", "metadata_imported", "");
        scene.expect("configuration", "connection_changed", "auto_create");
        let made = json!({"description": "all the rest", "role": "org_admin"});
        let made = scene.json(Method::POST, "/api-tokens", "", made).await;
        let text = |name: &str| made[name].as_str().expect("text").to_owned();
        scene.expect("security", "api_token_created", &text("id"));
        scene.token = (text("secret"), text("id"));
        scene
    }

    async fn configuration(&mut self) {
        self.json(Method::PATCH, "", "", json!({"display_name": "Corp."})).await;
        self.expect("configuration", "org_changed", "display_name");
        self.json(Method::PUT, "/sso", "", connection()).await;
        self.expect("configuration", "connection_replaced", "");
        self.json(Method::PATCH, "/sso", "", json!({"auto_create": true})).await;
        self.expect("configuration", "connection_changed", "auto_create");
        self.json(Method::PUT, "/sso/draft", "", connection()).await;
        self.expect("configuration", "draft_replaced", "");
        self.json(Method::PATCH, "/sso/draft", "", json!({"auto_update": true})).await;
        self.expect("configuration", "draft_changed", "auto_update");
        self.on(Method::POST, "/sso/draft/promote", "").await;
        self.expect("configuration", "draft_promoted", "auto_update");
        self.json(Method::PATCH, "/sso/draft", "", json!({"auto_update": false})).await;
        self.expect("configuration", "draft_changed", "auto_update");
        self.on(Method::DELETE, "/sso/draft", "").await;
        self.expect("configuration", "draft_removed", "");
    }

    async fn attributes(&mut self) {
        const PATH: &str = "/attribute-schema";
        const ONE: &str = "/attribute-schema/{name}";
        self.json(Method::PUT, PATH, "", json!({"attributes": [{"name": "desk"}]})).await;
        self.expect("configuration", "attribute_schema_changed", "added desk");
        let method = self.routed(Method::PUT, ONE);
        let unique = json!({"unique": true});
        self.send(method, &ONE.replace("{name}", "desk"), |asked| asked.json(&unique)).await;
        self.expect("configuration", "attribute_schema_changed", "changed desk");
        let method = self.routed(Method::DELETE, ONE);
        self.send(method, &ONE.replace("{name}", "desk"), |asked| asked).await;
        self.expect("configuration", "attribute_schema_changed", "removed desk with its values");
    }

    async fn metadata(&mut self) {
        self.metadata_at("/sso/metadata", "metadata_imported").await;
        self.metadata_at("/sso/draft/metadata", "draft_metadata_imported").await;
    }

    async fn metadata_at(&mut self, path: &str, imported: &'static str) {
        let (one, two) = (idp(), idp());
        let host = MetadataHost::start(IdpMetadata::of(&[&one]).document()).await;
        self.json(Method::POST, path, "", json!({"url": host.url()})).await;
        self.expect("configuration", imported, "idp_entity_id");
        host.has(IdpMetadata::of(&[&one, &two]).document());
        self.on(Method::POST, &format!("{path}/refresh"), "").await;
        self.expect("configuration", "metadata_refreshed", "idp_certificates: [");
        for (decision, act) in [("reject", "metadata_rejected"), ("approve", "metadata_approved")] {
            let moved = format!("https://{decision}.example/sso");
            let document = IdpMetadata { sso_url: moved.clone(), ..IdpMetadata::of(&[&two]) };
            host.has(document.document());
            self.on(Method::POST, &format!("{path}/refresh"), "").await;
            self.expect_notice("metadata_approval_needed", &moved);
            self.on(Method::POST, &format!("{path}/{decision}"), "").await;
            self.expect("configuration", act, &moved);
        }
    }

    async fn service_certificates(&mut self) {
        const PATH: &str = "/service-certificates";
        let new = json!({"alias": "a", "valid_days": 90, "key": "p256"});
        let first = self.json(Method::POST, PATH, "", new).await;
        self.expect("certificates", "service_certificate_generated", id(&first));
        let key = TestKey::rsa(2048);
        let pair = [key.pem(), key.private_pem()].concat();
        let path = format!("{PATH}/import");
        let second = self.act(Method::POST, &path, "?alias=b", |asked| {
            asked.header("X-Passphrase", "open-sesame").body(pair)
        });
        let second = second.await;
        self.expect("certificates", "service_certificate_imported", id(&second));
        let new = json!({"alias": "c", "key": "p256"});
        let request = self.json(Method::POST, &format!("{PATH}/csr"), "", new).await;
        self.expect("certificates", "certificate_request_made", id(&request));
        let route = self.routed(Method::DELETE, &format!("{PATH}/csr/{{request}}"));
        self.send(route, &format!("{PATH}/csr/{}", id(&request)), |asked| asked).await;
        self.expect("certificates", "certificate_request_removed", id(&request));
        let method = self.routed(Method::PUT, &format!("{PATH}/{{id}}/plan"));
        let plan = json!({"retire_at": "2026-03-01T00:00:00Z"});
        let path = format!("{PATH}/{}/plan", id(&second));
        self.send(method, &path, |asked| asked.json(&plan)).await;
        self.expect("certificates", "service_certificate_planned", "2026-03-01T00:00:00Z");
        self.on(Method::POST, &format!("{PATH}/{{id}}/activate"), id(&first)).await;
        self.expect("certificates", "service_certificate_activated", id(&first));
        self.on(Method::POST, &format!("{PATH}/{{id}}/retire"), id(&second)).await;
        self.expect("certificates", "service_certificate_retired", id(&second));
        self.on(Method::DELETE, &format!("{PATH}/{{id}}"), id(&second)).await;
        self.expect("certificates", "service_certificate_removed", id(&second));
    }

    async fn idp_certificates(&mut self) {
        const PATH: &str = "/idp-certificates";
        let mut made = Vec::new();
        for query in ["?alias=a", "?alias=b"] {
            let key = TestKey::ec(openssl::nid::Nid::X9_62_PRIME256V1).pem();
            made.push(self.act(Method::POST, PATH, query, |asked| asked.body(key)).await);
            self.expect("certificates", "idp_certificate_imported", id(made.last().expect("one")));
        }
        self.on(Method::POST, &format!("{PATH}/{{id}}/activate"), id(&made[1])).await;
        self.expect("certificates", "idp_certificate_activated", id(&made[1]));
        self.on(Method::DELETE, &format!("{PATH}/{{id}}"), id(&made[0])).await;
        self.expect("certificates", "idp_certificate_removed", id(&made[0]));
    }

    async fn users(&mut self) {
        const PATH: &str = "/users";
        let new = json!({"email": "bob@corp.example", "first_name": "Bob", "last_name": "Lee"});
        let bob = self.json(Method::POST, PATH, "", new).await;
        self.expect("users", "account_created", id(&bob));
        let changes = json!({"city": "Rome"});
        self.change(&format!("{PATH}/{{id}}"), id(&bob), changes).await;
        self.expect("users", "account_updated", id(&bob));
        self.on(Method::POST, &format!("{PATH}/{{id}}/deactivate"), id(&bob)).await;
        self.expect("users", "account_deactivated", id(&bob));
        self.on(Method::POST, &format!("{PATH}/{{id}}/reactivate"), id(&bob)).await;
        self.expect("users", "account_reactivated", id(&bob));

        let ann = self.sign_in("ann").await;
        let sessions = self.read(&format!("{PATH}/{}/sessions", id(&ann))).await;
        let session = id(&sessions["items"][0]).to_owned();
        let path = format!("{PATH}/{{id}}/sessions");
        let one = self.routed(Method::DELETE, &format!("{path}/{{session}}"));
        self.send(one, &format!("{PATH}/{}/sessions/{session}", id(&ann)), |asked| asked).await;
        self.expect("users", "sessions_ended", &session);
        self.on(Method::DELETE, &path, id(&ann)).await;
        self.expect("users", "sessions_ended", id(&ann));
    }

    async fn groups(&mut self) {
        const PATH: &str = "/groups";
        let staff = json!({"name": "Staff", "sso_id": "staff"});
        let staff = self.json(Method::POST, PATH, "", staff).await;
        self.expect("groups", "group_created", id(&staff));
        let users = self.read("/users").await;
        let member = id(&users["items"][0]).to_owned();
        let changes = json!({"name": "Crew", "members": [member]});
        self.change(&format!("{PATH}/{{id}}"), id(&staff), changes).await;
        self.expect("groups", "group_changed", &format!("name, members: {member}"));
        self.change(&format!("{PATH}/{{id}}"), id(&staff), json!({"members": []})).await;
        self.expect("groups", "group_changed", "members: none");
        self.on(Method::DELETE, &format!("{PATH}/{{id}}"), id(&staff)).await;
        self.expect("groups", "group_removed", id(&staff));
    }

    /// Of a response that answers nothing, which is refused and kept.
    async fn replay(&mut self) {
        let (node, now) = (self.server.url(""), self.server.clock().now());
        let response = self.corp.idp.response(&Person::new("ann"), None, "_unasked", now);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("SAMLResponse", &STANDARD.encode(response))
            .finish();
        let refused = self.corp.post(&node, "", &form).await.expect("an answer");
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        let traces = self.read("/logins").await;
        let trace = id(&traces["items"][0]);
        let method = self.routed(Method::POST, "/logins/{trace}/replay");
        self.send(method, &format!("/logins/{trace}/replay"), |asked| asked).await;
        self.expect("reports", "login_replayed", trace);
    }

    async fn tokens(&mut self) {
        let made = json!({"description": "to be removed", "role": "user_admin"});
        let made = self.json(Method::POST, "/api-tokens", "", made).await;
        self.expect("security", "api_token_created", id(&made));
        self.on(Method::DELETE, "/api-tokens/{id}", id(&made)).await;
        self.expect("security", "api_token_removed", id(&made));
        let made = json!({"description": "a directory"});
        let made = self.json(Method::POST, "/scim-tokens", "", made).await;
        self.expect("security", "scim_token_created", id(&made));
        self.change("/scim-tokens/{id}", id(&made), json!({"dry_run": true})).await;
        self.expect("security", "scim_token_changed", id(&made));
        self.json(Method::PATCH, "/removal-brake", "", json!({"percent": 5})).await;
        self.expect("security", "removal_brake_changed", "percent");
        self.json(Method::POST, "/removal-brake/lift", "", json!({"hours": 1})).await;
        self.expect("security", "removal_brake_lifted", "hours: 1");
        self.on(Method::DELETE, "/scim-tokens/{id}", id(&made)).await;
        self.expect("security", "scim_token_removed", id(&made));
    }

    async fn removals(&mut self) {
        self.on(Method::DELETE, "/sso", "").await;
        self.expect("configuration", "connection_removed", "");
    }

    /// The last act was one of whoever acts now; its entry is to say this.
    fn expect(&mut self, category: &'static str, sub_category: &'static str, about: &str) {
        let administrator = self.token.1.clone();
        self.acts.push(Act { administrator, category, sub_category, about: about.to_owned() });
    }

    /// The last act made the service tell of something.
    fn expect_notice(&mut self, sub_category: &'static str, about: &str) {
        self.expect("configuration", sub_category, about);
        if let Some(act) = self.acts.last_mut() {
            act.administrator = "system".to_owned();
        }
    }

    /// Acts with a JSON body.
    async fn json(&mut self, method: Method, path: &str, query: &str, body: Value) -> Value {
        self.act(method, path, query, |asked| asked.json(&body)).await
    }

    /// Changes fields of what `{id}` in a path names.
    async fn change(&mut self, path: &str, id: &str, fields: Value) -> Value {
        let method = self.routed(Method::PATCH, path);
        self.send(method, &path.replace("{id}", id), |asked| asked.json(&fields)).await
    }

    /// Acts on what `{id}` in a path names, without a body.
    async fn on(&mut self, method: Method, path: &str, id: &str) -> Value {
        let method = self.routed(method, path);
        self.send(method, &path.replace("{id}", id), |asked| asked).await
    }

    async fn act(
        &mut self,
        method: Method,
        path: &str,
        query: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Value {
        let method = self.routed(method, path);
        self.send(method, &format!("{path}{query}"), fill).await
    }

    /// Notes that a route is used.
    fn routed(&mut self, method: Method, path: &str) -> Method {
        self.routes.insert(format!("{method} {ORG}{path}"));
        method
    }

    /// Sends a request a second after the last one, so that the order of entries is known.
    async fn send(
        &self,
        method: Method,
        path: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Value {
        self.server.clock().advance(Duration::seconds(1));
        let path = format!("orgs/corp{path}");
        let asked = fill(self.server.api_as(&self.token.0, method.clone(), &path));
        let answer = asked.send().await.expect("an answer");
        let status = answer.status();
        let body = answer.text().await.expect("a body");
        assert!(status.is_success(), "{method} {path}: {status} {body}");
        serde_json::from_str(&body).unwrap_or_default()
    }

    async fn read(&self, path: &str) -> Value {
        self.send(Method::GET, path, |asked| asked).await
    }

    /// Signs a person in, which is no act of an administrator: the account.
    async fn sign_in(&self, name: &str) -> Value {
        let admin = Admin::new(self.server.url("/api/v1/"), OPERATOR_TOKEN);
        let (node, now) = (self.server.url(""), self.server.clock().now());
        let begun = self.corp.begin(&node, "", &Person::new(name), "_once", now).await;
        let begun = begun.expect("begun");
        let posted = self.corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer");
        assert_eq!(posted.status(), StatusCode::SEE_OTHER);
        let session = self.corp.get(&format!("{node}/session"), &cookie(posted.headers())).await;
        let session: Value = session.expect("an answer").json().await.expect("JSON");
        admin.get(&format!("orgs/corp/users/{}", id(&session["account"]))).await
    }
}

impl Entry {
    /// Its row of a CSV file, in which text is quoted where it must be.
    fn line(&self) -> String {
        let quoted = |text: &String| match text.contains([',', '"', '\n', '\r']) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text.clone(),
        };
        let Self { administrator, timestamp, category, sub_category, details } = self;
        let fields = [administrator, timestamp, category, sub_category, details].map(quoted);
        format!("{}\n", fields.join(","))
    }
}

fn entry(item: &Value) -> Entry {
    let text = |name: &str| item[name].as_str().expect("text").to_owned();
    Entry {
        administrator: text("administrator"),
        timestamp: text("timestamp"),
        category: text("category"),
        sub_category: text("sub_category"),
        details: text("details"),
    }
}

fn id(thing: &Value) -> &str {
    thing["id"].as_str().expect("an id")
}

/// What changes something under `/api/v1/`: `METHOD path`.
fn writing_routes() -> BTreeSet<String> {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let document = std::fs::read_to_string(document).expect("docs/openapi.json");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let api = paths.iter().filter_map(|(path, item)| Some((path.strip_prefix("/api/v1/")?, item)));
    let routes = api.flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods").keys();
        let writes = methods.filter(|m| matches!(m.as_str(), "post" | "put" | "patch" | "delete"));
        writes.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let mut routes: BTreeSet<String> = routes.collect();
    assert!(routes.contains("PATCH orgs/{org}"), "{routes:?}");
    for question in QUESTIONS {
        assert!(routes.remove(*question), "{question}");
    }
    routes
}
