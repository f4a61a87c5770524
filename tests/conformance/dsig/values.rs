//! Digests and signature values (ATTACKS 6): what was changed, and what is no value at all.

use super::{KEY, NOW, SIGNED, code, part, replaced, verify, verify_with};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::dsig::{DigestAlgorithm, Provenance, SignatureAlgorithm};
use sso_core::error::Code::{DigestMismatch, SignatureInvalid};
use sso_core::xml::ns;
use sso_tests::TestKey;

fn with_text(name: &str, text: &str) -> String {
    replaced(part(name), &format!("<{name}>{text}</{name}>"))
}

fn text(name: &str) -> &'static str {
    let part = part(name);
    &part[name.len() + 2..part.len() - name.len() - 3]
}

#[test]
fn what_holds_says_what_it_covers_and_how() {
    let key = KEY.trusted();
    let fingerprint = *key.fingerprint();
    verify_with(&SIGNED, vec![key], &[], |signed| {
        assert!(signed.element().is(ns::SAML, "Assertion"));
        assert_eq!(signed.fingerprint(), &fingerprint);
        assert!(signed.not_after().is_some_and(|not_after| not_after > NOW));
        let algorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);
        assert_eq!(signed.signature_algorithm(), algorithm);
        assert_eq!(signed.digest_algorithm(), Some(DigestAlgorithm::Sha256));
        assert!(signed.legacy_used().is_empty());
        assert_eq!(signed.provenance(), Provenance::Signed);

        // The proof is for everything inside but the signature itself.
        let subject = signed.element().required_child(ns::SAML, "Subject").expect("a Subject");
        assert!(signed.covered(subject).is_some_and(|covered| covered.element() == subject));
        assert!(signed.covered(signed.element()).is_some());
        let signature = signed.element().required_child(ns::DS, "Signature").expect("a signature");
        assert!(signed.covered(signature).is_none());
        assert!(signature.descendants().all(|inside| signed.covered(inside).is_none()));
        let subject = signed.covered(subject).expect("a proof");
        assert!(subject.covered(signed.element()).is_none(), "a part proves nothing for the whole");
    })
    .expect("a signature that holds");
}

#[test]
fn a_signed_part_proves_nothing_for_what_is_around_it() {
    let response = format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\">{}<samlp:Status/></samlp:Response>",
        *SIGNED
    );
    verify_with(&response, vec![KEY.trusted()], &[], |signed| {
        let root = signed.element().parent().expect("a Response");
        assert!(signed.covered(root).is_none());
        assert!(root.children().last().is_some_and(|status| signed.covered(status).is_none()));
    })
    .expect("a signature that holds");
}

#[test]
fn whatever_is_changed_breaks_the_digest() {
    for (from, to) in [
        (">ada<", ">eve<"),
        (">ada<", ">ada <"),
        (">ada<", ">a&#100;a&#xD;<"),
        ("Version=\"2.0\"", "Version=\"2.0\" x=\"\""),
        ("</saml:Subject>", "<saml:NameID>eve</saml:NameID></saml:Subject>"),
        ("</saml:Subject>", "</saml:Subject><saml:Advice/>"),
        ("<saml:Subject>", "<Subject xmlns=\"urn:evil\"/><saml:Subject>"),
    ] {
        assert_eq!(code(&replaced(from, to)), Some(DigestMismatch), "{to}");
    }
    // What canonical form does not tell apart is no change.
    for (from, to) in [
        (">ada<", ">a&#100;a<"),
        (">ada<", "><![CDATA[a]]>da<"),
        (">ada<", ">a<!-- x -->da<"),
        ("ID=\"_a\" Version=\"2.0\"", "Version='2.0'\n ID='_&#97;'"),
        ("<saml:Subject>", "<saml:Subject xmlns:unused=\"urn:x\">"),
    ] {
        assert_eq!(code(&replaced(from, to)), None, "{to}");
    }
}

#[test]
fn a_degenerate_digest_is_a_mismatch() {
    let digest = text("ds:DigestValue");
    for broken in
        ["", "=", "@@@@", "AAAA", &digest[..40], &digest.replace('=', ""), &format!("{digest}AAAA")]
    {
        let xml = KEY.sign_info_again(&with_text("ds:DigestValue", broken));
        assert_eq!(code(&xml), Some(DigestMismatch), "{broken:?}");
    }
    let (one, other) = digest.split_at(9);
    let spaced =
        KEY.sign_info_again(&with_text("ds:DigestValue", &format!("\n {one}&#13;\n\t{other} ")));
    assert_eq!(code(&spaced), None);
}

#[test]
fn a_degenerate_value_is_invalid() {
    let value = text("ds:SignatureValue");
    let bytes = STANDARD.decode(value).expect("base64");
    let encoded = |bytes: &[u8]| STANDARD.encode(bytes);
    let mut flipped = bytes.clone();
    flipped[100] ^= 1;
    for broken in [
        String::new(),
        "@@@@".to_owned(),
        "AA==".to_owned(),
        encoded(&[0; 256]),
        encoded(&[0xFF; 256]),
        encoded(&flipped),
        encoded(&bytes[1..]),
        encoded(&[&[0], bytes.as_slice()].concat()),
        encoded(&[bytes.as_slice(), &[0]].concat()),
        value.replace('=', ""),
        format!("{value}AAAA"),
        format!("{value}!"),
        value.replace('+', "-").replace('/', "_") + "-",
    ] {
        assert_eq!(
            code(&with_text("ds:SignatureValue", &broken)),
            Some(SignatureInvalid),
            "{broken}"
        );
    }
    assert_eq!(code(&replaced(part("ds:SignatureValue"), "")), Some(SignatureInvalid));
    let unkeyed = replaced(part("ds:SignatureValue"), "").replacen(part("ds:KeyInfo"), "", 1);
    assert_eq!(code(&unkeyed), Some(SignatureInvalid));
    let lines = value.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "&#13;\n");
    assert_eq!(code(&with_text("ds:SignatureValue", &lines.collect::<String>())), None);
}

#[test]
fn the_value_of_a_curve_is_r_and_s_and_nothing_else() {
    const METHOD: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    let key = TestKey::ec(openssl::nid::Nid::X9_62_PRIME256V1);
    let signed = replaced("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", METHOD);
    let signed = key.sign_again(&signed.replacen(part("ds:KeyInfo"), "", 1));
    assert_eq!(verify(&signed, key.trusted(), &[]), Ok(()));
    let start = signed.find("<ds:SignatureValue>").expect("a value") + 19;
    let end = signed.find("</ds:SignatureValue>").expect("a value");
    let bytes = STANDARD.decode(&signed[start..end]).expect("base64");
    let (r, s) = bytes.split_at(32);
    let der = openssl::ecdsa::EcdsaSig::from_private_components(
        openssl::bn::BigNum::from_slice(r).expect("r"),
        openssl::bn::BigNum::from_slice(s).expect("s"),
    );
    let zero = [0; 32];
    for broken in [
        der.and_then(|der| der.to_der()).expect("DER"),
        [&zero, s].concat(),
        [r, &zero].concat(),
        [zero, zero].concat(),
        [s, r].concat(),
        [&[0], r, &[0], s].concat(),
        bytes[1..].to_vec(),
        Vec::new(),
    ] {
        let xml = format!("{}{}{}", &signed[..start], STANDARD.encode(&broken), &signed[end..]);
        let refused = verify(&xml, key.trusted(), &[]).map_err(|it| it.code);
        assert_eq!(refused, Err(SignatureInvalid), "{} bytes", broken.len());
    }
}
