//! The keys of an identity provider (SAML Metadata 2.4.1.1). A key without `use` serves both uses:
//! "no signing key" must never come to mean "nothing to check" (ATTACKS SIG-04).

use super::error::MetadataError;
use crate::certs::{CertificateError, SmallestRsa, read_certificates};
use crate::dsig::{KeyKind, TrustedKey};
use crate::error::{Code, Rejection};
use crate::xml::{Element, ns};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;

/// The keys of a role, each once, as DER: a certificate, or a bare SubjectPublicKeyInfo where the
/// document has a key value alone.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) signing: Vec<Vec<u8>>,
    pub(super) encryption: Vec<Vec<u8>>,
    /// Whether a signing key is one of RSA below 2048 bits.
    pub(super) has_short_rsa: bool,
}

/// Reads the keys. One that cannot be used is added to `refused`, with the reason.
pub(super) fn read(role: Element<'_>, refused: &mut Vec<String>) -> Result<Keys, MetadataError> {
    let mut keys = Keys::default();
    let mut reason = None;
    for descriptor in role.children().filter(|child| child.is(ns::MD, "KeyDescriptor")) {
        let (signing, encryption) = match descriptor.attribute("use") {
            None => (true, true),
            Some("signing") => (true, false),
            Some("encryption") => (false, true),
            Some(other) => return Err(unknown_use(other).into()),
        };
        let key = match key(descriptor.required_child(ns::DS, "KeyInfo")?)? {
            Ok(key) => key,
            Err(error) => {
                refused.push(format!("KeyDescriptor: {}", error.as_str()));
                if signing {
                    reason = Some(error);
                }
                continue;
            }
        };
        if signing {
            keys.has_short_rsa |= is_short_rsa(&key);
            add(&mut keys.signing, &key);
        }
        if encryption {
            add(&mut keys.encryption, &key);
        }
    }
    match (keys.signing.is_empty(), reason) {
        (false, _) => Ok(keys),
        (true, Some(reason)) => Err(MetadataError::SigningKey(reason)),
        (true, None) => Err(MetadataError::NoSigningKey),
    }
}

fn add(keys: &mut Vec<Vec<u8>>, key: &[u8]) {
    if !keys.iter().any(|known| known == key) {
        keys.push(key.to_vec());
    }
}

/// The one key that a KeyInfo names. Of several certificates the first is of the key; the others are
/// its chain, and trusting an authority's key would let it sign logins.
fn key(info: Element<'_>) -> Result<Result<Vec<u8>, CertificateError>, Rejection> {
    let certificate = info
        .children()
        .filter(|child| child.is(ns::DS, "X509Data"))
        .flat_map(Element::children)
        .find(|child| child.is(ns::DS, "X509Certificate"));
    if let Some(certificate) = certificate {
        let text = certificate.text()?;
        let read = read_certificates(text.as_bytes(), SmallestRsa::Bits1024);
        let first = |certificates: Vec<_>| certificates.into_iter().next();
        return Ok(read.and_then(|all| first(all).ok_or(CertificateError::NotACertificate)));
    }
    if let Some(value) = info.child(ns::DS, "KeyValue")? {
        return key_value(value);
    }
    match info.child(ns::DS11, "DEREncodedKeyValue")? {
        Some(value) => Ok(checked(decoded(value)?)),
        None => Ok(Err(CertificateError::NotACertificate)),
    }
}

fn key_value(value: Element<'_>) -> Result<Result<Vec<u8>, CertificateError>, Rejection> {
    if let Some(rsa) = value.child(ns::DS, "RSAKeyValue")? {
        let modulus = decoded(rsa.required_child(ns::DS, "Modulus")?)?;
        let exponent = decoded(rsa.required_child(ns::DS, "Exponent")?)?;
        return Ok(built(rsa_key(&modulus, &exponent)));
    }
    if let Some(ec) = value.child(ns::DS11, "ECKeyValue")? {
        let curve = ec.required_child(ns::DS11, "NamedCurve")?.attribute("URI");
        let point = decoded(ec.required_child(ns::DS11, "PublicKey")?)?;
        let curve = match curve {
            Some("urn:oid:1.2.840.10045.3.1.7") => Nid::X9_62_PRIME256V1,
            Some("urn:oid:1.3.132.0.34") => Nid::SECP384R1,
            Some("urn:oid:1.3.132.0.35") => Nid::SECP521R1,
            _ => return Ok(Err(CertificateError::KeyNotSupported)),
        };
        return Ok(built(ec_key(curve, &point)));
    }
    Ok(Err(CertificateError::KeyNotSupported))
}

fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let rsa =
        Rsa::from_public_components(BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?)?;
    PKey::from_rsa(rsa)?.public_key_to_der()
}

fn ec_key(curve: Nid, point: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let group = EcGroup::from_curve_name(curve)?;
    let point = EcPoint::from_bytes(&group, point, &mut *BigNumContext::new()?)?;
    let key = EcKey::from_public_key(&group, &point)?;
    key.check_key()?;
    PKey::from_ec_key(key)?.public_key_to_der()
}

fn built(key: Result<Vec<u8>, ErrorStack>) -> Result<Vec<u8>, CertificateError> {
    checked(key.map_err(|_| CertificateError::NotACertificate)?)
}

/// Holds a bare key to what is held of the key of a certificate.
fn checked(der: Vec<u8>) -> Result<Vec<u8>, CertificateError> {
    match TrustedKey::from_public_key_der(&der).map(|key| key.kind()) {
        Ok(KeyKind::Rsa { bits }) if bits < 1024 => Err(CertificateError::KeyTooSmall),
        Ok(_) => Ok(der),
        Err(_) => Err(CertificateError::KeyNotSupported),
    }
}

fn is_short_rsa(der: &[u8]) -> bool {
    TrustedKey::from_der(der)
        .is_ok_and(|key| matches!(key.kind(), KeyKind::Rsa { bits } if bits < 2048))
}

fn decoded(element: Element<'_>) -> Result<Vec<u8>, Rejection> {
    let compact: String = element.text()?.split_ascii_whitespace().collect();
    STANDARD.decode(&compact).map_err(|_| {
        let expected = format!("base64 in {}", element.local_name());
        Rejection::new(Code::SchemaViolation, expected, compact)
    })
}

fn unknown_use(found: &str) -> Rejection {
    Rejection::new(Code::SchemaViolation, "use=\"signing\" or \"encryption\"", found.to_owned())
}
