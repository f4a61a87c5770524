//! XML Encryption as SPEC 4.5 profiles it (ATTACKS 12): what decrypts, what a plaintext is worth, and one
//! error for everything that does not.

use super::{ASSERTION, KEY, NOW, SIGNED};
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::symm::{Cipher, Crypter, Mode};
use sso_core::connection::LegacyCrypto::{self, AesCbc, Rsa15, TripleDes};
use sso_core::dsig::{self, DecryptionKey, Policy, Provenance, Recipient, TrustedKeys};
use sso_core::error::Code::{self, DecryptedContent, Decryption, EncryptionAlgorithm};
use sso_core::error::Rejection;
use sso_core::xml::{Document, Limits, ns};
use sso_tests::Encryption;
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

fn gcm() -> Encryption {
    Encryption::gcm(&OURS)
}

fn recipient<'k>(keys: &'k [DecryptionKey], grants: &'k BTreeSet<LegacyCrypto>) -> Recipient<'k> {
    Recipient { entity_id: "https://us.example", keys, grants }
}

/// The local name of what was decrypted, and whether a signature of the ciphertext vouches for it.
fn opened(xml: &str, keys: &[DecryptionKey], grants: &[LegacyCrypto]) -> Result<String, Rejection> {
    let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE)?;
    let grants: BTreeSet<_> = grants.iter().copied().collect();
    let plaintext = dsig::decrypt(document.root(), &recipient(keys, &grants), None)?;
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
            let sender =
                Encryption::new(&format!("{XENC11}aes{bits}-gcm"), &transport, &parameters, &OURS);
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
        let xml = Encryption::new(&content, &transport, "", &OURS).sends(ASSERTION);
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
        let xml = gcm().sends(ASSERTION);
        let xml = xml.replace(&format!("{XENC11}aes128-gcm"), &content).replace(&oaep, &transport);
        assert_eq!(
            code(&xml, &LegacyCrypto::ALL),
            Some(EncryptionAlgorithm),
            "{content} {transport}"
        );
    }
    let unlabelled = Encryption::new(
        &format!("{XENC11}aes128-gcm"),
        &format!("{XENC}rsa-1_5"),
        PARAMETER,
        &OURS,
    );
    assert_eq!(code(&unlabelled.sends(ASSERTION), &[Rsa15]), Some(EncryptionAlgorithm));
}

const PARAMETER: &str = "<x:OAEPparams>bGFiZWw=</x:OAEPparams>";

#[test]
fn a_label_is_the_one_that_the_key_was_encrypted_with() {
    let with = |parameters: &str, label: Option<&[u8]>| Encryption {
        parameters: parameters.to_owned(),
        label: label.map(<[u8]>::to_vec),
        ..gcm()
    };
    for (parameters, label, refused) in [
        (PARAMETER, Some(&b"label"[..]), None),
        ("<x:OAEPparams/>", None, None),
        (PARAMETER, None, Some(Decryption)),
        (PARAMETER, Some(b"other"), Some(Decryption)),
        ("", Some(b"label"), Some(Decryption)),
        ("<x:OAEPparams>@</x:OAEPparams>", None, Some(EncryptionAlgorithm)),
    ] {
        let xml = with(parameters, label).sends(ASSERTION);
        assert_eq!(code(&xml, &[]), refused, "{parameters} {label:?}");
    }
}

#[test]
fn whatever_does_not_decrypt_is_refused_in_the_same_words() {
    let sender = gcm();
    let good = sender.ciphertext(ASSERTION.as_bytes());
    let key = sender.encrypted_key();
    let with = |ciphertext: &[u8]| sender.encrypted(ciphertext, &key);
    let mut flipped = good.clone();
    flipped[20] ^= 1;
    let stranger = Encryption { key: rsa(), ..gcm() };
    let short_key = sender.key_with(&sender.wrapped(&[0x42; 15]));
    let long_key = sender.key_with(&sender.wrapped(&[0x42; 32]));
    let pkcs1 = Encryption { transport: format!("{XENC}rsa-1_5"), ..gcm() };
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
    let cbc = Encryption { content: format!("{XENC}aes128-cbc"), ..gcm() };
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
fn raw_cbc(sender: &Encryption, blocks: &[u8]) -> Vec<u8> {
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
    let (sender, stranger) = (gcm(), Encryption { key: rsa(), ..gcm() });
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
fn a_key_for_somebody_else_is_left_aside() {
    let (sender, stranger) = (gcm(), Encryption { key: rsa(), ..gcm() });
    let ciphertext = sender.ciphertext(ASSERTION.as_bytes());
    let to = |key: &str, entity_id: &str| {
        let named = format!("<x:EncryptedKey Recipient=\"{entity_id}\">");
        key.replace("<x:EncryptedKey>", &named)
    };
    let (own, others) = (sender.encrypted_key(), stranger.encrypted_key());
    let ours = to(&own, "https://us.example");
    let theirs = to(&others, "https://them.example");
    for (keys, refused) in [
        // However many others there are, one that names us or nobody is found.
        (theirs.repeat(9) + &ours, None),
        (theirs.repeat(9) + &own, None),
        // The one key that there is may name anybody: the name is a hint.
        (to(&own, "urn:an-old-name"), None),
        (theirs.repeat(2), Some(Decryption)),
        (to(&own, "https://them.example") + &theirs, Some(Decryption)),
    ] {
        assert_eq!(code(&sender.encrypted(&ciphertext, &keys), &[]), refused, "{keys}");
    }
}

#[test]
fn a_plaintext_is_exactly_one_element() {
    let sender = gcm();
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
    let cbc = Encryption { content: format!("{XENC}aes256-cbc"), ..gcm() };
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
    let plaintext =
        dsig::decrypt(encrypted, &recipient(&ours, &grants), Some(&outer)).expect("a plaintext");
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
    let refused = dsig::decrypt(encrypted, &recipient(&ours, &grants), Some(&elsewhere)).map(drop);
    assert_eq!(refused.map_err(|it| it.code), Err(EncryptionAlgorithm));
    // Nor does a ciphertext for itself, whatever is signed inside it.
    let alone = gcm().sends(&SIGNED);
    assert_eq!(opened(&alone, &ours, &[]).as_deref(), Ok("Assertion"));
}
