//! Metadata documents for the tests of this module, each from a template with the parts that a case
//! is about.

use crate::certs::{NewKey, generate};
use crate::random::Random;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;
use time::macros::datetime;

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
pub(super) const IDP: &str = "https://idp.example/metadata";
pub(super) const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
pub(super) const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

pub(super) struct Fixed;
impl Random for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

/// A certificate in DER; each is another.
pub(super) fn certificate() -> Vec<u8> {
    generate("idp", 365, NewKey::P256, NOW, &Fixed).expect("a certificate").der
}

/// A KeyInfo with a certificate.
pub(super) fn x509(der: &[u8]) -> String {
    format!(
        "<ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data>",
        STANDARD.encode(der)
    )
}

/// A KeyDescriptor. `purpose` is empty, or the attribute `use`.
pub(super) fn key(purpose: &str, info: &str) -> String {
    format!("<md:KeyDescriptor {purpose}><ds:KeyInfo>{info}</ds:KeyInfo></md:KeyDescriptor>")
}

/// A SingleSignOnService.
pub(super) fn sso(binding: &str, location: &str) -> String {
    format!("<md:SingleSignOnService Binding=\"{binding}\" Location=\"{location}\"/>")
}

/// An entity, from its parts.
#[derive(Clone)]
pub(super) struct Entity {
    pub(super) id: String,
    pub(super) attributes: String,
    pub(super) role: String,
    pub(super) keys: String,
    pub(super) endpoints: String,
    pub(super) others: String,
}

/// An identity provider with everything that one needs and nothing more.
pub(super) fn idp() -> Entity {
    Entity {
        id: IDP.to_owned(),
        attributes: String::new(),
        role: "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"".to_owned(),
        keys: key("use=\"signing\"", &x509(&certificate())),
        endpoints: sso(REDIRECT, "https://idp.example/sso"),
        others: String::new(),
    }
}

impl Entity {
    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The element, without namespace declarations.
    fn element(&self, declarations: &str) -> String {
        let Self { id, attributes, role, keys, endpoints, others } = self;
        format!(
            "<md:EntityDescriptor {declarations} entityID=\"{id}\" {attributes}>\
             <md:IDPSSODescriptor {role}>{keys}{endpoints}</md:IDPSSODescriptor>{others}\
             </md:EntityDescriptor>"
        )
    }

    /// A document of this entity alone.
    pub(super) fn document(&self) -> String {
        self.element(NAMESPACES)
    }
}

/// A document of several entities.
pub(super) fn aggregate(attributes: &str, entities: &[Entity]) -> String {
    let entities: String = entities.iter().map(|entity| entity.element("")).collect();
    format!("<md:EntitiesDescriptor {NAMESPACES} {attributes}>{entities}</md:EntitiesDescriptor>")
}

pub(super) const NAMESPACES: &str = "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
     xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
