//! Certificates as an administrator hands them in: PEM, DER, or the bare base64 of a metadata
//! document (SPEC 8). What is no certificate, what is a private key, and what is too weak to trust is
//! told apart.

use super::inspect::inspect;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::x509::X509;

/// Why a certificate is not taken. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CertificateError {
    /// The bytes hold no X.509 certificate.
    #[error("This is not a readable X.509 certificate in PEM or DER.")]
    NotACertificate,
    /// The bytes hold a private key.
    #[error(
        "This holds a private key, which must never leave its owner. Give the certificate alone."
    )]
    PrivateKeyGiven,
    /// The key is too short.
    #[error("The certificate's key is too short: RSA needs 2048 bits, an elliptic curve 256.")]
    KeyTooSmall,
    /// The key is of a kind that no signature here is made with.
    #[error(
        "The certificate's key is neither RSA nor Ed25519 nor on the curves P-256, P-384 and P-521."
    )]
    KeyNotSupported,
    /// The bytes hold more than one certificate.
    #[error("This holds several certificates. Give the one that signs alone, without its chain.")]
    SeveralCertificates,
}

impl CertificateError {
    /// The stable name in snake_case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotACertificate => "not_a_certificate",
            Self::PrivateKeyGiven => "private_key_given",
            Self::KeyTooSmall => "key_too_small",
            Self::KeyNotSupported => "key_not_supported",
            Self::SeveralCertificates => "several_certificates",
        }
    }
}

/// The shortest RSA key that is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SmallestRsa {
    /// 2048 bits.
    #[default]
    Bits2048,
    /// 1024 bits, where the connection grants `rsa1024`.
    Bits1024,
}

impl SmallestRsa {
    fn bits(self) -> u32 {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits1024 => 1024,
        }
    }
}

/// Reads certificates from PEM (one or several, text around them passed over), DER, or base64 of DER.
/// The result is DER, at least one.
///
/// # Errors
/// [`CertificateError`]
pub fn read_certificates(
    bytes: &[u8],
    smallest_rsa: SmallestRsa,
) -> Result<Vec<Vec<u8>>, CertificateError> {
    all(bytes)?.iter().map(|certificate| accepted(certificate, smallest_rsa)).collect()
}

/// Reads certificates of whatever keys, at least one.
pub(super) fn all(bytes: &[u8]) -> Result<Vec<X509>, CertificateError> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN ") => from_pem(text),
        Ok(text) => Ok(vec![from_base64(text)?]),
        Err(_) => Ok(vec![from_der(bytes)?]),
    }
}

/// Reads the one certificate of PEM, DER, or base64 of DER, as DER. Of several none is taken: the
/// others are its chain, and trusting an authority's key would let it sign logins (ATTACKS KEY-06).
///
/// # Errors
/// [`CertificateError`]
pub fn read_certificate(
    bytes: &[u8],
    smallest_rsa: SmallestRsa,
) -> Result<Vec<u8>, CertificateError> {
    let mut certificates = read_certificates(bytes, smallest_rsa)?.into_iter();
    match (certificates.next(), certificates.next()) {
        (Some(certificate), None) => Ok(certificate),
        (None, _) => Err(CertificateError::NotACertificate),
        (Some(_), Some(_)) => Err(CertificateError::SeveralCertificates),
    }
}

fn from_pem(text: &str) -> Result<Vec<X509>, CertificateError> {
    if text.contains("PRIVATE KEY-----") {
        return Err(CertificateError::PrivateKeyGiven);
    }
    certificates_in(text)
}

/// The certificates of a PEM text, at least one. One that cannot be read must not vanish among those
/// that can.
pub(super) fn certificates_in(text: &str) -> Result<Vec<X509>, CertificateError> {
    let certificates = X509::stack_from_pem(text.as_bytes()).unwrap_or_default();
    let written = text.matches("-----BEGIN CERTIFICATE-----").count()
        + text.matches("-----BEGIN X509 CERTIFICATE-----").count();
    if certificates.is_empty() || certificates.len() != written {
        return Err(CertificateError::NotACertificate);
    }
    Ok(certificates)
}

fn from_base64(text: &str) -> Result<X509, CertificateError> {
    let compact: String = text.split_ascii_whitespace().collect();
    match STANDARD.decode(compact) {
        Ok(der) => from_der(&der),
        // A certificate in DER is never text: its second byte is beyond ASCII.
        Err(_) => Err(CertificateError::NotACertificate),
    }
}

fn from_der(der: &[u8]) -> Result<X509, CertificateError> {
    // The bytes are the certificate and nothing behind it.
    let is_whole = |certificate: &X509| certificate.to_der().is_ok_and(|whole| whole == der);
    if let Some(certificate) = X509::from_der(der).ok().filter(is_whole) {
        return Ok(certificate);
    }
    let is_private =
        PKey::private_key_from_pkcs8(der).is_ok() || PKey::private_key_from_der(der).is_ok();
    Err(if is_private {
        CertificateError::PrivateKeyGiven
    } else {
        CertificateError::NotACertificate
    })
}

/// Holds a certificate to what is taken, and gives it as DER.
pub(super) fn accepted(
    certificate: &X509,
    smallest_rsa: SmallestRsa,
) -> Result<Vec<u8>, CertificateError> {
    let der = certificate.to_der().map_err(|_| CertificateError::NotACertificate)?;
    // It will be shown, so both readers must read it.
    inspect(&der)?;
    let key = certificate.public_key().map_err(|_| CertificateError::KeyNotSupported)?;
    check_key(&key, smallest_rsa)?;
    Ok(der)
}

fn check_key(key: &PKey<Public>, smallest_rsa: SmallestRsa) -> Result<(), CertificateError> {
    let small = match key.id() {
        Id::RSA => key.bits() < smallest_rsa.bits(),
        Id::ED25519 => false,
        Id::EC => {
            let curve = key.ec_key().ok().and_then(|ec| ec.group().curve_name());
            match curve {
                Some(Nid::X9_62_PRIME256V1 | Nid::SECP384R1 | Nid::SECP521R1) => false,
                _ if key.bits() < 256 => true,
                _ => return Err(CertificateError::KeyNotSupported),
            }
        }
        _ => return Err(CertificateError::KeyNotSupported),
    };
    if small { Err(CertificateError::KeyTooSmall) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
