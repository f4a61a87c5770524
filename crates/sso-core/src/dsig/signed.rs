//! The proof that an element is signed.

use super::algorithms::{DigestAlgorithm, SignatureAlgorithm};
use crate::connection::LegacyCrypto;
use crate::xml::Element;
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// An element that a trusted key signed, as it was hashed. Only this module's parent makes one, and
/// messages are read through it alone (DESIGN 3).
#[derive(Debug, Clone)]
pub struct SignedXml<'d> {
    pub(super) element: Element<'d>,
    /// The signature inside the signed element, which it does not cover.
    pub(super) signature: Option<Element<'d>>,
    pub(super) vouched: Vouched,
    pub(super) provenance: Provenance,
}

/// What a signature that holds says of itself.
#[derive(Debug, Clone)]
pub(super) struct Vouched {
    pub(super) signature_algorithm: SignatureAlgorithm,
    /// None where the signature is over a query, which it is made of at once.
    pub(super) digest_algorithm: Option<DigestAlgorithm>,
    pub(super) fingerprint: [u8; 32],
    pub(super) not_after: Option<OffsetDateTime>,
    pub(super) legacy_used: BTreeSet<LegacyCrypto>,
}

/// How an element came to be covered by a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// The signature is over the element as it stands in the message.
    Signed,
    /// The signature is over the ciphertext that the element was decrypted from.
    DecryptedFrom,
    /// The signature is over the query that the whole message came in.
    Query,
}

impl<'d> SignedXml<'d> {
    /// The signed element.
    pub fn element(&self) -> Element<'d> {
        self.element
    }

    /// The same proof for an element inside the signed one. None for an element elsewhere, and for
    /// anything inside the signature itself, which covers no part of itself (ATTACKS 0.5, XSW-13).
    pub fn covered(&self, element: Element<'d>) -> Option<Self> {
        self.covers(element).then(|| Self { element, ..self.clone() })
    }

    pub(super) fn covers(&self, element: Element<'_>) -> bool {
        let in_signature = self.signature.is_some_and(|signature| element.is_within(signature));
        element.is_within(self.element) && !in_signature
    }

    /// SHA-256 of the certificate (DER) whose key signed.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.vouched.fingerprint
    }

    /// When that certificate expires, in UTC; none for a bare key.
    pub fn not_after(&self) -> Option<OffsetDateTime> {
        self.vouched.not_after
    }

    /// How it was signed.
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.vouched.signature_algorithm
    }

    /// How it was hashed, where it was hashed apart from the signature.
    pub fn digest_algorithm(&self) -> Option<DigestAlgorithm> {
        self.vouched.digest_algorithm
    }

    /// The grants that were needed.
    pub fn legacy_used(&self) -> &BTreeSet<LegacyCrypto> {
        &self.vouched.legacy_used
    }

    /// How it came to be covered.
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }
}
