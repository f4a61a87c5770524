//! A response with all that a verification of it needs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::dsig::signature_of;
use sso_core::xml::{Document, Element, Limits, c14n, ns};
use std::path::Path;

/// The identity of the service and the request that every input answers.
pub const SP_ENTITY_ID: &str = "https://sp.example.com/saml/metadata";
pub const ACS_URL: &str = "https://sp.example.com/saml/acs";
pub const IDP_ENTITY_ID: &str = "https://idp.example.com/exk1fxp8x0kqA7zRb357";
pub const REQUEST_ID: &str = "_bench_request_0001";

/// A response as it is posted, and the certificate of its signer.
pub struct Input {
    /// The value of `SAMLResponse`.
    pub field: String,
    /// The message itself.
    pub xml: Vec<u8>,
    /// The signer's certificate in PEM.
    pub certificate: Vec<u8>,
    /// Whether the key is on an elliptic curve.
    pub elliptic: bool,
    /// What is hashed and verified, signature by signature.
    pub signed: Vec<Signed>,
    /// What is decrypted before that, where the assertion is encrypted.
    pub encrypted: Option<Encrypted>,
}

/// What is encrypted to us.
pub struct Encrypted {
    /// Our private key in PEM.
    pub private_key: Vec<u8>,
    /// The key of the content, by RSA-OAEP with SHA-1.
    pub content_key: Vec<u8>,
    /// The content by AES-256-GCM or by AES-CBC, with what comes before and after it.
    pub content: Vec<u8>,
    /// Whether it is by GCM, or else by CBC.
    pub authenticated: bool,
}

/// The octets of one signature.
pub struct Signed {
    /// The canonical form of what is signed.
    pub octets: Vec<u8>,
    /// The canonical form of `SignedInfo`.
    pub signed_info: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
}

impl Input {
    /// Reads `NAME.xml` and the certificate from a folder. A name that begins with `enc` is that of an
    /// encrypted one, beside which its octets lie.
    ///
    /// # Panics
    /// Where a file is missing or no response that verifies.
    pub fn read(folder: &Path, name: &str) -> Self {
        let read = |file: &str| {
            let path = folder.join(file);
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let xml = read(&format!("{name}.xml"));
        let elliptic = name.starts_with("ec");
        let certificate = read(if elliptic { "idpec.cert.pem" } else { "idp.cert.pem" });
        let beside = |what: &str| read(&format!("{name}.{what}"));
        let is_encrypted = name.starts_with("enc");
        let signed = match is_encrypted {
            false => signed(&xml),
            true => vec![Signed {
                octets: beside("canon0"),
                signed_info: beside("si0"),
                value: beside("sig0"),
            }],
        };
        let encrypted = is_encrypted.then(|| Encrypted {
            private_key: read("sp.key.pem"),
            content_key: beside("ek"),
            content: beside("ct"),
            authenticated: name.ends_with("gcm"),
        });
        Self { field: STANDARD.encode(&xml), xml, certificate, elliptic, signed, encrypted }
    }
}

/// The octets of each signature, in document order. That they are the right ones is shown by the
/// signature holding.
fn signed(xml: &[u8]) -> Vec<Signed> {
    let document = Document::parse(xml, &Limits::MESSAGE).expect("a message");
    let root = document.root();
    let elements = std::iter::once(root).chain(root.descendants());
    let signatures = elements.filter(|element| element.is(ns::DS, "Signature"));
    signatures.map(octets).collect()
}

fn octets(signature: Element<'_>) -> Signed {
    let parent = signature.parent().expect("a parent");
    signature_of(parent).expect("a signature's structure");
    let list = |name: &str| {
        let mut methods = signature.descendants().filter(|element| element.is(ns::DS, name));
        methods.find_map(|method| method.children().next()?.attribute("PrefixList")).unwrap_or("")
    };
    let canonical = |element, prefixes, omit| {
        let mut octets = Vec::new();
        c14n::exclusive(element, prefixes, omit, &mut octets).expect("a canonical form");
        octets
    };
    let part = |name| signature.required_child(ns::DS, name).expect("a part of a signature");
    let value = part("SignatureValue").text().expect("a value").replace(['\n', '\r', ' '], "");
    Signed {
        octets: canonical(parent, list("Transform"), Some(signature)),
        signed_info: canonical(part("SignedInfo"), list("CanonicalizationMethod"), None),
        value: STANDARD.decode(value).expect("base64"),
    }
}
