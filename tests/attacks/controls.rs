//! What makes the attacks mean something: each forgery lacks the identity provider's signature and nothing
//! else. With it, the same message is accepted.

use crate::bases::{our_case, signed};
use openssl::nid::Nid;
use sso_core::login::VerifiedLogin;
use sso_server::selftest::{Attack, Forged, attacks};
use sso_tests::TestKey;

const RESPONSE: &str = include_str!("../corpus/response.xml");

/// One of the attacks on a message.
fn taken(all: &mut Vec<Attack>, class: &str, title: &str) -> Forged {
    let place = all.iter().position(|attack| attack.class == class && attack.title == title);
    let place = place.unwrap_or_else(|| panic!("{class}: {title}"));
    all.remove(place).forged.unwrap()
}

fn is_forged(login: &VerifiedLogin) {
    assert_eq!(login.name_id().value, "forged-by-the-selftest");
}

#[test]
fn a_forged_response_lacks_nothing_but_the_signature() {
    let key = TestKey::rsa(2048);
    let message = signed(RESPONSE, "Assertion", &key.signing());
    let case = our_case(&key, &TestKey::rsa(2048));
    let mut all = attacks(message.as_bytes(), &case).unwrap();
    let forged = taken(&mut all, "SIG-01", "a forged response without a signature");
    let text = String::from_utf8(forged.message).unwrap();
    for part in ["Assertion", "Response"] {
        let signed = signed(&text, part, &key.signing());
        is_forged(&case.verify(signed.as_bytes()).unwrap());
    }
}

#[test]
fn what_the_attacker_signed_is_accepted_by_who_trusts_the_attacker() {
    for key in [TestKey::rsa(2048), TestKey::ec(Nid::SECP384R1)] {
        let message = signed(RESPONSE, "Assertion", &key.signing());
        let mut case = our_case(&key, &TestKey::rsa(2048));
        let mut all = attacks(message.as_bytes(), &case).unwrap();
        let title = "signed by the attacker, whose certificate looks like the genuine one";
        let mut forged = taken(&mut all, "KEY-01", title);
        let title = "the genuine message where another identity provider's key is trusted";
        forged.circumstances = taken(&mut all, "KEY-07", title).circumstances;
        is_forged(&case.present(&mut forged).unwrap());
    }
}
