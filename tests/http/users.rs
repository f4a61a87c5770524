//! Accounts that administrators write over the Admin API (SPEC 6, 10): made, edited, deactivated,
//! reactivated and signed out, each refusal by its code with nothing changed, each act in the trail.

use crate::admin_api::{answer, read, send};
use crate::api_tokens::{secret, send_as};
use reqwest::header::SET_COOKIE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, OPERATOR_TOKEN, Person, PostgresCluster, TestServer, cookie,
};
use time::Duration;

pub(crate) const USERS: &str = "orgs/corp/users";

/// A server with the organization `corp`, whose identity provider is inside the test.
pub(crate) struct Scene {
    pub(crate) server: TestServer,
    pub(crate) corp: Corp,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::on(Engine::Sqlite).await
    }

    pub(crate) async fn on(engine: Engine) -> Self {
        let server = TestServer::start_at(engine, Some(Corp::PUBLIC_URL)).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        Self { server, corp }
    }

    /// Sends a body a second after the last one, so that the order of acts is known.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        self.server.clock().advance(Duration::seconds(1));
        send(&self.server, method, path, body).await
    }

    /// Makes an account of a person with the address `{name}@corp.example`.
    pub(crate) async fn make(&self, name: &str, fields: Value) -> Value {
        let (status, made) = self.send(Method::POST, USERS, person(name, fields)).await;
        assert_eq!(status, 201, "{made}");
        made
    }

    pub(crate) async fn patch(&self, account: &Value, fields: Value) -> (StatusCode, Value) {
        self.send(Method::PATCH, &path(account), fields).await
    }

    async fn act(&self, account: &Value, act: &str) -> (StatusCode, Value) {
        self.send(Method::POST, &format!("{}/{act}", path(account)), json!({})).await
    }

    pub(crate) async fn delete(&self, path: &str) -> StatusCode {
        self.server.clock().advance(Duration::seconds(1));
        self.server.api(Method::DELETE, path).send().await.expect("an answer").status()
    }

    /// Signs a person in, a second after the last act: the cookie of the session, or the refusal's
    /// code.
    pub(crate) async fn sign_in(&self, person: &Person, assertion: &str) -> Result<String, String> {
        self.server.clock().advance(Duration::seconds(1));
        let (node, now) = (self.server.url(""), self.server.clock().now());
        let begun = self.corp.begin(&node, "", person, assertion, now).await.expect("begun");
        let posted = self.corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer");
        if posted.status() == StatusCode::SEE_OTHER {
            return Ok(cookie(posted.headers()));
        }
        assert!(posted.headers().get(SET_COOKIE).is_none());
        let (_, logins) = read(&self.server, "orgs/corp/logins?limit=1").await;
        Err(logins["items"][0]["code"].as_str().expect("a code").to_owned())
    }

    /// Whether a cookie is of a live session.
    async fn is_signed_in(&self, cookie: &str) -> bool {
        let answer = self.corp.get(&self.server.url("/session"), cookie).await;
        answer.expect("an answer").status() == StatusCode::OK
    }

    /// The acts on accounts in the trail, oldest first, each with what it tells.
    pub(crate) async fn acts(&self) -> Vec<(String, String)> {
        let (_, trail) = read(&self.server, "orgs/corp/audit?category=users&limit=200").await;
        let text = |entry: &Value, field: &str| entry[field].as_str().expect("text").to_owned();
        let items = trail["items"].as_array().expect("a list").iter().rev();
        items.map(|entry| (text(entry, "sub_category"), text(entry, "details"))).collect()
    }
}

pub(crate) fn person(name: &str, fields: Value) -> Value {
    let mut person = json!({
        "email": format!("{name}@corp.example"),
        "first_name": name,
        "last_name": "Moe",
    });
    let all = person.as_object_mut().expect("an object");
    all.extend(fields.as_object().expect("an object").clone());
    person
}

pub(crate) fn path(account: &Value) -> String {
    format!("{USERS}/{}", account["id"].as_str().expect("an id"))
}

pub(crate) fn refusal(answer: (StatusCode, Value)) -> (u16, String, String) {
    let (status, problem) = answer;
    let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
    (status.as_u16(), text("code"), text("field"))
}

pub(crate) fn told(status: u16, code: &str, field: &str) -> (u16, String, String) {
    (status, code.to_owned(), field.to_owned())
}

#[tokio::test]
async fn an_account_is_made_read_and_edited() {
    let postgres = Engine::Postgres(PostgresCluster::shared().database());
    for engine in [Engine::Sqlite, postgres] {
        let scene = Scene::on(engine).await;
        let fields = json!({"country": "no", "storage_mb": 5, "job_title": null, "city": ""});
        let body = person("kim", fields);
        let made = scene.server.api(Method::POST, USERS).json(&body).send().await.expect("made");
        let location = made.headers()["location"].to_str().expect("text").to_owned();
        let (status, made) = answer(made).await;
        assert_eq!(status, 201, "{made}");
        assert_eq!(location, format!("/api/v1/{}", path(&made)));
        assert_eq!(
            made,
            json!({
                "id": made["id"], "org": "corp", "uid": "kim@corp.example",
                "email": "kim@corp.example", "first_name": "kim", "last_name": "Moe",
                "country": "NO", "storage_mb": 5, "name_id": null, "status": "active",
                "role": "user", "groups": [], "source": "admin",
                "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
                "last_login_at": null,
            })
        );
        assert_eq!(read(&scene.server, &path(&made)).await, (StatusCode::OK, made.clone()));

        // Named fields are replaced, null clears, the others stay, and what was read is no change.
        let mut whole = made.clone();
        whole["first_name"] = json!("Kimberly");
        whole["country"] = Value::Null;
        let (status, edited) = scene.patch(&made, whole).await;
        assert_eq!(status, 200, "{edited}");
        assert_eq!(edited["first_name"], "Kimberly");
        assert_eq!((edited.get("country"), &edited["last_name"]), (None, &json!("Moe")));
        assert_eq!(edited["updated_at"], "2026-01-02T03:04:06Z");
        assert_eq!(read(&scene.server, &path(&made)).await.1, edited);
        assert_eq!(scene.patch(&made, edited.clone()).await, (StatusCode::OK, edited.clone()));

        let (status, promoted) = scene.patch(&made, json!({"role": "org_admin"})).await;
        assert_eq!((status.as_u16(), &promoted["role"]), (200, &json!("org_admin")));
        let (_, demoted) = scene.patch(&made, json!({"role": null})).await;
        assert_eq!(demoted["role"], "user");

        let who = format!("kim@corp.example ({})", made["id"].as_str().expect("an id"));
        let expected = [
            ("account_created", format!("{who} by hand, role user")),
            ("account_updated", format!("{who} by hand: first_name, country")),
            ("role_changed", format!("{who} from user to org_admin")),
            ("role_changed", format!("{who} from org_admin to user")),
        ];
        let expected = expected.map(|(act, details)| (act.to_owned(), details));
        assert_eq!(scene.acts().await, expected);
    }
}

#[tokio::test]
async fn each_refusal_of_a_new_account_has_its_code_and_changes_nothing() {
    let postgres = Engine::Postgres(PostgresCluster::shared().database());
    for engine in [Engine::Sqlite, postgres] {
        let scene = Scene::on(engine).await;
        scene.make("ann", json!({"ssoid": "A-1"})).await;
        let before = scene.acts().await;
        for (fields, status, code, field) in [
            (json!({"first_name": null}), 422, "required_attribute_missing", "first_name"),
            (json!({"last_name": " "}), 422, "required_attribute_missing", "last_name"),
            (json!({"email": null}), 422, "required_attribute_missing", "email"),
            (json!({"email": "kim@other.example"}), 422, "email_domain_foreign", "email"),
            (json!({"uid": "kim"}), 422, "email_domain_foreign", "uid"),
            (json!({"email": "ANN@corp.example"}), 409, "email_taken", "email"),
            (json!({"uid": "ann@corp.example"}), 409, "uid_taken", "uid"),
            (json!({"ssoid": "A-1"}), 409, "ssoid_taken", "ssoid"),
            (json!({"colour": "red"}), 422, "invalid_field", "colour"),
            (json!({"city": 5}), 422, "invalid_field", "city"),
            (json!({"city": {"name": "Oslo"}}), 422, "invalid_field", "city"),
            (json!({"country": "Norway"}), 422, "invalid_field", "country"),
            (json!({"storage_mb": 1.5}), 422, "invalid_field", "storage_mb"),
            (
                json!({"profile_photo_url": "javascript:1"}),
                422,
                "invalid_field",
                "profile_photo_url",
            ),
            (json!({"city": "a\u{0}b"}), 422, "invalid_field", "city"),
            (json!({"city": "a\u{7}b"}), 422, "invalid_field", "city"),
            (json!({"email": "kim\u{0}@corp.example"}), 422, "invalid_field", "email"),
            (json!({"role": "root"}), 422, "invalid_field", "role"),
            (json!({"id": "acc_1"}), 422, "read_only_field", "id"),
            (json!({"status": "inactive"}), 422, "read_only_field", "status"),
            (json!({"groups": ["staff"]}), 422, "read_only_field", "groups"),
            (json!({"group_ids": ["staff"]}), 422, "read_only_field", "group_ids"),
            (json!({"name_id": {"value": "x"}}), 422, "read_only_field", "name_id"),
        ] {
            let refused =
                refusal(scene.send(Method::POST, USERS, person("kim", fields.clone())).await);
            assert_eq!(refused, told(status, code, field), "{fields}");
        }
        let several = json!({"email": "kim@corp.example"});
        let (_, problem) = scene.send(Method::POST, USERS, several).await;
        assert_eq!(problem["detail"], "There is no value for first_name, last_name.");
        let (_, users) = read(&scene.server, &format!("{USERS}?status=all")).await;
        assert_eq!(users["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(scene.acts().await, before);

        // The same values at another organization, and of nobody, are taken.
        let other = json!({"name": "other", "domains": ["other.example"]});
        assert_eq!(scene.send(Method::POST, "orgs", other).await.0, 201);
        let twin = person("ann", json!({"email": "ann@other.example", "ssoid": "A-1"}));
        assert_eq!(scene.send(Method::POST, "orgs/other/users", twin).await.0, 201);
        scene.make("kim", json!({"uid": "moe@corp.example", "ssoid": "a-1"})).await;
    }
}

#[tokio::test]
async fn each_refusal_of_an_edit_has_its_code_and_changes_nothing() {
    let scene = Scene::new().await;
    scene.make("ann", json!({"ssoid": "A-1"})).await;
    let kim = scene.make("kim", json!({})).await;
    let before = scene.acts().await;
    for (fields, status, code, field) in [
        (json!({"uid": "moe@corp.example"}), 422, "uid_immutable", "uid"),
        (json!({"uid": null}), 422, "uid_immutable", "uid"),
        (json!({"first_name": null}), 422, "required_attribute_missing", "first_name"),
        (json!({"email": "kim@other.example"}), 422, "email_domain_foreign", "email"),
        (json!({"email": "ann@corp.example"}), 409, "email_taken", "email"),
        (json!({"ssoid": "A-1"}), 409, "ssoid_taken", "ssoid"),
        (json!({"name_id": {"value": "x"}}), 422, "read_only_field", "name_id"),
        (json!({"status": "inactive"}), 422, "read_only_field", "status"),
        (json!({"created_at": "2020-01-01T00:00:00Z"}), 422, "read_only_field", "created_at"),
        (json!({"update_time_stamp": "2020-01-01"}), 422, "read_only_field", "update_time_stamp"),
        (json!({"colour": "red"}), 422, "invalid_field", "colour"),
    ] {
        let refused = refusal(scene.patch(&kim, fields.clone()).await);
        assert_eq!(refused, told(status, code, field), "{fields}");
    }
    assert_eq!(read(&scene.server, &path(&kim)).await.1, kim);
    assert_eq!(scene.acts().await, before);
    let nobody = format!("{USERS}/acc_00000000000000000000000000000000");
    for (method, path) in [
        (Method::PATCH, nobody.clone()),
        (Method::POST, format!("{nobody}/deactivate")),
        (Method::POST, format!("{nobody}/reactivate")),
        (Method::DELETE, format!("{nobody}/sessions")),
        (Method::GET, format!("{nobody}/sessions")),
        (Method::DELETE, format!("{}/sessions/ses_00000000000000000000000000000000", path(&kim))),
        (Method::PATCH, path(&kim).replace("corp", "other")),
    ] {
        let refused = refusal(scene.send(method, &path, json!({})).await);
        assert_eq!(refused, told(404, "not_found", ""), "{path}");
    }

    // What the organization made mandatory is held to at the next edit and at creation.
    let mandatory = json!({"provisioning": {"mandatory_fields": ["city"]}});
    assert_eq!(scene.send(Method::PATCH, "orgs/corp", mandatory).await.0, 200);
    let missing = told(422, "required_attribute_missing", "city");
    assert_eq!(refusal(scene.patch(&kim, json!({"job_title": "x"})).await), missing);
    assert_eq!(refusal(scene.send(Method::POST, USERS, person("eve", json!({}))).await), missing);
    assert_eq!(scene.patch(&kim, json!({"job_title": "x", "city": "Oslo"})).await.0, 200);
    scene.make("eve", json!({"city": "Oslo"})).await;
}

#[tokio::test]
async fn a_deactivated_account_is_signed_out_at_once_and_stays_out() {
    let scene = Scene::new().await;
    let ann = Person::new("ann");
    let browser = scene.sign_in(&ann, "_1").await.expect("signed in");
    let (_, users) = read(&scene.server, USERS).await;
    let account = users["items"][0].clone();
    let (status, inactive) = scene.act(&account, "deactivate").await;
    assert_eq!((status.as_u16(), &inactive["status"]), (200, &json!("inactive")));
    assert!(!scene.is_signed_in(&browser).await);
    assert_eq!(scene.sign_in(&ann, "_2").await, Err("account_inactive".to_owned()));
    assert_eq!(read(&scene.server, USERS).await.1["items"], json!([]));
    let (_, gone) = read(&scene.server, &format!("{USERS}?status=inactive")).await;
    assert_eq!(gone["items"], json!([inactive]));
    assert_eq!(scene.act(&account, "deactivate").await, (StatusCode::OK, inactive), "as it is");

    let (status, active) = scene.act(&account, "reactivate").await;
    assert_eq!((status.as_u16(), &active["status"]), (200, &json!("active")));
    assert!(!scene.is_signed_in(&browser).await, "ended, not hidden");
    assert_eq!(scene.act(&account, "reactivate").await, (StatusCode::OK, active));
    let again = scene.sign_in(&ann, "_3").await.expect("signed in again");
    assert!(scene.is_signed_in(&again).await);
    let acts: Vec<_> = scene.acts().await.into_iter().map(|(act, _)| act).collect();
    assert_eq!(acts, ["account_created", "account_deactivated", "account_reactivated"]);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let scene = Scene::new().await;
    let mut browsers = Vec::new();
    for assertion in ["_1", "_2", "_3"] {
        browsers.push(scene.sign_in(&Person::new("ann"), assertion).await.expect("signed in"));
    }
    let bob = scene.sign_in(&Person::new("bob"), "_4").await.expect("signed in");
    let (_, users) = read(&scene.server, &format!("{USERS}?q=ann")).await;
    let sessions = format!("{}/sessions", path(&users["items"][0]));
    let (status, list) = read(&scene.server, &sessions).await;
    assert_eq!((status.as_u16(), &list["next"]), (200, &Value::Null));
    let items = list["items"].as_array().expect("a list");
    assert_eq!(items.len(), 3);
    let first = &items[0];
    assert_eq!(first.as_object().map(serde_json::Map::len), Some(5), "{first}");
    assert_eq!(first["authenticated_at"], "2026-01-02T03:04:06Z");
    assert_eq!(first["expires_at"], "2026-01-03T03:04:06Z");
    let (_, part) = read(&scene.server, &format!("{sessions}?limit=2")).await;
    assert_eq!(part["items"], json!(items[..2]));
    let rest = format!("{sessions}?limit=2&cursor={}", part["next"].as_str().expect("a cursor"));
    assert_eq!(read(&scene.server, &rest).await.1["items"], json!(items[2..]));

    let one = format!("{sessions}/{}", items[1]["id"].as_str().expect("an id"));
    assert_eq!(scene.delete(&one).await, 204);
    assert_eq!(scene.delete(&one).await, 404);
    let live = async || {
        let mut live = Vec::new();
        for cookie in browsers.iter().chain([&bob]) {
            live.push(scene.is_signed_in(cookie).await);
        }
        live
    };
    assert_eq!(live().await, [true, false, true, true]);
    assert_eq!(scene.delete(&sessions).await, 204);
    assert_eq!(live().await, [false, false, false, true]);
    assert_eq!(read(&scene.server, &sessions).await.1, json!({"items": [], "next": null}));
    let ended: Vec<_> =
        scene.acts().await.into_iter().filter(|(act, _)| act == "sessions_ended").collect();
    assert!(ended[0].1.ends_with(&format!("by hand: {}", items[1]["id"].as_str().expect("id"))));
    assert!(ended[1].1.ends_with("by hand: all of them"));
}

#[tokio::test]
async fn an_organization_has_no_more_active_accounts_than_it_may() {
    let scene = Scene::new().await;
    let limit = json!({"provisioning": {"max_active_users": 2}});
    assert_eq!(scene.send(Method::PATCH, "orgs/corp", limit).await.0, 200);
    let ann = scene.make("ann", json!({})).await;
    scene.make("bob", json!({})).await;
    let full = told(409, "user_limit_reached", "");
    let kim = async || scene.send(Method::POST, USERS, person("kim", json!({}))).await;
    assert_eq!(refusal(kim().await), full);
    assert_eq!(
        scene.sign_in(&Person::new("eve"), "_1").await,
        Err("user_limit_reached".to_owned())
    );
    assert_eq!(scene.act(&ann, "deactivate").await.0, 200);
    assert_eq!(kim().await.0, 201);
    assert_eq!(refusal(scene.act(&ann, "reactivate").await), full);
    assert_eq!(
        scene.patch(&ann, json!({"city": "Oslo"})).await.0,
        200,
        "it is edited all the same"
    );
}

/// What was made by hand is the account of the first login (SPEC 9): by its uid, or where another
/// field is the key, by its address. Edits by hand stay until a newer assertion.
#[tokio::test]
async fn an_account_that_was_made_by_hand_is_signed_in_to() {
    for key in ["uid", "ssoid", "name_id"] {
        let scene = Scene::new().await;
        let settings = json!({"account_key": key, "auto_create": false});
        assert_eq!(scene.send(Method::PATCH, "orgs/corp/sso", settings).await.0, 200);
        let ann = Person::new("ann").with("ssoid", "7").with("firstname", "Ann");
        assert_eq!(scene.sign_in(&ann, "_1").await, Err("account_unknown".to_owned()), "{key}");

        let made = scene.make("ann", json!({"city": "Oslo"})).await;
        scene.sign_in(&ann, "_2").await.expect("signed in");
        let (_, written) = read(&scene.server, &path(&made)).await;
        assert_eq!((&written["first_name"], &written["city"]), (&json!("Ann"), &json!("Oslo")));
        assert_eq!((&written["source"], &written["ssoid"]), (&json!("admin"), &json!("7")));
        assert_eq!(written["name_id"]["value"], "ann-id");

        scene.patch(&made, json!({"first_name": "Anna"})).await;
        scene.sign_in(&ann, "_3").await.expect("signed in");
        let first_name = async || read(&scene.server, &path(&made)).await.1["first_name"].clone();
        assert_eq!(first_name().await, "Anna", "without a stamp an account is written once");
        let stamped = ann.clone().with("updateTimeStamp", "2026-01-01 00:00:00");
        scene.sign_in(&stamped, "_4").await.expect("signed in");
        assert_eq!(first_name().await, "Ann");
        scene.patch(&made, json!({"first_name": "Anna"})).await;
        scene.sign_in(&stamped, "_5").await.expect("signed in");
        assert_eq!(first_name().await, "Anna", "an equal stamp changes nothing");
    }
}

/// An organization whose NameIDs are the account key changes its identity provider.
#[tokio::test]
async fn a_forgotten_name_id_lets_a_person_in_again() {
    let scene = Scene::new().await;
    scene.send(Method::PATCH, "orgs/corp/sso", json!({"account_key": "name_id"})).await;
    let ann = Person::new("ann");
    scene.sign_in(&ann, "_1").await.expect("signed in");
    let (_, users) = read(&scene.server, USERS).await;
    let account = users["items"][0].clone();
    let newly = ann.named("another-id");
    assert_eq!(scene.sign_in(&newly, "_2").await, Err("account_conflict".to_owned()));

    let (status, forgotten) = scene.patch(&account, json!({"name_id": null})).await;
    assert_eq!((status.as_u16(), &forgotten["name_id"]), (200, &Value::Null));
    scene.sign_in(&newly, "_3").await.expect("signed in");
    let (_, linked) = read(&scene.server, &path(&account)).await;
    assert_eq!(linked["name_id"]["value"], "another-id");
    let acts: Vec<_> = scene.acts().await.into_iter().map(|(act, _)| act).collect();
    assert_eq!(acts, ["account_created", "name_id_forgotten", "account_linked"]);
}

#[tokio::test]
async fn a_user_administrator_writes_users_alone() {
    let scene = Scene::new().await;
    let user = scene.make("ann", json!({})).await;
    let admin = scene.make("boss", json!({"role": "org_admin"})).await;
    let before = read(&scene.server, &path(&admin)).await;
    let token = secret(&scene.server, "corp", "user_admin").await;
    let ask = async |method: Method, path: &str, body: Value| {
        scene.server.clock().advance(Duration::seconds(1));
        send_as(&scene.server, &token, method, path, &body).await
    };
    let sessions = |account: &Value| format!("{}/sessions", path(account));
    let to = |account: &Value, act: &str| format!("{}/{act}", path(account));
    let forbidden = told(403, "org_admin_only", "");
    for (method, path, body) in [
        (Method::POST, USERS.to_owned(), person("kim", json!({"role": "user_admin"}))),
        (Method::PATCH, path(&user), json!({"role": "user_admin"})),
        (Method::PATCH, path(&admin), json!({"role": "user"})),
        (Method::PATCH, path(&admin), json!({"email": "ann2@corp.example"})),
        (Method::POST, to(&admin, "deactivate"), json!({})),
        (Method::POST, to(&admin, "reactivate"), json!({})),
        (Method::DELETE, sessions(&admin), json!({})),
    ] {
        assert_eq!(refusal(ask(method, &path, body.clone()).await), forbidden, "{path} {body}");
    }
    assert_eq!(read(&scene.server, &path(&admin)).await, before);

    let (status, kim) = ask(Method::POST, USERS, person("kim", json!({}))).await;
    assert_eq!(status, 201, "{kim}");
    for (method, path, body, status) in [
        (Method::PATCH, path(&kim), json!({"email": "kim2@corp.example", "role": "user"}), 200),
        (Method::PATCH, path(&admin), json!({"display_name": "Boss", "mobile_phone": "1"}), 200),
        (Method::POST, to(&kim, "deactivate"), json!({}), 200),
        (Method::POST, to(&kim, "reactivate"), json!({}), 200),
        (Method::GET, sessions(&admin), json!({}), 200),
        (Method::DELETE, sessions(&kim), json!({}), 204),
    ] {
        let (got, answer) = ask(method, &path, body).await;
        assert_eq!(got, status, "{path} {answer}");
    }
    let (_, trail) = read(&scene.server, "orgs/corp/audit?category=users").await;
    let who = trail["items"][0]["administrator"].as_str().expect("text");
    assert!(who.starts_with("tok_"), "{who}");

    // An Organization Administrator grants roles.
    let token = secret(&scene.server, "corp", "org_admin").await;
    let role = json!({"role": "user_admin"});
    let (status, promoted) =
        send_as(&scene.server, &token, Method::PATCH, &path(&user), &role).await;
    assert_eq!((status.as_u16(), &promoted["role"]), (200, &json!("user_admin")));
}

#[tokio::test]
async fn the_primary_administrator_is_not_deactivated() {
    let scene = Scene::new().await;
    let boss = scene.make("boss", json!({"role": "org_admin"})).await;
    let primary = json!({"primary_admin": "BOSS@corp.example"});
    assert_eq!(scene.send(Method::PATCH, "orgs/corp", primary).await.0, 200);
    let refused = refusal(scene.act(&boss, "deactivate").await);
    assert_eq!(refused, told(409, "primary_admin", ""));
    assert_eq!(read(&scene.server, &path(&boss)).await.1, boss);
    let other = json!({"primary_admin": "ann@corp.example"});
    assert_eq!(scene.send(Method::PATCH, "orgs/corp", other).await.0, 200);
    assert_eq!(scene.act(&boss, "deactivate").await.0, 200);
}

#[tokio::test]
async fn accounts_are_listed_in_an_order() {
    let postgres = Engine::Postgres(PostgresCluster::shared().database());
    for engine in [Engine::Sqlite, postgres] {
        let scene = Scene::on(engine).await;
        for (name, last_name) in [("kim", "Åberg"), ("bob", "lee"), ("zoe", "Lee"), ("ann", "Moe")]
        {
            let logs = name == "bob";
            let fields = json!({
                "last_name": last_name, "employee_id": "7", "im_logging_enabled": logs,
            });
            scene.make(name, fields).await;
        }
        let listed = async |query: &str| {
            let (mut names, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("{USERS}?limit=3&{query}{cursor}");
                let (status, list) = read(&scene.server, &path).await;
                assert_eq!(status, 200, "{path} {list}");
                for item in list["items"].as_array().expect("a list") {
                    names.push(item["first_name"].as_str().expect("a name").to_owned());
                }
                match list["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => return names,
                }
            }
        };
        assert_eq!(listed("").await, ["kim", "bob", "zoe", "ann"]);
        assert_eq!(listed("sort=created_at&order=desc").await, ["ann", "zoe", "bob", "kim"]);
        assert_eq!(listed("sort=first_name").await, ["ann", "bob", "kim", "zoe"]);
        assert_eq!(listed("sort=last_name&order=asc").await, ["bob", "zoe", "ann", "kim"]);
        assert_eq!(listed("sort=email&order=desc&status=all").await, ["zoe", "kim", "bob", "ann"]);
        assert_eq!(listed("q=LE&sort=first_name&order=desc").await, ["zoe", "bob"]);
        assert_eq!(listed("im_logging=true").await, ["bob"]);
        assert_eq!(listed("im_logging=false&sort=email").await, ["ann", "kim", "zoe"]);
        assert_eq!(listed("employee_id=7&sort=email").await, ["ann", "bob", "kim", "zoe"]);

        let (_, part) = read(&scene.server, &format!("{USERS}?limit=1&sort=email")).await;
        let foreign =
            format!("sort=first_name&cursor={}", part["next"].as_str().expect("a cursor"));
        for query in [
            "sort=phone",
            "order=up",
            "role=root",
            "status=gone",
            "im_logging=yes",
            "colour=red",
            "sort=email&sort=email",
            "limit=0",
            "cursor=x",
            &foreign,
        ] {
            let refused = refusal(read(&scene.server, &format!("{USERS}?{query}")).await);
            assert_eq!(refused, told(400, "malformed_query", ""), "{query}");
        }
    }
}
