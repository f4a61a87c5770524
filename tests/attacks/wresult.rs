//! Answers of WS-Federation to attack, with tokens of both types: those of npm wsfed, and some of our own; and
//! what these are made of.

use crate::Carries;
use crate::bases::{Base, our_case};
use openssl::nid::Nid;
use sso_core::connection::LegacyCrypto;
use sso_server::selftest::{Asked, Case};
use sso_tests::{Capture, Encryption, TestKey, signed_token, token_response};
use std::sync::LazyLock;

pub(crate) const REALM: &str = "urn:federation:sp.test:acme";
pub(crate) const TOKEN_11: &str = include_str!("../corpus/token-saml11.xml");
pub(crate) const TOKEN_20: &str = include_str!("../corpus/token-saml20.xml");
pub(crate) const TOKENS: [&str; 2] = [TOKEN_11, TOKEN_20];

/// What an answer says besides its token.
const OUTSIDE: &str = r#"<t:Lifetime><u:Created xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">2030-01-15T12:00:00.123Z</u:Created><u:Expires xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">2030-01-15T13:00:00Z</u:Expires></t:Lifetime><p:AppliesTo xmlns:p="http://schemas.xmlsoap.org/ws/2004/09/policy"><a:EndpointReference xmlns:a="http://www.w3.org/2005/08/addressing"><a:Address>urn:federation:sp.test:acme</a:Address></a:EndpointReference></p:AppliesTo>"#;

pub(crate) static KEY: LazyLock<TestKey> = LazyLock::new(|| TestKey::rsa(2048));
static SERVICE: LazyLock<TestKey> = LazyLock::new(|| TestKey::rsa(2048));

/// Every answer: the captured ones, and of our own each type of token signed by each type of key; as each
/// WS-Trust has them; plain and encrypted.
pub(crate) fn answers() -> Vec<(Carries, Base)> {
    let ec = TestKey::ec(Nid::X9_62_PRIME256V1);
    let mut answers: Vec<_> = Capture::tokens().into_iter().map(captured).collect();
    for (carries, token) in [(Carries::Token11, TOKEN_11), (Carries::Token20, TOKEN_20)] {
        let (rsa_signed, ec_signed) = (signed(token), signed_token(&ec, token));
        let in_collection = collection(&trust_13(&answer(&rsa_signed)));
        let mut push = |name: &str, message: String, case: Case| {
            let name = format!("our {carries:?}, {name}");
            answers.push((carries, Base { name, message: message.into_bytes(), case }));
        };
        push("RSA", answer(&rsa_signed), case());
        push("P-256", answer(&ec_signed), case_of(&ec));
        push("in a collection", in_collection, case());
        push("encrypted", answer(&bare(&rsa_signed)), case());
        if carries == Carries::Token20 {
            let sealed = answer(&encrypted(&ec_signed));
            push("encrypted as SAML 2.0 has it", sealed, case_of(&ec));
        }
    }
    answers
}

/// A captured answer, under the grant that it needs.
fn captured(capture: Capture) -> (Carries, Base) {
    let (name, message, mut case) = (capture.name.clone(), capture.message(), capture.case());
    if name.contains("-encrypted/") {
        case.party.grants.insert(LegacyCrypto::AesCbc);
    }
    let carries = if name.contains("/saml11") { Carries::Token11 } else { Carries::Token20 };
    (carries, Base { name, message, case })
}

/// The case of answers whose tokens the key signed.
pub(crate) fn case() -> Case {
    case_of(&KEY)
}

/// The same for those of another key.
fn case_of(key: &TestKey) -> Case {
    let mut case = our_case(key, &SERVICE);
    case.party.idp_entity_id = "http://idp.test/adfs/services/trust".to_owned();
    case.party.sp_entity_id = REALM.to_owned();
    case.party.acs_url = "https://sp.test/wsfed/acme".to_owned();
    case.asked = Asked::Token;
    case
}

pub(crate) fn signed(token: &str) -> String {
    signed_token(&KEY, token)
}

/// An answer of WS-Trust February 2005 with all that a security token service says.
pub(crate) fn answer(token: &str) -> String {
    with(
        &token_response(token),
        "<t:RequestedSecurityToken>",
        &format!("{OUTSIDE}<t:RequestedSecurityToken>"),
    )
}

/// The same answer of WS-Trust 1.3.
pub(crate) fn trust_13(answer: &str) -> String {
    let february_2005 = "http://schemas.xmlsoap.org/ws/2005/02/trust";
    with(answer, february_2005, "http://docs.oasis-open.org/ws-sx/ws-trust/200512")
}

/// An answer of WS-Trust 1.3 in a collection.
pub(crate) fn collection(answer: &str) -> String {
    let name = "t:RequestSecurityTokenResponseCollection";
    let trust = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
    format!("<{name} xmlns:t=\"{trust}\">{answer}</{name}>")
}

/// A token encrypted to us in the element that SAML 2.0 has for it.
pub(crate) fn encrypted(token: &str) -> String {
    Encryption::gcm(SERVICE.private()).sends(token)
}

/// A token encrypted to us in no such element.
pub(crate) fn bare(token: &str) -> String {
    let sealed = encrypted(token);
    let (start, data) = sealed.split_once("<x:EncryptedData>").unwrap();
    let (_, declarations) = start.split_once(' ').unwrap();
    let data = data.strip_suffix("</saml:EncryptedAssertion>").unwrap();
    format!("<x:EncryptedData {declarations}{data}")
}

/// A text with something else in the place of a part, which must be there.
pub(crate) fn with(text: &str, part: &str, other: &str) -> String {
    assert!(text.contains(part), "{part} in {text}");
    text.replace(part, other)
}
