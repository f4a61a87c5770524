//! Genuine messages to change, and what they say. Ours are signed by a key of `certs` that signs nothing else;
//! two were captured from products.

use crate::edit::edited;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use openssl::encrypt::Encrypter;
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::symm::{Cipher, encrypt, encrypt_aead};
use openssl::x509::X509;
use sso_core::bindings::Message;
use sso_core::dsig::{self, DecryptionKey, SigningKey, TrustedKey, TrustedKeys};
use sso_core::login::{
    RelyingParty, Trace, VerifiedLogin, verify_solicited, verify_token_response,
    verify_unsolicited, verify_unsolicited_token_response,
};
use sso_core::xml::{Document, Limits, ns};
use std::io::Write as _;
use std::sync::LazyLock;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// A response, not signed, to the request and at the instant below.
pub const RESPONSE: &str = include_str!("../../tests/corpus/response.xml");
const IDP_CERTIFICATE: &[u8] = include_bytes!("../../certs/rotation/new.crt");
const IDP_KEY: &[u8] = include_bytes!("../../certs/rotation/new.key");
/// What our messages answer.
pub const REQUEST: &str = "_request";
/// When they are verified.
pub const NOW: OffsetDateTime = datetime!(2030-01-15 12:00 UTC);
const SP_KEY: &[u8] = include_bytes!("../../certs/dev/sp.key");

/// How old an answer to nothing may be: as old as any that is here.
const ANY_AGE: Duration = Duration::days(36_500);

/// A service that verifies, with what it sent people to sign in with and the instant.
pub struct Case {
    pub party: RelyingParty,
    began: Began,
    now: OffsetDateTime,
    /// All that any message is accepted with here.
    facts: Vec<String>,
}

/// What a login began with.
enum Began {
    /// An AuthnRequest of this ID. Whether the key signed nothing but what is here, all of it in answer to
    /// that.
    Request { id: &'static str, knows_all: bool },
    /// A sign-in request, which no answer names.
    SignIn,
}

impl Case {
    /// A login that began with a sign-in request of WS-Federation.
    pub fn sign_in(party: RelyingParty, now: OffsetDateTime) -> Self {
        Self { party, began: Began::SignIn, now, facts: Vec::new() }
    }

    /// Verifies a message as what the login began with wants it. Whatever is accepted says what a genuine
    /// message said; no response of ours is accepted as an answer to no request.
    fn accepts(&self, message: &Message<'_>) -> bool {
        if let Began::Request { knows_all: true, .. } = self.began {
            let (age, mut trace) = (ANY_AGE, Trace::off());
            let login = verify_unsolicited(message, &self.party, age, self.now, &mut trace);
            assert!(login.is_err(), "every genuine message answers a request");
        }
        let logins = self.logins(message);
        for login in &logins {
            let facts = facts(login);
            assert!(self.facts.contains(&facts), "accepted with another content: {facts}");
        }
        !logins.is_empty()
    }

    /// The logins that a message makes here. The answer to a sign-in request makes two: it may as well have
    /// come without one.
    fn logins(&self, message: &Message<'_>) -> Vec<VerifiedLogin> {
        let Self { party, now, .. } = self;
        let mut trace = Trace::recording();
        match self.began {
            Began::Request { id, .. } => {
                verify_solicited(message, party, id, *now, &mut trace).into_iter().collect()
            }
            Began::SignIn => {
                let asked = verify_token_response(message, party, *now, &mut trace);
                let mut trace = Trace::recording();
                let unasked =
                    verify_unsolicited_token_response(message, party, ANY_AGE, *now, &mut trace);
                assert_eq!(asked.is_ok(), unasked.is_ok(), "no age is too great");
                asked.into_iter().chain(unasked).collect()
            }
        }
    }
}

/// Everything that a login is told by an assertion.
fn facts(login: &VerifiedLogin) -> String {
    format!("{login:?}")
}

/// A kind of messages: some genuine ones, and who accepts them.
pub struct Genuine {
    pub cases: Vec<Case>,
    pub messages: Vec<Vec<u8>>,
}

impl Genuine {
    /// The messages, each accepted in one of the cases, which learns what it says.
    pub fn new(mut cases: Vec<Case>, messages: Vec<Vec<u8>>) -> Self {
        for message in &messages {
            let parsed = Message::parse(message).expect("a document");
            let mut accepted = false;
            for case in &mut cases {
                let logins = case.logins(&parsed);
                accepted |= !logins.is_empty();
                case.facts.extend(logins.iter().map(facts));
            }
            assert!(accepted, "{}", String::from_utf8_lossy(message));
        }
        Self { cases, messages }
    }

    /// Whether a message is accepted in one of the cases, each of which holds it to its genuine messages.
    pub fn accepts(&self, message: &Message<'_>) -> bool {
        self.cases.iter().filter(|case| case.accepts(message)).count() > 0
    }

    /// The message that an input stands for: a genuine one changed where the first byte is a number, and
    /// else the input itself.
    pub fn message(&self, input: &[u8]) -> Vec<u8> {
        match input.split_first() {
            Some((&number, script)) if usize::from(number) < self.messages.len() => {
                edited(&self.messages[usize::from(number)], script)
            }
            _ => input.to_vec(),
        }
    }
}

/// Signed, in the open.
pub static SIGNED: LazyLock<Genuine> = LazyLock::new(|| {
    let assertion = signed(RESPONSE, "Assertion");
    let ours = [assertion.clone(), signed(RESPONSE, "Response"), signed(&assertion, "Response")];
    let captured = [
        (
            &include_bytes!("../../tests/attacks/captured/pysaml2.xml")[..],
            &include_bytes!("../../tests/attacks/captured/pysaml2.crt")[..],
            "http://127.0.0.1:9107/metadata",
            "_cc4dd8bc6ab7c3c733614c2d8feb7ba6",
            datetime!(2026-11-21 21:38:26 UTC),
        ),
        (
            include_bytes!("../../tests/attacks/captured/samlp.xml"),
            include_bytes!("../../tests/attacks/captured/samlp.crt"),
            "http://127.0.0.1:9102/metadata",
            "_ca98ebb13ff40e613dff0486eecc5ec0",
            datetime!(2026-11-21 21:41:08 UTC),
        ),
    ];
    let mut cases = vec![ours_case()];
    let mut messages: Vec<Vec<u8>> = ours.into_iter().map(String::into_bytes).collect();
    for (message, certificate, entity_id, request_id, now) in captured {
        let party = RelyingParty::new(
            entity_id.to_owned(),
            "http://127.0.0.1:9100/metadata".to_owned(),
            "http://127.0.0.1:9100/acs".to_owned(),
            trusted(certificate),
        );
        let began = Began::Request { id: request_id, knows_all: false };
        cases.push(Case { party, began, now, facts: Vec::new() });
        messages.push(message.to_vec());
    }
    Genuine::new(cases, messages)
});

/// Encrypted: a signed assertion, an assertion in a signed response by GCM and by CBC, a NameID in a
/// signed assertion.
pub static ENCRYPTED: LazyLock<Genuine> = LazyLock::new(|| {
    let assertion = signed(RESPONSE, "Assertion");
    let encrypted =
        |text: &str, by: Content| encrypted(text, "Assertion", "EncryptedAssertion", by);
    let ours = [
        encrypted(&assertion, Content::Gcm),
        signed(&encrypted(RESPONSE, Content::Gcm), "Response"),
        signed(&encrypted(RESPONSE, Content::Cbc), "Response"),
        signed(&encrypted_name(RESPONSE), "Assertion"),
    ];
    Genuine::new(vec![ours_case()], ours.into_iter().map(String::into_bytes).collect())
});

/// A signed assertion, as it stands inside what is encrypted.
pub static PLAINTEXT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text = signed(RESPONSE, "Assertion");
    text[range(&text, "Assertion")].as_bytes().to_vec()
});

/// A response with this plaintext encrypted to us and not signed.
pub fn sealed(plaintext: &[u8], by: Content) -> Vec<u8> {
    static AROUND: LazyLock<(String, String)> = LazyLock::new(|| {
        let assertion = range(RESPONSE, "Assertion");
        (RESPONSE[..assertion.start].to_owned(), RESPONSE[assertion.end..].to_owned())
    });
    let (before, after) = &*AROUND;
    [before, &*element("EncryptedAssertion", plaintext, by), after].concat().into_bytes()
}

/// How a content is encrypted.
#[derive(Clone, Copy)]
pub enum Content {
    Gcm,
    Cbc,
}

/// What trusts our messages.
pub static OUR_KEYS: LazyLock<TrustedKeys> = LazyLock::new(|| trusted(IDP_CERTIFICATE));

/// The key that signs them.
pub static OUR_KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let key = PKey::private_key_from_pem(IDP_KEY).and_then(|key| key.private_key_to_pkcs8());
    let certificate = X509::from_pem(IDP_CERTIFICATE).and_then(|it| it.to_der());
    let (key, certificate) = (key.expect("a key"), certificate.expect("a certificate"));
    SigningKey::from_pkcs8_der(&key, &certificate).expect("a key and its certificate")
});

/// A certificate in PEM, trusted.
pub fn trusted(certificate: &[u8]) -> TrustedKeys {
    let key = TrustedKey::from_certificate_pem(certificate).expect("a certificate");
    TrustedKeys::new(vec![key]).expect("a key")
}

/// The service to which our messages are sent.
pub fn our_party() -> RelyingParty {
    let mut party = RelyingParty::new(
        "https://idp.test/metadata".to_owned(),
        "https://sp.test/saml/acme/metadata".to_owned(),
        "https://sp.test/saml/acme/acs".to_owned(),
        trusted(IDP_CERTIFICATE),
    );
    party.decryption_keys = vec![DecryptionKey::from_pem(SP_KEY).expect("a key")];
    party
}

fn ours_case() -> Case {
    let began = Began::Request { id: REQUEST, knows_all: true };
    Case { party: our_party(), began, now: NOW, facts: Vec::new() }
}

/// The response with its signature.
pub fn signed_response() -> String {
    signed(RESPONSE, "Response")
}

/// Raw DEFLATE, as the redirect binding has it.
pub fn deflated(message: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(message).expect("memory");
    encoder.finish().expect("memory")
}

/// A text with the signature of one of its elements.
pub fn signed(text: &str, local_name: &str) -> String {
    let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).expect("a document");
    let root = document.root();
    let mut elements = std::iter::once(root).chain(root.children());
    let element = elements.find(|element| element.local_name() == local_name).expect("an element");
    dsig::sign(element, &OUR_KEY).expect("signed")
}

fn range(text: &str, local_name: &str) -> std::ops::Range<usize> {
    let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).expect("a document");
    let mut elements = document.root().descendants();
    elements.find(|it| it.is(ns::SAML, local_name)).expect("an element").source_range()
}

fn encrypted(text: &str, local_name: &str, name: &str, by: Content) -> String {
    let range = range(text, local_name);
    let element = element(name, text[range.clone()].as_bytes(), by);
    [&text[..range.start], &element, &text[range.end..]].concat()
}

fn encrypted_name(text: &str) -> String {
    encrypted(text, "NameID", "EncryptedID", Content::Gcm)
}

/// A SAML element that holds an encrypted content.
fn element(name: &str, plaintext: &[u8], by: Content) -> String {
    let ciphertext = ciphertext(plaintext, by);
    format!(
        "<saml:{name} xmlns:x=\"{}\"><x:EncryptedData>{ciphertext}</x:EncryptedData></saml:{name}>",
        ns::XENC
    )
}

/// What an `EncryptedData` of the prefix `x` holds. The content's key is always the same.
pub fn ciphertext(plaintext: &[u8], by: Content) -> String {
    const KEY: [u8; 16] = [0x42; 16];
    static WRAPPED: LazyLock<String> = LazyLock::new(|| {
        let key = PKey::private_key_from_pem(SP_KEY).expect("a key");
        let mut encrypter = Encrypter::new(&key).expect("an encrypter");
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("a padding");
        let mut out = vec![0; encrypter.encrypt_len(&KEY).expect("a length")];
        let length = encrypter.encrypt(&KEY, &mut out).expect("a key");
        STANDARD.encode(&out[..length])
    });
    let (algorithm, ciphertext) = match by {
        Content::Gcm => {
            let (nonce, mut tag) = ([7; 12], [0; 16]);
            let cipher = Cipher::aes_128_gcm();
            let data = encrypt_aead(cipher, &KEY, Some(&nonce), &[], plaintext, &mut tag);
            let whole = [&nonce[..], &data.expect("a ciphertext"), &tag].concat();
            ("http://www.w3.org/2009/xmlenc11#aes128-gcm", whole)
        }
        Content::Cbc => {
            let vector = [9; 16];
            let data = encrypt(Cipher::aes_128_cbc(), &KEY, Some(&vector), plaintext);
            let whole = [&vector[..], &data.expect("a ciphertext")].concat();
            ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", whole)
        }
    };
    format!(
        "<x:EncryptionMethod Algorithm=\"{algorithm}\"/><ds:KeyInfo xmlns:ds=\"{}\"><x:EncryptedKey>\
         <x:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/><x:CipherData><x:CipherValue>\
         {}</x:CipherValue></x:CipherData></x:EncryptedKey></ds:KeyInfo><x:CipherData><x:CipherValue>\
         {}</x:CipherValue></x:CipherData>",
        ns::DS,
        *WRAPPED,
        STANDARD.encode(ciphertext),
    )
}
