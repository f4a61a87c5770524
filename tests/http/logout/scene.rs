//! A server with an identity provider whose logout messages the test writes itself, and what is asked of the
//! answers.

use reqwest::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::json;
use sso_core::bindings::Parameter;
use sso_core::dsig::{TrustedKey, TrustedKeys};
use sso_core::login::RelyingParty;
use sso_core::time::Clock as _;
use sso_tests::{
    Admin, BEGINNING, Corp, Engine, LogoutMessage, OPERATOR_TOKEN, Person, TestKey, TestServer,
    cookie, logout_query, request_id,
};
use time::OffsetDateTime;
use url::Url;

pub(super) const IDP: &str = "https://idp.example/";
pub(super) const SLO: &str = "https://sso.example/saml/corp/slo";
pub(super) const LOGOUT_URL: &str = "https://idp.example/slo";
pub(super) const RESPONSE_URL: &str = "https://idp.example/slo/done";
pub(super) const ANN: &str = "<saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">\
     ann-id</saml:NameID>";

/// A server with the organization `corp`, which signs, and where logouts go to its identity provider.
pub(super) struct Scene {
    pub(super) server: TestServer,
    pub(super) admin: Admin,
    pub(super) corp: Corp,
    /// Our certificate, as the identity provider knows it.
    ours: TrustedKeys,
}

impl Scene {
    pub(super) async fn new() -> Self {
        let mut scene = Self::without_certificate().await;
        let certificates = "orgs/corp/service-certificates";
        let made = json!({"alias": "first", "valid_days": 365});
        let made = scene.admin.create(certificates, made).await;
        let id = made["id"].as_str().expect("an id");
        scene.admin.act(&format!("{certificates}/{id}/activate")).await;
        let pem = made["pem"].as_str().expect("a PEM").as_bytes();
        let ours = vec![TrustedKey::from_certificate_pem(pem).expect("a certificate")];
        scene.ours = TrustedKeys::new(ours).expect("a key");
        scene
    }

    pub(super) async fn without_certificate() -> Self {
        let server = TestServer::start_at(Engine::Sqlite, Some(Corp::PUBLIC_URL)).await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        let ours = TrustedKeys::new(vec![TestKey::rsa(2048).trusted()]).expect("a key");
        let scene = Self { server, admin, corp, ours };
        scene
            .set(json!({
                "single_logout": "saml", "logout_url": LOGOUT_URL,
                "logout_response_url": RESPONSE_URL,
            }))
            .await;
        scene
    }

    pub(super) async fn set(&self, settings: serde_json::Value) {
        self.admin.patch("orgs/corp/sso", settings).await;
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.server.clock().now()
    }

    /// Signs a person in; the pair of the session cookie.
    pub(super) async fn sign_in(&self, person: &str, assertion: &str) -> String {
        self.sign_in_as(&Person::new(person), assertion).await
    }

    pub(super) async fn sign_in_as(&self, person: &Person, assertion: &str) -> String {
        let node = self.server.url("");
        let begun = self.corp.begin(&node, "", person, assertion, self.now()).await;
        let begun = begun.expect("an answer");
        let answer = self.corp.post(&node, &begun.cookie, &begun.form).await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        cookie(answer.headers())
    }

    pub(super) async fn is_live(&self, session: &str) -> bool {
        self.get("/session", session).await.status() == StatusCode::OK
    }

    pub(super) async fn get(&self, path: &str, cookie: &str) -> Response {
        self.corp.get(&self.server.url(path), cookie).await.expect("an answer")
    }

    /// Brings a query to our logout address.
    pub(super) async fn bring(&self, query: &str, cookie: &str) -> Response {
        self.get(&format!("/saml/corp/slo?{query}"), cookie).await
    }

    pub(super) async fn post_form(&self, fields: &[(&str, &str)]) -> Response {
        let form = Client::new().post(self.server.url("/saml/corp/slo")).form(fields);
        form.send().await.expect("an answer")
    }

    pub(super) async fn post_envelope(
        &self,
        envelope: String,
        media_type: &str,
    ) -> (StatusCode, String) {
        let sent = Client::new().post(self.server.url("/saml/corp/slo/soap"));
        let sent = sent.header(CONTENT_TYPE, media_type).body(envelope);
        let answer = sent.send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("a body"))
    }

    /// A message of the identity provider, made now.
    pub(super) fn message<'a>(&self, id: &'a str) -> LogoutMessage<'a> {
        LogoutMessage { issuer: IDP, destination: SLO, id, now: self.now() }
    }

    pub(super) fn signed_query(
        &self,
        parameter: Parameter,
        message: &str,
        relay_state: Option<&str>,
    ) -> String {
        logout_query(parameter, message, relay_state, Some(self.corp.idp.key()))
    }

    pub(super) fn request(&self, id: &str, subject: &str) -> String {
        self.signed_query(Parameter::Request, &self.message(id).request(subject), Some("theirs"))
    }

    /// Us, as the identity provider sees us.
    pub(super) fn us(&self) -> RelyingParty {
        let key = |key: &TrustedKey| {
            TrustedKey::from_der(key.certificate().expect("a certificate")).expect("a key")
        };
        let keys = TrustedKeys::new(self.ours.iter().map(key).collect()).expect("a key");
        let name = "https://sso.example/saml/corp/metadata".to_owned();
        RelyingParty::new(name, IDP.to_owned(), LOGOUT_URL.to_owned(), keys)
    }

    /// Begins a logout here: the ID of the request, and the RelayState that goes with it.
    pub(super) async fn begin(&self, session: &str, return_to: &str) -> (String, String) {
        let left = self.get(&format!("/sso/corp/logout?return_to={return_to}"), session).await;
        assert_eq!(left.status(), StatusCode::SEE_OTHER);
        assert!(!self.is_live(session).await, "it ends here first");
        let to = location(&left);
        assert!(to.as_str().starts_with(LOGOUT_URL), "{to}");
        let parameter = |name: &str| {
            let found = to.query_pairs().find(|(known, _)| known == name);
            found.expect("the parameter").1.into_owned()
        };
        (request_id(&parameter("SAMLRequest")), parameter("RelayState"))
    }
}

pub(super) fn location(response: &Response) -> Url {
    let location = response.headers().get(LOCATION).expect("a Location").to_str().expect("text");
    Url::parse(location).expect("a URL")
}

pub(super) fn sets_cookie(response: &Response) -> bool {
    response.headers().contains_key(SET_COOKIE)
}

/// The page is a refusal with the public code, and the trace of a logout has the code.
pub(super) async fn refused(scene: &Scene, answer: Response, code: &str) {
    let status = answer.status();
    let body = answer.text().await.expect("a page");
    assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
    assert!(!body.contains("You are signed out"), "{body}");
    let (_, trace) = body.split_once("trc_").expect("the number of a trace");
    let trace = format!("orgs/corp/logins/trc_{}", &trace[..32]);
    let trace = scene.admin.get(&trace).await;
    assert_eq!(trace["code"], code, "{trace:#}");
    assert_eq!(trace["flow"], "logout", "{trace:#}");
}

/// The page says that the person is signed out here, what is known of the identity provider, and why.
pub(super) async fn told(answer: Response, of_idp: &str, code: &str) {
    assert_eq!(answer.status(), StatusCode::OK);
    let body = answer.text().await.expect("a page");
    for part in ["You are signed out", of_idp, code, "https://sso.example/login"] {
        assert!(body.contains(part), "{part}: {body}");
    }
}
