//! A service certificate with its private key, as an administrator hands it in: PEM or PKCS#12
//! (SPEC 7). Which of the certificates is the service's is told by the key; of the others those are kept
//! that stand above it, each signed by the next.

use super::read::{self, CertificateError, SmallestRsa};
use openssl::error::ErrorStack;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{Id, PKey, Private};
use openssl::x509::{X509, X509VerifyResult};

/// What marks the ends of a private key's block in PEM, whatever its kind.
const KEY: &str = "PRIVATE KEY-----";

/// A certificate and its private key.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedCertificate {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// The certificates above it, DER, each signed by the next.
    pub chain: Vec<Vec<u8>>,
    /// The private key, PKCS#8 DER.
    pub private_key: Vec<u8>,
}

impl std::fmt::Debug for ImportedCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportedCertificate").field("der", &self.der).finish_non_exhaustive()
    }
}

/// Why a certificate with its key is not taken. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ImportError {
    /// There is no certificate, or not one that can be taken.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The key is of a kind that nothing is signed with here.
    #[error(
        "The key cannot sign here: it is neither RSA nor on the curves P-256, P-384 and P-521."
    )]
    KeyCannotSign,
    /// There is no private key.
    #[error("This holds no private key. Give the certificate together with its key.")]
    PrivateKeyMissing,
    /// There is a private key, but not one that can be read.
    #[error("The private key cannot be read, or there is more than one.")]
    PrivateKeyUnreadable,
    /// The private key is of another certificate.
    #[error("The private key belongs to none of the certificates.")]
    PrivateKeyMismatch,
    /// The passphrase does not open it.
    #[error("The passphrase does not open it. Send it as X-Passphrase.")]
    WrongPassphrase,
    /// The PKCS#12 file is not encrypted as one is today.
    #[error("The PKCS#12 file cannot be opened: export it again, encrypted with AES.")]
    Pkcs12NotSupported,
}

impl ImportError {
    /// The stable name in snake_case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate(error) => error.as_str(),
            Self::KeyCannotSign => CertificateError::KeyNotSupported.as_str(),
            Self::PrivateKeyMissing => "private_key_missing",
            Self::PrivateKeyUnreadable => "private_key_unreadable",
            Self::PrivateKeyMismatch => "private_key_mismatch",
            Self::WrongPassphrase => "wrong_passphrase",
            Self::Pkcs12NotSupported => "pkcs12_not_supported",
        }
    }
}

/// Reads a certificate and its private key from PEM (the key and the chain in any order, text around
/// them passed over) or PKCS#12. `passphrase` opens an encrypted key; it is empty where there is none.
///
/// A passphrase is stretched for as long as the file says: call it where blocking is allowed.
///
/// # Errors
/// [`ImportError`]
pub fn import(bytes: &[u8], passphrase: &str) -> Result<ImportedCertificate, ImportError> {
    let (certificates, key) = match Pkcs12::from_der(bytes) {
        Ok(file) => from_pkcs12(&file, passphrase)?,
        Err(_) => from_pem(bytes, passphrase)?,
    };
    let is_its =
        |certificate: &&X509| certificate.public_key().is_ok_and(|its| its.public_eq(&key));
    let certificate = certificates.iter().find(is_its).ok_or(ImportError::PrivateKeyMismatch)?;
    let der = read::accepted(certificate, SmallestRsa::Bits2048)?;
    if key.id() == Id::ED25519 {
        return Err(ImportError::KeyCannotSign);
    }
    let private_key = key.private_key_to_pkcs8().map_err(|_| ImportError::PrivateKeyUnreadable)?;
    Ok(ImportedCertificate { der, chain: chain(certificate, &certificates), private_key })
}

/// The certificates above one, DER, each signed by the next, as far as they were sent.
pub(super) fn chain(certificate: &X509, sent: &[X509]) -> Vec<Vec<u8>> {
    let mut chain: Vec<&X509> = Vec::new();
    let mut below = certificate;
    // One that signs itself, or one below it, would go on for ever.
    let is_new = |chain: &[&X509], found: &X509| {
        !chain.iter().copied().chain([certificate]).any(|known| same(known, found))
    };
    while let Some(above) = sent.iter().find(|found| is_new(&chain, found) && signed(below, found))
    {
        chain.push(above);
        below = above;
    }
    chain.iter().filter_map(|certificate| certificate.to_der().ok()).collect()
}

fn same(one: &X509, other: &X509) -> bool {
    matches!((one.to_der(), other.to_der()), (Ok(one), Ok(other)) if one == other)
}

fn signed(below: &X509, by: &X509) -> bool {
    let names_fit = by.issued(below) == X509VerifyResult::OK;
    names_fit && by.public_key().and_then(|key| below.verify(&key)).unwrap_or(false)
}

fn from_pkcs12(file: &Pkcs12, passphrase: &str) -> Result<(Vec<X509>, PKey<Private>), ImportError> {
    if passphrase.contains('\0') {
        return Err(ImportError::WrongPassphrase);
    }
    let content = file.parse2(passphrase).map_err(|error| match is_wrong_passphrase(&error) {
        true => ImportError::WrongPassphrase,
        false => ImportError::Pkcs12NotSupported,
    })?;
    let mut certificates: Vec<X509> = content.cert.into_iter().collect();
    certificates.extend(content.ca.into_iter().flatten());
    let key = content.pkey.ok_or(ImportError::PrivateKeyMissing)?;
    if certificates.is_empty() {
        return Err(CertificateError::NotACertificate.into());
    }
    Ok((certificates, key))
}

/// The file is authenticated by a key that is made of the passphrase.
fn is_wrong_passphrase(error: &ErrorStack) -> bool {
    error.errors().iter().any(|error| error.reason() == Some("mac verify failure"))
}

fn from_pem(bytes: &[u8], passphrase: &str) -> Result<(Vec<X509>, PKey<Private>), ImportError> {
    let text = std::str::from_utf8(bytes).map_err(|_| missing_in(bytes))?;
    let block = match key_blocks(text).as_slice() {
        [] => return Err(missing_in(bytes)),
        [block] => *block,
        _ => return Err(ImportError::PrivateKeyUnreadable),
    };
    let is_encrypted = block.contains("ENCRYPTED");
    // With a passphrase always: without one, openssl would ask for it at the terminal.
    let key = PKey::private_key_from_pem_passphrase(block.as_bytes(), passphrase.as_bytes())
        .map_err(|_| match is_encrypted {
            true => ImportError::WrongPassphrase,
            false => ImportError::PrivateKeyUnreadable,
        })?;
    Ok((read::certificates_in(text)?, key))
}

/// What stands there where no private key does.
fn missing_in(bytes: &[u8]) -> ImportError {
    match read::read_certificates(bytes, SmallestRsa::Bits2048) {
        Ok(_) => ImportError::PrivateKeyMissing,
        Err(CertificateError::PrivateKeyGiven) => CertificateError::NotACertificate.into(),
        Err(error) => error.into(),
    }
}

/// The blocks of a PEM text that hold private keys.
fn key_blocks(text: &str) -> Vec<&str> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(KEY) {
        // The mark stands in the first line of a block, and again in its last.
        let start = before.rfind("-----BEGIN ").unwrap_or(before.len());
        let length = after.find(KEY).map_or(after.len(), |end| end + KEY.len());
        let end = before.len() + KEY.len() + length;
        blocks.extend(rest.get(start..end));
        rest = rest.get(end..).unwrap_or_default();
    }
    blocks
}

#[cfg(test)]
mod tests;
