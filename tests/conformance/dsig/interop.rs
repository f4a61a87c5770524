//! The interoperability set of xmlsec1 (`../shared/vectors/xmlsec1`) at the level of primitives: canonical
//! form, signature value, decryption. What lies outside our algorithms is refused, by its code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::X509;
use serde_json::Value;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{self, DecryptionKey, Recipient, SignatureAlgorithm, TrustedKey};
use sso_core::error::{Code, Stage};
use sso_core::xml::{Document, Element, Limits, c14n, ns};
use sso_tests::{Encryption, shared};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

/// The rows of a kind, with the folder that their files are in.
fn rows(kind: &str) -> Option<(PathBuf, Vec<Value>)> {
    let folder = shared("vectors/xmlsec1")?;
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.join("manifest.json")).expect("a file"))
            .expect("JSON");
    let rows = manifest.as_array().or_else(|| manifest["vectors"].as_array()).expect("rows");
    let rows = rows.iter().filter(|row| row["kind"] == kind).cloned().collect();
    Some((folder, rows))
}

fn text<'r>(row: &'r Value, field: &str) -> &'r str {
    row[field].as_str().unwrap_or_default()
}

/// Good ones that are outside our algorithms: SHA-224, and DSA.
const OUTSIDE: [&str; 3] = [
    "aleksey-xmldsig-01/enveloping-sha224-rsa-sha224.xml",
    "aleksey-xmldsig-01/enveloping-rsa-pss-sha224.xml",
    "merlin-exc-c14n-one/exc-signature.xml",
];

/// Ciphertexts that do not end in one element, and how they end. `decrypted_content` is a good one of a
/// text or of several nodes, which no part of a message is.
const OPENED: [(&str, Code); 9] = [
    ("01-phaos-xmlenc-3/enc-content-aes256-kt-rsa1_5.xml", Code::DecryptedContent),
    ("01-phaos-xmlenc-3/enc-text-aes192-kt-rsa1_5.xml", Code::DecryptedContent),
    ("01-phaos-xmlenc-3/enc-text-aes256-kt-rsa_oaep_sha1.xml", Code::DecryptedContent),
    ("merlin-xmlenc-five/encrypt-data-tripledes-cbc-rsa-oaep-mgf1p.xml", Code::DecryptedContent),
    (
        "merlin-xmlenc-five/encrypt-data-tripledes-cbc-rsa-oaep-mgf1p-sha256.xml",
        Code::DecryptedContent,
    ),
    ("merlin-xmlenc-five/encrypt-element-aes128-cbc-rsa-1_5.xml", Code::DoctypeForbidden),
    // Keys wrapped by a key that both sides have, which SAML does not do.
    ("01-phaos-xmlenc-3/bad-alg-enc-element-aes128-kw-3des.xml", Code::EncryptionAlgorithm),
    ("merlin-xmlenc-five/bad-encrypt-content-aes128-cbc-kw-aes192.xml", Code::EncryptionAlgorithm),
    // An EncryptedKey that holds the key of an HMAC: there is no content.
    ("merlin-xmlenc-five/encsig-hmac-sha256-rsa-oaep-mgf1p.xml", Code::Decryption),
];

/// How far our primitives take a signature.
#[derive(Debug)]
enum End {
    /// The reader refuses the document.
    Unreadable(Code),
    /// The algorithm of the signature or its canonicalization is none of ours.
    Outside,
    /// The row names no key that we can read.
    NoKey,
    /// The value is, or is not, the key's over `SignedInfo`; and so many of the references that our
    /// canonicalization can form have the digest that they say.
    Value { holds: bool, digests: usize },
}

fn end(folder: &Path, row: &Value) -> End {
    let bytes = fs::read(folder.join(text(row, "file"))).expect("a file");
    let document = match Document::parse(&bytes, &Limits::METADATA) {
        Ok(document) => document,
        Err(refused) => return End::Unreadable(refused.code),
    };
    let root = document.root();
    let mut all = std::iter::once(root).chain(root.descendants());
    let signature = all.find(|it| it.is(ns::DS, "Signature")).expect("a signature");
    let part = |name| signature.descendants().find(|it| it.is(ns::DS, name)).expect(name);
    let algorithm = part("SignatureMethod").attribute("Algorithm").unwrap_or_default();
    let Some(algorithm) = SignatureAlgorithm::from_uri(algorithm) else { return End::Outside };
    let signed_info = part("SignedInfo");
    let form = part("CanonicalizationMethod").attribute("Algorithm").unwrap_or_default();
    let Some(octets) = canonical(form, signed_info, None) else { return End::Outside };
    let Some(key) = key(folder, row, signature) else { return End::NoKey };
    let value = bytes_of(part("SignatureValue"));
    let references = signed_info.children().filter(|it| it.is(ns::DS, "Reference"));
    End::Value {
        holds: key.verifies(algorithm, &octets, &value),
        digests: references.filter(|reference| digest_holds(signature, *reference)).count(),
    }
}

/// The canonical form by an algorithm; none where it is none of ours.
fn canonical(algorithm: &str, element: Element<'_>, omit: Option<Element<'_>>) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    match algorithm {
        INCLUSIVE => c14n::inclusive(element, omit, &mut octets).ok()?,
        ns::EXC_C14N => c14n::exclusive(element, "", omit, &mut octets).ok()?,
        _ => return None,
    }
    Some(octets)
}

/// Whether a reference to the document or an element inside it has the digest that it says; `false` too
/// for those that our transforms cannot form.
fn digest_holds(signature: Element<'_>, reference: Element<'_>) -> bool {
    let root = std::iter::successors(Some(signature), |it| it.parent()).last().expect("a root");
    let target = match reference.attribute("URI").unwrap_or_default() {
        "" => Some(root),
        uri => root.descendants().find(|it| it.id() == uri.strip_prefix('#')),
    };
    let Some(target) = target else { return false };
    let transforms: Vec<_> =
        reference.descendants().filter(|it| it.is(ns::DS, "Transform")).collect();
    let enveloped = |it: &Element<'_>| it.attribute("Algorithm") == Some(ENVELOPED);
    let omit = transforms.iter().any(enveloped).then_some(signature);
    let methods: Vec<_> = transforms.into_iter().filter(|it| !enveloped(it)).collect();
    let octets = match methods[..] {
        // Without a canonicalization it is the inclusive form (XML Signature 4.4.3.2).
        [] => canonical(INCLUSIVE, target, omit),
        [method] => canonical(method.attribute("Algorithm").unwrap_or_default(), target, omit),
        _ => None,
    };
    let Some(octets) = octets else { return false };
    let method = reference.descendants().find(|it| it.is(ns::DS, "DigestMethod")).expect("one");
    let digest = match method.attribute("Algorithm").unwrap_or_default() {
        uri if uri.ends_with("sha1") => MessageDigest::sha1(),
        uri if uri.ends_with("sha384") => MessageDigest::sha384(),
        uri if uri.ends_with("sha512") => MessageDigest::sha512(),
        uri if uri.ends_with("sha256") => MessageDigest::sha256(),
        _ => return false,
    };
    let value = reference.descendants().find(|it| it.is(ns::DS, "DigestValue")).expect("one");
    *hash(digest, &octets).expect("a digest") == *bytes_of(value)
}

fn bytes_of(element: Element<'_>) -> Vec<u8> {
    let text = element.text().expect("text");
    STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).unwrap_or_default()
}

/// The key that a row names: a file, or what the signature itself shows, which is good enough for a test of
/// primitives and for nothing else.
fn key(folder: &Path, row: &Value, signature: Element<'_>) -> Option<TrustedKey> {
    let named = row["trust"].as_array()?.first()?.as_str()?;
    for file in [folder.join(named), folder.join("keys").join(named)] {
        let Ok(pem) = fs::read(file) else { continue };
        let public = PKey::public_key_from_pem(&pem)
            .or_else(|_| X509::from_pem(&pem).and_then(|it| it.public_key()));
        let der = public.and_then(|it| it.public_key_to_der()).ok()?;
        return TrustedKey::from_public_key_der(&der).ok();
    }
    let shown = |name| signature.descendants().find(|it| it.is(ns::DS, name)).map(bytes_of);
    if let Some(certificate) = shown("X509Certificate") {
        return TrustedKey::from_certificate_der(&certificate).ok();
    }
    let number = |bytes: Vec<u8>| openssl::bn::BigNum::from_slice(&bytes).expect("a number");
    let rsa = Rsa::from_public_components(number(shown("Modulus")?), number(shown("Exponent")?));
    TrustedKey::from_public_key_der(&rsa.and_then(|it| it.public_key_to_der()).ok()?).ok()
}

#[test]
fn the_signatures_of_the_set() {
    let Some((folder, rows)) = rows("dsig") else { return };
    let (mut held, mut outside) = (0, 0);
    for row in &rows {
        let (file, own, end) = (text(row, "file"), text(row, "own"), end(&folder, row));
        let at = format!("{file} [{}, {own}]: {end:?}", text(row, "expect"));
        match end {
            End::Value { holds, digests } => {
                held += usize::from(holds);
                match (text(row, "expect"), own) {
                    // The suite's own check found the whole good, or the value alone.
                    (_, "ok") => assert!(holds && digests > 0, "{at}"),
                    (_, "value-ok") | ("accept" | "reject-weak", _) => assert!(holds, "{at}"),
                    ("reject" | "accept-or-reject", _) => assert!(!holds || digests == 0, "{at}"),
                    _ => {}
                }
            }
            End::Outside => {
                outside += 1;
                let good = text(row, "expect") == "accept";
                assert!(!good || OUTSIDE.contains(&file), "{at}");
            }
            End::Unreadable(code) => assert_eq!(code, Code::DoctypeForbidden, "{at}"),
            End::NoKey => assert!(text(row, "expect") != "accept", "{at}"),
        }
    }
    // None is lost without anybody noticing.
    assert_eq!((rows.len(), held, outside), (83, 29, 34));
}

/// None of them is a signature as SAML profiles it, whoever made it.
#[test]
fn no_signature_of_the_set_is_one_of_saml() {
    let Some((folder, rows)) = rows("dsig") else { return };
    for row in &rows {
        let bytes = fs::read(folder.join(text(row, "file"))).expect("a file");
        let Ok(document) = Document::parse(&bytes, &Limits::METADATA) else { continue };
        let root = document.root();
        let refused = |element| match dsig::signature_of(element) {
            Ok(signature) => signature.is_none(),
            Err(rejection) => rejection.code.stage() == Stage::Structure,
        };
        let all = std::iter::once(root).chain(root.descendants());
        for element in all {
            assert!(refused(element), "{}: {}", text(row, "file"), element.local_name());
        }
    }
}

#[test]
fn the_ciphertexts_of_the_set() {
    let Some((folder, rows)) = rows("enc") else { return };
    let grants = LegacyCrypto::ALL.into();
    let mut decrypted = 0;
    for row in rows.iter().filter(|row| !text(row, "file").starts_with("nist")) {
        let file = text(row, "file");
        let key = row["trust"][0].as_str().expect("a key");
        let keys: Vec<_> = fs::read(folder.join(key))
            .map(|bytes| {
                DecryptionKey::from_pem(&bytes).or_else(|_| DecryptionKey::from_der(&bytes))
            })
            .into_iter()
            .map(|key| key.expect("a key"))
            .collect();
        let recipient = Recipient { entity_id: "", keys: &keys, grants: &grants };
        let outcome = opened(&fs::read(folder.join(file)).expect("a file"), &recipient);
        match (OPENED.iter().find(|(known, _)| *known == file), text(row, "expect")) {
            (Some((_, code)), _) => assert_eq!(outcome, Err(*code), "{file}"),
            (None, "accept" | "reject-weak") => {
                let whole = fs::read(folder.join(text(row, "plaintext"))).expect("a file");
                let whole = Document::parse(&whole, &Limits::MESSAGE).expect("a document");
                let mut all = whole.root().descendants();
                let card = all.find(|it| it.local_name() == "CreditCard").expect("a card");
                assert_eq!(
                    outcome,
                    Ok(canonical(ns::EXC_C14N, card, None).expect("a form")),
                    "{file}"
                );
                decrypted += 1;
            }
            (None, other) => panic!("{file} expects {other} and has no code here"),
        }
    }
    assert_eq!(decrypted, 7);
}

/// What an `EncryptedData` holds, in canonical form.
fn opened(bytes: &[u8], recipient: &Recipient<'_>) -> Result<Vec<u8>, Code> {
    // Where it is the whole document, it is put into an element, as it always is in a message.
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let text = text.split_once("?>").map_or(text, |(_, text)| text);
    let text = if text.contains("<!DOCTYPE") { text.to_owned() } else { format!("<h>{text}</h>") };
    let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).map_err(|it| it.code)?;
    let mut all = document.root().descendants();
    let holder = all.find(|it| it.is(ns::XENC, "EncryptedData")).and_then(|it| it.parent());
    let holder = holder.unwrap_or_else(|| document.root());
    let plaintext = dsig::decrypt(holder, recipient, None).map_err(|it| it.code)?;
    let decrypted = plaintext.parse().map_err(|it| it.code)?;
    Ok(canonical(ns::EXC_C14N, decrypted.element(), None).expect("a form"))
}

/// NIST's vectors have the key of the content by itself; here it is encrypted to us as any is.
#[test]
fn the_ciphertexts_of_nist() {
    let Some((folder, rows)) = rows("enc") else { return };
    let ours = PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
    let keys = [DecryptionKey::from_der(&ours.private_key_to_der().expect("DER")).expect("a key")];
    let grants = BTreeSet::new();
    let recipient = Recipient { entity_id: "", keys: &keys, grants: &grants };
    let mut seen = (0, 0);
    for row in rows.iter().filter(|row| text(row, "file").starts_with("nist")) {
        let file = text(row, "file");
        let bits = if file.contains("aes128") { "128" } else { "256" };
        let all = fs::read_to_string(folder.join(format!("nist-aesgcm/keys-aes{bits}-gcm.xml")));
        let bytes = fs::read(folder.join(file)).expect("a file");
        let document = Document::parse(&bytes, &Limits::MESSAGE).expect("a document");
        let part = |name| document.root().descendants().find(|it| it.local_name() == name);
        let name = part("KeyName").expect("a name").text().expect("text");
        let all = all.expect("the keys");
        let (_, key) = all.split_once(&format!("<KeyName>{name}</KeyName>")).expect("its key");
        let key = key.split(['<', '>']).find(|it| it.ends_with("==") || it.ends_with('='));
        let key = STANDARD.decode(key.expect("base64")).expect("base64");
        let ciphertext = bytes_of(part("CipherValue").expect("a ciphertext"));

        let mut sender = Encryption::gcm(&ours);
        sender.content = sender.content.replace("128", bits);
        let xml = sender.encrypted(&ciphertext, &sender.key_with(&sender.wrapped(&key)));
        let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE).expect("a document");
        let outcome = dsig::decrypt(document.root(), &recipient, None).map(drop);
        match text(row, "expect") {
            "accept" => {
                assert_eq!(outcome, Ok(()), "{file}");
                seen.0 += 1;
            }
            _ => {
                assert_eq!(outcome.map_err(|it| it.code), Err(Code::Decryption), "{file}");
                seen.1 += 1;
            }
        }
    }
    assert_eq!(seen.0 + seen.1, 45);
    assert!(seen.0 > 15 && seen.1 > 15, "{seen:?}");
}
