//! The development identity provider: whoever comes chooses who to be, and it says so in a signed
//! Response (SAML Profiles 4.1.4.2). Nobody is authenticated: never for production.
//!
//! It refuses an AuthnRequest that is not signed by a key of the service's metadata.

mod authn_request;
mod metadata;
mod people;
mod response;
mod service_provider;

use crate::config::{PublicUrl, StartError};
use crate::http::headers::LOOPBACK_POLICY;
use crate::routes::assets;
use crate::templates::{self, DemoPeople, Post};
use authn_request::AuthnRequest;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use people::PEOPLE;
use serde::Deserialize;
use service_provider::ServiceProvider;
use sso_core::certs::{self, NewKey};
use sso_core::dsig::SigningKey;
use sso_core::random::Random;
use sso_core::time::Clock;
use std::sync::Arc;
use tower_http::set_header::SetResponseHeaderLayer;

/// The development identity provider, with a key that lives as long as this value.
pub(super) struct Idp {
    origin: String,
    key: SigningKey,
    certificate: Vec<u8>,
    service: Router,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Idp {
    /// An identity provider on another port of the service's own host, so that a post from it is of
    /// the same site and brings the login cookie (DESIGN 6). `service` answers for the metadata.
    pub(super) fn new(
        public_url: &PublicUrl,
        port: u16,
        service: Router,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        let fail = |e: &dyn std::fmt::Display| StartError::Demo(e.to_string());
        let host = public_url.url().host_str().unwrap_or("localhost");
        let name = "development identity provider";
        let pair = certs::generate(name, 90, NewKey::Rsa2048, clock.now(), &*random)
            .map_err(|e| fail(&e))?;
        let key = SigningKey::from_pkcs8_der(&pair.private_key, &pair.der).map_err(|e| fail(&e))?;
        let origin = format!("http://{host}:{port}");
        Ok(Self { origin, key, certificate: pair.der, service, clock, random })
    }

    /// Its address without a path.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Its metadata document.
    pub(super) fn metadata(&self) -> String {
        metadata::write(&self.entity_id(), &self.sso_url(), &self.certificate)
    }

    /// Its pages.
    pub(super) fn routes(self) -> Router {
        let policy = HeaderValue::from_static(LOOPBACK_POLICY);
        Router::new()
            .route("/metadata", get(show_metadata))
            .route("/sso", get(choose).post(answer))
            .merge(Router::from(assets::routes()))
            .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy))
            .with_state(Arc::new(self))
    }

    fn entity_id(&self) -> String {
        format!("{}/metadata", self.origin)
    }

    fn sso_url(&self) -> String {
        format!("{}/sso", self.origin)
    }

    /// The request in a query, if the service signed it, and the service as its metadata is now.
    async fn verified(&self, query: &str) -> Result<(ServiceProvider, AuthnRequest), Refused> {
        let service = ServiceProvider::fetch(&self.service, "demo").await.map_err(Refused)?;
        let now = self.clock.now();
        let request =
            authn_request::read(query, &service, &self.sso_url(), now).map_err(Refused)?;
        Ok((service, request))
    }
}

/// Why a request is not answered.
struct Refused(String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        tracing::warn!(reason = %self.0, "the development identity provider refused a request");
        let sentence = format!("The development identity provider refused this: {}\n", self.0);
        (StatusCode::FORBIDDEN, sentence).into_response()
    }
}

async fn show_metadata(State(idp): State<Arc<Idp>>) -> Response {
    ([(header::CONTENT_TYPE, "application/samlmetadata+xml")], idp.metadata()).into_response()
}

/// Shows who one can be.
async fn choose(
    State(idp): State<Arc<Idp>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    idp.verified(&query).await?;
    let people = PEOPLE.iter().map(|person| (person.key, person.name(), person.job_title));
    Ok(templates::page(&DemoPeople { query: &query, people: people.collect() }))
}

#[derive(Deserialize)]
struct Choice {
    /// The query that the request came in, whole.
    query: String,
    person: String,
}

/// Answers the request as the person that was chosen.
async fn answer(
    State(idp): State<Arc<Idp>>,
    Form(choice): Form<Choice>,
) -> Result<Response, Refused> {
    let (service, request) = idp.verified(&choice.query).await?;
    let person = PEOPLE.iter().find(|person| person.key == choice.person);
    let person = person.ok_or_else(|| Refused("there is no such person".to_owned()))?;
    let response = response::write(&idp, &service, &request, person)
        .map_err(|e| Refused(format!("the response could not be signed: {e}")))?;
    let response = STANDARD.encode(response);
    let mut fields = vec![("SAMLResponse", response.as_str())];
    fields.extend(request.relay_state.as_deref().map(|state| ("RelayState", state)));
    Ok(templates::page(&Post {
        sentence: "You are being taken back to the application.",
        action: &service.acs_url,
        fields,
    }))
}
