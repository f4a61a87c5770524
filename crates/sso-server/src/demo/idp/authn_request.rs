//! The AuthnRequest in a query: its detached signature, then what it says (SAML Bindings 3.4.4.1, SAML
//! Core 3.4.1). Refused: unsigned, signed by another key, meant for somebody else.

use super::service_provider::ServiceProvider;
use sso_core::bindings::Parameter;
use sso_core::bindings::redirect::RedirectQuery;
use sso_core::dsig::Policy;
use sso_core::error::Rejection;
use sso_core::xml::{Element, ns};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// A request of the service.
pub(super) struct AuthnRequest {
    /// Its ID, for the answer's `InResponseTo`.
    pub(super) id: String,
    /// What the answer brings back unchanged.
    pub(super) relay_state: Option<String>,
}

/// Reads the request in a query and holds it to the service's keys.
///
/// # Errors
/// Why it is refused, in a few words.
pub(super) fn read(
    query: &str,
    service: &ServiceProvider,
    destination: &str,
    now: OffsetDateTime,
) -> Result<AuthnRequest, String> {
    let refused = |rejection: Rejection| rejection.to_string();
    let query = RedirectQuery::receive(query).map_err(refused)?;
    if query.parameter() != Parameter::Request {
        return Err("a SAMLResponse is no request".to_owned());
    }
    let message = query.message().map_err(refused)?;
    let policy = Policy { grants: &BTreeSet::new(), now, enforce_certificate_validity: true };
    let signed = message.verify(&service.keys, &policy).map_err(refused)?;
    let id = id(signed.element(), service, destination)?;
    Ok(AuthnRequest { id, relay_state: query.relay_state().map(str::to_owned) })
}

/// The ID of a request that is the service's and meant for us.
fn id(
    request: Element<'_>,
    service: &ServiceProvider,
    destination: &str,
) -> Result<String, String> {
    if !request.is(ns::SAMLP, "AuthnRequest") {
        return Err(format!("{} is not an AuthnRequest", request.local_name()));
    }
    let issuer = request.required_child(ns::SAML, "Issuer").and_then(|e| e.text());
    if issuer.map_err(|e| e.to_string())? != service.entity_id {
        return Err("the issuer is not the service".to_owned());
    }
    if request.attribute("Destination") != Some(destination) {
        return Err(format!("the Destination is not {destination}"));
    }
    if request.attribute("AssertionConsumerServiceURL").is_some_and(|url| url != service.acs_url) {
        return Err("the answer is wanted at an address that the metadata does not have".to_owned());
    }
    request.id().map(str::to_owned).ok_or_else(|| "the request has no ID".to_owned())
}
