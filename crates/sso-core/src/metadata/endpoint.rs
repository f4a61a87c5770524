//! Endpoints of an identity provider: per binding, and only at addresses that a browser may be sent
//! to (SAML Metadata 2.2.2; ATTACKS MD-04).

use super::error::MetadataError;
use crate::connection::{ArtifactResolutionService, FrontChannelBinding, SloBinding};
use crate::xml::{Element, ns};
use std::collections::BTreeMap;
use url::{Host, Url};

const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const SOAP: &str = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP";

/// Where AuthnRequests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoEndpoint {
    /// How they go there.
    pub binding: FrontChannelBinding,
    /// Where that is.
    pub location: Url,
}

/// Where logout messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SloEndpoint {
    /// Where requests go.
    pub location: Url,
    /// Where responses go, if elsewhere.
    pub response_location: Option<Url>,
}

/// The single sign-on endpoint of the preferred binding, which is HTTP-Redirect; of two for one
/// binding the first counts. Bindings that are not spoken here are added to `ignored`, addresses that
/// are not allowed to `refused`.
pub(super) fn sso(
    role: Element<'_>,
    ignored: &mut Vec<String>,
    refused: &mut Vec<String>,
) -> Result<SsoEndpoint, MetadataError> {
    let mut found: BTreeMap<FrontChannelBinding, Url> = BTreeMap::new();
    for element in role.children().filter(|child| child.is(ns::MD, "SingleSignOnService")) {
        let binding = match element.attribute("Binding") {
            Some(REDIRECT) => FrontChannelBinding::Redirect,
            Some(POST) => FrontChannelBinding::Post,
            other => {
                ignored.push(format!("SingleSignOnService {}", other.unwrap_or_default()));
                continue;
            }
        };
        match location(element, "Location")? {
            Address::Allowed(url) => {
                found.entry(binding).or_insert(url);
            }
            Address::NotHttps(url) => refused.push(refusal("SingleSignOnService", &url)),
            Address::Absent => return Err(MetadataError::NoSsoEndpoint),
        }
    }
    match found.pop_first() {
        Some((binding, location)) => Ok(SsoEndpoint { binding, location }),
        None if refused.is_empty() => Err(MetadataError::NoSsoEndpoint),
        None => Err(MetadataError::EndpointNotAllowed(refused.join(", "))),
    }
}

/// The single logout endpoints by binding, with the rules of [`sso`].
pub(super) fn slo(
    role: Element<'_>,
    ignored: &mut Vec<String>,
    refused: &mut Vec<String>,
) -> Result<BTreeMap<SloBinding, SloEndpoint>, MetadataError> {
    let mut found = BTreeMap::new();
    for element in role.children().filter(|child| child.is(ns::MD, "SingleLogoutService")) {
        let binding = match element.attribute("Binding") {
            Some(REDIRECT) => SloBinding::Redirect,
            Some(POST) => SloBinding::Post,
            Some(SOAP) => SloBinding::Soap,
            other => {
                ignored.push(format!("SingleLogoutService {}", other.unwrap_or_default()));
                continue;
            }
        };
        let addresses = (location(element, "Location")?, location(element, "ResponseLocation")?);
        let endpoint = match addresses {
            (Address::Allowed(location), Address::Allowed(response)) => {
                SloEndpoint { location, response_location: Some(response) }
            }
            (Address::Allowed(location), Address::Absent) => {
                SloEndpoint { location, response_location: None }
            }
            (Address::NotHttps(url), _) | (_, Address::NotHttps(url)) => {
                refused.push(refusal("SingleLogoutService", &url));
                continue;
            }
            (Address::Absent, _) => {
                refused.push("SingleLogoutService without Location".to_owned());
                continue;
            }
        };
        found.entry(binding).or_insert(endpoint);
    }
    Ok(found)
}

/// The services that resolve artifacts, with the rules of [`sso`]; of two by one index the first counts.
pub(super) fn artifact_resolution(
    role: Element<'_>,
    ignored: &mut Vec<String>,
    refused: &mut Vec<String>,
) -> Result<Vec<ArtifactResolutionService>, MetadataError> {
    const NAME: &str = "ArtifactResolutionService";
    let mut found: BTreeMap<u16, Url> = BTreeMap::new();
    for element in role.children().filter(|child| child.is(ns::MD, NAME)) {
        let binding = element.attribute("Binding").unwrap_or_default();
        let index = element.attribute("index").and_then(|index| index.trim().parse().ok());
        match (binding, index, location(element, "Location")?) {
            (SOAP, Some(index), Address::Allowed(url)) => {
                found.entry(index).or_insert(url);
            }
            (SOAP, None, _) => refused.push(format!("{NAME} without an index")),
            (SOAP, _, Address::NotHttps(url)) => refused.push(refusal(NAME, &url)),
            (SOAP, _, Address::Absent) => refused.push(format!("{NAME} without Location")),
            (other, ..) => ignored.push(format!("{NAME} {other}")),
        }
    }
    let services = found.into_iter();
    Ok(services.map(|(index, url)| ArtifactResolutionService { index, url }).collect())
}

/// The passive endpoint of a federation service, to which the browser is redirected: the first that is
/// allowed (WS-Federation 1.2, 3.1.13).
pub(super) fn passive(
    role: Element<'_>,
    refused: &mut Vec<String>,
) -> Result<SsoEndpoint, MetadataError> {
    const NAME: &str = "PassiveRequestorEndpoint";
    let endpoints = role.children().filter(|child| child.is(ns::FED, NAME));
    let addresses = endpoints
        .flat_map(Element::children)
        .filter(|child| child.is(ns::WSA, "EndpointReference"))
        .flat_map(Element::children)
        .filter(|child| child.is(ns::WSA, "Address"));
    for element in addresses {
        match address(&element.text()?)? {
            Address::Allowed(location) => {
                return Ok(SsoEndpoint { binding: FrontChannelBinding::Redirect, location });
            }
            Address::NotHttps(url) => refused.push(refusal(NAME, &url)),
            Address::Absent => {}
        }
    }
    match refused.is_empty() {
        true => Err(MetadataError::NoSsoEndpoint),
        false => Err(MetadataError::EndpointNotAllowed(refused.join(", "))),
    }
}

enum Address {
    Allowed(Url),
    /// Plain http to another machine: an administrator can still set it by hand.
    NotHttps(Url),
    Absent,
}

/// Reads an address. One that no browser may be sent to makes the whole document suspect.
fn location(element: Element<'_>, attribute: &str) -> Result<Address, MetadataError> {
    address(element.attribute(attribute).unwrap_or_default())
}

fn address(text: &str) -> Result<Address, MetadataError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Address::Absent);
    }
    if has_placeholder(text) {
        return Err(MetadataError::TenantPlaceholder("an endpoint"));
    }
    let not_allowed = || MetadataError::EndpointNotAllowed(text.chars().take(256).collect());
    let url = Url::parse(text).map_err(|_| not_allowed())?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    match url.scheme() {
        _ if has_user || !url.has_host() => Err(not_allowed()),
        "https" => Ok(Address::Allowed(url)),
        "http" if is_loopback(&url) => Ok(Address::Allowed(url)),
        "http" => Ok(Address::NotHttps(url)),
        _ => Err(not_allowed()),
    }
}

/// Whether a text has the literal `{tenant}` of Entra's document for all tenants.
pub(super) fn has_placeholder(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("{tenant") || text.contains("%7btenant")
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn refusal(element: &str, url: &Url) -> String {
    format!("{element} {url}: not https")
}
