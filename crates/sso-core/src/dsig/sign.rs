//! Signing what we send: enveloped signatures, and the octets of a query (SAML Core 5.4, SAML Bindings
//! 3.4.4.1). SHA-256 and up, exclusive canonicalization, the certificate in `KeyInfo`.

use super::algorithms::{DigestAlgorithm, SignatureAlgorithm};
use super::keys::{KeyError, KeyKind};
use super::signature::ENVELOPED;
use crate::xml::{Document, Element, Limits, Writer, c14n, ns};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::x509::X509;

/// Why something cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The element has no ID, so that no reference can name it.
    #[error("the element to sign has no ID")]
    NoId,
    /// The element has no child after which a signature could stand.
    #[error("the element to sign is empty")]
    Empty,
    /// The element has no canonical form.
    #[error("the element to sign has no canonical form")]
    Canonicalization,
    /// The cryptography library refused.
    #[error("the signature could not be made: {0}")]
    Cryptography(#[from] ErrorStack),
}

/// A private key of ours, with its certificate.
#[derive(Debug)]
pub struct SigningKey {
    key: PKey<Private>,
    certificate: Vec<u8>,
    scheme: Scheme,
    digest: DigestAlgorithm,
}

#[derive(Debug, Clone, Copy)]
enum Scheme {
    RsaPkcs1,
    /// With the bytes of r and of s.
    Ecdsa(i32),
}

impl SigningKey {
    /// A private key (PKCS #8, DER) and its certificate (X.509, DER).
    ///
    /// # Errors
    /// [`KeyError`]; `Mismatch` where the certificate is another key's.
    pub fn from_pkcs8_der(private_key: &[u8], certificate: &[u8]) -> Result<Self, KeyError> {
        let key = PKey::private_key_from_pkcs8(private_key).map_err(|_| KeyError::Unreadable)?;
        let public = X509::from_der(certificate)
            .and_then(|certificate| certificate.public_key())
            .map_err(|_| KeyError::Unreadable)?;
        if !key.public_eq(&public) {
            return Err(KeyError::Mismatch);
        }
        let (scheme, digest) = match KeyKind::of(&public)? {
            KeyKind::Rsa { .. } => (Scheme::RsaPkcs1, DigestAlgorithm::Sha256),
            KeyKind::Ec { order: 32 } => (Scheme::Ecdsa(32), DigestAlgorithm::Sha256),
            KeyKind::Ec { order: 48 } => (Scheme::Ecdsa(48), DigestAlgorithm::Sha384),
            KeyKind::Ec { .. } => (Scheme::Ecdsa(66), DigestAlgorithm::Sha512),
            KeyKind::Ed25519 => return Err(KeyError::Unsupported),
        };
        Ok(Self { key, certificate: certificate.to_vec(), scheme, digest })
    }

    /// The URI of the algorithm that it signs with: `SigAlg` in a query.
    pub fn algorithm_uri(&self) -> &'static str {
        match self.scheme {
            Scheme::RsaPkcs1 => SignatureAlgorithm::RsaPkcs1(self.digest).uri(),
            Scheme::Ecdsa(_) => SignatureAlgorithm::Ecdsa(self.digest).uri(),
        }
    }

    /// Signs octets. The value of an elliptic curve is r and s, one after the other.
    ///
    /// # Errors
    /// [`SigningError::Cryptography`].
    pub fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, SigningError> {
        let mut context = PkeyCtx::new(&self.key)?;
        context.sign_init()?;
        if let Scheme::RsaPkcs1 = self.scheme {
            context.set_rsa_padding(Padding::PKCS1)?;
        }
        context.set_signature_md(self.digest.md())?;
        let mut value = Vec::new();
        context.sign_to_vec(self.digest.digest(octets).as_ref(), &mut value)?;
        if let Scheme::Ecdsa(order) = self.scheme {
            let signature = EcdsaSig::from_der(&value)?;
            value = signature.r().to_vec_padded(order)?;
            value.extend(signature.s().to_vec_padded(order)?);
        }
        Ok(value)
    }
}

/// Signs a message of ours as a whole.
///
/// # Errors
/// [`SigningError`].
pub fn sign_message(message: &str, key: &SigningKey) -> Result<String, SigningError> {
    let document = Document::parse(message.as_bytes(), &Limits::MESSAGE)
        .map_err(|_| SigningError::Canonicalization)?;
    sign(document.root(), key)
}

/// Signs an element where it stands, and gives the text of its whole document with the signature put
/// where the schema has it: after the element's Issuer, or before its first child where it has none; in
/// SAML 1.1 after its last child.
///
/// # Errors
/// [`SigningError`].
pub fn sign(element: Element<'_>, key: &SigningKey) -> Result<String, SigningError> {
    let id = element.id().filter(|id| !id.is_empty()).ok_or(SigningError::NoId)?;
    let first = element.children().next().ok_or(SigningError::Empty)?;
    let mut octets = Vec::new();
    c14n::exclusive(element, "", None, &mut octets).map_err(|_| SigningError::Canonicalization)?;
    let digest = STANDARD.encode(key.digest.digest(&octets));

    // Written as its canonical form is, but for the declaration that canonical form repeats on it.
    let signed_info = |namespace: &[(&'static str, &str)]| {
        let mut writer = Writer::new();
        writer.start("ds:SignedInfo", namespace);
        method(&mut writer, "ds:CanonicalizationMethod", ns::EXC_C14N);
        method(&mut writer, "ds:SignatureMethod", key.algorithm_uri());
        writer.start("ds:Reference", &[("URI", &format!("#{id}"))]).start("ds:Transforms", &[]);
        method(&mut writer, "ds:Transform", ENVELOPED);
        method(&mut writer, "ds:Transform", ns::EXC_C14N);
        writer.end();
        method(&mut writer, "ds:DigestMethod", key.digest.uri());
        writer.leaf("ds:DigestValue", &[], &digest);
        writer.finish()
    };
    let value = key.sign(signed_info(&[("xmlns:ds", ns::DS)]).as_bytes())?;

    let mut writer = Writer::new();
    writer.start("ds:Signature", &[("xmlns:ds", ns::DS)]).element(&signed_info(&[]));
    writer.leaf("ds:SignatureValue", &[], &STANDARD.encode(value));
    writer.start("ds:KeyInfo", &[]).start("ds:X509Data", &[]);
    writer.leaf("ds:X509Certificate", &[], &STANDARD.encode(&key.certificate));
    let signature = writer.finish();

    let text = element.document_text();
    let last = element.children().last().unwrap_or(first);
    let place = match element.namespace() {
        ns::SAML1 => last.source_range().end,
        _ if first.is(ns::SAML, "Issuer") => first.source_range().end,
        _ => first.source_range().start,
    };
    let (before, after) = text.split_at_checked(place).ok_or(SigningError::Empty)?;
    Ok([before, &signature, after].concat())
}

/// Writes an element that names an algorithm, with an end tag as in canonical form.
fn method(writer: &mut Writer, name: &'static str, algorithm: &str) {
    writer.start(name, &[("Algorithm", algorithm)]).end();
}
