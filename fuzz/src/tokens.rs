//! Genuine answers of WS-Federation to change, and what their tokens say. Ours are signed by a key of `certs`
//! that signs nothing else; two were captured from npm wsfed.

use crate::genuine::{self, Case, Content, Genuine, NOW, ciphertext};
use sso_core::login::RelyingParty;
use sso_core::xml::ns;
use std::sync::LazyLock;
use time::Duration;
use time::macros::datetime;

const TOKEN_11: &str = include_str!("../../tests/corpus/token-saml11.xml");
const TOKEN_20: &str = include_str!("../../tests/corpus/token-saml20.xml");

/// A signed token of SAML 1.1 and one of SAML 2.0.
pub static SIGNED_TOKENS: LazyLock<[String; 2]> =
    LazyLock::new(|| [TOKEN_11, TOKEN_20].map(|token| genuine::signed(token, "Assertion")));

/// Both types of token plain, bare and in a collection; encrypted, in the element of SAML 2.0 and without; and
/// two of npm wsfed.
pub static ANSWERS: LazyLock<Genuine> = LazyLock::new(|| {
    let [token_11, token_20] = &*SIGNED_TOKENS;
    let encrypted = format!(
        "<saml:EncryptedAssertion xmlns:saml=\"{}\">{}</saml:EncryptedAssertion>",
        ns::SAML,
        encrypted(token_20.as_bytes())
    );
    let ours = [
        answer(token_11),
        answer(token_20),
        collection(token_11),
        answer(&self::encrypted(token_11.as_bytes())),
        answer(&encrypted),
    ];
    let captured = [
        &include_bytes!("../../tests/attacks/captured/wsfed-saml11.xml")[..],
        include_bytes!("../../tests/attacks/captured/wsfed-saml20.xml"),
    ];
    let mut party = genuine::our_party();
    party.idp_entity_id = "http://idp.test/adfs/services/trust".to_owned();
    party.sp_entity_id = "urn:federation:sp.test:acme".to_owned();
    party.acs_url = "https://sp.test/wsfed/acme".to_owned();
    let mut npm = RelyingParty::new(
        "urn:wsfed-test-idp".to_owned(),
        "http://127.0.0.1:9100/metadata".to_owned(),
        "http://127.0.0.1:9100/acs".to_owned(),
        genuine::trusted(include_bytes!("../../tests/attacks/captured/wsfed.crt")),
    );
    // Its key signed other tokens a few seconds later, which seeds may well be.
    npm.clock_skew = Duration::seconds(5);
    let cases =
        vec![Case::sign_in(party, NOW), Case::sign_in(npm, datetime!(2026-11-21 21:40 UTC))];
    let messages = ours.into_iter().map(String::into_bytes);
    Genuine::new(cases, messages.chain(captured.map(<[u8]>::to_vec)).collect())
});

/// An answer with a token, its lifetime and for whom it is.
pub fn answer(token: &str) -> String {
    const OUTSIDE: &str = "<t:Lifetime xmlns:u=\"http://docs.oasis-open.org/wss/2004/01/\
        oasis-200401-wss-wssecurity-utility-1.0.xsd\"><u:Created>2030-01-15T12:00:00.123Z</u:Created>\
        <u:Expires>2030-01-15T13:00:00Z</u:Expires></t:Lifetime><p:AppliesTo \
        xmlns:p=\"http://schemas.xmlsoap.org/ws/2004/09/policy\"><a:EndpointReference \
        xmlns:a=\"http://www.w3.org/2005/08/addressing\"><a:Address>urn:federation:sp.test:acme\
        </a:Address></a:EndpointReference></p:AppliesTo>";
    format!(
        "<t:RequestSecurityTokenResponse xmlns:t=\"{}\">{OUTSIDE}<t:RequestedSecurityToken>{token}\
         </t:RequestedSecurityToken></t:RequestSecurityTokenResponse>",
        ns::WST
    )
}

/// The same of WS-Trust 1.3, as the only one of a collection.
fn collection(token: &str) -> String {
    let answer = answer(token).replacen(ns::WST, ns::WST13, 1);
    let (open, close) = ("<t:RequestSecurityTokenResponseCollection", "ResponseCollection>");
    format!("{open} xmlns:t=\"{}\">{answer}</t:RequestSecurityToken{close}", ns::WST13)
}

/// Something encrypted to us, as anybody can.
pub fn encrypted(plaintext: &[u8]) -> String {
    let ciphertext = ciphertext(plaintext, Content::Gcm);
    format!("<x:EncryptedData xmlns:x=\"{}\">{ciphertext}</x:EncryptedData>", ns::XENC)
}
