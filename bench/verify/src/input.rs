//! A response with all that a verification of it needs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{DecryptionKey, Recipient, decrypt, signature_of};
use sso_core::xml::{Document, Element, Limits, c14n, ns};
use std::path::{Path, PathBuf};

/// The identity of the service and the request that every input answers.
pub(crate) const SP_ENTITY_ID: &str = "https://sp.example.com/saml/metadata";
pub(crate) const ACS_URL: &str = "https://sp.example.com/saml/acs";
pub(crate) const IDP_ENTITY_ID: &str = "https://idp.example.com/exk1fxp8x0kqA7zRb357";
pub(crate) const REQUEST_ID: &str = "_bench_request_0001";

/// Where the inputs are that lie beside the repository.
pub(crate) fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench/inputs")
}

/// Where the committed inputs are.
pub(crate) fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("inputs")
}

/// A file of an input.
///
/// # Panics
/// Where there is none.
pub(crate) fn file(folder: &Path, name: &str) -> Vec<u8> {
    let path = folder.join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A response as it is posted, and the certificate of its signer.
pub(crate) struct Input {
    /// The value of `SAMLResponse`.
    pub(crate) field: String,
    /// The message itself.
    pub(crate) xml: Vec<u8>,
    /// The signer's certificate in PEM.
    pub(crate) certificate: Vec<u8>,
    /// Whether the key is on an elliptic curve.
    pub(crate) elliptic: bool,
    /// What is hashed and verified, signature by signature.
    pub(crate) signed: Vec<Signed>,
    /// What is decrypted before that, where the assertion is encrypted.
    pub(crate) encrypted: Option<Encrypted>,
}

/// What is encrypted to us.
pub(crate) struct Encrypted {
    /// Our private key in PEM.
    pub(crate) private_key: Vec<u8>,
    /// The key of the content, by RSA-OAEP with SHA-1.
    pub(crate) content_key: Vec<u8>,
    /// The content by AES-GCM or by AES-CBC, with what comes before and after it.
    pub(crate) content: Vec<u8>,
    /// Whether it is by GCM, or else by CBC.
    pub(crate) authenticated: bool,
}

/// The octets of one signature.
pub(crate) struct Signed {
    /// The canonical form of what is signed.
    pub(crate) octets: Vec<u8>,
    /// The canonical form of `SignedInfo`.
    pub(crate) signed_info: Vec<u8>,
    /// The value.
    pub(crate) value: Vec<u8>,
}

impl Input {
    /// Reads `NAME.xml` and the keys from a folder.
    ///
    /// # Panics
    /// Where a file is missing or no response of the kind.
    pub(crate) fn read(folder: &Path, name: &str) -> Self {
        let xml = file(folder, &format!("{name}.xml"));
        let elliptic = name.starts_with("ec");
        let certificate = file(folder, if elliptic { "idpec.cert.pem" } else { "idp.cert.pem" });
        let document = Document::parse(&xml, &Limits::MESSAGE).expect("a message");
        let encrypted = document.root().child(ns::SAML, "EncryptedAssertion").expect("one or none");
        let (signed, encrypted) = match encrypted {
            None => (signed(document.root()), None),
            Some(assertion) => {
                let encrypted = Encrypted::read(assertion, file(folder, "sp.key.pem"));
                (encrypted.signed(assertion), Some(encrypted))
            }
        };
        let field = STANDARD.encode(&xml);
        drop(document);
        Self { field, xml, certificate, elliptic, signed, encrypted }
    }
}

impl Encrypted {
    fn read(assertion: Element<'_>, private_key: Vec<u8>) -> Self {
        let data = only(assertion, "EncryptedData");
        let method = data.required_child(ns::XENC, "EncryptionMethod").expect("an algorithm");
        Self {
            private_key,
            content_key: cipher_value(only(assertion, "EncryptedKey")),
            content: cipher_value(data),
            authenticated: method.attribute("Algorithm").is_some_and(|it| it.ends_with("gcm")),
        }
    }

    /// What is signed inside.
    fn signed(&self, assertion: Element<'_>) -> Vec<Signed> {
        let keys = [DecryptionKey::from_pem(&self.private_key).expect("a key")];
        let grants = [LegacyCrypto::AesCbc].into();
        let recipient = Recipient { entity_id: SP_ENTITY_ID, keys: &keys, grants: &grants };
        let plaintext = decrypt(assertion, &recipient, None).expect("a plaintext");
        signed(plaintext.parse().expect("an assertion").element())
    }
}

fn only<'d>(parent: Element<'d>, name: &str) -> Element<'d> {
    parent.descendants().find(|element| element.is(ns::XENC, name)).expect("one")
}

fn cipher_value(encrypted: Element<'_>) -> Vec<u8> {
    let data = encrypted.required_child(ns::XENC, "CipherData").expect("a cipher text");
    value(data.required_child(ns::XENC, "CipherValue").expect("a cipher text"))
}

/// The octets of each signature, in document order. That they are the right ones is shown by the
/// signature holding.
fn signed(root: Element<'_>) -> Vec<Signed> {
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
    Signed {
        octets: canonical(parent, list("Transform"), Some(signature)),
        signed_info: canonical(part("SignedInfo"), list("CanonicalizationMethod"), None),
        value: value(part("SignatureValue")),
    }
}

/// The bytes that are the text of an element, broken into lines or not.
fn value(element: Element<'_>) -> Vec<u8> {
    let text = element.text().expect("a text").replace(['\n', '\r', ' '], "");
    STANDARD.decode(text).expect("base64")
}
