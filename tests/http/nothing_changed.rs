//! What is refused changes nothing (SPEC 6, 7, 8): the database, the audit trail in it, is the same
//! before and after, on each engine. The same request with its one defect repaired is accepted.

use crate::admin_api::{connection, send};
use crate::api_tokens::secret;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::{Engine, OPERATOR_TOKEN, PostgresCluster, TestKey, TestServer};

/// One request.
struct Asked {
    method: Method,
    path: String,
    content: Content,
    /// Who asks; the operator unless it is said.
    token: String,
}

enum Content {
    None,
    Json(Value),
    Bytes(Vec<u8>),
    /// With the passphrase beside them.
    Sealed(Vec<u8>, &'static str),
}

impl Asked {
    fn new(method: Method, path: impl Into<String>, content: Content) -> Self {
        Self { method, path: path.into(), content, token: OPERATOR_TOKEN.to_owned() }
    }

    fn by(self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self }
    }

    /// Sends it: the status, and the code of a refusal.
    async fn send(self, server: &TestServer) -> (u16, String) {
        let request = server.api_as(&self.token, self.method, &self.path);
        let request = match self.content {
            Content::None => request,
            Content::Json(body) => request.json(&body),
            Content::Bytes(body) => request.body(body),
            Content::Sealed(body, passphrase) => {
                request.header("X-Passphrase", passphrase).body(body)
            }
        };
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let body = answer.text().await.expect("a body");
        let problem: Value = serde_json::from_str(&body).unwrap_or_default();
        (status, problem["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// What is refused with its status and code, and the same repaired.
struct Refusal(u16, &'static str, Asked, Asked);

#[tokio::test]
async fn on_sqlite() {
    nothing_changes(Engine::Sqlite).await;
}

#[tokio::test]
async fn on_postgresql() {
    nothing_changes(Engine::Postgres(PostgresCluster::shared().database())).await;
}

async fn nothing_changes(engine: Engine) {
    let server = TestServer::start_on(engine).await;
    for refusal in refusals(&server).await {
        let Refusal(status, code, refused, repaired) = refusal;
        let what = format!("{} {}: {code}", refused.method, refused.path);
        let before = dump(&server);
        assert_eq!(refused.send(&server).await, (status, code.to_owned()), "{what}");
        let after = dump(&server);
        assert!(before == after, "{what}:\n{before}\n\n{after}");
        let (status, code) = repaired.send(&server).await;
        assert!((200..300).contains(&status), "{what}, repaired: {status} {code}");
        assert!(after != dump(&server), "{what}, repaired: the dump shows no change");
    }
}

/// Everything that the database keeps, but for who does the service's own work just now.
fn dump(server: &TestServer) -> String {
    server.database().dump(&["leases"])
}

async fn refusals(server: &TestServer) -> Vec<Refusal> {
    for org in ["acme", "full", "roomy"] {
        let body = json!({"name": org, "domains": [format!("{org}.example")]});
        assert_eq!(send(server, Method::POST, "orgs", body).await.0, 201);
    }
    assert_eq!(send(server, Method::PUT, "orgs/acme/sso", connection()).await.0, 200);
    let (ours, foreign) =
        (secret(server, "acme", "org_admin").await, secret(server, "full", "org_admin").await);
    for alias in ["a", "b", "c"] {
        let key = TestKey::ec(Nid::X9_62_PRIME256V1).certificate();
        let path = format!("orgs/full/idp-certificates?alias={alias}");
        assert_eq!(Asked::new(Method::POST, path, Content::Bytes(key)).send(server).await.0, 201);
    }
    [
        users(server, &ours).await,
        service_certificates(server).await,
        idp_certificates(),
        bodies(&ours),
        vec![Refusal(
            403,
            "foreign_org",
            Asked::new(Method::DELETE, "orgs/acme/sso", Content::None).by(&foreign),
            Asked::new(Method::DELETE, "orgs/acme/sso", Content::None).by(&ours),
        )],
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Of the service's own certificates: the active one stays, the length of its life, its key.
async fn service_certificates(server: &TestServer) -> Vec<Refusal> {
    const PATH: &str = "orgs/acme/service-certificates";
    let mut ids = Vec::new();
    for alias in ["active", "next", "later"] {
        let new = json!({"alias": alias, "valid_days": 365, "key": "p256"});
        let (_, made) = send(server, Method::POST, PATH, new).await;
        ids.push(made["id"].as_str().expect("an id").to_owned());
    }
    let at = |n: usize, act: &str| format!("{PATH}/{}{act}", ids[n]);
    assert_eq!(send(server, Method::POST, &at(0, "/activate"), json!({})).await.0, 200);
    let without = |method: Method, path| Asked::new(method, path, Content::None);
    let made = |body: Value| Asked::new(Method::POST, PATH, Content::Json(body));
    let days = |days: u32| made(json!({"alias": "days", "valid_days": days, "key": "p256"}));
    let imported = |content| Asked::new(Method::POST, format!("{PATH}/import?alias=i"), content);

    let (small, good, other) = (TestKey::rsa(1024), TestKey::rsa(2048), TestKey::rsa(2048));
    let both = |key: &TestKey| [key.pem(), key.private_pem()].concat();
    let mut file = Pkcs12::builder();
    file.pkey(good.private()).cert(good.x509());
    let file = file.build2("open").and_then(|file| file.to_der()).expect("PKCS#12");
    let cut = file[..file.len() / 2].to_vec();
    vec![
        Refusal(
            409,
            "certificate_active",
            without(Method::DELETE, at(0, "")),
            without(Method::DELETE, at(1, "")),
        ),
        Refusal(
            409,
            "certificate_active",
            without(Method::POST, at(0, "/retire")),
            without(Method::POST, at(2, "/retire")),
        ),
        Refusal(422, "invalid_field", days(89), days(90)),
        Refusal(422, "invalid_field", days(3653), days(3652)),
        Refusal(
            422,
            "key_too_small",
            imported(Content::Bytes(both(&small))),
            imported(Content::Bytes(both(&good))),
        ),
        Refusal(
            422,
            "private_key_mismatch",
            imported(Content::Bytes([good.pem(), other.private_pem()].concat())),
            imported(Content::Bytes(both(&other))),
        ),
        Refusal(
            422,
            "wrong_passphrase",
            imported(Content::Sealed(file.clone(), "shut")),
            imported(Content::Sealed(file.clone(), "open")),
        ),
        Refusal(
            422,
            "not_a_certificate",
            imported(Content::Sealed(cut, "open")),
            imported(Content::Sealed(file, "open")),
        ),
    ]
}

/// Of accounts: what is not edited by hand, another organization's domain, a value that is taken.
async fn users(server: &TestServer, token: &str) -> Vec<Refusal> {
    const PATH: &str = "orgs/acme/users";
    let person = |name: &str, domain: &str| {
        let email = format!("{name}@{domain}");
        json!({"email": email, "first_name": name, "last_name": "Moe"})
    };
    let (status, ann) = send(server, Method::POST, PATH, person("ann", "acme.example")).await;
    assert_eq!(status, 201, "{ann}");
    let ann = format!("{PATH}/{}", ann["id"].as_str().expect("an id"));
    let make = |name: &str, domain: &str| {
        Asked::new(Method::POST, PATH, Content::Json(person(name, domain))).by(token)
    };
    let edit =
        |fields: Value| Asked::new(Method::PATCH, ann.clone(), Content::Json(fields)).by(token);
    let city = |city: &str| edit(json!({"city": city}));
    vec![
        Refusal(
            422,
            "email_domain_foreign",
            make("bob", "full.example"),
            make("bob", "acme.example"),
        ),
        Refusal(409, "email_taken", make("ANN", "acme.example"), make("cid", "acme.example")),
        Refusal(
            422,
            "uid_immutable",
            edit(json!({"city": "Oslo", "uid": "other@acme.example"})),
            city("Oslo"),
        ),
        Refusal(422, "invalid_field", edit(json!({"city": "Rome", "colour": 1})), city("Rome")),
        Refusal(422, "invalid_field", edit(json!({"city": 7})), city("Bonn")),
        Refusal(422, "invalid_field", edit(json!({"city": "Nice", "role": "king"})), city("Nice")),
    ]
}

/// Of certificates of the identity provider: a fourth one, and what is none.
fn idp_certificates() -> Vec<Refusal> {
    let import = |org: &str, body: Vec<u8>| {
        let path = format!("orgs/{org}/idp-certificates?alias=i");
        Asked::new(Method::POST, path, Content::Bytes(body))
    };
    let key = || TestKey::ec(Nid::X9_62_PRIME256V1);
    let (fourth, rsa, whole) = (key().certificate(), TestKey::rsa(2048), key());
    let mut cut = whole.certificate();
    cut.pop();
    let full =
        Refusal(409, "certificate_limit", import("full", fourth.clone()), import("acme", fourth));
    let small = TestKey::rsa(1024).certificate();
    let (given, beside) = (key(), key());
    let both = [beside.pem(), beside.private_pem()].concat();
    vec![
        full,
        Refusal(
            422,
            "private_key_given",
            import("roomy", given.private_pem()),
            import("roomy", given.pem()),
        ),
        Refusal(422, "private_key_given", import("roomy", both), import("roomy", beside.pem())),
        Refusal(422, "key_too_small", import("acme", small), import("acme", rsa.certificate())),
        Refusal(422, "not_a_certificate", import("acme", cut), import("acme", whole.certificate())),
    ]
}

/// Of bodies: a field that there is none, and one of another type, beside others that are good.
fn bodies(token: &str) -> Vec<Refusal> {
    let sso = connection();
    let certificate = json!({"alias": "b", "valid_days": 90, "key": "p256"});
    let api_token = json!({"description": "b", "role": "user_admin"});
    let changed = json!({"display_name": "Changed"});
    let third = json!({"name": "third", "domains": ["third.example"]});
    let fourth = json!({"name": "fourth", "domains": ["fourth.example"]});
    let mut refusals = Vec::new();
    for (method, path, good, name, wrong) in [
        (Method::PATCH, "orgs/acme", &changed, "domains", json!("acme.example")),
        (Method::PATCH, "orgs/acme", &changed, "sessions", json!({"idle_seconds": "1"})),
        (Method::PATCH, "orgs/acme", &changed, "colour", json!(1)),
        (Method::PUT, "orgs/acme/sso", &sso, "auto_create", json!("true")),
        (Method::PUT, "orgs/acme/sso", &sso, "colour", json!(1)),
        (Method::PATCH, "orgs/acme/sso", &sso, "clock_skew_seconds", json!("120")),
        (Method::PATCH, "orgs/acme/sso", &sso, "colour", json!(1)),
        (Method::POST, "orgs/acme/service-certificates", &certificate, "valid_days", json!("90")),
        (Method::POST, "orgs/acme/service-certificates", &certificate, "colour", json!(1)),
        (Method::POST, "orgs/acme/api-tokens", &api_token, "expires_in_days", json!("1")),
        (Method::POST, "orgs/acme/api-tokens", &api_token, "colour", json!(1)),
        (Method::POST, "orgs", &third, "domains", json!({})),
        (Method::POST, "orgs", &fourth, "colour", json!(1)),
    ] {
        let mut refused = good.clone();
        refused[name] = wrong;
        let asked = |body: Value| {
            let asked = Asked::new(method.clone(), path, Content::Json(body));
            if path == "orgs" { asked } else { asked.by(token) }
        };
        refusals.push(Refusal(422, "invalid_field", asked(refused), asked(good.clone())));
    }
    refusals
}
