//! Our own metadata: what an identity provider needs to know of an organization's service provider
//! (SAML Metadata 2.4.4; SPEC 2). It says only what works, and is there before any connection, so
//! that it can be given to the identity provider first. Elements stand in the order of the schema.

use crate::certs::{ServiceCertificate, inspect, published};
use crate::connection::{NameIdFormat, Saml2Settings, ServiceUrls, SloBinding};
use crate::dsig::{self, SigningError, SigningKey};
use crate::org::Org;
use crate::xml::{Document, Limits, Writer, ns};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use url::Url;

/// How long an identity provider may use a copy. It is long because many take the document once, by
/// hand; one that polls is told to come every day.
const VALID_FOR: Duration = Duration::days(365);
const CACHE_FOR: &str = "P1D";

const ARTIFACT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact";
const PAOS: &str = "urn:oasis:names:tc:SAML:2.0:bindings:PAOS";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// What may be used to encrypt to us, the best first (SPEC 4.5).
const ENCRYPTION_METHODS: [&str; 3] = [
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
];

/// What is published of an organization.
#[derive(Debug, Clone, Copy)]
pub struct ServiceProvider<'a> {
    /// Whose service provider it is.
    pub org: &'a Org,
    /// Its addresses.
    pub urls: &'a ServiceUrls,
    /// The connection, once there is one.
    pub settings: Option<&'a Saml2Settings>,
    /// All service certificates; which are published follows from their state. To those of RSA keys
    /// an identity provider may encrypt.
    pub certificates: &'a [ServiceCertificate],
    /// The bindings by which logout messages are taken.
    pub logout: &'a [SloBinding],
}

/// Writes the metadata, valid from `now` (UTC) for a year.
pub fn export(provider: &ServiceProvider<'_>, now: OffsetDateTime) -> String {
    write(provider, None, now)
}

/// Writes the metadata as [`export`] does, signed as a whole (SAML Metadata 3). `id` is that of the
/// document, another each time (SAML Core 1.3.4).
///
/// # Errors
/// [`SigningError`]
pub fn export_signed(
    provider: &ServiceProvider<'_>,
    id: &str,
    key: &SigningKey,
    now: OffsetDateTime,
) -> Result<String, SigningError> {
    signed(&write(provider, Some(id), now), key)
}

/// Signs a document of ours as a whole.
pub(super) fn signed(text: &str, key: &SigningKey) -> Result<String, SigningError> {
    let document = Document::parse(text.as_bytes(), &Limits::METADATA);
    dsig::sign(document.map_err(|_| SigningError::Canonicalization)?.root(), key)
}

fn write(provider: &ServiceProvider<'_>, id: Option<&str>, now: OffsetDateTime) -> String {
    let settings = provider.settings;
    let entity_id = settings.map_or("", |settings| settings.sp_entity_id.as_str());
    let entity_id = if entity_id.is_empty() { provider.urls.metadata.as_str() } else { entity_id };
    let signed = settings.is_some_and(|settings| settings.sign_authn_requests);
    let mut xml = Writer::new();
    start_entity(&mut xml, entity_id, id, now);
    xml.start(
        "md:SPSSODescriptor",
        &[
            ("AuthnRequestsSigned", if signed { "true" } else { "false" }),
            ("WantAssertionsSigned", "true"),
            ("protocolSupportEnumeration", ns::SAMLP),
        ],
    );
    for certificate in published(provider.certificates) {
        key_descriptor(&mut xml, &certificate.der, None);
    }
    encryption_keys(&mut xml, provider.certificates);
    for binding in provider.logout {
        let (binding, location) = logout_endpoint(*binding, provider.urls);
        xml.empty("md:SingleLogoutService", &[("Binding", binding), ("Location", location)]);
    }
    for format in name_id_formats(settings) {
        xml.leaf("md:NameIDFormat", &[], format);
    }
    xml.empty(
        "md:AssertionConsumerService",
        &[
            ("Binding", POST),
            ("Location", &provider.urls.acs),
            ("index", "0"),
            ("isDefault", "true"),
        ],
    );
    if settings.is_some_and(Saml2Settings::takes_artifacts) {
        xml.empty(
            "md:AssertionConsumerService",
            &[("Binding", ARTIFACT), ("Location", &provider.urls.acs), ("index", "1")],
        );
    }
    if settings.is_some_and(|settings| settings.ecp) {
        xml.empty(
            "md:AssertionConsumerService",
            &[("Binding", PAOS), ("Location", &provider.urls.acs), ("index", "2")],
        );
    }
    xml.end();
    organization(&mut xml, provider.org);
    contact(&mut xml, provider.org);
    xml.finish()
}

/// Begins the entity that we are, by a name.
pub(super) fn start_entity(
    xml: &mut Writer,
    entity_id: &str,
    id: Option<&str>,
    now: OffsetDateTime,
) {
    let until = until(now);
    let mut entity = vec![("xmlns:md", ns::MD), ("xmlns:ds", ns::DS), ("entityID", entity_id)];
    entity.extend(id.map(|id| ("ID", id)));
    entity.extend(until.as_deref().map(|until| ("validUntil", until)));
    entity.push(("cacheDuration", CACHE_FOR));
    xml.start("md:EntityDescriptor", &entity);
}

/// The keys that an identity provider may encrypt to.
pub(super) fn encryption_keys(xml: &mut Writer, certificates: &[ServiceCertificate]) {
    for certificate in published(certificates) {
        if can_be_encrypted_to(&certificate.der) {
            key_descriptor(xml, &certificate.der, Some(&ENCRYPTION_METHODS));
        }
    }
}

fn until(now: OffsetDateTime) -> Option<String> {
    now.checked_add(VALID_FOR)?.replace_nanosecond(0).ok()?.format(&Rfc3339).ok()
}

/// A key for signatures, or with the methods one to encrypt to.
fn key_descriptor(xml: &mut Writer, der: &[u8], encrypt_with: Option<&[&str]>) {
    let purpose = if encrypt_with.is_some() { "encryption" } else { "signing" };
    xml.start("md:KeyDescriptor", &[("use", purpose)]);
    xml.start("ds:KeyInfo", &[]).start("ds:X509Data", &[]);
    xml.leaf("ds:X509Certificate", &[], &STANDARD.encode(der));
    xml.end().end();
    for method in encrypt_with.unwrap_or_default() {
        xml.empty("md:EncryptionMethod", &[("Algorithm", method)]);
    }
    xml.end();
}

/// Keys are transported by RSA alone.
fn can_be_encrypted_to(der: &[u8]) -> bool {
    inspect(der).is_ok_and(|certificate| certificate.public_key.algorithm == "RSA")
}

fn logout_endpoint(binding: SloBinding, urls: &ServiceUrls) -> (&'static str, &str) {
    match binding {
        SloBinding::Redirect => ("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", &urls.slo),
        SloBinding::Post => (POST, &urls.slo),
        SloBinding::Soap => ("urn:oasis:names:tc:SAML:2.0:bindings:SOAP", &urls.slo_soap),
    }
}

/// The format that the connection asks for; where it asks for none, any will do, and the ones that
/// name a person for good are named.
fn name_id_formats(settings: Option<&Saml2Settings>) -> Vec<&'static str> {
    match settings.and_then(|settings| settings.name_id_format.uri()) {
        Some(format) => vec![format],
        None => [NameIdFormat::Email, NameIdFormat::Persistent]
            .into_iter()
            .filter_map(NameIdFormat::uri)
            .chain([UNSPECIFIED])
            .collect(),
    }
}

/// The schema wants a name, a name to show and an address, or nothing at all.
pub(super) fn organization(xml: &mut Writer, org: &Org) {
    let Some(website) = org.website.as_deref().and_then(|text| Url::parse(text).ok()) else {
        return;
    };
    let name = first_filled([&org.company, &org.display_name, org.name.as_str()]);
    let shown = first_filled([&org.display_name, &org.company, org.name.as_str()]);
    let english = [("xml:lang", "en")];
    xml.start("md:Organization", &[]);
    xml.leaf("md:OrganizationName", &english, name);
    xml.leaf("md:OrganizationDisplayName", &english, shown);
    xml.leaf("md:OrganizationURL", &english, website.as_str());
    xml.end();
}

fn first_filled(names: [&str; 3]) -> &str {
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
}

pub(super) fn contact(xml: &mut Writer, org: &Org) {
    let Some(contact) = org.contact.as_deref() else { return };
    xml.start("md:ContactPerson", &[("contactType", "technical")]);
    match mail_address(contact) {
        Some(address) => xml.leaf("md:EmailAddress", &[], &address),
        None => xml.leaf("md:GivenName", &[], contact),
    };
    xml.end();
}

/// A contact that is an e-mail address, as a URI.
fn mail_address(contact: &str) -> Option<String> {
    let (local, domain) = contact.split_once('@')?;
    let is_plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    let uri = is_plain(local) && is_plain(domain);
    uri.then(|| Url::parse(&format!("mailto:{contact}")).ok().map(String::from)).flatten()
}

#[cfg(test)]
mod tests;
