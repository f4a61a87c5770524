//! Decryption of an element with the service's keys, and what a signature over the ciphertext makes of
//! the plaintext (SPEC 4.5, SAML Core 2.3.4, XML Encryption 1.1).
//!
//! Anybody can encrypt to us, so a plaintext is worth no more than the ciphertext was: signed where a
//! verified signature covers the ciphertext, and otherwise only what a signature inside it says
//! (ATTACKS ENC-01). Nothing is fetched and no reference is followed: the keys are those that stand in
//! the encrypted element.

use super::encryption::{Content, ContentAlgorithm, DecryptionKey, KeyTransport};
use super::signed::{Provenance, SignedXml, Vouched};
use crate::connection::LegacyCrypto;
use crate::encoding::decode_base64;
use crate::error::{Code, Rejection};
use crate::xml::{Document, Element, Limits, ns, start_tag_in_scope};
use std::collections::BTreeSet;

/// The most encrypted keys that are tried (ATTACKS ENC-07).
const MAX_KEYS: usize = 4;

/// Us, as those who encrypt know us.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'k> {
    /// Our entity ID, by which a message that is encrypted to several names us.
    pub entity_id: &'k str,
    /// Our keys, in the order in which they are tried.
    pub keys: &'k [DecryptionKey],
    /// The old algorithms that are granted.
    pub grants: &'k BTreeSet<LegacyCrypto>,
}

/// A plaintext, not parsed yet.
#[derive(Debug)]
pub struct Plaintext {
    /// The plaintext inside an element that declares what was in scope around the ciphertext.
    text: Vec<u8>,
    vouched: Option<Vouched>,
    legacy_used: BTreeSet<LegacyCrypto>,
}

/// A plaintext parsed: one element.
#[derive(Debug)]
pub struct Decrypted<'p> {
    text: &'p [u8],
    document: Document<'p>,
    vouched: Option<&'p Vouched>,
}

/// Decrypts the content of `encrypted`: an `EncryptedAssertion`, `EncryptedID` or the like, which holds
/// one `EncryptedData`, with its `EncryptedKey`s inside or beside it. Every key of ours is tried with
/// each, but for those whose `Recipient` is somebody else, where there are several (SAML Core 2.2.4,
/// XML Encryption 3.5.1).
///
/// `outer` is a signed element, if there is one; where it covers `encrypted`, it vouches for the
/// plaintext.
///
/// # Errors
/// `encryption_algorithm` for an algorithm that is not allowed; `decryption` for everything else, and
/// always in the same words.
pub fn decrypt(
    encrypted: Element<'_>,
    recipient: &Recipient<'_>,
    outer: Option<&SignedXml<'_>>,
) -> Result<Plaintext, Rejection> {
    let outer = outer.filter(|outer| outer.covers(encrypted)).map(|outer| outer.vouched.clone());
    let mut legacy_used = BTreeSet::new();
    let mut grant = |needed: Option<LegacyCrypto>| match needed {
        Some(legacy) if !recipient.grants.contains(&legacy) => false,
        needed => {
            legacy_used.extend(needed);
            true
        }
    };

    let data = encrypted.child(ns::XENC, "EncryptedData")?.ok_or_else(failed)?;
    let uri = algorithm(data)?;
    let content = ContentAlgorithm::from_uri(uri)
        .filter(|content| grant(content.needs(outer.is_some())))
        .ok_or_else(|| not_allowed(uri))?;
    let mut transports = Vec::new();
    for key in encrypted_keys(encrypted, data, recipient.entity_id)? {
        let uri = algorithm(key)?;
        let method = key.required_child(ns::XENC, "EncryptionMethod")?;
        let parameter = |namespace, name| -> Result<_, Rejection> {
            let parameter = method.child(namespace, name)?;
            Ok(parameter.map(|it| it.attribute("Algorithm").unwrap_or_default()))
        };
        let label = method.child(ns::XENC, "OAEPparams")?;
        let digest = parameter(ns::DS, "DigestMethod")?;
        let transport = KeyTransport::from_uris(uri, digest, parameter(ns::XENC11, "MGF")?)
            .filter(|transport| grant(transport.needs()))
            .and_then(|transport| match label {
                Some(label) => transport.labelled(decode_base64(&label.text().ok()?)?),
                None => Some(transport),
            })
            .ok_or_else(|| not_allowed(uri))?;
        transports.push((transport, cipher_value(key)?));
    }

    let ciphertext = cipher_value(data)?;
    // The plaintext stands in the place of the ciphertext, in its scope (XML Encryption 4.4).
    let scope = start_tag_in_scope("scope", encrypted);
    // How much plaintext of no proof is parsed in all, where several attempts give a text that is no
    // element: what a wrong key gives is no text at all, and costs nothing of it (ATTACKS ENC-07).
    let mut room = Limits::MESSAGE.bytes;
    let attempts = transports.iter().flat_map(|it| recipient.keys.iter().map(move |key| (it, key)));
    for ((transport, wrapped), key) in attempts {
        let content_key = transport.unwrap(key, wrapped, content.key_length());
        let Some(content) = content.decrypt(&content_key, &ciphertext) else { continue };
        let inside = || [scope.as_bytes(), content.text(), b"</scope>"].concat();
        // By a wrong key CBC now and then gives something as well, and what is not XML must look
        // just like what has the wrong padding, which is parsed all the same.
        let text = match &content {
            Content::Authenticated(_) => Some(inside()),
            Content::Padded { text, holds } if text.len() <= room => {
                let text = inside();
                let parsed = Document::parse(&text, &Limits::MESSAGE).map(drop);
                if !matches!(&parsed, Err(rejection) if rejection.code == Code::NotUtf8) {
                    room = room.saturating_sub(text.len());
                }
                (parsed.is_ok() && *holds).then_some(text)
            }
            Content::Padded { .. } => None,
        };
        if let Some(text) = text {
            return Ok(Plaintext { text, vouched: outer, legacy_used });
        }
    }
    Err(failed())
}

impl Plaintext {
    /// The grants that decrypting needed.
    pub fn legacy_used(&self) -> &BTreeSet<LegacyCrypto> {
        &self.legacy_used
    }

    /// Parses the plaintext as strictly as any message.
    ///
    /// # Errors
    /// `decrypted_content` for anything but one element.
    pub fn parse(&self) -> Result<Decrypted<'_>, Rejection> {
        let refused = |found: String| {
            Rejection::new(Code::DecryptedContent, "one well-formed element", found)
        };
        let document = Document::parse(&self.text, &Limits::MESSAGE)
            .map_err(|rejection| refused(rejection.code.as_str().to_owned()))?;
        let scope = document.root();
        match scope.children().count() {
            1 if !scope.has_text() => {
                Ok(Decrypted { text: &self.text, document, vouched: self.vouched.as_ref() })
            }
            1 => Err(refused("a text beside it".to_owned())),
            count => Err(refused(format!("{count} elements"))),
        }
    }
}

impl<'p> Decrypted<'p> {
    /// The plaintext as it was parsed: inside an element that declares what was in scope around the
    /// ciphertext. It is for another parser.
    pub fn text(&self) -> &'p [u8] {
        self.text
    }

    /// The element that was encrypted. Nobody vouches for it yet.
    pub fn element(&self) -> Element<'_> {
        let scope = self.document.root();
        scope.children().next().unwrap_or(scope)
    }

    /// The proof that it is signed, where a verified signature covers the ciphertext.
    pub fn signed(&self) -> Option<SignedXml<'_>> {
        let vouched = self.vouched?.clone();
        let element = self.element();
        Some(SignedXml { element, signature: None, vouched, provenance: Provenance::DecryptedFrom })
    }
}

/// The one error of decryption.
fn failed() -> Rejection {
    let expected = "an element that a service key decrypts";
    Rejection::new(Code::Decryption, expected, "one that none does")
}

fn not_allowed(uri: &str) -> Rejection {
    let expected = "AES-GCM, its key by RSA-OAEP";
    Rejection::new(Code::EncryptionAlgorithm, expected, uri.to_owned())
}

fn algorithm(encrypted: Element<'_>) -> Result<&str, Rejection> {
    let method = encrypted.child(ns::XENC, "EncryptionMethod")?;
    Ok(method.and_then(|method| method.attribute("Algorithm")).unwrap_or_default())
}

/// The encrypted keys in the `KeyInfo` of the data and beside the data. A `RetrievalMethod` leads to
/// one of the latter or nowhere.
fn encrypted_keys<'d>(
    encrypted: Element<'d>,
    data: Element<'d>,
    entity_id: &str,
) -> Result<Vec<Element<'d>>, Rejection> {
    let is_key = |child: &Element<'d>| child.is(ns::XENC, "EncryptedKey");
    let inside = data.child(ns::DS, "KeyInfo")?.into_iter().flat_map(Element::children);
    let mut keys: Vec<_> = inside.chain(encrypted.children()).filter(is_key).collect();
    if keys.len() > 1 {
        let recipient = |key: &Element<'d>| key.attribute("Recipient");
        keys.retain(|key| recipient(key).is_none_or(|named| named == entity_id));
        keys.sort_by_key(|key| recipient(key).is_none());
    }
    if keys.is_empty() || keys.len() > MAX_KEYS { Err(failed()) } else { Ok(keys) }
}

/// The bytes of a `CipherValue`. There is no other source: a `CipherReference` is not followed.
fn cipher_value(encrypted: Element<'_>) -> Result<Vec<u8>, Rejection> {
    let data = encrypted.child(ns::XENC, "CipherData")?.ok_or_else(failed)?;
    let value = data.child(ns::XENC, "CipherValue")?.ok_or_else(failed)?;
    decode_base64(&value.text()?).ok_or_else(failed)
}
