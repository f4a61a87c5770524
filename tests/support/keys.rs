//! Keys made anew for each test run, and signatures by hand: what an identity provider or an attacker
//! can make that our own signing never would.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer, Verifier};
use openssl::x509::{X509, X509NameBuilder};
use sso_core::dsig::{SigningKey, TrustedKey};
use sso_core::xml::{Document, Element, Limits, c14n, ns};

/// A key pair with a self-signed certificate, valid from 2025 to 2045.
pub struct TestKey {
    private: PKey<Private>,
    certificate: X509,
}

impl TestKey {
    /// An RSA key of so many bits.
    pub fn rsa(bits: u32) -> Self {
        Self::new(PKey::from_rsa(Rsa::generate(bits).expect("an RSA key")).expect("a key"))
    }

    /// A key on a named curve.
    pub fn ec(curve: Nid) -> Self {
        let group = EcGroup::from_curve_name(curve).expect("a curve");
        Self::new(PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key"))
    }

    /// An Ed25519 key.
    pub fn ed25519() -> Self {
        Self::new(PKey::generate_ed25519().expect("a key"))
    }

    /// The same key with a certificate that expires then (`YYYYMMDDhhmmssZ`).
    pub fn expiring(self, at: &str) -> Self {
        Self::certified(self.private, at)
    }

    fn new(private: PKey<Private>) -> Self {
        Self::certified(private, "20450101000000Z")
    }

    fn certified(private: PKey<Private>, not_after: &str) -> Self {
        let mut name = X509NameBuilder::new().expect("a name");
        name.append_entry_by_text("CN", "idp.test.example").expect("a name");
        let name = name.build();
        let mut builder = X509::builder().expect("a certificate");
        let time = |text| Asn1Time::from_str(text).expect("a time");
        let serial = BigNum::from_u32(1).and_then(|one| one.to_asn1_integer()).expect("a number");
        let digest = match private.id() {
            openssl::pkey::Id::ED25519 => MessageDigest::null(),
            _ => MessageDigest::sha256(),
        };
        builder
            .set_version(2)
            .and_then(|()| builder.set_serial_number(&serial))
            .and_then(|()| builder.set_subject_name(&name))
            .and_then(|()| builder.set_issuer_name(&name))
            .and_then(|()| builder.set_not_before(&time("20250101000000Z")))
            .and_then(|()| builder.set_not_after(&time(not_after)))
            .and_then(|()| builder.set_pubkey(&private))
            .and_then(|()| builder.sign(&private, digest))
            .expect("a certificate");
        Self { private, certificate: builder.build() }
    }

    /// Its certificate in DER.
    pub fn certificate(&self) -> Vec<u8> {
        self.certificate.to_der().expect("DER")
    }

    /// Its private key.
    pub fn private(&self) -> &PKey<Private> {
        &self.private
    }

    /// Its certificate.
    pub fn x509(&self) -> &X509 {
        &self.certificate
    }

    /// Whether `value`, in base64, is its signature over the octets by RSA with SHA-256.
    pub fn signed(&self, octets: &[u8], value: &str) -> bool {
        let value = STANDARD.decode(value).expect("base64");
        let mut verifier =
            Verifier::new(MessageDigest::sha256(), &self.private).expect("a verifier");
        verifier.verify_oneshot(&value, octets).expect("verified")
    }

    /// Its certificate in PEM.
    pub fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().expect("PEM")
    }

    /// Its private key in PEM (PKCS#8).
    pub fn private_pem(&self) -> Vec<u8> {
        self.private.private_key_to_pem_pkcs8().expect("PEM")
    }

    /// Its private key in DER (PKCS#8).
    pub fn private_der(&self) -> Vec<u8> {
        self.private.private_key_to_pkcs8().expect("DER")
    }

    /// As a key that a connection trusts.
    pub fn trusted(&self) -> TrustedKey {
        TrustedKey::from_certificate_der(&self.certificate()).expect("a key to trust")
    }

    /// As a key of ours that signs.
    pub fn signing(&self) -> SigningKey {
        let private = self.private.private_key_to_pkcs8().expect("PKCS #8");
        SigningKey::from_pkcs8_der(&private, &self.certificate()).expect("a key to sign with")
    }

    /// The value of a signature by an algorithm of XML Signature. One that does not exist gets the
    /// value of RSA with SHA-256.
    pub fn value(&self, algorithm: &str, octets: &[u8]) -> Vec<u8> {
        let name = algorithm.rsplit(['#', '/']).next().unwrap_or_default();
        let digest = match name {
            _ if name.contains("ed25519") => MessageDigest::null(),
            _ if name.contains("sha1") => MessageDigest::sha1(),
            _ if name.contains("md5") => MessageDigest::md5(),
            _ if name.contains("sha384") => MessageDigest::sha384(),
            _ if name.contains("sha512") => MessageDigest::sha512(),
            _ => MessageDigest::sha256(),
        };
        let mut signer = match name.contains("ed25519") {
            true => Signer::new_without_digest(&self.private),
            false => Signer::new(digest, &self.private),
        }
        .expect("a signer");
        if name.contains("MGF1") {
            signer.set_rsa_padding(Padding::PKCS1_PSS).expect("PSS");
            signer.set_rsa_mgf1_md(digest).expect("MGF1");
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).expect("a salt");
        }
        let value = signer.sign_oneshot_to_vec(octets).expect("a signature");
        if !name.starts_with("ecdsa") {
            return value;
        }
        let order = i32::try_from(self.private.bits().div_ceil(8)).expect("a small number");
        let der = EcdsaSig::from_der(&value).expect("r and s");
        let half = |number: &openssl::bn::BigNumRef| number.to_vec_padded(order).expect("padding");
        [half(der.r()), half(der.s())].concat()
    }

    /// Makes the first signature of a document true again: its digest over the parent of the signature
    /// as it is now, its value over `SignedInfo` as it is then, by the algorithms that it names.
    /// Whatever else is wrong with it stays wrong.
    pub fn sign_again(&self, xml: &str) -> String {
        let digested = edited(xml, "DigestValue", |document, signature| {
            let parent = signature.parent().expect("a parent");
            let octets = canonical(parent, &prefixes(document, "Transform"), Some(signature));
            let digest = match algorithm(document, "DigestMethod") {
                name if name.ends_with("sha1") => MessageDigest::sha1(),
                name if name.ends_with("sha384") => MessageDigest::sha384(),
                name if name.ends_with("sha512") => MessageDigest::sha512(),
                name if name.ends_with("md5") => MessageDigest::md5(),
                _ => MessageDigest::sha256(),
            };
            hash(digest, &octets).expect("a digest").to_vec()
        });
        self.sign_info_again(&digested)
    }

    /// Makes the value of the first signature of a document true again, and no more.
    pub fn sign_info_again(&self, xml: &str) -> String {
        let document = Document::parse(xml.as_bytes(), &Limits::METADATA).expect("XML");
        self.sign_info_again_by(xml, &algorithm(&document, "SignatureMethod"))
    }

    /// The same, by another algorithm than the one that the signature names.
    pub fn sign_info_again_by(&self, xml: &str, algorithm: &str) -> String {
        edited(xml, "SignatureValue", |document, _| {
            let signed_info = first(document, "SignedInfo").expect("a SignedInfo");
            let octets =
                canonical(signed_info, &prefixes(document, "CanonicalizationMethod"), None);
            self.value(algorithm, &octets)
        })
    }
}

/// Replaces the text of the first element of a name in the XML Signature namespace.
fn edited(
    xml: &str,
    name: &str,
    value: impl FnOnce(&Document<'_>, Element<'_>) -> Vec<u8>,
) -> String {
    let document = Document::parse(xml.as_bytes(), &Limits::METADATA).expect("XML");
    let target = first(&document, name).expect(name).source_range();
    let signature = first(&document, "Signature").expect("a signature");
    let element = &xml[target.clone()];
    let opened = &element[..element.find('>').expect("a start tag") + 1];
    let opened = opened.strip_suffix("/>").map_or(opened.to_owned(), |tag| format!("{tag}>"));
    let name = &opened[1..opened.find([' ', '>']).expect("a name")];
    let value = STANDARD.encode(value(&document, signature));
    format!("{}{opened}{value}</{name}>{}", &xml[..target.start], &xml[target.end..])
}

fn first<'d>(document: &'d Document<'_>, name: &str) -> Option<Element<'d>> {
    document.root().descendants().find(|element| element.is(ns::DS, name))
}

fn algorithm(document: &Document<'_>, name: &str) -> String {
    let method = first(document, name);
    method.and_then(|method| method.attribute("Algorithm")).unwrap_or_default().to_owned()
}

fn prefixes(document: &Document<'_>, name: &str) -> String {
    let mut methods = document.root().descendants().filter(|element| element.is(ns::DS, name));
    let list = methods.find_map(|method| method.children().next()?.attribute("PrefixList"));
    list.unwrap_or_default().to_owned()
}

fn canonical(element: Element<'_>, prefixes: &str, omit: Option<Element<'_>>) -> Vec<u8> {
    let mut octets = Vec::new();
    c14n::exclusive(element, prefixes, omit, &mut octets).expect("a canonical form");
    octets
}
