//! Genuine responses to attack: those of real identity providers, and some of our own, signed in every way.

use openssl::nid::Nid;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{self, DecryptionKey, SigningKey, TrustedKeys};
use sso_core::login::RelyingParty;
use sso_core::xml::{Document, Limits};
use sso_server::selftest::{Asked, Case};
use sso_tests::{Capture, Encryption, TestKey};
use time::macros::datetime;

/// A message that is accepted, and the case in which it is.
pub(crate) struct Base {
    pub(crate) name: String,
    pub(crate) message: Vec<u8>,
    pub(crate) case: Case,
}

/// Every response.
pub(crate) fn bases() -> Vec<Base> {
    let mut bases = captured();
    let (rsa, ec, service) =
        (TestKey::rsa(2048), TestKey::ec(Nid::X9_62_PRIME256V1), TestKey::rsa(2048));
    for (name, key, steps) in [
        ("our assertion, RSA", &rsa, &[Step::Sign("Assertion")][..]),
        ("our response, RSA", &rsa, &[Step::Sign("Response")]),
        ("both of ours, RSA", &rsa, &[Step::Sign("Assertion"), Step::Sign("Response")]),
        ("our assertion, P-256", &ec, &[Step::Sign("Assertion")]),
        ("our response, P-256", &ec, &[Step::Sign("Response")]),
        ("our assertion, encrypted", &rsa, &[Step::Sign("Assertion"), Step::Encrypt]),
        ("our response, encrypted", &ec, &[Step::Encrypt, Step::Sign("Response")]),
    ] {
        let message = steps.iter().fold(RESPONSE.to_owned(), |text, step| match step {
            Step::Sign(local_name) => signed(&text, local_name, &key.signing()),
            Step::Encrypt => encrypted(&text, &service),
        });
        let case = our_case(key, &service);
        bases.push(Base { name: name.to_owned(), message: message.into_bytes(), case });
    }
    bases
}

/// What is done to the message of ours.
enum Step {
    Sign(&'static str),
    Encrypt,
}

const RESPONSE: &str = include_str!("../corpus/response.xml");

/// The captured messages that are accepted, some under a grant.
fn captured() -> Vec<Base> {
    let accepted = |capture: Capture| {
        let (name, message, mut case) = (capture.name.clone(), capture.message(), capture.case());
        match name.split('/').nth(1) {
            Some("sha1") => case.party.grants.insert(LegacyCrypto::Sha1),
            Some("encrypted") => case.party.grants.insert(LegacyCrypto::TripleDes),
            _ => false,
        };
        case.verify(&message).is_ok().then_some(Base { name, message, case })
    };
    Capture::all().into_iter().filter_map(accepted).collect()
}

pub(crate) fn our_case(key: &TestKey, service: &TestKey) -> Case {
    let trusted = TrustedKeys::new(vec![key.trusted()]).unwrap();
    let mut party = RelyingParty::new(
        "https://idp.test/metadata".to_owned(),
        "https://sp.test/saml/acme/metadata".to_owned(),
        "https://sp.test/saml/acme/acs".to_owned(),
        trusted,
    );
    party.decryption_keys = vec![DecryptionKey::from_der(&service.private_der()).unwrap()];
    let asked = Asked::Response("_request".to_owned());
    Case { party, asked, now: datetime!(2030-01-15 12:00 UTC) }
}

pub(crate) fn signed(text: &str, local_name: &str, key: &SigningKey) -> String {
    let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).unwrap();
    let root = document.root();
    let mut elements = std::iter::once(root).chain(root.children());
    let element = elements.find(|element| element.local_name() == local_name).unwrap();
    dsig::sign(element, key).unwrap()
}

fn encrypted(text: &str, service: &TestKey) -> String {
    let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).unwrap();
    let assertion = document.root().children().last().unwrap().source_range();
    let sealed = Encryption::gcm(service.private()).sends(&text[assertion.clone()]);
    [&text[..assertion.start], &sealed, &text[assertion.end..]].concat()
}
