//! An organization whose people sign in by WS-Federation, its federation service, and the browsers of its
//! people.

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_server::config::Config;
use sso_tests::{
    Admin, Engine, OPERATOR_TOKEN, TestKey, TestServer, cookie, signed_token, token_response,
};
use std::sync::LazyLock;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use url::Url;

pub(super) const PUBLIC_URL: &str = "https://sso.example";
pub(super) const ISSUER: &str = "http://adfs.example/adfs/services/trust";
pub(super) const REALM: &str = "urn:federation:sso.example:corp";
const EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const CLAIMS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";

pub(super) static KEY: LazyLock<TestKey> = LazyLock::new(|| TestKey::rsa(2048));

/// Which assertions a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Saml {
    V11,
    V20,
}

/// What a token says.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) saml: Saml,
    pub(super) id: String,
    pub(super) realm: String,
    pub(super) person: String,
    pub(super) issued: OffsetDateTime,
    pub(super) lifetime: Duration,
}

impl Token {
    pub(super) fn new(saml: Saml, id: &str, person: &str, now: OffsetDateTime) -> Self {
        Self {
            saml,
            id: id.to_owned(),
            realm: REALM.to_owned(),
            person: person.to_owned(),
            issued: now,
            lifetime: Duration::hours(1),
        }
    }

    pub(super) fn xml(&self) -> String {
        let Self { saml, id, realm, person, issued, lifetime } = self;
        let text = |at: OffsetDateTime| at.format(&Rfc3339).expect("a time");
        let (from, until) = (text(*issued), text(*issued + *lifetime));
        let email = format!("{person}@corp.example");
        let claims = [
            ("emailaddress", email.as_str()),
            ("upn", email.as_str()),
            ("givenname", person.as_str()),
            ("surname", "Lee"),
        ];
        match saml {
            Saml::V11 => {
                let subject = format!(
                    "<saml:Subject><saml:NameIdentifier Format=\"{EMAIL}\">{email}</saml:NameIdentifier>\
                     <saml:SubjectConfirmation><saml:ConfirmationMethod>\
                     urn:oasis:names:tc:SAML:1.0:cm:bearer</saml:ConfirmationMethod>\
                     </saml:SubjectConfirmation></saml:Subject>"
                );
                let attributes: String = claims
                    .iter()
                    .map(|(name, value)| format!(
                        "<saml:Attribute AttributeName=\"{name}\" AttributeNamespace=\"{CLAIMS}\">\
                         <saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>"
                    ))
                    .collect();
                format!(
                    "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:1.0:assertion\" \
                     MajorVersion=\"1\" MinorVersion=\"1\" AssertionID=\"{id}\" Issuer=\"{ISSUER}\" \
                     IssueInstant=\"{from}\"><saml:Conditions NotBefore=\"{from}\" \
                     NotOnOrAfter=\"{until}\"><saml:AudienceRestrictionCondition><saml:Audience>{realm}\
                     </saml:Audience></saml:AudienceRestrictionCondition></saml:Conditions>\
                     <saml:AttributeStatement>{subject}{attributes}</saml:AttributeStatement>\
                     <saml:AuthenticationStatement AuthenticationInstant=\"{from}\" \
                     AuthenticationMethod=\"urn:federation:authentication:windows\">{subject}\
                     </saml:AuthenticationStatement></saml:Assertion>"
                )
            }
            Saml::V20 => {
                let attributes: String = claims
                    .iter()
                    .map(|(name, value)| {
                        format!(
                            "<saml:Attribute Name=\"{CLAIMS}/{name}\"><saml:AttributeValue>{value}\
                         </saml:AttributeValue></saml:Attribute>"
                        )
                    })
                    .collect();
                format!(
                    "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
                     Version=\"2.0\" ID=\"{id}\" IssueInstant=\"{from}\"><saml:Issuer>{ISSUER}\
                     </saml:Issuer><saml:Subject><saml:NameID Format=\"{EMAIL}\">{email}</saml:NameID>\
                     <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"/>\
                     </saml:Subject><saml:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\">\
                     <saml:AudienceRestriction><saml:Audience>{realm}</saml:Audience>\
                     </saml:AudienceRestriction></saml:Conditions><saml:AttributeStatement>{attributes}\
                     </saml:AttributeStatement><saml:AuthnStatement AuthnInstant=\"{from}\">\
                     <saml:AuthnContext><saml:AuthnContextClassRef>\
                     urn:federation:authentication:windows</saml:AuthnContextClassRef>\
                     </saml:AuthnContext></saml:AuthnStatement></saml:Assertion>"
                )
            }
        }
    }

    pub(super) fn wresult(&self) -> String {
        self.signed_by(&KEY)
    }

    /// An answer with the token, signed by a key of the federation service or of somebody else.
    pub(super) fn signed_by(&self, key: &TestKey) -> String {
        token_response(&signed_token(key, &self.xml()))
    }
}

/// A login that a browser has begun.
pub(super) struct Begun {
    pub(super) to: Url,
    pub(super) wctx: String,
    pub(super) cookie: String,
}

pub(super) struct Scene {
    pub(super) server: TestServer,
    pub(super) admin: Admin,
    pub(super) client: Client,
}

impl Scene {
    /// A service with `corp`, whose people sign in by tokens.
    pub(super) async fn new(connection: Value) -> Self {
        let scene = Self::without_orgs(|_| ()).await;
        scene.make_org("corp", "corp.example", connection).await;
        scene
    }

    /// A service with nothing on it, some of its settings changed.
    pub(super) async fn without_orgs(change: impl FnOnce(&mut Config)) -> Self {
        let server = TestServer::start_with(Engine::Sqlite, Some(PUBLIC_URL), change).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let client = Client::builder().redirect(Policy::none()).build().expect("a client");
        Self { server, admin, client }
    }

    pub(super) async fn make_org(&self, name: &str, domain: &str, connection: Value) {
        self.admin.create("orgs", json!({"name": name, "domains": [domain]})).await;
        let (status, made) = self.connect(name, connection).await;
        assert_eq!(status, 200, "{made}");
        self.trust(name).await;
    }

    /// Puts a connection to the federation service, and gives what that is answered with.
    pub(super) async fn connect(&self, name: &str, connection: Value) -> (u16, Value) {
        let mut settings = json!({
            "protocol": "wsfed",
            "federation_service_uri": ISSUER,
            "sso_url": "https://adfs.example/adfs/ls/",
            "auto_create": true,
            "attribute_map": {"preset": "adfs", "map": {}},
        });
        let connection = connection.as_object().expect("an object").clone();
        settings.as_object_mut().expect("an object").extend(connection);
        self.put(&format!("orgs/{name}/sso"), settings).await
    }

    /// Has an organization trust the key of the federation service.
    pub(super) async fn trust(&self, name: &str) {
        let path = format!("orgs/{name}/idp-certificates?alias=adfs");
        let imported = self.server.api(Method::POST, &path);
        let imported = imported.header("content-type", "application/x-pem-file").body(KEY.pem());
        assert_eq!(imported.send().await.expect("an answer").status(), StatusCode::CREATED);
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = self.server.api(Method::PUT, path).json(&body).send().await;
        let answer = answer.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.server.clock().now()
    }

    pub(super) async fn get(&self, path: &str, cookies: &[&str]) -> Response {
        let request = self.client.get(self.server.url(path)).header(COOKIE, cookies.join("; "));
        request.send().await.expect("an answer")
    }

    pub(super) async fn begin(&self, org: &str, query: &str) -> Begun {
        let left = self.get(&format!("/sso/{org}/login{query}"), &[]).await;
        let to = Url::parse(location(left.headers())).expect("a URL");
        let wctx = parameter(&to, "wctx").expect("a wctx");
        Begun { wctx, cookie: cookie(left.headers()), to }
    }

    pub(super) async fn post(
        &self,
        org: &str,
        cookies: &[&str],
        fields: &[(&str, &str)],
    ) -> Response {
        let request = self.client.post(self.server.url(&format!("/wsfed/{org}"))).form(fields);
        request.header(COOKIE, cookies.join("; ")).send().await.expect("an answer")
    }

    pub(super) async fn answer(&self, begun: &Begun, wresult: &str) -> Response {
        self.answer_at("corp", begun, wresult).await
    }

    pub(super) async fn answer_at(&self, org: &str, begun: &Begun, wresult: &str) -> Response {
        let fields = [("wa", "wsignin1.0"), ("wresult", wresult), ("wctx", &begun.wctx)];
        self.post(org, &[&begun.cookie], &fields).await
    }

    /// Signs a person in. Answers the cookies: of the session, and the one that names it.
    pub(super) async fn sign_in(&self, token: &Token) -> [String; 2] {
        let begun = self.begin("corp", "").await;
        let answer = self.answer(&begun, &token.wresult()).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{:?}", self.newest("corp").await);
        let mut set = answer.headers().get_all(SET_COOKIE).iter();
        let mut next = || {
            let cookie = set.next().expect("a cookie").to_str().expect("text");
            cookie.split(';').next().expect("a pair").to_owned()
        };
        [next(), next()]
    }

    pub(super) async fn signed_in(&self, cookies: &[&str]) -> Option<String> {
        let who: Value = self.get("/session", cookies).await.json().await.expect("JSON");
        who["account"]["email"].as_str().map(str::to_owned)
    }

    /// The newest trace of an organization.
    pub(super) async fn newest(&self, org: &str) -> Value {
        self.admin.get(&format!("orgs/{org}/logins?limit=1")).await["items"][0].clone()
    }

    /// Checks that a post was refused, for this reason, and says nothing of it in structure.
    pub(super) async fn refused(&self, answer: Response, code: &str) {
        self.refused_at("corp", answer, code).await;
    }

    pub(super) async fn refused_at(&self, org: &str, answer: Response, code: &str) {
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{code}");
        assert!(answer.headers().get(SET_COOKIE).is_none(), "{code}");
        let page = answer.text().await.expect("a page");
        let (_, rest) = page.split_once("trc_").expect("the number of a trace");
        let number: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        let trace = self.admin.get(&format!("orgs/{org}/logins/trc_{number}")).await;
        assert_eq!(
            (&trace["code"], &trace["protocol"]),
            (&json!(code), &json!("wsfed")),
            "{trace}"
        );
    }
}

pub(super) fn location(headers: &HeaderMap) -> &str {
    headers.get(LOCATION).expect("a Location").to_str().expect("text")
}

pub(super) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}
