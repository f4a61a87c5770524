//! samael 0.0.22 with libxmlsec1 and libxml2, as its documentation uses it.

use crate::Operation;
use crate::input::{ACS_URL, IDP_ENTITY_ID, Input, REQUEST_ID, SP_ENTITY_ID};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::x509::X509;
use samael::metadata::EntityDescriptor;
use samael::service_provider::ServiceProvider;
use std::hint::black_box;

/// It refuses a response that is not signed itself before it decrypts, and knows AES-128 alone.
pub(crate) fn operation(input: &Input) -> Option<Operation> {
    if input.encrypted.is_some() {
        return None;
    }
    let certificate = X509::from_pem(&input.certificate).expect("a certificate");
    let certificate = STANDARD.encode(certificate.to_der().expect("DER"));
    let metadata = format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         entityID=\"{}\"><md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\" \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <md:KeyDescriptor use=\"signing\"><ds:KeyInfo \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>\
         {certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://idp.example.com/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>",
        IDP_ENTITY_ID
    );
    let idp_metadata: EntityDescriptor = metadata.parse().expect("metadata");
    let provider = ServiceProvider {
        entity_id: Some(SP_ENTITY_ID.to_owned()),
        acs_url: Some(ACS_URL.to_owned()),
        idp_metadata,
        // Its clock is the machine's, and the inputs were issued on one day.
        max_issue_delay: chrono::Duration::days(10_000),
        ..ServiceProvider::default()
    };
    let field = input.field.clone();
    Some(Box::new(move || {
        let assertion = provider.parse_base64_response(black_box(&field), Some(&[REQUEST_ID]));
        black_box(assertion.expect("an assertion"));
    }))
}
