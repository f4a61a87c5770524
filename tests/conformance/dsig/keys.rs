//! Keys come from the connection and never from the message (ATTACKS KEY-01 to KEY-06).

use super::{KEY, SIGNED, code, part, replaced, verify_with};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{self, Policy, TrustedKeys};
use sso_core::error::Code::{CertificateExpired, SignatureInvalid, UntrustedKey};
use sso_core::xml::{Document, Limits};
use sso_tests::TestKey;
use std::collections::BTreeSet;
use time::macros::datetime;

fn shown(key: &TestKey) -> String {
    let certificate = STANDARD.encode(key.certificate());
    format!("<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>")
}

fn key_info(inside: &str) -> String {
    replaced(part("ds:KeyInfo"), &format!("<ds:KeyInfo>{inside}</ds:KeyInfo>"))
}

#[test]
fn what_the_message_shows_is_never_what_it_is_verified_with() {
    let attacker = TestKey::rsa(2048);
    let key_value = "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus>\
                     <ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>";
    let der = "<d:DEREncodedKeyValue xmlns:d=\"http://www.w3.org/2009/xmldsig11#\">AQAB</d:DEREncodedKeyValue>";
    for (what, inside, expected) in [
        ("its own certificate", shown(&attacker), UntrustedKey),
        ("our certificate", shown(&KEY), SignatureInvalid),
        ("both", shown(&attacker) + &shown(&KEY), UntrustedKey),
        ("both, the other way", shown(&KEY) + &shown(&attacker), UntrustedKey),
        ("a bare key", key_value.to_owned(), UntrustedKey),
        ("a bare key in DER", der.to_owned(), UntrustedKey),
        ("a bare key and our certificate", key_value.to_owned() + &shown(&KEY), SignatureInvalid),
        ("a name", "<ds:KeyName>idp</ds:KeyName>".to_owned(), SignatureInvalid),
        (
            "a place to fetch it",
            "<ds:RetrievalMethod URI=\"http://127.0.0.1:9/key\"/>".to_owned(),
            SignatureInvalid,
        ),
        ("no certificate", "<ds:X509Data/>".to_owned(), SignatureInvalid),
        (
            "garbage",
            "<ds:X509Data><ds:X509Certificate>@</ds:X509Certificate></ds:X509Data>".to_owned(),
            SignatureInvalid,
        ),
        ("nothing", String::new(), SignatureInvalid),
    ] {
        let xml = key_info(&inside);
        assert_eq!(code(&attacker.sign_again(&xml)), Some(expected), "{what}");
        // The very same hints around a signature by the right key do no harm.
        assert_eq!(code(&KEY.sign_again(&xml)), None, "{what}");
    }
}

#[test]
fn every_live_key_may_sign() {
    let keys = [TestKey::rsa(2048), TestKey::ec(openssl::nid::Nid::SECP384R1), TestKey::rsa(2048)];
    for key in [&keys[0], &keys[2]] {
        for xml in [key_info(&shown(key)), key_info(""), key_info(&shown(&keys[1]))] {
            let trusted = keys.iter().map(TestKey::trusted).collect();
            let signer = verify_with(&key.sign_again(&xml), trusted, &[], |it| *it.fingerprint());
            assert_eq!(signer.as_ref(), Ok(key.trusted().fingerprint()));
        }
    }
    let stranger = verify_with(&SIGNED, keys.iter().map(TestKey::trusted).collect(), &[], |_| ());
    assert_eq!(stranger.map_err(|it| it.code), Err(UntrustedKey));
    assert!(TrustedKeys::new(Vec::new()).is_none(), "no key is no trust");
}

#[test]
fn an_expired_certificate_is_refused_where_that_is_enforced() {
    let document = Document::parse(SIGNED.as_bytes(), &Limits::MESSAGE).expect("XML");
    let signature = dsig::signature_of(document.root()).expect("a structure").expect("a signature");
    let keys = TrustedKeys::new(vec![KEY.trusted()]).expect("a key");
    let grants = BTreeSet::from([LegacyCrypto::Sha1]);
    let (before, after) = (datetime!(2044-12-31 23:59:59 UTC), datetime!(2045-01-01 00:00:01 UTC));
    for (now, enforce_certificate_validity, expected) in
        [(before, true, None), (after, true, Some(CertificateExpired)), (after, false, None)]
    {
        let policy = Policy { grants: &grants, now, enforce_certificate_validity };
        let found = dsig::verify(&signature, &keys, &policy);
        assert_eq!(found.err().map(|it| it.code), expected);
    }
}
