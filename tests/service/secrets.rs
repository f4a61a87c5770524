//! No secret gets out (SPEC 4.8, 7, 13, ATTACKS WEB-09): not into the log at its most talkative, an
//! answer, a trace, the audit trail or a dump of the database. Everything that can be done is done,
//! rightly and wrongly, and then all of it is searched.

use crate::needle::{Needle, Text};
use crate::recorder::{Answer, Recorder, With};
use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::symm::Cipher;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sso_core::ambient::SystemClock;
use sso_core::store::{ServiceCertificateStore as _, TokenKeyStore as _};
use sso_core::time::Clock as _;
use sso_store::MasterKey;
use sso_tests::{
    Corp, Database, MASTER_KEY, OPERATOR_TOKEN, Person, PostgresCluster, ServerProcess, TestKey,
    cookie,
};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const CERTIFICATES: &str = "orgs/corp/service-certificates";

/// What opens the imported keys.
const PASSPHRASE: &str = "open-sesame-of-the-tests";

/// Secrets in places where nothing is expected.
const MISPLACED: &str = "hunter2-hunter2-hunter2";

/// Part of a return address: it is stored until it is gone to, and nobody else is told.
const IN_A_RETURN_ADDRESS: &str = "secret-of-the-application";

/// The password of the database, which PostgreSQL does not ask for here.
const DATABASE_PASSWORD: &str = "the-password-of-the-database";

/// What notices are signed with.
const WEBHOOK_SECRET: &str = "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29rLW9mLXRoZS10ZXN0cw==";

#[tokio::test(flavor = "multi_thread")]
async fn none_gets_out_on_sqlite() {
    none_gets_out(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn none_gets_out_on_postgresql() {
    let url = PostgresCluster::shared().database();
    none_gets_out(Some(url.replace("postgres@", &format!("postgres:{DATABASE_PASSWORD}@")))).await;
}

async fn none_gets_out(database_url: Option<String>) {
    let settings = [
        ("SSO_PUBLIC_URL", Corp::PUBLIC_URL),
        ("SSO_LOG", "trace"),
        ("SSO_TRUSTED_PROXIES", "127.0.0.1"),
        ("SSO_WEBHOOK_URL", "http://127.0.0.1:9/"),
        ("SSO_WEBHOOK_SECRET", WEBHOOK_SECRET),
    ];
    let service = ServerProcess::start_with(database_url, &settings).await;
    let corp = Corp::set_up(&service.admin(), SystemClock.now()).await;
    let mut story = Story { recorder: Recorder::new(service.url("")), needles: Vec::new(), corp };
    story.knows("the operator's token", OPERATOR_TOKEN);
    story.knows("the passphrase", PASSPHRASE);
    story.knows("a misplaced secret", MISPLACED);
    story.knows("the database's password", DATABASE_PASSWORD);
    story.knows("the webhook's secret", WEBHOOK_SECRET);
    let master_key = [0x5a; 32];
    story.needles.push(Needle::bytes("the master key", &master_key));

    story.service_certificates().await;
    story.idp_certificates().await;
    story.logins().await;
    story.tokens().await;
    story.malformed().await;
    story.reads().await;
    for key in generated_keys(&service).await {
        let key = PKey::private_key_from_der(&key).expect("a key");
        story.needles.extend(Needle::private_key("a generated key", &key));
    }

    let mut places = vec![
        ("the log".to_owned(), Text::new(service.log().as_bytes())),
        ("the database".to_owned(), Text::new(&service.database().bytes())),
        ("a dump of the database".to_owned(), Text::new(service.database().dump(&[]).as_bytes())),
    ];
    for ((place, text), known) in places.iter().zip(["/saml/corp/acs", "ann@corp.", "ann@corp."]) {
        assert!(text.has(known), "{place} was not read");
    }
    let in_a_query = Needle::text("part of a return address", IN_A_RETURN_ADDRESS);
    assert!(!places[0].1.gives_away(&in_a_query), "the log has queries");
    let answers = std::mem::take(&mut story.recorder.answers);
    places.extend(answers.into_iter().map(|(what, text)| (what, Text::new(text.as_bytes()))));
    finds_what_is_planted(&story.needles);
    let mut found = Vec::new();
    for (place, text) in &places {
        let out = story.needles.iter().filter(|needle| text.gives_away(needle));
        found.extend(out.map(|needle| format!("{} in {place}: {}", needle.name, text.excerpt())));
    }
    found.dedup();
    assert!(found.is_empty(), "{found:#?}");
}

/// The search is not blind: each spelling of each secret is found in the middle of a text.
fn finds_what_is_planted(needles: &[Needle]) {
    for needle in needles {
        assert!(!Text::new(b"nothing of interest").gives_away(needle), "{}", needle.name);
        for text in needle.planted() {
            assert!(text.gives_away(needle), "{}", needle.name);
        }
    }
}

/// The private keys that the service made itself, out of its database with the master key.
async fn generated_keys(service: &ServerProcess) -> Vec<Vec<u8>> {
    let url = match service.database() {
        Database::Sqlite(file) => format!("sqlite://{}", file.display()),
        Database::Postgres(url) => url,
    };
    let key = MasterKey::read(MASTER_KEY.as_bytes()).expect("the master key");
    let store = sso_store::open(&url, &key).await.expect("the database opens");
    let keys = store.service_keys(&"corp".parse().expect("a name")).await.expect("the keys");
    assert!(keys.len() > 3, "generated and imported");
    let of_tokens = store.token_key().await.expect("the key of tokens").expect("one");
    let keys = keys.into_iter().map(|key| key.private_key);
    keys.chain([of_tokens.private_key]).collect()
}

/// All that is done, and the secrets that come up on the way.
struct Story {
    recorder: Recorder,
    needles: Vec<Needle>,
    corp: Corp,
}

impl Story {
    fn knows(&mut self, name: &str, secret: &str) {
        self.needles.push(Needle::text(name, secret));
    }

    async fn post_json(&mut self, path: &str, body: Value) -> Answer {
        let with =
            With { content_type: JSON, body: body.to_string().into_bytes(), ..With::default() };
        self.recorder.operator(Method::POST, path, with).await
    }

    /// Generated and imported in every form, each with its key, rightly and with another passphrase.
    async fn service_certificates(&mut self) {
        for key in ["rsa2048", "p256"] {
            let made = json!({"alias": key, "valid_days": 90, "key": key});
            assert_eq!(self.post_json(CERTIFICATES, made).await.status, StatusCode::CREATED);
        }
        let (plain, sealed, file) = (TestKey::rsa(2048), TestKey::rsa(2048), TestKey::rsa(2048));
        for key in [&plain, &sealed, &file] {
            self.needles.extend(Needle::private_key("an imported key", key.private()));
        }
        let cipher = Cipher::aes_256_cbc();
        let locked =
            sealed.private().private_key_to_pem_pkcs8_passphrase(cipher, PASSPHRASE.as_bytes());
        let mut pkcs12 = Pkcs12::builder();
        pkcs12.pkey(file.private()).cert(file.x509());
        let pkcs12 = pkcs12.build2(PASSPHRASE).and_then(|file| file.to_der()).expect("PKCS#12");
        let mut last = String::new();
        for body in [
            [plain.pem(), plain.private_pem()].concat(),
            [sealed.pem(), locked.expect("PEM")].concat(),
            pkcs12,
        ] {
            for (passphrase, whole) in [(MISPLACED, true), (PASSPHRASE, false), (PASSPHRASE, true)]
            {
                let body = if whole { body.clone() } else { body[..body.len() / 2].to_vec() };
                let with = With { passphrase: Some(passphrase), body, ..With::default() };
                let path = format!("{CERTIFICATES}/import?alias=imported");
                let answer = self.recorder.operator(Method::POST, &path, with).await;
                if answer.status == StatusCode::CREATED {
                    let made: Value = serde_json::from_str(&answer.body).expect("JSON");
                    last = made["id"].as_str().expect("an id").to_owned();
                }
            }
        }
        let activated = self.post_json(&format!("{CERTIFICATES}/{last}/activate"), json!({})).await;
        assert_eq!(activated.status, StatusCode::OK);
        let signs = With {
            content_type: JSON,
            body: br#"{"sign_authn_requests": true}"#.to_vec(),
            ..With::default()
        };
        let changed = self.recorder.operator(Method::PATCH, "orgs/corp/sso", signs).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    }

    /// A private key where a certificate is taken, alone and beside it.
    async fn idp_certificates(&mut self) {
        let key = TestKey::rsa(2048);
        self.needles.extend(Needle::private_key("a key of the identity provider", key.private()));
        for body in [
            key.private_pem(),
            key.private_der(),
            [key.pem(), key.private_pem()].concat(),
            key.pem(),
        ] {
            let with = With { body, ..With::default() };
            self.recorder.operator(Method::POST, "orgs/corp/idp-certificates?alias=i", with).await;
        }
    }

    /// Logins: accepted, replayed, in another browser, of another signature, of no XML, signed out.
    async fn logins(&mut self) {
        let query = format!("?return_to=/app?secret={IN_A_RETURN_ADDRESS}");
        for n in 0..2 {
            let path = format!("/sso/corp/login{}", if n == 0 { "" } else { &query });
            let left = self.recorder.browser(Method::GET, &path, With::default()).await;
            assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.body);
            let now = SystemClock.now();
            let begun =
                self.corp.answer(&left.headers, &Person::new("ann"), &format!("_a{n}"), now);
            let browser = value(&begun.cookie);
            self.recorder.handed_over(&browser);
            self.knows("a login cookie", &browser);
            let fields = url::form_urlencoded::parse(begun.form.as_bytes());
            let message = fields.into_iter().next().expect("SAMLResponse").1.into_owned();
            let changed = begun.form.replacen("QXNzZXJ0aW9u", "QXNzZXJ0aW9v", 1);
            let broken = format!("SAMLResponse={MISPLACED}{MISPLACED}");
            for (cookie, form) in [
                ("", &begun.form),
                (&*begun.cookie, &broken),
                (&*begun.cookie, &changed),
                (&*begun.cookie, &begun.form),
                (&*begun.cookie, &begun.form),
            ] {
                let body = form.clone().into_bytes();
                let with = With { cookie, content_type: FORM, body, ..With::default() };
                let answer = self.recorder.browser(Method::POST, "/saml/corp/acs", with).await;
                if answer.status == StatusCode::SEE_OTHER {
                    let session = cookie_of(&answer);
                    self.recorder.handed_over(&value(&session));
                    self.knows("a session cookie", &value(&session));
                    self.uses(&session).await;
                }
            }
            let middle = message.len() / 2;
            self.knows("a SAMLResponse", &message[middle..middle + 64]);
        }
        let sessions = self.needles.iter().filter(|needle| needle.name == "a session cookie");
        assert_eq!(sessions.count(), 2);
    }

    async fn uses(&mut self, session: &str) {
        let url = format!("{}/page?secret={IN_A_RETURN_ADDRESS}", Corp::PUBLIC_URL);
        let with = With { cookie: session, original_url: Some(&url), ..With::default() };
        let let_in = self.recorder.browser(Method::GET, "/auth/verify", with).await;
        assert_eq!(let_in.status, StatusCode::OK, "{}", let_in.body);
        let token = let_in.headers["x-sso-token"].to_str().expect("text").to_owned();
        self.recorder.handed_over(&token);
        self.knows("a token for applications", &token);
        for path in ["/session", "/welcome", "/", "/sso/corp/logout", "/session", "/nothing"] {
            let with = With { cookie: session, ..With::default() };
            self.recorder.browser(Method::GET, path, with).await;
        }
    }

    /// A token is made, used rightly and on what is not its own, and removed.
    async fn tokens(&mut self) {
        let new = json!({"description": "nightly", "role": "org_admin"});
        let made = self.post_json("orgs/corp/api-tokens", new).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let made: Value = serde_json::from_str(&made.body).expect("JSON");
        let secret = made["secret"].as_str().expect("a secret").to_owned();
        self.recorder.handed_over(&secret);
        self.knows("an API token", &secret);
        let bearer = format!("Bearer {secret}");
        for path in ["orgs/corp", "orgs/other", "orgs", "orgs/corp/api-tokens", "nothing"] {
            let with = With { authorization: Some(&bearer), ..With::default() };
            self.recorder.browser(Method::GET, &format!("/api/v1/{path}"), with).await;
        }
        let id = made["id"].as_str().expect("an id");
        let path = format!("orgs/corp/api-tokens/{id}");
        let removed = self.recorder.operator(Method::DELETE, &path, With::default()).await;
        assert_eq!(removed.status, StatusCode::NO_CONTENT);
        let with = With { authorization: Some(&bearer), ..With::default() };
        let refused = self.recorder.browser(Method::GET, "/api/v1/orgs/corp", with).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }

    /// Secrets where none belongs: in a header, a query, a field of another type, half a body.
    async fn malformed(&mut self) {
        for authorization in [
            format!("Bearer {MISPLACED}"),
            format!("Bearer {OPERATOR_TOKEN}x"),
            format!("bearer  {OPERATOR_TOKEN} x"),
            format!("Basic {MISPLACED}"),
            MISPLACED.to_owned(),
        ] {
            let with = With { authorization: Some(&authorization), ..With::default() };
            let answer = self.recorder.browser(Method::GET, "/api/v1/orgs", with).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        }
        for query in ["passphrase=", "alias=a&passphrase=", "limit=", "cursor=", "from=", "x="] {
            for path in ["service-certificates/import", "idp-certificates"] {
                let path = format!("orgs/corp/{path}?{query}{MISPLACED}");
                self.recorder.operator(Method::POST, &path, With::default()).await;
            }
            for path in ["audit", "logins", "users", "api-tokens"] {
                let path = format!("orgs/corp/{path}?{query}{MISPLACED}");
                self.recorder.operator(Method::GET, &path, With::default()).await;
            }
        }
        let key = String::from_utf8(TestKey::rsa(2048).private_pem()).expect("PEM");
        let line = key.lines().nth(3).expect("a line").to_owned();
        self.knows("a key in a field", &line);
        let sso = [
            "protocol",
            "sso_url",
            "sso_binding",
            "auto_create",
            "clock_skew_seconds",
            "attribute_map",
            "legacy_crypto",
            "client_secret",
        ];
        let org = ["domains", "sessions", "provisioning", "sso_enabled", "password"];
        for (method, path, fields) in [
            (Method::POST, CERTIFICATES, &["alias", "valid_days", "key", "private_key"][..]),
            (Method::POST, "orgs/corp/api-tokens", &["role", "expires_in_days", "secret"]),
            (Method::POST, "orgs/corp/users", &["email", "first_name", "role", "password"]),
            (Method::PATCH, "orgs/corp", &org),
            (Method::PATCH, "orgs/corp/sso", &sso),
            (Method::POST, "orgs", &org),
            (Method::POST, "orgs/corp/sso/metadata", &["url", "pin"]),
        ] {
            for field in fields {
                let wrong =
                    [json!(MISPLACED), json!(key), json!([MISPLACED]), json!({"secret": key})];
                let whole = wrong.map(|value| json!({*field: value}).to_string());
                let half = whole[0][..whole[0].len() - 2].to_owned();
                for body in whole.into_iter().chain([half]) {
                    let body = body.into_bytes();
                    let with = With { content_type: JSON, body, ..With::default() };
                    let answer = self.recorder.operator(method.clone(), path, with).await;
                    assert!(answer.status.is_client_error(), "{path} {field}: {}", answer.body);
                }
            }
        }
    }

    /// All that can be read.
    async fn reads(&mut self) {
        for path in [
            "orgs",
            "orgs/corp",
            "orgs/corp/sso",
            "orgs/corp/sso/metadata",
            CERTIFICATES,
            "orgs/corp/idp-certificates",
            "orgs/corp/api-tokens",
            "orgs/corp/users?status=all",
            "orgs/corp/logins?limit=200",
            "orgs/corp/audit?limit=200",
            "orgs/corp/audit?format=csv",
        ] {
            let answer = self.recorder.operator(Method::GET, path, With::default()).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        }
        let metadata = self.recorder.browser(Method::GET, "/saml/corp/metadata", With::default());
        assert_eq!(metadata.await.status, StatusCode::OK);
    }
}

fn cookie_of(answer: &Answer) -> String {
    cookie(&answer.headers)
}

/// The value of a cookie's pair.
fn value(pair: &str) -> String {
    pair.split_once('=').expect("a pair").1.to_owned()
}
