//! Making a key pair and its self-signed certificate (SPEC 7). The certificate says nothing but which
//! key it is and how long: an IdP pins it, nobody builds a chain to it.

use crate::random::{self, Random};
use crate::setting::{InvalidSetting, check_text};
use openssl::ec::{EcGroup, EcKey, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, IsCa, KeyUsagePurpose, PublicKeyData,
    SerialNumber, SignatureAlgorithm, SigningKey,
};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use time::{Duration, OffsetDateTime};

/// How many days a certificate may be valid (SPEC 7).
const VALID_DAYS: RangeInclusive<u32> = 90..=3652;
/// The most characters of a common name (RFC 5280, `ub-common-name`).
const MAX_ALIAS: usize = 64;

/// Which key is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NewKey {
    /// RSA of 2048 bits.
    #[default]
    Rsa2048,
    /// RSA of 3072 bits.
    Rsa3072,
    /// RSA of 4096 bits.
    Rsa4096,
    /// An elliptic curve key on P-256. It signs, but nothing can be encrypted to it.
    P256,
}

/// A key pair that was made, and its certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct GeneratedCertificate {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// The private key, PKCS#8 DER.
    pub private_key: Vec<u8>,
}

impl std::fmt::Debug for GeneratedCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GeneratedCertificate").field("der", &self.der).finish_non_exhaustive()
    }
}

/// Why no certificate was made.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// `alias` or `valid_days` cannot be.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// openssl or the certificate's encoding failed; the text is for the log.
    #[error("the certificate could not be made: {0}")]
    Engine(String),
}

impl From<ErrorStack> for GenerateError {
    fn from(error: ErrorStack) -> Self {
        Self::Engine(error.to_string())
    }
}

impl From<rcgen::Error> for GenerateError {
    fn from(error: rcgen::Error) -> Self {
        Self::Engine(error.to_string())
    }
}

/// Makes a key pair and a certificate for it, signed by itself, with `alias` as its common name (1 to
/// 64 characters), valid from `now` (UTC, whole seconds) for 90 to 3652 days.
///
/// The serial number comes from `random`, the key from openssl. A key of RSA 4096 can take a second:
/// call it where blocking is allowed.
///
/// # Errors
/// [`GenerateError::Setting`] naming `alias` or `valid_days`; [`GenerateError::Engine`].
pub fn generate(
    alias: &str,
    valid_days: u32,
    key: NewKey,
    now: OffsetDateTime,
    random: &dyn Random,
) -> Result<GeneratedCertificate, GenerateError> {
    check_alias(alias)?;
    let not_before = now.replace_nanosecond(0).unwrap_or(now);
    let not_after = not_before
        .checked_add(Duration::days(i64::from(valid_days)))
        .filter(|_| VALID_DAYS.contains(&valid_days))
        .ok_or_else(|| InvalidSetting::value("valid_days", "It must be 90 to 3652."))?;

    let key = KeyPair::make(key)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, alias);
    params.serial_number = Some(serial(random));
    params.not_before = not_before;
    params.not_after = not_after;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = key.usages();
    let der = params.self_signed(&key)?.der().to_vec();
    Ok(GeneratedCertificate { der, private_key: key.private_pkcs8()? })
}

/// Holds what an administrator calls a certificate to 1 to 64 characters, none of them a control
/// character.
///
/// # Errors
/// [`InvalidSetting`] naming `alias`.
pub fn check_alias(alias: &str) -> Result<(), InvalidSetting> {
    check_text("alias", alias, 1..=MAX_ALIAS)
}

/// 127 random bits: positive and at most 20 octets (RFC 5280 4.1.2.2), and never zero.
fn serial(random: &dyn Random) -> SerialNumber {
    let [first, rest @ ..] = random::bytes::<16>(random);
    let mut serial = vec![first & 0x7f | 0x40];
    serial.extend(rest);
    SerialNumber::from(serial)
}

/// An openssl key as rcgen sees one.
pub(super) struct KeyPair {
    private: PKey<Private>,
    /// The content of the public key's bit string.
    public: Vec<u8>,
    algorithm: &'static SignatureAlgorithm,
}

impl KeyPair {
    pub(super) fn make(key: NewKey) -> Result<Self, ErrorStack> {
        let bits = match key {
            NewKey::Rsa2048 => 2048,
            NewKey::Rsa3072 => 3072,
            NewKey::Rsa4096 => 4096,
            NewKey::P256 => return Self::p256(),
        };
        let rsa = Rsa::generate(bits)?;
        let public = rsa.public_key_to_der_pkcs1()?;
        let algorithm = &rcgen::PKCS_RSA_SHA256;
        Ok(Self { private: PKey::from_rsa(rsa)?, public, algorithm })
    }

    fn p256() -> Result<Self, ErrorStack> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let ec = EcKey::generate(&group)?;
        let form = PointConversionForm::UNCOMPRESSED;
        let public =
            ec.public_key().to_bytes(&group, form, &mut *openssl::bn::BigNumContext::new()?)?;
        let algorithm = &rcgen::PKCS_ECDSA_P256_SHA256;
        Ok(Self { private: PKey::from_ec_key(ec)?, public, algorithm })
    }

    /// The private key, PKCS#8 DER.
    pub(super) fn private_pkcs8(&self) -> Result<Vec<u8>, ErrorStack> {
        self.private.private_key_to_pkcs8()
    }

    /// A key is encrypted to with RSA alone (RFC 5480 3 has no keyEncipherment for curves).
    pub(super) fn usages(&self) -> Vec<KeyUsagePurpose> {
        match self.private.rsa() {
            Ok(_) => vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment],
            Err(_) => vec![KeyUsagePurpose::DigitalSignature],
        }
    }
}

impl PublicKeyData for KeyPair {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

impl SigningKey for KeyPair {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let sign = || {
            let mut signer = Signer::new(MessageDigest::sha256(), &self.private)?;
            signer.sign_oneshot_to_vec(message)
        };
        sign().map_err(|_: ErrorStack| rcgen::Error::RemoteKeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certs::inspect;
    use openssl::x509::X509;
    use time::macros::datetime;

    struct Ones;
    impl Random for Ones {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0xff);
        }
    }

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00:00.5 UTC);

    #[test]
    fn each_key_makes_a_certificate_that_verifies_by_itself() {
        for (key, algorithm, bits, signature) in [
            (NewKey::Rsa2048, "RSA", 2048, "sha256WithRSAEncryption"),
            (NewKey::Rsa3072, "RSA", 3072, "sha256WithRSAEncryption"),
            (NewKey::Rsa4096, "RSA", 4096, "sha256WithRSAEncryption"),
            (NewKey::P256, "EC", 256, "ecdsa-with-SHA256"),
        ] {
            let made = generate("Sign-in 2026 ü", 90, key, NOW, &Ones).expect("made");
            let x509 = X509::from_der(&made.der).expect("readable by openssl");
            let private = PKey::private_key_from_pkcs8(&made.private_key).expect("PKCS#8");
            assert!(x509.verify(&private).expect("checked"), "{key:?} signs itself");
            assert!(x509.public_key().expect("a key").public_eq(&private));

            let details = inspect(&made.der).expect("inspected");
            assert_eq!(details.subject, "CN=Sign-in 2026 ü");
            assert_eq!(details.issuer, details.subject);
            assert_eq!(details.version, 3);
            assert_eq!(details.serial, "7fffffffffffffffffffffffffffffff");
            assert_eq!(details.signature_algorithm, signature);
            assert_eq!(
                (details.public_key.algorithm.as_str(), details.public_key.bits),
                (algorithm, bits)
            );
            assert_eq!(details.not_before, datetime!(2026-11-21 12:00 UTC));
            assert_eq!(details.not_after, datetime!(2027-02-19 12:00 UTC));
        }
    }

    #[test]
    fn a_key_that_cannot_be_encrypted_to_does_not_say_so() {
        let usage = |key| {
            let made = generate("a", 365, key, NOW, &Ones).expect("made");
            let text = X509::from_der(&made.der).and_then(|x| x.to_text()).expect("text");
            String::from_utf8(text).expect("UTF-8").contains("Key Encipherment")
        };
        assert!(usage(NewKey::Rsa2048));
        assert!(!usage(NewKey::P256));
    }

    #[test]
    fn alias_and_validity_are_held_to_their_bounds() {
        let refused = |alias: &str, days| match generate(alias, days, NewKey::P256, NOW, &Ones) {
            Err(GenerateError::Setting(invalid)) => Some(invalid.field.into_owned()),
            Err(error) => panic!("{error}"),
            Ok(_) => None,
        };
        let long = "x".repeat(64);
        for (alias, days) in [("a", 90), ("a", 3652), (long.as_str(), 365)] {
            assert_eq!(refused(alias, days), None, "{alias} {days}");
        }
        for days in [0, 89, 3653, u32::MAX] {
            assert_eq!(refused("a", days).as_deref(), Some("valid_days"), "{days}");
        }
        for alias in ["", "a\n", &format!("{long}x")] {
            assert_eq!(refused(alias, 365).as_deref(), Some("alias"), "{alias:?}");
        }
    }

    #[test]
    fn a_private_key_is_not_printed() {
        let made = generate("a", 90, NewKey::P256, NOW, &Ones).expect("made");
        assert!(!format!("{made:?}").contains("private_key"));
    }
}
