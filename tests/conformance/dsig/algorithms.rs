//! Which algorithms there are, and for which keys (ATTACKS ALG-01 to ALG-05).

use super::{KEY, NOW, SIGNED, part, replaced, verify, verify_with};
use openssl::nid::Nid;
use sso_core::connection::LegacyCrypto::{self, Rsa1024, Sha1};
use sso_core::dsig::{KeyError, TrustedKey};
use sso_core::error::Code::{
    self, AlgorithmKeyMismatch, AlgorithmNotAllowed, KeyTooSmall, SignatureStructure,
};
use sso_tests::TestKey;

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// An assertion signed by a key with these algorithms.
fn signed(key: &TestKey, method: &str, digest: &str) -> String {
    let xml = SIGNED.replacen(part("ds:KeyInfo"), "", 1).replacen(RSA_SHA256, method, 1);
    key.sign_again(&xml.replacen(SHA256, digest, 1))
}

fn code(xml: &str, key: &TestKey, grants: &[LegacyCrypto]) -> Option<Code> {
    verify(xml, key.trusted(), grants).err().map(|rejection| rejection.code)
}

#[test]
fn every_allowed_algorithm_verifies() {
    let digests = [
        SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    ];
    let curves = [Nid::X9_62_PRIME256V1, Nid::SECP384R1, Nid::SECP521R1].map(TestKey::ec);
    for (size, digest) in ["256", "384", "512"].into_iter().zip(digests) {
        let mut made = vec![
            (&*KEY, format!("http://www.w3.org/2001/04/xmldsig-more#rsa-sha{size}")),
            (&*KEY, format!("http://www.w3.org/2007/05/xmldsig-more#sha{size}-rsa-MGF1")),
        ];
        for curve in &curves {
            made.push((curve, format!("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha{size}")));
        }
        for (key, method) in made {
            assert_eq!(code(&signed(key, &method, digest), key, &[]), None, "{method}");
        }
    }
    let edwards = TestKey::ed25519();
    let method = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519";
    assert_eq!(code(&signed(&edwards, method, SHA256), &edwards, &[]), None);
}

#[test]
fn sha1_needs_its_grant_in_a_signature_and_in_a_digest() {
    let curve = TestKey::ec(Nid::X9_62_PRIME256V1);
    let sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";
    for (key, method, digest) in [
        (&*KEY, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", SHA256),
        (&*KEY, RSA_SHA256, sha1),
        (&*KEY, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", sha1),
        (&curve, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", SHA256),
    ] {
        let xml = signed(key, method, digest);
        assert_eq!(code(&xml, key, &[]), Some(AlgorithmNotAllowed), "{method} {digest}");
        assert_eq!(code(&xml, key, &[Rsa1024]), Some(AlgorithmNotAllowed));
        let used = verify_with(&xml, vec![key.trusted()], &[Sha1, Rsa1024], |signed| {
            signed.legacy_used().iter().copied().collect::<Vec<_>>()
        });
        assert_eq!(used, Ok(vec![Sha1]), "what was used is told, and no more");
    }
}

#[test]
fn no_grant_admits_any_other_algorithm() {
    let all = [Sha1, Rsa1024, LegacyCrypto::AesCbc, LegacyCrypto::TripleDes, LegacyCrypto::Rsa15];
    for method in [
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-ripemd160",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha224",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2007/05/xmldsig-more#md5-rsa-MGF1",
        "http://www.w3.org/2000/09/xmldsig#none",
        "none",
        "",
        " http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "HTTP://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ] {
        let xml = signed(&KEY, method, SHA256);
        assert_eq!(code(&xml, &KEY, &all), Some(AlgorithmNotAllowed), "{method}");
    }
    for digest in [
        "http://www.w3.org/2001/04/xmldsig-more#md5",
        "http://www.w3.org/2001/04/xmlenc#ripemd160",
        "http://www.w3.org/2001/04/xmlenc#sha384",
        "",
    ] {
        let xml = signed(&KEY, RSA_SHA256, digest);
        assert_eq!(code(&xml, &KEY, &all), Some(AlgorithmNotAllowed), "{digest}");
    }
    for name in ["ds:SignatureMethod", "ds:DigestMethod"] {
        let xml = KEY.sign_again(&replaced(part(name), &format!("<{name}/>")));
        assert_eq!(code(&xml, &KEY, &all), Some(AlgorithmNotAllowed), "{name}");
    }
    // An HMAC cut short (CVE-2009-0217), and the same parameter where it means nothing.
    let length = "<ds:HMACOutputLength>40</ds:HMACOutputLength></ds:SignatureMethod>";
    let cut = replaced("</ds:SignatureMethod>", length);
    assert_eq!(code(&KEY.sign_again(&cut), &KEY, &all), Some(SignatureStructure));
    let hmac = cut.replacen(RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#hmac-sha1", 1);
    assert_eq!(code(&hmac, &KEY, &all), Some(AlgorithmNotAllowed));
}

#[test]
fn an_algorithm_is_for_its_own_type_of_key() {
    let curve = TestKey::ec(Nid::SECP384R1);
    let edwards = TestKey::ed25519();
    let (rsa, ecdsa, eddsa) = (
        RSA_SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
    );
    for (key, own, others) in [
        (&*KEY, rsa, [ecdsa, eddsa]),
        (&curve, ecdsa, [rsa, eddsa]),
        (&edwards, eddsa, [rsa, ecdsa]),
    ] {
        let xml = signed(key, own, SHA256);
        assert_eq!(code(&xml, key, &[]), None);
        for other in others {
            let xml = xml.replacen(own, other, 1);
            assert_eq!(code(&xml, key, &[]), Some(AlgorithmKeyMismatch), "{own} as {other}");
        }
    }
}

#[test]
fn a_small_rsa_key_needs_its_grant_and_a_tiny_one_has_none() {
    for (bits, granted) in
        [(1024, None), (2047, None), (1023, Some(KeyTooSmall)), (512, Some(KeyTooSmall))]
    {
        let key = TestKey::rsa(bits);
        let xml = signed(&key, RSA_SHA256, SHA256);
        assert_eq!(code(&xml, &key, &[]), Some(KeyTooSmall), "{bits}");
        assert_eq!(code(&xml, &key, &[Sha1]), Some(KeyTooSmall), "{bits}");
        assert_eq!(code(&xml, &key, &[Rsa1024]), granted, "{bits}");
    }
    let key = TestKey::rsa(1024);
    let used =
        verify_with(&signed(&key, RSA_SHA256, SHA256), vec![key.trusted()], &[Rsa1024], |it| {
            it.legacy_used().iter().copied().collect::<Vec<_>>()
        });
    assert_eq!(used, Ok(vec![Rsa1024]));
}

#[test]
fn keys_of_other_kinds_are_refused_when_they_are_configured() {
    let refused = |key: TestKey| TrustedKey::from_certificate_der(&key.certificate()).map(drop);
    assert_eq!(refused(TestKey::ec(Nid::SECP256K1)), Err(KeyError::Unsupported));
    assert_eq!(refused(TestKey::ec(Nid::X9_62_PRIME256V1)), Ok(()));
    let garbage = TrustedKey::from_certificate_der(b"\x30\x03\x02\x01\x01").map(drop);
    assert_eq!(garbage, Err(KeyError::Unreadable));
    assert!(KEY.trusted().not_after().is_some_and(|not_after| not_after > NOW));
}

/// RFC 9231, 2.3.9: a message may write the parameters out, and chooses nothing by them (ATTACKS ALG-05).
#[test]
fn the_parameters_of_pss_are_those_that_its_other_names_mean() {
    let more = "http://www.w3.org/2007/05/xmldsig-more#";
    let digest = |uri: &str| format!("<ds:DigestMethod Algorithm=\"{uri}\"/>");
    let (sha384, sha512) = (
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    );
    let mask = |uri: &str| {
        format!(
            "<p:MaskGenerationFunction Algorithm=\"{more}MGF1\">{}</p:MaskGenerationFunction>",
            digest(uri)
        )
    };
    let salt = |length: &str| format!("<p:SaltLength>{length}</p:SaltLength>");
    let trailer = |field: &str| format!("<p:TrailerField>{field}</p:TrailerField>");
    // The name that the value is made by, and what stands in the parameters.
    for (value_by, parameters, refused) in [
        ("sha256-rsa-MGF1", String::new(), None),
        ("sha256-rsa-MGF1", digest(SHA256) + &mask(SHA256) + &salt("32") + &trailer("1"), None),
        ("sha384-rsa-MGF1", digest(sha384) + &mask(sha384) + &salt("48"), None),
        ("sha512-rsa-MGF1", digest(sha512) + &mask(sha512), None),
        ("sha512-rsa-MGF1", digest(sha512), None),
        ("sha256-rsa-MGF1", digest(sha512), Some(Code::SignatureInvalid)),
        ("sha256-rsa-MGF1", digest(SHA256) + &mask(sha512), Some(AlgorithmNotAllowed)),
        (
            "sha256-rsa-MGF1",
            digest("http://www.w3.org/2000/09/xmldsig#sha1"),
            Some(AlgorithmNotAllowed),
        ),
        ("sha256-rsa-MGF1", digest("urn:x"), Some(AlgorithmNotAllowed)),
        ("sha256-rsa-MGF1", salt("20"), Some(AlgorithmNotAllowed)),
        ("sha256-rsa-MGF1", salt("0"), Some(AlgorithmNotAllowed)),
        ("sha256-rsa-MGF1", salt("-1"), Some(AlgorithmNotAllowed)),
        ("sha256-rsa-MGF1", salt("99999999999999999999"), Some(AlgorithmNotAllowed)),
        ("sha256-rsa-MGF1", salt("32") + &salt("20"), Some(AlgorithmNotAllowed)),
        ("sha256-rsa-MGF1", trailer("2"), Some(AlgorithmNotAllowed)),
        ("sha256-rsa-MGF1", "<p:Other/>".to_owned(), Some(AlgorithmNotAllowed)),
        ("sha256-rsa-MGF1", mask(SHA256).replace("MGF1", "MGF2"), Some(AlgorithmNotAllowed)),
        ("sha256-rsa-MGF1", digest(SHA256).repeat(2), Some(AlgorithmNotAllowed)),
    ] {
        let method = format!(
            "<ds:SignatureMethod Algorithm=\"{more}rsa-pss\"><p:RSAPSSParams xmlns:p=\"{more}\">\
             {parameters}</p:RSAPSSParams></ds:SignatureMethod>"
        );
        let xml = replaced(part("ds:SignatureMethod"), &method).replacen(part("ds:KeyInfo"), "", 1);
        let xml = KEY.sign_info_again_by(&xml, &format!("{more}{value_by}"));
        assert_eq!(code(&xml, &KEY, &[]), refused, "{parameters}");
    }
    let bare = replaced(RSA_SHA256, &format!("{more}rsa-pss")).replacen(part("ds:KeyInfo"), "", 1);
    let by = format!("{more}sha256-rsa-MGF1");
    assert_eq!(code(&KEY.sign_info_again_by(&bare, &by), &KEY, &[]), None);
    let odd = bare.replace("</ds:SignatureMethod>", "<a/></ds:SignatureMethod>");
    assert_eq!(code(&KEY.sign_info_again_by(&odd, &by), &KEY, &[]), Some(AlgorithmNotAllowed));
    let edwards = TestKey::ed25519();
    assert_eq!(
        code(&KEY.sign_info_again_by(&bare, &by), &edwards, &[]),
        Some(AlgorithmKeyMismatch)
    );
}
