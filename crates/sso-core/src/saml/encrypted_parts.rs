//! The parts that are encrypted one by one: an assertion's `EncryptedID` and `EncryptedAttribute`s, a logout
//! request's `EncryptedID` (SAML Core 2.2.4, 2.7.3.2, 3.7.1; SPEC 4.5).
//!
//! They are decrypted where they stand in a verified element, whose signature covers the ciphertext and
//! so vouches for what comes out; from anywhere else nothing is decrypted (ATTACKS ENC-09). Refused: a
//! part that is anything but what may stand in its place.

use super::envelope::placement;
use crate::connection::LegacyCrypto;
use crate::dsig::{self, Decrypted, Plaintext, Recipient, SignedXml};
use crate::error::{Code, Rejection};
use crate::xml::{Element, ns};
use std::collections::BTreeSet;

/// The most encrypted parts of an element: each costs a private-key operation or more.
const MAX_PARTS: usize = 16;

/// The encrypted parts of an element, decrypted and not parsed yet.
pub(crate) struct Ciphertexts<'e>(Vec<(Element<'e>, Plaintext)>);

/// The encrypted parts of an assertion or a logout request, each with the element that was decrypted from it.
#[derive(Debug)]
pub struct EncryptedParts<'p>(Vec<(Element<'p>, Decrypted<'p>)>);

impl<'e> Ciphertexts<'e> {
    /// Decrypts the parts of a verified element.
    ///
    /// # Errors
    /// `schema_violation`, `node_limit` for too many, what [`dsig::decrypt`] refuses.
    pub(crate) fn decrypt(
        signed: &SignedXml<'e>,
        recipient: &Recipient<'_>,
    ) -> Result<Self, Rejection> {
        let parts = encrypted_parts(signed.element());
        if parts.len() > MAX_PARTS {
            let expected = format!("at most {MAX_PARTS} encrypted parts");
            return Err(Rejection::new(Code::NodeLimit, expected, parts.len().to_string()));
        }
        let decrypt = |part| Ok((part, dsig::decrypt(part, recipient, Some(signed))?));
        parts.into_iter().map(decrypt).collect::<Result<_, _>>().map(Self)
    }

    /// The grants that decrypting needed.
    pub(crate) fn legacy_used(&self) -> impl Iterator<Item = LegacyCrypto> {
        let used = self.0.iter().map(|(_, plaintext)| plaintext.legacy_used());
        used.flat_map(BTreeSet::iter).copied()
    }

    /// Parses the parts.
    ///
    /// # Errors
    /// `decrypted_content` for another element than the one that may stand there, `assertion_nested`,
    /// `signature_position`.
    pub(crate) fn parse(&self) -> Result<EncryptedParts<'_>, Rejection> {
        self.0
            .iter()
            .map(|(part, plaintext)| {
                let decrypted = plaintext.parse()?;
                let (element, name) = (decrypted.element(), content_of(*part));
                if !element.is(ns::SAML, name) {
                    let found = element.local_name().to_owned();
                    return Err(Rejection::new(Code::DecryptedContent, name, found));
                }
                placement(element, None, &[])?;
                Ok((*part, decrypted))
            })
            .collect::<Result<_, _>>()
            .map(EncryptedParts)
    }
}

impl EncryptedParts<'_> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What each was decrypted to, in document order: [`Decrypted::text`].
    pub fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|(_, decrypted)| decrypted.text())
    }

    /// What was decrypted from a part, as the signature over the part vouches for it.
    ///
    /// # Errors
    /// `decryption` for an element that is no such part.
    pub(super) fn of(&self, part: Element<'_>) -> Result<SignedXml<'_>, Rejection> {
        let decrypted = self.0.iter().find(|(known, _)| *known == part);
        decrypted.and_then(|(_, decrypted)| decrypted.signed()).ok_or_else(|| {
            let expected = "a part of the verified element that was decrypted";
            Rejection::new(Code::Decryption, expected, part.local_name().to_owned())
        })
    }
}

/// Where the schema has them, and we read them: the `EncryptedID` of the subject, the
/// `EncryptedAttribute`s of the statements, the `EncryptedID` of a logout request. (That of a confirmation is
/// not read.)
fn encrypted_parts(signed: Element<'_>) -> Vec<Element<'_>> {
    let places = signed.children().filter_map(|child| match child.local_name() {
        "Subject" => Some((child, "EncryptedID")),
        "AttributeStatement" => Some((child, "EncryptedAttribute")),
        _ => None,
    });
    let of_request = signed.is(ns::SAMLP, "LogoutRequest").then_some((signed, "EncryptedID"));
    let parts = places
        .chain(of_request)
        .flat_map(|(place, name)| place.children().filter(move |child| child.is(ns::SAML, name)));
    parts.collect()
}

/// What a part holds. (An `EncryptedID` may hold other identifiers too, which we cannot tell people by.)
fn content_of(part: Element<'_>) -> &'static str {
    if part.local_name() == "EncryptedID" { "NameID" } else { "Attribute" }
}
