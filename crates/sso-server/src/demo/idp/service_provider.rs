//! The service as its published metadata describes it (SAML Metadata 2.4.4): fetched for every
//! request, so that a key that was rotated counts at once.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::dsig::{TrustedKey, TrustedKeys};
use sso_core::error::Rejection;
use sso_core::xml::{Document, Element, Limits, ns};
use tower::ServiceExt as _;

/// What the identity provider knows of the service.
pub(super) struct ServiceProvider {
    pub(super) entity_id: String,
    /// Where responses are posted.
    pub(super) acs_url: String,
    /// The keys that may have signed a request.
    pub(super) keys: TrustedKeys,
}

impl ServiceProvider {
    /// Reads the metadata of an organization.
    pub(super) async fn fetch(service: &Router, org: &str) -> Result<Self, String> {
        let request = Request::get(format!("/saml/{org}/metadata")).body(Body::empty());
        let answer = match service.clone().oneshot(request.map_err(|e| e.to_string())?).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        if !answer.status().is_success() {
            return Err(format!("the service's metadata answered {}", answer.status()));
        }
        let document = axum::body::to_bytes(answer.into_body(), Limits::METADATA.bytes).await;
        Self::read(&document.map_err(|e| e.to_string())?)
            .map_err(|e| format!("the service's metadata cannot be read: {e}"))?
            .ok_or_else(|| "the service's metadata has no key that signs".to_owned())
    }

    /// What metadata says; none where it has no key.
    fn read(document: &[u8]) -> Result<Option<Self>, Rejection> {
        let document = Document::parse(document, &Limits::METADATA)?;
        let entity = document.root();
        let sp = entity.required_child(ns::MD, "SPSSODescriptor")?;
        let acs = sp.children().find(|e| e.is(ns::MD, "AssertionConsumerService"));
        let keys = sp
            .children()
            .filter(|e| e.is(ns::MD, "KeyDescriptor"))
            .filter(|e| e.attribute("use").is_none_or(|usage| usage == "signing"))
            .filter_map(key);
        Ok(TrustedKeys::new(keys.collect()).map(|keys| Self {
            entity_id: entity.attribute("entityID").unwrap_or_default().to_owned(),
            acs_url: acs.and_then(|e| e.attribute("Location")).unwrap_or_default().to_owned(),
            keys,
        }))
    }
}

fn key(descriptor: Element<'_>) -> Option<TrustedKey> {
    let certificate = descriptor.descendants().find(|e| e.is(ns::DS, "X509Certificate"))?;
    let text: String = certificate.text().ok()?.split_ascii_whitespace().collect();
    TrustedKey::from_certificate_der(&STANDARD.decode(text).ok()?).ok()
}
