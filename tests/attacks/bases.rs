//! Genuine messages to attack: those of real identity providers, and some of our own, signed in every way.

use openssl::nid::Nid;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{self, DecryptionKey, SigningKey, TrustedKeys};
use sso_core::login::RelyingParty;
use sso_core::xml::{Document, Limits};
use sso_server::selftest::Case;
use sso_tests::{Capture, TestKey};
use time::macros::datetime;

/// A message that is accepted, and the case in which it is.
pub(crate) struct Base {
    pub(crate) name: String,
    pub(crate) message: Vec<u8>,
    pub(crate) case: Case,
}

/// Every base.
pub(crate) fn bases() -> Vec<Base> {
    let mut bases = captured();
    let (rsa, ec) = (TestKey::rsa(2048), TestKey::ec(Nid::X9_62_PRIME256V1));
    for (name, key, what) in [
        ("our assertion, RSA", &rsa, &["Assertion"][..]),
        ("our response, RSA", &rsa, &["Response"]),
        ("our assertion and response, RSA", &rsa, &["Assertion", "Response"]),
        ("our assertion, P-256", &ec, &["Assertion"]),
        ("our response, P-256", &ec, &["Response"]),
    ] {
        let message = what
            .iter()
            .fold(RESPONSE.to_owned(), |text, local| signed(&text, local, &key.signing()));
        let name = name.to_owned();
        bases.push(Base { name, message: message.into_bytes(), case: our_case(key) });
    }
    bases
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

pub(crate) fn our_case(key: &TestKey) -> Case {
    let trusted = TrustedKeys::new(vec![key.trusted()]).unwrap();
    let mut party = RelyingParty::new(
        "https://idp.test/metadata".to_owned(),
        "https://sp.test/saml/acme/metadata".to_owned(),
        "https://sp.test/saml/acme/acs".to_owned(),
        trusted,
    );
    let ours = TestKey::rsa(2048).private_der();
    party.decryption_keys = vec![DecryptionKey::from_der(&ours).unwrap()];
    Case { party, request_id: Some("_request".to_owned()), now: datetime!(2030-01-15 12:00 UTC) }
}

pub(crate) fn signed(text: &str, local_name: &str, key: &SigningKey) -> String {
    let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).unwrap();
    let root = document.root();
    let mut elements = std::iter::once(root).chain(root.children());
    let element = elements.find(|element| element.local_name() == local_name).unwrap();
    dsig::sign(element, key).unwrap()
}
