//! The crate `xml-sec` with its default features: signatures alone. It reads nothing else of the message and
//! is told no rule of SAML.

use crate::Operation;
use crate::input::Input;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::x509::X509;
use std::hint::black_box;
use xml_sec::xmldsig::{DsigStatus, SignatureAlgorithm, VerificationKey, VerifyContext};

/// It takes a document with one signature that stands in the open.
pub(crate) fn operation(input: &Input) -> Option<Operation> {
    if input.encrypted.is_some() || input.signed.len() != 1 {
        return None;
    }
    let certificate = X509::from_pem(&input.certificate).expect("a certificate");
    let key = certificate.public_key().and_then(|key| key.public_key_to_der()).expect("a key");
    let key = VerificationKey {
        algorithm: match input.elliptic {
            true => SignatureAlgorithm::EcdsaSha256,
            false => SignatureAlgorithm::RsaSha256,
        },
        public_key_bytes: key,
        certificate_der: None,
        name: None,
    };
    let field = input.field.clone();
    Some(Box::new(move || {
        let xml = STANDARD.decode(black_box(&field)).expect("base64");
        let xml = std::str::from_utf8(&xml).expect("UTF-8");
        let result = VerifyContext::new().key(&key).verify(xml).expect("an answer");
        assert!(matches!(result.status, DsigStatus::Valid), "{:?}", result.status);
    }))
}
