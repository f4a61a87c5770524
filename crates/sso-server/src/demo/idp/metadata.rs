//! The identity provider's metadata (SAML Metadata 2.4.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::xml::{Writer, ns};

/// Writes the document: one signing key, HTTP-Redirect, signed requests wanted.
pub(super) fn write(entity_id: &str, sso_url: &str, certificate: &[u8]) -> String {
    let mut writer = Writer::new();
    writer
        .start("md:EntityDescriptor", &[("xmlns:md", ns::MD), ("entityID", entity_id)])
        .start(
            "md:IDPSSODescriptor",
            &[("WantAuthnRequestsSigned", "true"), ("protocolSupportEnumeration", ns::SAMLP)],
        )
        .start("md:KeyDescriptor", &[("use", "signing")])
        .start("ds:KeyInfo", &[("xmlns:ds", ns::DS)])
        .start("ds:X509Data", &[])
        .leaf("ds:X509Certificate", &[], &STANDARD.encode(certificate))
        .end()
        .end()
        .end()
        .leaf("md:NameIDFormat", &[], super::response::EMAIL_ADDRESS)
        .empty(
            "md:SingleSignOnService",
            &[
                ("Binding", "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"),
                ("Location", sso_url),
            ],
        );
    writer.finish()
}
