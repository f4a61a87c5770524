//! The two engines on the same message: every genuine one is accepted by both, no attack by both, and where
//! they differ nobody is signed in.

use crate::bases::{Base, bases, our_case, signed};
use openssl::nid::Nid;
use sso_core::connection::Verification;
use sso_core::dsig::{TrustedKey, TrustedKeys};
use sso_core::error::Code;
use sso_server::selftest::{Case, Verdict, run};
use sso_tests::{Encryption, TestKey};

pub(crate) const RESPONSE: &str = include_str!("../corpus/response.xml");
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

fn dual(key: &TestKey) -> Case {
    let mut case = our_case(key, &TestKey::rsa(2048));
    case.party.verification = Verification::Dual;
    case
}

fn code(case: &Case, message: &str) -> Result<(), Code> {
    case.verify(message.as_bytes()).map(|_| ()).map_err(|rejection| rejection.code)
}

#[test]
fn what_is_genuine_is_accepted_by_both() {
    for Base { name, message, mut case } in bases() {
        let alone = case.verify(&message).unwrap_or_else(|e| panic!("{name}: {e}"));
        case.party.verification = Verification::Dual;
        let both = case.verify(&message).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(both.name_id(), alone.name_id(), "{name}");
        assert_eq!(both.attributes(), alone.attributes(), "{name}");
    }
}

/// An attack that changes nothing, so that our engine accepts the message, and that samael refuses.
const HARMLESS: (&str, &str) =
    ("ID-02", "a decoy with the signed ID as an ID of another namespace");

/// On messages of ours, signed and encrypted in every way; the suite `attacks` has those of products.
#[test]
fn no_attack_gets_past_both() {
    let mut wrong = Vec::new();
    for mut base in bases().into_iter().filter(|base| base.name.contains("our")) {
        let name = &base.name;
        base.case.party.verification = Verification::Dual;
        let report = run(&base.message, &mut base.case).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(report.verdict, Verdict::Refused, "{name}:\n{report}");
        for class in &report.classes {
            let odd = class.attacks.iter().filter(|attempt| !attempt.as_expected);
            let odd = odd.filter(|attempt| (class.class, attempt.title) != HARMLESS);
            wrong.extend(odd.map(|attempt| {
                format!("{name}: {} {}: {}", class.class, attempt.title, attempt.reason)
            }));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_second_engine_cannot_be_given_is_refused() {
    let rsa = TestKey::rsa(2048);
    let case = dual(&rsa);
    let good = signed(RESPONSE, "Assertion", &rsa.signing());
    assert_eq!(code(&case, &good), Ok(()));

    let pss = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1";
    let by_pss = good.replace(RSA_SHA256, pss);
    let by_pss = rsa.sign_info_again(&by_pss);
    assert_eq!(code(&case, &by_pss), Err(Code::SecondOpinionUnavailable));
    let outside = signed(&by_pss, "Response", &rsa.signing());
    assert_eq!(code(&case, &outside), Err(Code::SecondOpinionUnavailable));

    let edwards = TestKey::ed25519();
    let by_edwards =
        good.replace(RSA_SHA256, "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519");
    let by_edwards = edwards.sign_info_again(&by_edwards);
    assert_eq!(code(&dual(&edwards), &by_edwards), Err(Code::SecondOpinionUnavailable));

    // A bare key has no certificate to give.
    let mut bare = dual(&rsa);
    let der = rsa.private().public_key_to_der().unwrap();
    let key = TrustedKey::from_public_key_der(&der).unwrap();
    bare.party.trusted = TrustedKeys::new(vec![key]).unwrap();
    assert_eq!(code(&bare, &good), Err(Code::SecondOpinionUnavailable));
    bare.party.verification = Verification::Strict;
    assert_eq!(code(&bare, &good), Ok(()));
}

/// Every curve, and a connection with keys of every kind: samael gives up at the first that does not fit.
#[test]
fn each_key_of_a_connection_may_have_signed() {
    let keys = [
        TestKey::rsa(2048),
        TestKey::ec(Nid::SECP521R1),
        TestKey::ec(Nid::SECP384R1),
        TestKey::ec(Nid::X9_62_PRIME256V1),
        TestKey::ed25519(),
        TestKey::rsa(3072).expiring("20260101000000Z"),
    ];
    let mut case = dual(&keys[0]);
    case.party.trusted = TrustedKeys::new(keys.iter().map(TestKey::trusted).collect()).unwrap();
    for key in keys.iter().filter(|key| key.private().id() != openssl::pkey::Id::ED25519) {
        assert_eq!(code(&case, &signed(RESPONSE, "Assertion", &key.signing())), Ok(()));
        let inside = signed(RESPONSE, "Assertion", &key.signing());
        assert_eq!(code(&case, &signed(&inside, "Response", &key.signing())), Ok(()));
    }
}

/// The identifier and an attribute, each encrypted by itself under the signature.
#[test]
fn what_is_encrypted_in_parts_is_read_by_both() {
    let (key, service) = (TestKey::rsa(2048), TestKey::rsa(2048));
    let gcm = Encryption::gcm(service.private());
    let mut text = RESPONSE.to_owned();
    for (start, end, local_name) in [
        ("<saml:NameID ", "</saml:NameID>", "EncryptedID"),
        ("<saml:Attribute Name=\"email\"", "</saml:Attribute>", "EncryptedAttribute"),
    ] {
        let from = text.find(start).unwrap();
        let to = from + text[from..].find(end).unwrap() + end.len();
        let sealed = gcm.ciphertext(&text.as_bytes()[from..to]);
        let sealed = gcm.encrypted_as(local_name, &sealed, &gcm.encrypted_key(), "");
        text.replace_range(from..to, &sealed);
    }
    let message = signed(&text, "Assertion", &key.signing());
    let mut case = our_case(&key, &service);
    let alone = case.verify(message.as_bytes()).unwrap();
    assert_eq!(alone.name_id().value, "ada@acme.test");
    case.party.verification = Verification::Dual;
    let both = case.verify(message.as_bytes()).unwrap();
    assert_eq!(both.name_id(), alone.name_id());
    assert_eq!(both.attributes(), alone.attributes());
}

/// An attribute of another namespace is no ID of ours; samael takes it for one, twice in the document.
#[test]
fn a_message_on_which_the_engines_differ_is_refused() {
    let key = TestKey::rsa(2048);
    let mut case = dual(&key);
    let good = signed(RESPONSE, "Assertion", &key.signing());
    let odd =
        good.replace("<samlp:Status>", "<samlp:Status xmlns:x=\"urn:x\" x:ID=\"_assertion\">");
    let rejection = case.verify(odd.as_bytes()).unwrap_err();
    assert_eq!(rejection.code, Code::SecondOpinionDiffers);
    assert_eq!(rejection.code.public(), "response_rejected");
    assert!(rejection.found.contains("duplicate XML ID"), "{rejection}");
    case.party.verification = Verification::Strict;
    assert_eq!(code(&case, &odd), Ok(()));
    case.party.verification = Verification::Dual;
    assert_eq!(code(&case, &good), Ok(()));
}
