//! The AuthnRequest in a query: its detached signature, then what it says (SAML Bindings 3.4.4.1, SAML
//! Core 3.4.1). Refused: unsigned, signed by another key, meant for somebody else.

use super::service_provider::ServiceProvider;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::sign::Verifier;
use sso_core::dsig::{DigestAlgorithm, SignatureAlgorithm};
use sso_core::xml::{Document, Limits, ns};
use std::io::Read as _;

/// A request of the service.
pub(super) struct AuthnRequest {
    /// Its ID, for the answer's `InResponseTo`.
    pub(super) id: String,
    /// What the answer brings back unchanged.
    pub(super) relay_state: Option<String>,
}

/// Reads the request in a query and holds it to the service's keys.
///
/// # Errors
/// Why it is refused, in a few words.
pub(super) fn read(
    query: &str,
    service: &ServiceProvider,
    destination: &str,
) -> Result<AuthnRequest, String> {
    let raw = |name: &str| {
        let mut values =
            query.split('&').filter(|pair| pair.split_once('=').is_some_and(|(n, _)| n == name));
        values.next().filter(|_| values.next().is_none())
    };
    let value = |name: &str| {
        let pair = raw(name)?;
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };

    // The signature is over the octets as they came, never over values encoded anew.
    let signed: Vec<&str> =
        ["SAMLRequest", "RelayState", "SigAlg"].into_iter().filter_map(raw).collect();
    let signature = value("Signature").and_then(|text| STANDARD.decode(text).ok());
    let signature = signature.ok_or("the request is not signed")?;
    let algorithm = value("SigAlg").unwrap_or_default();
    let algorithm = SignatureAlgorithm::from_uri(&algorithm).ok_or("SigAlg is not known here")?;
    let octets = signed.join("&");
    let holds = |key| verifies(key, algorithm, octets.as_bytes(), &signature).unwrap_or(false);
    if !service.keys.iter().any(holds) {
        return Err("no key of the service's metadata made the signature".to_owned());
    }

    let message = value("SAMLRequest").and_then(|text| STANDARD.decode(text).ok());
    let message = message.ok_or("SAMLRequest is not base64")?;
    let mut xml = Vec::new();
    DeflateDecoder::new(&*message)
        .take(Limits::MESSAGE.bytes as u64 + 1)
        .read_to_end(&mut xml)
        .map_err(|_| "SAMLRequest is not deflated")?;
    let document = Document::parse(&xml, &Limits::MESSAGE).map_err(|e| e.to_string())?;
    let root = document.root();
    if !root.is(ns::SAMLP, "AuthnRequest") {
        return Err(format!("{} is not an AuthnRequest", root.local_name()));
    }
    let issuer = root.required_child(ns::SAML, "Issuer").and_then(|e| e.text());
    if issuer.map_err(|e| e.to_string())? != service.entity_id {
        return Err("the issuer is not the service".to_owned());
    }
    if root.attribute("Destination") != Some(destination) {
        return Err(format!("the Destination is not {destination}"));
    }
    if root.attribute("AssertionConsumerServiceURL").is_some_and(|url| url != service.acs_url) {
        return Err("the answer is wanted at an address that the metadata does not have".to_owned());
    }
    let id = root.id().ok_or("the request has no ID")?.to_owned();
    Ok(AuthnRequest { id, relay_state: value("RelayState") })
}

fn verifies(
    key: &PKey<Public>,
    algorithm: SignatureAlgorithm,
    octets: &[u8],
    value: &[u8],
) -> Result<bool, ErrorStack> {
    let value = match algorithm {
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256) => value.to_vec(),
        // XML Signature 6.4.3: r and s, one after the other; openssl takes them as ASN.1.
        SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256) if value.len() == 64 => {
            let (r, s) = value.split_at(32);
            let (r, s) = (BigNum::from_slice(r)?, BigNum::from_slice(s)?);
            EcdsaSig::from_private_components(r, s)?.to_der()?
        }
        _ => return Ok(false),
    };
    Verifier::new(MessageDigest::sha256(), key)?.verify_oneshot(&value, octets)
}
