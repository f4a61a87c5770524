//! Our federation metadata: what a federation service is told of us (WS-Federation 1.2, 3.1; SPEC 3).

use super::export::{contact, encryption_keys, organization, signed, start_entity};
use crate::certs::ServiceCertificate;
use crate::connection::{ServiceUrls, WsFedSettings};
use crate::dsig::{SigningError, SigningKey};
use crate::org::Org;
use crate::xml::{Writer, ns};
use time::OffsetDateTime;

/// What is published of an organization to a federation service.
#[derive(Debug, Clone, Copy)]
pub struct FederationClient<'a> {
    /// Whose relying party it is.
    pub org: &'a Org,
    /// Its addresses.
    pub urls: &'a ServiceUrls,
    /// The connection, once there is one.
    pub settings: Option<&'a WsFedSettings>,
    /// All service certificates. To those of RSA keys that are published a token may be encrypted;
    /// nothing of ours is signed here.
    pub certificates: &'a [ServiceCertificate],
}

/// Writes the metadata, valid from `now` (UTC) for a year.
pub fn export_federation(client: &FederationClient<'_>, now: OffsetDateTime) -> String {
    write(client, None, now)
}

/// Writes the metadata as [`export_federation`] does, signed as a whole. `id` is that of the document,
/// another each time (SAML Core 1.3.4).
///
/// # Errors
/// [`SigningError`]
pub fn export_federation_signed(
    client: &FederationClient<'_>,
    id: &str,
    key: &SigningKey,
    now: OffsetDateTime,
) -> Result<String, SigningError> {
    signed(&write(client, Some(id), now), key)
}

fn write(client: &FederationClient<'_>, id: Option<&str>, now: OffsetDateTime) -> String {
    let realm = client.settings.map_or("", |settings| settings.service_uri.as_str());
    let realm = if realm.is_empty() { client.urls.realm.as_str() } else { realm };
    let mut xml = Writer::new();
    start_entity(&mut xml, realm, id, now);
    xml.start(
        "md:RoleDescriptor",
        &[
            ("xmlns:fed", ns::FED),
            ("xmlns:xsi", ns::XSI),
            ("xsi:type", "fed:ApplicationServiceType"),
            ("protocolSupportEnumeration", ns::FED),
        ],
    );
    encryption_keys(&mut xml, client.certificates);
    xml.start("fed:TargetScopes", &[]);
    endpoint(&mut xml, realm);
    xml.end();
    for name in ["fed:ApplicationServiceEndpoint", "fed:PassiveRequestorEndpoint"] {
        xml.start(name, &[]);
        endpoint(&mut xml, &client.urls.wsfed);
        xml.end();
    }
    xml.end();
    organization(&mut xml, client.org);
    contact(&mut xml, client.org);
    xml.finish()
}

fn endpoint(xml: &mut Writer, address: &str) {
    xml.start("wsa:EndpointReference", &[("xmlns:wsa", ns::WSA)]);
    xml.leaf("wsa:Address", &[], address);
    xml.end();
}
