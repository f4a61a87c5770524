//! Whether a signature holds: the algorithms are allowed, the element is the one that was hashed, and
//! one of the connection's keys made the value (XML Signature 3.2).
//!
//! The checks stand in the order of their cost, and a message makes us do at most one public-key
//! operation for each key of the connection. `KeyInfo` only says which key to try first.

use super::algorithms::{Digest, DigestAlgorithm, SignatureAlgorithm};
use super::keys::{TrustedKey, TrustedKeys};
use super::pss;
use super::signature::{Signature, plain, signature_of, structure};
use super::signed::{Provenance, SignedXml, Vouched};
use crate::connection::LegacyCrypto;
use crate::encoding::decode_base64;
use crate::error::{Code, Rejection};
use crate::xml::{Element, ns};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// What a connection wants of a signature besides its keys.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'p> {
    /// The old algorithms granted to the connection.
    pub grants: &'p BTreeSet<LegacyCrypto>,
    /// The present, in UTC.
    pub now: OffsetDateTime,
    /// Whether a signature by an expired certificate is refused.
    pub enforce_certificate_validity: bool,
}

/// Verifies a signature.
///
/// # Errors
/// `algorithm_not_allowed`, `algorithm_key_mismatch`, `key_too_small`, `canonicalization`,
/// `digest_mismatch`, `signature_invalid`, `untrusted_key`, `certificate_expired`, and
/// `signature_structure` for a parameter that the algorithm does not have.
pub fn verify<'d>(
    signature: &Signature<'d>,
    keys: &TrustedKeys,
    policy: &Policy<'_>,
) -> Result<SignedXml<'d>, Rejection> {
    // 1. The algorithms.
    let (signature_algorithm, digest_algorithm) = algorithms(signature, policy)?;

    // 2. The keys that can have made it.
    let candidates = candidates(keys, signature_algorithm, policy)?;

    // 3. The element as it was hashed.
    let mut octets = Vec::with_capacity(signature.parent.source_range().len() + 1024);
    signature.form.write(signature.parent, Some(signature.element), &mut octets)?;
    same_digest(&signature.digest_value, digest_algorithm.digest(&octets))?;

    // 4. The value.
    let key = maker(signature, signature_algorithm, candidates, keys, octets)?;

    // 5. The certificate.
    Ok(SignedXml {
        element: signature.parent,
        signature: Some(signature.element),
        vouched: vouched(key, signature_algorithm, Some(digest_algorithm), policy)?,
        provenance: Provenance::Signed,
    })
}

/// Verifies all of a signature but the digest of its element: 1, 2, 4 and 5 of [`verify`].
///
/// # Errors
/// As there, but for the digest.
pub(super) fn verify_value(
    signature: &Signature<'_>,
    keys: &TrustedKeys,
    policy: &Policy<'_>,
) -> Result<DigestAlgorithm, Rejection> {
    let (signature_algorithm, digest_algorithm) = algorithms(signature, policy)?;
    let candidates = candidates(keys, signature_algorithm, policy)?;
    let key = maker(signature, signature_algorithm, candidates, keys, Vec::new())?;
    vouched(key, signature_algorithm, Some(digest_algorithm), policy)?;
    Ok(digest_algorithm)
}

/// How the signature was made and the element hashed, where the connection allows it.
fn algorithms(
    signature: &Signature<'_>,
    policy: &Policy<'_>,
) -> Result<(SignatureAlgorithm, DigestAlgorithm), Rejection> {
    let signature_algorithm = method_of(signature.method, policy)?;
    let method = signature.digest_method.attribute("Algorithm").unwrap_or_default();
    let digest_algorithm = DigestAlgorithm::from_uri(method)
        .filter(|algorithm| policy.grants(algorithm.needs()))
        .ok_or_else(|| not_allowed(method))?;
    without_parameters(signature.digest_method)?;
    Ok((signature_algorithm, digest_algorithm))
}

/// The key that made the value. `octets` is a buffer.
fn maker<'k>(
    signature: &Signature<'_>,
    algorithm: SignatureAlgorithm,
    candidates: Vec<&'k TrustedKey>,
    keys: &TrustedKeys,
    mut octets: Vec<u8>,
) -> Result<&'k TrustedKey, Rejection> {
    octets.clear();
    signature.signed_info_form.write(signature.signed_info, None, &mut octets)?;
    let value = decode_base64(&signature.value).ok_or_else(not_base64)?;
    hinted_first(candidates, signature.key_info)
        .into_iter()
        .find(|key| key.verifies(algorithm, &octets, &value))
        .ok_or_else(|| refused(keys, signature.key_info))
}

/// Nothing secret is compared: whoever sends the message knows both sides.
pub(super) fn same_digest(expected: &str, found: Digest) -> Result<(), Rejection> {
    if decode_base64(expected).as_deref() == Some(found.as_ref()) {
        return Ok(());
    }
    Err(Rejection::new(
        Code::DigestMismatch,
        "the digest of the element as it stands",
        "another DigestValue",
    ))
}

/// The signature of a query (SAML Bindings 3.4.4.1).
#[derive(Debug)]
pub(crate) struct QuerySignature {
    /// What it is over, as received.
    pub(crate) octets: String,
    /// `SigAlg`, decoded.
    pub(crate) algorithm: String,
    /// `Signature`, decoded.
    pub(crate) value: String,
}

/// Verifies the signature of a query that `root` is the whole message of. A signature in the message has
/// no place there and proves nothing; but some send one, and then it must hold as well (ATTACKS RED-06).
///
/// # Errors
/// `algorithm_not_allowed`, `algorithm_key_mismatch`, `key_too_small`, `signature_invalid`,
/// `certificate_expired`; for a signature in the message what [`signature_of`] and [`verify`] refuse.
pub(crate) fn verify_query<'d>(
    root: Element<'d>,
    signature: &QuerySignature,
    keys: &TrustedKeys,
    policy: &Policy<'_>,
) -> Result<SignedXml<'d>, Rejection> {
    let inside = signature_of(root)?;
    let algorithm = signature_algorithm(&signature.algorithm, policy)?;
    let candidates = candidates(keys, algorithm, policy)?;
    let value = decode_base64(&signature.value).ok_or_else(not_base64)?;
    let key = candidates
        .into_iter()
        .find(|key| key.verifies(algorithm, signature.octets.as_bytes(), &value))
        .ok_or_else(|| refused(keys, None))?;
    if let Some(inside) = &inside {
        verify(inside, keys, policy)?;
    }
    Ok(SignedXml {
        element: root,
        signature: inside.map(|inside| inside.element),
        vouched: vouched(key, algorithm, None, policy)?,
        provenance: Provenance::Query,
    })
}

impl Policy<'_> {
    fn grants(&self, needed: Option<LegacyCrypto>) -> bool {
        needed.is_none_or(|needed| self.grants.contains(&needed))
    }
}

/// The algorithm of a `SignatureMethod`.
fn method_of(method: Element<'_>, policy: &Policy<'_>) -> Result<SignatureAlgorithm, Rejection> {
    let uri = method.attribute("Algorithm").unwrap_or_default();
    if uri == pss::URI {
        plain(method, &["Algorithm"])?;
        return Ok(SignatureAlgorithm::RsaPss(
            pss::digest(method).ok_or_else(|| not_allowed(uri))?,
        ));
    }
    let algorithm = signature_algorithm(uri, policy)?;
    without_parameters(method)?;
    Ok(algorithm)
}

fn without_parameters(method: Element<'_>) -> Result<(), Rejection> {
    plain(method, &["Algorithm"])?;
    match method.children().next() {
        None => Ok(()),
        Some(_) => Err(structure("no parameter of the algorithm", "one")),
    }
}

fn signature_algorithm(uri: &str, policy: &Policy<'_>) -> Result<SignatureAlgorithm, Rejection> {
    SignatureAlgorithm::from_uri(uri)
        .filter(|algorithm| policy.grants(algorithm.needs()))
        .ok_or_else(|| not_allowed(uri))
}

/// What a signature that holds says of itself, unless its certificate may not be used any more.
fn vouched(
    key: &TrustedKey,
    signature_algorithm: SignatureAlgorithm,
    digest_algorithm: Option<DigestAlgorithm>,
    policy: &Policy<'_>,
) -> Result<Vouched, Rejection> {
    if policy.enforce_certificate_validity
        && let Some(not_after) = key.not_after()
        && not_after < policy.now
    {
        return Err(Rejection::new(
            Code::CertificateExpired,
            "a certificate that has not expired",
            format!("one that expired at {not_after}"),
        ));
    }
    let of_digest = digest_algorithm.and_then(DigestAlgorithm::needs);
    let needed = [signature_algorithm.needs(), of_digest, key.needs().ok().flatten()];
    Ok(Vouched {
        signature_algorithm,
        digest_algorithm,
        fingerprint: *key.fingerprint(),
        not_after: key.not_after(),
        legacy_used: needed.into_iter().flatten().collect(),
    })
}

fn not_base64() -> Rejection {
    Rejection::new(Code::SignatureInvalid, "a signature value in base64", "another text")
}

fn not_allowed(algorithm: &str) -> Rejection {
    Rejection::new(
        Code::AlgorithmNotAllowed,
        "RSA, RSA-PSS, ECDSA or Ed25519, with SHA-256, SHA-384 or SHA-512",
        algorithm.to_owned(),
    )
}

/// The keys of the algorithm's type that are large enough.
fn candidates<'k>(
    keys: &'k TrustedKeys,
    algorithm: SignatureAlgorithm,
    policy: &Policy<'_>,
) -> Result<Vec<&'k TrustedKey>, Rejection> {
    let fitting: Vec<_> = keys.iter().filter(|key| key.fits(algorithm)).collect();
    if fitting.is_empty() {
        return Err(Rejection::new(
            Code::AlgorithmKeyMismatch,
            "an algorithm for a trusted key",
            algorithm.uri(),
        ));
    }
    let allowed = |key: &&TrustedKey| match key.needs() {
        Ok(needed) => policy.grants(needed),
        Err(()) => false,
    };
    let large: Vec<_> = fitting.into_iter().filter(allowed).collect();
    if large.is_empty() {
        return Err(Rejection::new(
            Code::KeyTooSmall,
            "a trusted RSA key of 2048 bits or more",
            "a smaller one",
        ));
    }
    Ok(large)
}

/// The keys, the one whose certificate the message names before the others. Which keys there are
/// is never for the message to say (ATTACKS KEY-01 to KEY-03).
fn hinted_first<'k>(
    mut keys: Vec<&'k TrustedKey>,
    key_info: Option<Element<'_>>,
) -> Vec<&'k TrustedKey> {
    if keys.len() > 1
        && let Some(named) = key_info.and_then(|key_info| certificates(key_info).next())
    {
        keys.sort_by_key(|key| !key.has_certificate(&named));
    }
    keys
}

/// Why no key made the value.
fn refused(keys: &TrustedKeys, key_info: Option<Element<'_>>) -> Rejection {
    let named = key_info.is_some_and(|key_info| {
        let ours = |der: &[u8]| keys.iter().any(|key| key.has_certificate(der));
        let mut certificates = certificates(key_info).peekable();
        match certificates.peek() {
            Some(_) => certificates.any(|der| !ours(&der)),
            None => key_info.descendants().any(|element| {
                element.is(ns::DS, "KeyValue") || element.is(ns::DS11, "DEREncodedKeyValue")
            }),
        }
    });
    if named {
        return Rejection::new(
            Code::UntrustedKey,
            "a signature by a key of this connection",
            "a signature by another key, which the message itself names",
        );
    }
    Rejection::new(
        Code::SignatureInvalid,
        "a signature by a key of this connection",
        "a value that no trusted key made",
    )
}

/// The certificates that a `KeyInfo` shows, in DER. What is unreadable is passed over.
fn certificates<'d>(key_info: Element<'d>) -> impl Iterator<Item = Vec<u8>> {
    key_info
        .descendants()
        .filter(|element| element.is(ns::DS, "X509Certificate"))
        .filter_map(|element| decode_base64(&element.text().ok()?))
}
