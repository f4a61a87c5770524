//! What a certificate says of itself, for people to compare (SPEC 6, certificate). Nothing here
//! decides anything: trust comes from the connection.

use super::read::CertificateError;
use crate::encoding::encode_hex;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::sha256;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::objects::{oid_registry, oid2sn};
use x509_parser::oid_registry::{OID_SIG_ED25519, Oid};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// The certificate shape of SPEC 6, without what the store adds (`id`, `alias`, `state`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CertificateDetails {
    /// The X.509 version, as people count: 3.
    pub version: u32,
    /// SHA-256 of the DER, lower-case hex.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{64}$"))]
    pub fingerprint_sha256: String,
    /// Whose it is, as a distinguished name.
    pub subject: String,
    /// Who signed it, as a distinguished name.
    pub issuer: String,
    /// The serial number, lower-case hex.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]+$"))]
    pub serial: String,
    /// By which algorithm it is signed, in the names of openssl.
    pub signature_algorithm: String,
    /// Its key.
    pub public_key: PublicKeyDetails,
    /// From when it is valid, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// Until when it is valid, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// The certificate in PEM.
    #[cfg_attr(feature = "openapi", schema(pattern = "^-----BEGIN CERTIFICATE-----\n"))]
    pub pem: String,
}

/// The key of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKeyDetails {
    /// `RSA`, `EC`, `Ed25519`, or the object identifier of another.
    pub algorithm: String,
    /// The bits of the modulus or of the curve; 0 where they are not known.
    pub bits: u32,
}

/// Reads a certificate in DER.
///
/// # Errors
/// [`CertificateError::NotACertificate`]
pub fn inspect(der: &[u8]) -> Result<CertificateDetails, CertificateError> {
    let (rest, certificate) =
        X509Certificate::from_der(der).map_err(|_| CertificateError::NotACertificate)?;
    if !rest.is_empty() {
        return Err(CertificateError::NotACertificate);
    }
    Ok(CertificateDetails {
        version: certificate.version().0.saturating_add(1),
        fingerprint_sha256: fingerprint(der),
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        serial: encode_hex(certificate.raw_serial()),
        signature_algorithm: name(&certificate.signature_algorithm.algorithm),
        public_key: public_key(certificate.public_key()),
        not_before: certificate.validity().not_before.to_datetime(),
        not_after: certificate.validity().not_after.to_datetime(),
        pem: to_pem("CERTIFICATE", der),
    })
}

/// SHA-256 of a certificate or key in DER, lower-case hex: what people compare.
pub fn fingerprint(der: &[u8]) -> String {
    encode_hex(&sha256(der))
}

fn public_key(info: &SubjectPublicKeyInfo<'_>) -> PublicKeyDetails {
    let oid = &info.algorithm.algorithm;
    let (algorithm, bits) = match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => ("RSA".to_owned(), rsa.key_size()),
        Ok(PublicKey::EC(point)) => ("EC".to_owned(), curve_bits(info, point.key_size())),
        _ if *oid == OID_SIG_ED25519 => ("Ed25519".to_owned(), 256),
        _ => (oid.to_id_string(), 0),
    };
    PublicKeyDetails { algorithm, bits: u32::try_from(bits).unwrap_or(0) }
}

/// A point is whole bytes, the order of P-521 is not.
fn curve_bits(info: &SubjectPublicKeyInfo<'_>, point_bits: usize) -> usize {
    const P521: &str = "1.3.132.0.35";
    let curve = info.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
    if curve.is_some_and(|oid| oid.to_id_string() == P521) { 521 } else { point_bits }
}

fn name(oid: &Oid<'_>) -> String {
    oid2sn(oid, oid_registry()).map_or_else(|_| oid.to_id_string(), str::to_owned)
}

/// DER as PEM with a label (RFC 7468).
pub fn to_pem(label: &str, der: &[u8]) -> String {
    let mut pem = format!("-----BEGIN {label}-----\n");
    let body = STANDARD.encode(der);
    for (n, c) in body.chars().enumerate() {
        if n > 0 && n % 64 == 0 {
            pem.push('\n');
        }
        pem.push(c);
    }
    pem.push_str(&format!("\n-----END {label}-----\n"));
    pem
}
