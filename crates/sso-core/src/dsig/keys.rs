//! The keys that a connection trusts, parsed once when the connection is loaded and never from a
//! message (SPEC 4.2, ATTACKS KEY-01).

use super::algorithms::SignatureAlgorithm;
use crate::connection::LegacyCrypto;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sha::Sha256;
use openssl::sign::{RsaPssSaltlen, Verifier};
use openssl::x509::X509;
use time::{Duration, OffsetDateTime};

/// Why a key cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The bytes are no certificate or key that can be read.
    #[error("the bytes are not a readable X.509 certificate or key")]
    Unreadable,
    /// The key is neither RSA nor Ed25519 nor on one of the curves P-256, P-384 and P-521.
    #[error("the key is neither RSA nor Ed25519 nor on P-256, P-384 or P-521")]
    Unsupported,
    /// The certificate is of another key than the private one.
    #[error("the certificate does not belong to the private key")]
    Mismatch,
}

/// What a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA, with the bits of its modulus.
    Rsa {
        /// The bits of the modulus.
        bits: u32,
    },
    /// An elliptic curve, with the bytes of its order: 32, 48 or 66.
    Ec {
        /// The bytes of a coordinate in a signature value.
        order: usize,
    },
    /// Ed25519.
    Ed25519,
}

impl KeyKind {
    pub(super) fn of(key: &PKey<Public>) -> Result<Self, KeyError> {
        match key.id() {
            Id::RSA => Ok(Self::Rsa { bits: key.bits() }),
            Id::ED25519 => Ok(Self::Ed25519),
            Id::EC => {
                let ec = key.ec_key().map_err(|_| KeyError::Unreadable)?;
                let order = match ec.group().curve_name() {
                    Some(Nid::X9_62_PRIME256V1) => 32,
                    Some(Nid::SECP384R1) => 48,
                    Some(Nid::SECP521R1) => 66,
                    _ => return Err(KeyError::Unsupported),
                };
                Ok(Self::Ec { order })
            }
            _ => Err(KeyError::Unsupported),
        }
    }
}

/// A key of the identity provider.
#[derive(Debug)]
pub struct TrustedKey {
    key: PKey<Public>,
    kind: KeyKind,
    fingerprint: [u8; 32],
    /// The certificate in DER; empty for a bare key.
    certificate: Vec<u8>,
    not_after: Option<OffsetDateTime>,
}

impl TrustedKey {
    /// The key of an X.509 certificate in DER.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_certificate_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::from_certificate(&X509::from_der(der).map_err(|_| KeyError::Unreadable)?)
    }

    /// The key of what a connection keeps: an X.509 certificate in DER, or a bare public key
    /// (SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::from_certificate_der(der).or_else(|error| match error {
            KeyError::Unreadable => Self::from_public_key_der(der),
            other => Err(other),
        })
    }

    /// The key of the first X.509 certificate in a PEM text.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_certificate_pem(pem: &[u8]) -> Result<Self, KeyError> {
        Self::from_certificate(&X509::from_pem(pem).map_err(|_| KeyError::Unreadable)?)
    }

    fn from_certificate(certificate: &X509) -> Result<Self, KeyError> {
        let der = certificate.to_der().map_err(|_| KeyError::Unreadable)?;
        let key = certificate.public_key().map_err(|_| KeyError::Unreadable)?;
        let not_after = instant(certificate.not_after()).ok_or(KeyError::Unreadable)?;
        Self::new(key, der, Some(not_after))
    }

    /// A bare public key in DER (SubjectPublicKeyInfo). Its fingerprint is that of these bytes.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_public_key_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = PKey::public_key_from_der(der).map_err(|_| KeyError::Unreadable)?;
        Self::new(key, Vec::new(), None)
    }

    fn new(
        key: PKey<Public>,
        certificate: Vec<u8>,
        not_after: Option<OffsetDateTime>,
    ) -> Result<Self, KeyError> {
        let kind = KeyKind::of(&key)?;
        let mut hasher = Sha256::new();
        if certificate.is_empty() {
            hasher.update(&key.public_key_to_der().map_err(|_| KeyError::Unreadable)?);
        } else {
            hasher.update(&certificate);
        }
        Ok(Self { key, kind, fingerprint: hasher.finish(), certificate, not_after })
    }

    /// What the key is.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// SHA-256 of the certificate in DER, or of the bare key.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// When the certificate expires, in UTC; none for a bare key.
    pub fn not_after(&self) -> Option<OffsetDateTime> {
        self.not_after
    }

    /// Its certificate in DER; none for a bare key.
    pub fn certificate(&self) -> Option<&[u8]> {
        (!self.certificate.is_empty()).then_some(&self.certificate)
    }

    /// Whether this is its certificate, in DER.
    pub(super) fn has_certificate(&self, der: &[u8]) -> bool {
        !self.certificate.is_empty() && self.certificate == der
    }

    /// The grant without which the key is too small; `Err` for one that no grant admits.
    pub(super) fn needs(&self) -> Result<Option<LegacyCrypto>, ()> {
        match self.kind {
            KeyKind::Rsa { bits: 2048.. } | KeyKind::Ec { .. } | KeyKind::Ed25519 => Ok(None),
            KeyKind::Rsa { bits: 1024..2048 } => Ok(Some(LegacyCrypto::Rsa1024)),
            KeyKind::Rsa { .. } => Err(()),
        }
    }

    /// Whether the algorithm is one for this type of key (ATTACKS ALG-05).
    pub(super) fn fits(&self, algorithm: SignatureAlgorithm) -> bool {
        use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};
        matches!(
            (self.kind, algorithm),
            (KeyKind::Rsa { .. }, RsaPkcs1(_) | RsaPss(_))
                | (KeyKind::Ec { .. }, Ecdsa(_))
                | (KeyKind::Ed25519, SignatureAlgorithm::Ed25519)
        )
    }

    /// Whether `value` is this key's signature over `message`. A value that is no signature at all
    /// is a wrong one, and so is every error of the library (ATTACKS SI-04, SIG-01).
    ///
    /// This is the primitive alone: whether the algorithm is allowed and what is signed is for
    /// [`verify`](super::verify()) to say.
    pub fn verifies(&self, algorithm: SignatureAlgorithm, message: &[u8], value: &[u8]) -> bool {
        self.try_verify(algorithm, message, value).unwrap_or(false)
    }

    fn try_verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        value: &[u8],
    ) -> Result<bool, openssl::error::ErrorStack> {
        match (algorithm, self.kind) {
            (SignatureAlgorithm::RsaPkcs1(digest), KeyKind::Rsa { .. }) => {
                let mut context = PkeyCtx::new(&self.key)?;
                context.verify_init()?;
                context.set_rsa_padding(Padding::PKCS1)?;
                context.set_signature_md(digest.md())?;
                context.verify(digest.digest(message).as_ref(), value)
            }
            (SignatureAlgorithm::RsaPss(digest), KeyKind::Rsa { .. }) => {
                let mut context = PkeyCtx::new(&self.key)?;
                context.verify_init()?;
                context.set_rsa_padding(Padding::PKCS1_PSS)?;
                context.set_signature_md(digest.md())?;
                context.set_rsa_mgf1_md(digest.md())?;
                context.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
                context.verify(digest.digest(message).as_ref(), value)
            }
            (SignatureAlgorithm::Ecdsa(digest), KeyKind::Ec { order }) => {
                let Some((r, s)) = value.split_at_checked(order) else { return Ok(false) };
                if s.len() != order {
                    return Ok(false);
                }
                let (r, s) = (BigNum::from_slice(r)?, BigNum::from_slice(s)?);
                let signature = EcdsaSig::from_private_components(r, s)?.to_der()?;
                let mut context = PkeyCtx::new(&self.key)?;
                context.verify_init()?;
                context.set_signature_md(digest.md())?;
                context.verify(digest.digest(message).as_ref(), &signature)
            }
            (SignatureAlgorithm::Ed25519, KeyKind::Ed25519) => {
                Verifier::new_without_digest(&self.key)?.verify_oneshot(value, message)
            }
            _ => Ok(false),
        }
    }
}

fn instant(time: &openssl::asn1::Asn1TimeRef) -> Option<OffsetDateTime> {
    let since = Asn1Time::from_unix(0).ok()?.diff(time).ok()?;
    let since = Duration::days(i64::from(since.days)) + Duration::seconds(i64::from(since.secs));
    OffsetDateTime::UNIX_EPOCH.checked_add(since)
}

/// The keys of one connection. It is never empty, so that having no certificate can never mean that
/// no signature is needed (ATTACKS SIG-04).
#[derive(Debug)]
pub struct TrustedKeys {
    first: TrustedKey,
    others: Vec<TrustedKey>,
}

impl TrustedKeys {
    /// The keys, in the order in which they are tried; none where there are none.
    pub fn new(keys: Vec<TrustedKey>) -> Option<Self> {
        let mut keys = keys.into_iter();
        Some(Self { first: keys.next()?, others: keys.collect() })
    }

    /// The keys, in order.
    pub fn iter(&self) -> impl Iterator<Item = &TrustedKey> {
        std::iter::once(&self.first).chain(&self.others)
    }
}
