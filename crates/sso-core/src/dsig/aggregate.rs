//! A signature over an element that never is in memory whole: the group of an aggregate (SAML Metadata 3.1).
//!
//! The order is turned round: the value is verified first, over `SignedInfo`, so that a document that
//! nobody trusted has signed is refused at its beginning; the digest that the signer vouches for is
//! compared when the group has ended. Until then nothing of it is verified.

use super::algorithms::Hasher;
use super::keys::TrustedKeys;
use super::signature::{Form, Signature};
use super::verify::{Policy, same_digest, verify_value};
use crate::error::Rejection;
use crate::xml::Part;

/// A signature over a group, whose value holds and whose digest is being computed.
pub(crate) struct GroupSignature {
    /// Which of the open groups it is over, the outermost being 0.
    level: usize,
    /// The `PrefixList` of an exclusive form; none for the inclusive one.
    prefix_list: Option<String>,
    hasher: Hasher,
    expected: String,
    /// A buffer that every part uses anew.
    octets: Vec<u8>,
}

impl GroupSignature {
    /// Verifies the value of a signature. `part` is the one that ends with the signature.
    ///
    /// # Errors
    /// As [`verify`](super::verify()), but for the digest.
    pub(crate) fn begin(
        signature: &Signature<'_>,
        part: &Part<'_>,
        keys: &TrustedKeys,
        policy: &Policy<'_>,
    ) -> Result<Self, Rejection> {
        let digest_algorithm = verify_value(signature, keys, policy)?;
        let mut begun = Self {
            level: part.depth().saturating_sub(1),
            prefix_list: match signature.form {
                Form::Exclusive(prefix_list) => Some(prefix_list.to_owned()),
                Form::Inclusive => None,
            },
            hasher: digest_algorithm.hasher(),
            expected: signature.digest_value.as_ref().to_owned(),
            octets: Vec::new(),
        };
        begun.write(part, true)?;
        Ok(begun)
    }

    /// Takes in the next part of the group, its end tag among them.
    ///
    /// # Errors
    /// `canonicalization`
    pub(crate) fn add(&mut self, part: &Part<'_>) -> Result<(), Rejection> {
        self.write(part, false)
    }

    /// Whether the digest was that of the group, once its end was taken in.
    ///
    /// # Errors
    /// `digest_mismatch`
    pub(crate) fn finish(self) -> Result<(), Rejection> {
        same_digest(&self.expected, self.hasher.finish())
    }

    fn write(&mut self, part: &Part<'_>, is_signature: bool) -> Result<(), Rejection> {
        self.octets.clear();
        let prefix_list = self.prefix_list.as_deref();
        part.canonical(self.level, prefix_list, is_signature, &mut self.octets)?;
        self.hasher.update(&self.octets);
        Ok(())
    }
}
