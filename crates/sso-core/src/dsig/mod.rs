//! XML Signature as SAML profiles it: verification, and the proof that it happened (SPEC 4.2, SAML
//! Core 5.4, XML Signature 1.1).
//!
//! [`signature_of`] looks at the structure alone and costs no cryptography; [`verify`] holds the
//! signature to the connection's keys and returns [`SignedXml`], which nothing else can make.
//! [`decrypt`] knows what a signature over ciphertext is worth; [`sign`] makes signatures of ours.
//! Refused: every reference but the one to the element that holds the signature, every transform but
//! enveloped-signature with exclusive canonicalization (inclusive in SAML 1.1 and metadata alone), HMAC,
//! MD5, DSA, keys out of the message, and whatever the connection has not granted.

mod aggregate;
mod algorithms;
mod decrypt;
mod encryption;
mod keys;
mod pss;
#[cfg(feature = "second-opinion")]
pub(crate) mod second_opinion;
mod sign;
mod signature;
mod signed;
mod verify;

pub(crate) use aggregate::GroupSignature;
pub use algorithms::{DigestAlgorithm, SignatureAlgorithm};
pub use decrypt::{Decrypted, Plaintext, Recipient, decrypt};
pub use encryption::DecryptionKey;
pub use keys::{KeyError, KeyKind, TrustedKey, TrustedKeys};
pub use sign::{SigningError, SigningKey, sign, sign_message};
pub use signature::{Signature, signature_of};
pub use signed::{Provenance, SignedXml};
pub use verify::{Policy, verify};
pub(crate) use verify::{QuerySignature, verify_query};
