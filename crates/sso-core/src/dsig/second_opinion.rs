//! samael with libxmlsec1 and libxml2 verifies a document that our engine has verified (SPEC 4.7).
//!
//! It gets the bytes that came, never ours written again, and the certificates whose keys made the
//! signatures. It parses, resolves, canonicalizes and verifies by itself; every signature in the document
//! has to hold. Its own reduction of the document to what is signed is not used, for its time grows
//! exponentially with comments, which anybody can add: it says which octets were hashed, and those are read.

use super::algorithms::SignatureAlgorithm;
use super::keys::TrustedKeys;
use super::signed::SignedXml;
use crate::connection::LegacyCrypto;
use crate::error::{Code, Rejection};
use samael::crypto::AllowedSignatureAlgorithm as Allowed;
use samael::crypto::{
    CertificateDer, Crypto, CryptoError, CryptoProvider as _, ReduceMode, XmlSecProviderError,
};

/// The signatures that samael may take, and so the digests. SHA-1 it knows only where it takes anything.
const ALLOWED: [Allowed; 6] = [
    Allowed::RsaSha256,
    Allowed::RsaSha384,
    Allowed::RsaSha512,
    Allowed::EcdsaSha256,
    Allowed::EcdsaSha384,
    Allowed::EcdsaSha512,
];

/// The octets that the signatures of a document are over, as libxmlsec1 hashed them: where there are
/// several signatures, those of the response. `signed` is what our engine says of each signature in it.
///
/// # Errors
/// `second_opinion_unavailable` for an algorithm or key that libxmlsec1 is not given;
/// `second_opinion_differs` where it refuses.
pub(crate) fn hashed_octets(
    document: &[u8],
    signed: &[&SignedXml<'_>],
    keys: &TrustedKeys,
) -> Result<String, Rejection> {
    let certificates: Vec<_> =
        signed.iter().map(|signed| certificate(signed, keys)).collect::<Result<_, _>>()?;
    let by_grant = signed.iter().any(|signed| signed.legacy_used().contains(&LegacyCrypto::Sha1));
    let allowed = (!by_grant).then_some(ALLOWED.as_slice());
    let text = std::str::from_utf8(document).map_err(|_| differs("text that is not UTF-8"))?;
    Crypto::reduce_xml_to_signed_with_allowed_algorithms(
        text,
        &certificates,
        ReduceMode::PreDigest,
        allowed,
    )
    .map_err(refused)
}

/// The certificate whose key made a signature, for an algorithm that libxmlsec1 knows.
fn certificate(signed: &SignedXml<'_>, keys: &TrustedKeys) -> Result<CertificateDer, Rejection> {
    match signed.signature_algorithm() {
        SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::Ecdsa(_) => {}
        other => return Err(unavailable(other.uri())),
    }
    let mut certificates = keys.iter().filter(|key| key.fingerprint() == signed.fingerprint());
    let certificate = certificates.find_map(|key| key.certificate());
    Ok(certificate.ok_or_else(|| unavailable("a bare key"))?.to_vec().into())
}

/// The refusal of a message on which the engines do not agree.
pub(crate) fn differs(found: impl Into<String>) -> Rejection {
    let expected = "a second engine that verifies the message and reads the same in it";
    Rejection::new(Code::SecondOpinionDiffers, expected, found.into())
}

/// The refusal of a message that libxmlsec1 is not given.
fn unavailable(found: &'static str) -> Rejection {
    let expected =
        "RSA PKCS#1 v1.5 or ECDSA, by a key with a certificate, and IDs that are NCNames";
    Rejection::new(Code::SecondOpinionUnavailable, expected, found)
}

/// The refusal by samael. It takes no document with an `ID` that is no NCName, as some identity providers
/// have them, against the schema: that says nothing of the signature.
fn refused(error: CryptoError) -> Rejection {
    let CryptoError::CryptoProviderError(cause) = &error else {
        return differs(format!("samael refuses it: {error}"));
    };
    match cause.downcast_ref() {
        Some(XmlSecProviderError::XmlInvalidIdAttribute { .. }) => {
            unavailable("an ID that is no NCName")
        }
        _ => differs(format!("samael refuses it: {cause}")),
    }
}
