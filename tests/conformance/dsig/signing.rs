//! Signing what we send: our own verifier accepts it, with every kind of service key.

use super::{ASSERTION, KEY, verify};
use openssl::nid::Nid;
use sso_core::dsig::{self, KeyError, SigningError, SigningKey};
use sso_core::error::Code::DigestMismatch;
use sso_core::xml::{Document, Limits, ns};
use sso_tests::TestKey;

fn sign(xml: &str, key: &TestKey) -> Result<String, SigningError> {
    let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE).expect("XML");
    dsig::sign(document.root(), &key.signing())
}

#[test]
fn every_kind_of_service_key_signs() {
    for (key, method) in [
        (TestKey::rsa(2048), "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        (TestKey::ec(Nid::X9_62_PRIME256V1), "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
        (TestKey::ec(Nid::SECP384R1), "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"),
        (TestKey::ec(Nid::SECP521R1), "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"),
    ] {
        let signed = sign(ASSERTION, &key).expect("a signature");
        assert!(signed.contains(method));
        assert_eq!(verify(&signed, key.trusted(), &[]), Ok(()), "{method}");
        let tampered = signed.replace(">ada<", ">eve<");
        assert_eq!(
            verify(&tampered, key.trusted(), &[]).map_err(|it| it.code),
            Err(DigestMismatch)
        );
    }
}

#[test]
fn the_signature_stands_after_the_issuer_or_else_first() {
    let signed = sign(ASSERTION, &KEY).expect("a signature");
    let document = Document::parse(signed.as_bytes(), &Limits::MESSAGE).expect("XML");
    let names: Vec<_> = document.root().children().map(|it| it.local_name()).collect();
    assert_eq!(names, ["Issuer", "Signature", "Subject"]);
    let metadata = format!(
        "<EntityDescriptor xmlns=\"{}\" ID=\"_m\">\n <Organization/></EntityDescriptor>",
        ns::MD
    );
    let signed = sign(&metadata, &KEY).expect("a signature");
    assert_eq!(verify(&signed, KEY.trusted(), &[]), Ok(()));
}

#[test]
fn a_message_around_a_signed_assertion_is_signed_as_well() {
    let assertion = sign(ASSERTION, &KEY).expect("a signature");
    let response = format!(
        "<samlp:Response xmlns:samlp=\"{}\" ID=\"_r\"><Issuer xmlns=\"{}\">i</Issuer>{assertion}</samlp:Response>",
        ns::SAMLP,
        ns::SAML,
    );
    let other = TestKey::rsa(2048);
    let signed = sign(&response, &other).expect("a signature");
    assert_eq!(verify(&signed, KEY.trusted(), &[]), Ok(()), "the assertion's");
    let document = Document::parse(signed.as_bytes(), &Limits::MESSAGE).expect("XML");
    let signature = dsig::signature_of(document.root()).expect("a structure").expect("a signature");
    let keys = dsig::TrustedKeys::new(vec![other.trusted()]).expect("a key");
    let grants = Default::default();
    let policy =
        dsig::Policy { grants: &grants, now: super::NOW, enforce_certificate_validity: true };
    assert!(dsig::verify(&signature, &keys, &policy).is_ok(), "the response's");
}

#[test]
fn what_cannot_be_signed_says_why() {
    assert!(matches!(sign("<a><b/></a>", &KEY), Err(SigningError::NoId)));
    assert!(matches!(sign("<a ID=''><b/></a>", &KEY), Err(SigningError::NoId)));
    assert!(matches!(sign("<a ID='_a'/>", &KEY), Err(SigningError::Empty)));
    let relative = "<a ID='_a' xmlns:x='1'><b/></a>";
    assert!(matches!(sign(relative, &KEY), Err(SigningError::Canonicalization)));
    let other = TestKey::rsa(2048);
    let private = openssl::rsa::Rsa::generate(2048).and_then(openssl::pkey::PKey::from_rsa);
    let private = private.and_then(|key| key.private_key_to_pkcs8()).expect("PKCS #8");
    let mismatch = SigningKey::from_pkcs8_der(&private, &other.certificate());
    assert_eq!(mismatch.map(drop), Err(KeyError::Mismatch));
}
