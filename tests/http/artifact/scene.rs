//! An identity provider that resolves artifacts, and answers whatever it likes.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response as Answer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode};
use serde_json::json;
use sso_core::bindings::soap;
use sso_core::dsig::{self, TrustedKey, TrustedKeys};
use sso_core::time::Clock as _;
use sso_server::config::{Config, Networks};
use sso_tests::{
    Admin, BEGINNING, Begun, Corp, Engine, IdentityProvider, IdpMetadata, MetadataHost,
    OPERATOR_TOKEN, Person, SeededRandom, TestServer,
};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::net::TcpListener;

pub(super) const IDP: &str = "https://idp.example/";
pub(super) const SUCCESS: &str = "Success";

/// The artifact resolution service of the identity provider. It ends with the test.
#[derive(Clone)]
pub(super) struct Host {
    state: Arc<Mutex<Said>>,
    port: u16,
}

/// What it answers to the request of an ID, and what it was asked.
struct Said {
    says: Says,
    asked: Vec<String>,
}

/// What it says.
pub(super) enum Says {
    /// What is made of the ID of the request.
    Envelope(Box<dyn Fn(&str) -> String + Send>),
    /// A redirect to itself.
    Redirect,
    /// An answer without an end.
    Endless,
    /// Never anything.
    Silent,
}

impl Host {
    pub(super) async fn start() -> Self {
        let says = Says::Envelope(Box::new(|_| String::new()));
        let state = Arc::new(Mutex::new(Said { says, asked: Vec::new() }));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let routes = Router::new().fallback(answer).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { state, port }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/ars", self.port)
    }

    pub(super) fn says(&self, says: Says) {
        self.said().says = says;
    }

    /// The envelopes that came since this was asked last.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.said().asked)
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(State(state): State<Arc<Mutex<Said>>>, envelope: Bytes) -> Answer {
    let envelope = String::from_utf8(envelope.to_vec()).expect("text");
    {
        let mut said = state.lock().unwrap_or_else(PoisonError::into_inner);
        let id = envelope.split(" ID=\"").nth(1).and_then(|rest| rest.split('"').next());
        let id = id.unwrap_or_default().to_owned();
        said.asked.push(envelope);
        match &said.says {
            Says::Envelope(made) => {
                return ([(header::CONTENT_TYPE, "text/xml")], made(&id)).into_response();
            }
            Says::Redirect => {
                return (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response();
            }
            Says::Endless => {
                let piece = || Ok::<_, Infallible>(Bytes::from_static(&[b' '; 16 << 10]));
                let pieces = futures_util::stream::repeat_with(piece);
                return Body::from_stream(pieces).into_response();
            }
            Says::Silent => {}
        }
    }
    std::future::pending().await
}

/// A server with the organization `corp`, whose identity provider is asked for the messages of artifacts.
pub(super) struct Scene {
    pub(super) server: TestServer,
    pub(super) admin: Admin,
    pub(super) corp: Corp,
    pub(super) host: Host,
    /// A second key of the identity provider, which signs what is around a message.
    pub(super) second: Arc<IdentityProvider>,
    /// Our certificate, as the identity provider knows it.
    pub(super) ours: TrustedKeys,
}

impl Scene {
    pub(super) async fn new() -> Self {
        let may_ask = |config: &mut Config| {
            config.outgoing_networks =
                Networks::read("outgoing_networks", Some(MetadataHost::NETWORK))
                    .expect("a network");
        };
        Self::on(TestServer::start_with(Engine::Sqlite, Some(Corp::PUBLIC_URL), may_ask).await)
            .await
    }

    pub(super) async fn on(server: TestServer) -> Self {
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        let certificates = "orgs/corp/service-certificates";
        let made = json!({"alias": "first", "valid_days": 365});
        let made = admin.create(certificates, made).await;
        let id = made["id"].as_str().expect("an id");
        admin.act(&format!("{certificates}/{id}/activate")).await;
        let pem = made["pem"].as_str().expect("a PEM").as_bytes();
        let ours = vec![TrustedKey::from_certificate_pem(pem).expect("a certificate")];
        let ours = TrustedKeys::new(ours).expect("a key");
        let second = Arc::new(IdentityProvider::new(BEGINNING, &SeededRandom::new(2)));
        let metadata = IdpMetadata::of(&[&corp.idp, &second]).document();
        admin.post_xml("orgs/corp/sso/metadata", metadata).await;
        let host = Host::start().await;
        let services = json!([{"index": 0, "url": host.url()}]);
        let settings =
            json!({"response_binding": "artifact", "artifact_resolution_services": services});
        admin.patch("orgs/corp/sso", settings).await;
        Self { server, admin, corp, host, second, ours }
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.server.clock().now()
    }

    pub(super) async fn begin(&self, assertion: &str) -> (Begun, String) {
        let node = self.server.url("");
        let ann = Person::new("ann");
        let begun = self.corp.begin(&node, "?return_to=/app", &ann, assertion, self.now()).await;
        let begun = begun.expect("an answer");
        let response = self.response(&begun.request_id, assertion);
        (begun, response)
    }

    /// The response of the identity provider to a request, whose assertion is signed.
    pub(super) fn response(&self, request_id: &str, assertion: &str) -> String {
        self.corp.idp.response(&Person::new("ann"), Some(request_id), assertion, self.now())
    }

    /// What the host answers: an ArtifactResponse with this inside, after a change, signed by somebody or
    /// nobody.
    pub(super) fn gives(
        &self,
        inside: &str,
        signer: Option<Arc<IdentityProvider>>,
        change: impl Fn(String) -> String + Send + 'static,
    ) {
        let (inside, now) = (inside.to_owned(), self.now());
        self.host.says(Says::Envelope(Box::new(move |id| {
            let answer = change(artifact_response(id, now, SUCCESS, &inside));
            soap::envelope(&match &signer {
                Some(signer) => dsig::sign_message(&answer, signer.key()).expect("signed"),
                None => answer,
            })
        })));
    }

    /// Has a browser bring an artifact in a query.
    pub(super) async fn bring(
        &self,
        artifact: &str,
        relay_state: Option<&str>,
        cookie: &str,
    ) -> Response {
        let query = query(artifact, relay_state);
        let url = self.server.url(&format!("/saml/corp/acs?{query}"));
        self.corp.get(&url, cookie).await.expect("an answer")
    }

    /// The code of a refusal, by the trace that its page names.
    pub(super) async fn refused(&self, answer: Response) -> String {
        let status = answer.status();
        assert!(status == StatusCode::FORBIDDEN || status == StatusCode::BAD_REQUEST, "{status}");
        let page = answer.text().await.expect("a page");
        let (_, id) = page.split_once("trc_").unwrap_or_else(|| panic!("no trace: {page}"));
        let id: String = id.chars().take_while(char::is_ascii_alphanumeric).collect();
        let trace = self.admin.get(&format!("orgs/corp/logins/trc_{id}")).await;
        trace["code"].as_str().unwrap_or_else(|| panic!("{trace}")).to_owned()
    }
}

/// An artifact of an entity, for one of its services.
pub(super) fn artifact(entity_id: &str, index: u16) -> String {
    let mut bytes = vec![0, 4];
    bytes.extend(index.to_be_bytes());
    bytes.extend(openssl::sha::sha1(entity_id.as_bytes()));
    bytes.extend([7; 20]);
    STANDARD.encode(bytes)
}

pub(super) fn query(artifact: &str, relay_state: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("SAMLart", artifact);
    relay_state.map(|state| query.append_pair("RelayState", state));
    query.finish()
}

pub(super) fn artifact_response(
    id: &str,
    now: OffsetDateTime,
    status: &str,
    inside: &str,
) -> String {
    let now = now.replace_nanosecond(0).expect("zero").format(&Rfc3339).expect("an instant");
    format!(
        "<samlp:ArtifactResponse xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_answer\" InResponseTo=\"{id}\" \
         Version=\"2.0\" IssueInstant=\"{now}\"><saml:Issuer>{IDP}</saml:Issuer><samlp:Status>\
         <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:{status}\"/></samlp:Status>\
         {inside}</samlp:ArtifactResponse>"
    )
}

/// The message without the signature of its assertion.
pub(super) fn unsigned(response: &str) -> String {
    let (before, rest) = response.split_once("<ds:Signature").expect("a signature");
    before.to_owned() + rest.split_once("</ds:Signature>").expect("its end").1
}

pub(super) fn location(answer: &Response) -> &str {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()[LOCATION].to_str().expect("text")
}
