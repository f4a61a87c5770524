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
    pub(super) signature: Element<'d>,
    pub(super) signature_algorithm: SignatureAlgorithm,
    pub(super) digest_algorithm: DigestAlgorithm,
    pub(super) fingerprint: [u8; 32],
    pub(super) not_after: Option<OffsetDateTime>,
    pub(super) legacy_used: BTreeSet<LegacyCrypto>,
    pub(super) provenance: Provenance,
}

/// How an element came to be covered by a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// The signature is over the element as it stands in the message.
    Signed,
}

impl<'d> SignedXml<'d> {
    /// The signed element.
    pub fn element(&self) -> Element<'d> {
        self.element
    }

    /// The same proof for an element inside the signed one. None for an element elsewhere, and for
    /// anything inside the signature itself, which covers no part of itself (ATTACKS 0.5, XSW-13).
    pub fn covered(&self, element: Element<'d>) -> Option<Self> {
        let covered = element.is_within(self.element) && !element.is_within(self.signature);
        covered.then(|| Self { element, ..self.clone() })
    }

    /// SHA-256 of the certificate (DER) whose key signed.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// When that certificate expires, in UTC; none for a bare key.
    pub fn not_after(&self) -> Option<OffsetDateTime> {
        self.not_after
    }

    /// How it was signed.
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
    }

    /// How it was hashed.
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest_algorithm
    }

    /// The grants that were needed.
    pub fn legacy_used(&self) -> &BTreeSet<LegacyCrypto> {
        &self.legacy_used
    }

    /// How it came to be covered.
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }
}
