//! XML Encryption as SPEC 4.5 profiles it (ATTACKS 12): what decrypts, what a plaintext is worth, and one
//! error for everything that does not.

use super::{ASSERTION, KEY, NOW, SIGNED};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::encrypt::Encrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::symm::{Cipher, Crypter, Mode, encrypt, encrypt_aead};
use sso_core::connection::LegacyCrypto::{self, AesCbc, Rsa15, TripleDes};
use sso_core::dsig::{self, DecryptionKey, Policy, Provenance, TrustedKeys};
use sso_core::error::Code::{self, DecryptedContent, Decryption, EncryptionAlgorithm};
use sso_core::error::Rejection;
use sso_core::xml::{Document, Limits, ns};
use std::collections::BTreeSet;
use std::sync::LazyLock;

const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";

static OURS: LazyLock<PKey<Private>> = LazyLock::new(rsa);

fn rsa() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key")
}

fn decryption_key(key: &PKey<Private>) -> DecryptionKey {
    DecryptionKey::from_der(&key.private_key_to_der().expect("DER")).expect("a key")
}

/// What a sender can choose.
#[derive(Clone)]
struct Sender {
    content: String,
    transport: String,
    /// Inside the key's `EncryptionMethod`.
    parameters: String,
    key: PKey<Private>,
}

impl Sender {
    fn new(content: &str, transport: &str, parameters: &str) -> Self {
        let (transport, content) = (transport.to_owned(), content.to_owned());
        Self { content, transport, parameters: parameters.to_owned(), key: OURS.clone() }
    }

    fn gcm() -> Self {
        Self::new(&format!("{XENC11}aes128-gcm"), &format!("{XENC}rsa-oaep-mgf1p"), "")
    }

    fn content_key(&self) -> Vec<u8> {
        let bits = ["128", "192", "256"].into_iter().find(|bits| self.content.contains(bits));
        vec![0x42; bits.map_or(24, |bits| bits.parse::<usize>().expect("a number") / 8)]
    }

    fn ciphertext(&self, plaintext: &[u8]) -> Vec<u8> {
        let key = self.content_key();
        let gcm = [Cipher::aes_128_gcm(), Cipher::aes_192_gcm(), Cipher::aes_256_gcm()];
        let cbc = [Cipher::aes_128_cbc(), Cipher::aes_192_cbc(), Cipher::aes_256_cbc()];
        if self.content.contains("gcm") {
            let cipher = gcm.into_iter().find(|it| it.key_len() == key.len()).expect("a cipher");
            let (nonce, mut tag) = ([7; 12], [0; 16]);
            let data = encrypt_aead(cipher, &key, Some(&nonce), &[], plaintext, &mut tag);
            return [&nonce[..], &data.expect("a ciphertext"), &tag].concat();
        }
        let cipher = match self.content.contains("tripledes") {
            true => Cipher::des_ede3_cbc(),
            false => cbc.into_iter().find(|it| it.key_len() == key.len()).expect("a cipher"),
        };
        let vector = vec![9; cipher.block_size()];
        // The library pads with the length in every byte, which XML Encryption allows.
        let data = encrypt(cipher, &key, Some(&vector), plaintext).expect("a ciphertext");
        [vector, data].concat()
    }

    fn wrapped(&self, content_key: &[u8]) -> Vec<u8> {
        let mut encrypter = Encrypter::new(&self.key).expect("an encrypter");
        if self.transport.ends_with("rsa-1_5") {
            encrypter.set_rsa_padding(Padding::PKCS1).expect("a padding");
        } else {
            encrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("a padding");
            let digest = |name: &str| match name {
                it if it.contains("sha256") => MessageDigest::sha256(),
                it if it.contains("sha512") => MessageDigest::sha512(),
                _ => MessageDigest::sha1(),
            };
            let (method, mgf) = self.parameters.split_once("MGF").unwrap_or((&self.parameters, ""));
            encrypter.set_rsa_oaep_md(digest(method)).expect("a digest");
            encrypter.set_rsa_mgf1_md(digest(mgf)).expect("a digest");
        }
        let mut out = vec![0; encrypter.encrypt_len(content_key).expect("a length")];
        let length = encrypter.encrypt(content_key, &mut out).expect("a key");
        out.truncate(length);
        out
    }

    fn encrypted_key(&self) -> String {
        self.key_with(&self.wrapped(&self.content_key()))
    }

    fn key_with(&self, wrapped: &[u8]) -> String {
        format!(
            "<x:EncryptedKey><x:EncryptionMethod Algorithm=\"{}\">{}</x:EncryptionMethod>\
             <x:CipherData><x:CipherValue>{}</x:CipherValue></x:CipherData></x:EncryptedKey>",
            self.transport,
            self.parameters,
            STANDARD.encode(wrapped),
        )
    }

    /// An `EncryptedAssertion`, its keys in the `KeyInfo`.
    fn encrypted(&self, ciphertext: &[u8], keys: &str) -> String {
        format!(
            "<saml:EncryptedAssertion xmlns:saml=\"{}\" xmlns:x=\"{XENC}\" xmlns:ds=\"{}\">\
             <x:EncryptedData><x:EncryptionMethod Algorithm=\"{}\"/><ds:KeyInfo>{keys}</ds:KeyInfo>\
             <x:CipherData><x:CipherValue>{}</x:CipherValue></x:CipherData></x:EncryptedData>\
             </saml:EncryptedAssertion>",
            ns::SAML,
            ns::DS,
            self.content,
            STANDARD.encode(ciphertext),
        )
    }

    fn sends(&self, plaintext: &str) -> String {
        self.encrypted(&self.ciphertext(plaintext.as_bytes()), &self.encrypted_key())
    }
}

/// The local name of what was decrypted, and whether a signature of the ciphertext vouches for it.
fn opened(xml: &str, keys: &[DecryptionKey], grants: &[LegacyCrypto]) -> Result<String, Rejection> {
    let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE)?;
    let grants: BTreeSet<_> = grants.iter().copied().collect();
    let plaintext = dsig::decrypt(document.root(), keys, &grants, None)?;
    let decrypted = plaintext.parse()?;
    assert!(decrypted.signed().is_none(), "nobody vouches for it");
    Ok(decrypted.element().local_name().to_owned())
}

fn code(xml: &str, grants: &[LegacyCrypto]) -> Option<Code> {
    opened(xml, &[decryption_key(&OURS)], grants).err().map(|rejection| rejection.code)
}

#[test]
fn every_allowed_algorithm_decrypts() {
    let digest = |uri: &str| format!("<ds:DigestMethod Algorithm=\"{uri}\"/>");
    let mgf =
        |name: &str| format!("<m:MGF xmlns:m=\"{XENC11}\" Algorithm=\"{XENC11}mgf1{name}\"/>");
    let (sha1, sha256) = ("http://www.w3.org/2000/09/xmldsig#sha1", format!("{XENC}sha256"));
    for bits in ["128", "192", "256"] {
        for (transport, parameters) in [
            (format!("{XENC}rsa-oaep-mgf1p"), String::new()),
            (format!("{XENC}rsa-oaep-mgf1p"), digest(sha1)),
            (format!("{XENC}rsa-oaep-mgf1p"), digest(&sha256)),
            (format!("{XENC11}rsa-oaep"), String::new()),
            (format!("{XENC11}rsa-oaep"), digest(&sha256) + &mgf("sha256")),
            (format!("{XENC11}rsa-oaep"), digest(sha1) + &mgf("sha512")),
            (format!("{XENC11}rsa-oaep"), digest(&format!("{XENC}sha512")) + &mgf("sha1")),
        ] {
            let sender = Sender::new(&format!("{XENC11}aes{bits}-gcm"), &transport, &parameters);
            assert_eq!(
                code(&sender.sends(ASSERTION), &[]),
                None,
                "{bits} {transport} {parameters}"
            );
        }
    }
}

#[test]
fn old_algorithms_need_their_grants() {
    let oaep = format!("{XENC}rsa-oaep-mgf1p");
    for (content, transport, grant) in [
        (format!("{XENC}aes128-cbc"), oaep.clone(), AesCbc),
        (format!("{XENC}aes192-cbc"), oaep.clone(), AesCbc),
        (format!("{XENC}aes256-cbc"), oaep.clone(), AesCbc),
        (format!("{XENC}tripledes-cbc"), oaep.clone(), TripleDes),
        (format!("{XENC11}aes256-gcm"), format!("{XENC}rsa-1_5"), Rsa15),
    ] {
        let xml = Sender::new(&content, &transport, "").sends(ASSERTION);
        let others: Vec<_> = LegacyCrypto::ALL.into_iter().filter(|it| *it != grant).collect();
        assert_eq!(code(&xml, &others), Some(EncryptionAlgorithm), "{content} {transport}");
        assert_eq!(code(&xml, &[grant]), None, "{content} {transport}");
    }
    for (content, transport) in [
        (format!("{XENC11}aes128-gcm"), format!("{XENC11}rsa-1_5")),
        (format!("{XENC11}aes128-gcm"), format!("{XENC}kw-aes128")),
        (format!("{XENC}aes128-gcm"), oaep.clone()),
        (String::new(), oaep.clone()),
    ] {
        let xml = Sender::gcm().sends(ASSERTION);
        let xml = xml.replace(&format!("{XENC11}aes128-gcm"), &content).replace(&oaep, &transport);
        assert_eq!(
            code(&xml, &LegacyCrypto::ALL),
            Some(EncryptionAlgorithm),
            "{content} {transport}"
        );
    }
    let labelled =
        Sender { parameters: "<x:OAEPparams>AAAA</x:OAEPparams>".into(), ..Sender::gcm() };
    assert_eq!(code(&labelled.sends(ASSERTION), &[]), Some(EncryptionAlgorithm));
}

#[test]
fn whatever_does_not_decrypt_is_refused_in_the_same_words() {
    let sender = Sender::gcm();
    let good = sender.ciphertext(ASSERTION.as_bytes());
    let key = sender.encrypted_key();
    let with = |ciphertext: &[u8]| sender.encrypted(ciphertext, &key);
    let mut flipped = good.clone();
    flipped[20] ^= 1;
    let stranger = Sender { key: rsa(), ..Sender::gcm() };
    let short_key = sender.key_with(&sender.wrapped(&[0x42; 15]));
    let long_key = sender.key_with(&sender.wrapped(&[0x42; 32]));
    let pkcs1 = Sender { transport: format!("{XENC}rsa-1_5"), ..Sender::gcm() };
    let relabelled = with(&good).replace("aes128-gcm", "aes256-gcm");
    let mut inputs = vec![
        ("changed", with(&flipped)),
        ("nothing", with(&[])),
        ("a nonce alone", with(&good[..12])),
        ("a longer tag", with(&[&good[..], &[0]].concat())),
        ("encrypted to somebody else", stranger.sends(ASSERTION)),
        ("a key of zeros", sender.encrypted(&good, &sender.key_with(&[0; 256]))),
        ("a key of nothing", sender.encrypted(&good, &sender.key_with(&[]))),
        ("a short key", sender.encrypted(&good, &short_key)),
        ("a long key", sender.encrypted(&good, &long_key)),
        ("a key of another cipher", relabelled),
        ("bad padding of 1.5", pkcs1.encrypted(&good, &pkcs1.key_with(&[1; 256]))),
        ("no key", sender.encrypted(&good, "")),
        ("too many keys", sender.encrypted(&good, &key.repeat(5))),
        ("a key to fetch", sender.encrypted(&good, "<ds:RetrievalMethod URI=\"http://127.0.0.1:9/\"/>")),
        ("no base64", with(&good).replace("<x:CipherValue>", "<x:CipherValue>@")),
        (
            "content to fetch",
            "<saml:EncryptedAssertion xmlns:saml=\"urn:x\" xmlns:x=\"http://www.w3.org/2001/04/xmlenc#\" \
             xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><x:EncryptedData><x:EncryptionMethod \
             Algorithm=\"http://www.w3.org/2009/xmlenc11#aes128-gcm\"/><ds:KeyInfo>KEY</ds:KeyInfo><x:CipherData>\
             <x:CipherReference URI=\"http://127.0.0.1:9/\"/></x:CipherData></x:EncryptedData>\
             </saml:EncryptedAssertion>"
                .replace("KEY", &key),
        ),
        ("no EncryptedData", "<a/>".to_owned()),
    ];
    // Tags cut short, which the library would take.
    for cut in 1..=16 {
        inputs.push(("a shorter tag", with(&good[..good.len() - cut])));
    }
    // CBC: bad padding, and good padding of what is not XML, look alike.
    let cbc = Sender { content: format!("{XENC}aes128-cbc"), ..Sender::gcm() };
    let blocks = cbc.ciphertext(ASSERTION.as_bytes());
    for (what, ciphertext) in [
        ("a cut block", blocks[..blocks.len() - 1].to_vec()),
        ("a block less", blocks[..blocks.len() - 16].to_vec()),
        ("a vector alone", blocks[..16].to_vec()),
        ("a changed vector", [&[!blocks[0]], &blocks[1..]].concat()),
        ("padding of nothing", raw_cbc(&cbc, &[0; 16])),
        ("padding of too much", raw_cbc(&cbc, &[17; 16])),
    ] {
        inputs.push((what, cbc.encrypted(&ciphertext, &cbc.encrypted_key())));
    }
    let mut said = BTreeSet::new();
    for (what, xml) in &inputs {
        let refused = opened(xml, &[decryption_key(&OURS)], &LegacyCrypto::ALL);
        let refused = refused.err().unwrap_or_else(|| panic!("{what} was accepted"));
        assert_eq!(refused.code, Decryption, "{what}");
        said.insert(refused.to_string());
    }
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(code(&with(&good), &[]), None);
    assert_eq!(code(&cbc.sends(ASSERTION), &[AesCbc]), None);
}

/// Blocks encrypted as they are, without padding.
fn raw_cbc(sender: &Sender, blocks: &[u8]) -> Vec<u8> {
    let vector = [3; 16];
    let key = sender.content_key();
    let crypter = Crypter::new(Cipher::aes_128_cbc(), Mode::Encrypt, &key, Some(&vector));
    let mut crypter = crypter.expect("a cipher");
    crypter.pad(false);
    let mut out = vec![0; blocks.len() + 16];
    let length = crypter.update(blocks, &mut out).expect("blocks");
    out.truncate(length);
    [&vector[..], &out].concat()
}

#[test]
fn every_key_of_ours_is_tried_with_every_recipient_s() {
    let (sender, stranger) = (Sender::gcm(), Sender { key: rsa(), ..Sender::gcm() });
    let ciphertext = sender.ciphertext(ASSERTION.as_bytes());
    let keys = [decryption_key(&rsa()), decryption_key(&OURS)];
    let (own, others) = (sender.encrypted_key(), stranger.encrypted_key());
    for inside in [format!("{own}{others}"), format!("{others}{others}{own}")] {
        let xml = sender.encrypted(&ciphertext, &inside);
        assert_eq!(opened(&xml, &keys, &[]).as_deref(), Ok("Assertion"));
    }
    // Beside the data, where a RetrievalMethod in it points.
    let pointer = "<ds:RetrievalMethod URI=\"#_k\"/>";
    let beside = sender.encrypted(&ciphertext, pointer);
    let own = own.replace("<x:EncryptedKey>", "<x:EncryptedKey Id=\"_k\">");
    let beside = beside.replace("</x:EncryptedData>", &format!("</x:EncryptedData>{own}"));
    assert_eq!(opened(&beside, &keys, &[]).as_deref(), Ok("Assertion"));
    assert_eq!(opened(&beside, &[], &[]).map_err(|it| it.code), Err(Decryption));
}

#[test]
fn a_plaintext_is_exactly_one_element() {
    let sender = Sender::gcm();
    for content in [
        String::new(),
        "text".to_owned(),
        format!("{ASSERTION}{ASSERTION}"),
        format!("text {ASSERTION}"),
        format!("<!DOCTYPE a>{ASSERTION}"),
        format!("<?xml version='1.0'?>{ASSERTION}"),
        "<saml:Assertion>".to_owned(),
        "</scope><scope>".to_owned(),
        format!("</scope>{ASSERTION}<scope>"),
        "<undeclared:a/>".to_owned(),
        "<a ID='1'><b ID='1'/></a>".to_owned(),
    ] {
        assert_eq!(code(&sender.sends(&content), &[]), Some(DecryptedContent), "{content}");
    }
    // White space and comments around it are nothing, and it stands in the ciphertext's scope.
    for content in [format!(" {ASSERTION}\n<!-- -->"), "<saml:Assertion/>".to_owned()] {
        assert_eq!(code(&sender.sends(&content), &[]), None, "{content}");
    }
}

#[test]
fn a_signature_over_the_ciphertext_vouches_for_the_plaintext() {
    let cbc = Sender { content: format!("{XENC}aes256-cbc"), ..Sender::gcm() };
    let response = format!(
        "<samlp:Response xmlns:samlp=\"{}\" ID=\"_r\"><samlp:Status/>{}</samlp:Response>",
        ns::SAMLP,
        cbc.sends(ASSERTION),
    );
    let document = Document::parse(response.as_bytes(), &Limits::MESSAGE).expect("XML");
    let signed = dsig::sign(document.root(), &KEY.signing()).expect("a signature");
    let document = Document::parse(signed.as_bytes(), &Limits::MESSAGE).expect("XML");
    let root = document.root();
    let signature = dsig::signature_of(root).expect("a structure").expect("a signature");
    let keys = TrustedKeys::new(vec![KEY.trusted()]).expect("a key");
    let grants = BTreeSet::new();
    let policy = Policy { grants: &grants, now: NOW, enforce_certificate_validity: true };
    let outer = dsig::verify(&signature, &keys, &policy).expect("a signature that holds");

    let encrypted = root.required_child(ns::SAML, "EncryptedAssertion").expect("a ciphertext");
    let ours = [decryption_key(&OURS)];
    // CBC needs no grant where it cannot be changed unnoticed.
    let plaintext = dsig::decrypt(encrypted, &ours, &grants, Some(&outer)).expect("a plaintext");
    assert!(plaintext.legacy_used().is_empty());
    let decrypted = plaintext.parse().expect("an element");
    let vouched = decrypted.signed().expect("a proof");
    assert_eq!(vouched.element(), decrypted.element());
    assert_eq!(vouched.provenance(), Provenance::DecryptedFrom);
    assert_eq!(vouched.fingerprint(), outer.fingerprint());
    let subject = decrypted.element().required_child(ns::SAML, "Subject").expect("a Subject");
    assert!(vouched.covered(subject).is_some());
    assert!(vouched.covered(encrypted).is_none(), "of another document");

    // A signed part elsewhere vouches for nothing.
    let status = root.required_child(ns::SAMLP, "Status").expect("a Status");
    let elsewhere = outer.covered(status).expect("a part");
    let refused = dsig::decrypt(encrypted, &ours, &grants, Some(&elsewhere)).map(drop);
    assert_eq!(refused.map_err(|it| it.code), Err(EncryptionAlgorithm));
    // Nor does a ciphertext for itself, whatever is signed inside it.
    let alone = Sender::gcm().sends(&SIGNED);
    assert_eq!(opened(&alone, &ours, &[]).as_deref(), Ok("Assertion"));
}
