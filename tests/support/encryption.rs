//! What encrypts to us: every algorithm of XML Encryption by hand, also in ways that no honest sender would.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::encrypt::Encrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::symm::{Cipher, encrypt, encrypt_aead};
use sso_core::xml::ns;

const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";

/// How something is encrypted, and to whom.
#[derive(Clone)]
pub struct Encryption {
    /// The URI of the content's algorithm.
    pub content: String,
    /// The URI of the algorithm by which the content's key is encrypted.
    pub transport: String,
    /// What stands inside the key's `EncryptionMethod`.
    pub parameters: String,
    /// The label that the content's key is encrypted with; what is in the parameters is another matter.
    pub label: Option<Vec<u8>>,
    /// To whom.
    pub key: PKey<Private>,
}

impl Encryption {
    /// By these algorithms. `parameters` stands inside the key's `EncryptionMethod`.
    pub fn new(content: &str, transport: &str, parameters: &str, key: &PKey<Private>) -> Self {
        let (transport, content) = (transport.to_owned(), content.to_owned());
        Self {
            content,
            transport,
            parameters: parameters.to_owned(),
            label: None,
            key: key.clone(),
        }
    }

    /// By AES-128-GCM, its key by RSA-OAEP, as a good sender does.
    pub fn gcm(key: &PKey<Private>) -> Self {
        Self::new(&format!("{XENC11}aes128-gcm"), &format!("{XENC}rsa-oaep-mgf1p"), "", key)
    }

    /// A key of the content: the same for all of one algorithm.
    pub fn content_key(&self) -> Vec<u8> {
        let bits = ["128", "192", "256"].into_iter().find(|bits| self.content.contains(bits));
        vec![0x42; bits.map_or(24, |bits| bits.parse::<usize>().expect("a number") / 8)]
    }

    /// The content encrypted, with what comes before and after it.
    pub fn ciphertext(&self, plaintext: &[u8]) -> Vec<u8> {
        let key = self.content_key();
        let gcm = [Cipher::aes_128_gcm(), Cipher::aes_192_gcm(), Cipher::aes_256_gcm()];
        let cbc = [Cipher::aes_128_cbc(), Cipher::aes_192_cbc(), Cipher::aes_256_cbc()];
        if self.content.contains("gcm") {
            let cipher = gcm.into_iter().find(|it| it.key_len() == key.len()).expect("a cipher");
            let (nonce, mut tag) = ([7; 12], [0; 16]);
            let data = encrypt_aead(cipher, &key, Some(&nonce), &[], plaintext, &mut tag);
            return [&nonce[..], &data.expect("a ciphertext"), &tag].concat();
        }
        let cipher = match self.content.contains("tripledes") {
            true => Cipher::des_ede3_cbc(),
            false => cbc.into_iter().find(|it| it.key_len() == key.len()).expect("a cipher"),
        };
        let vector = vec![9; cipher.block_size()];
        // The library pads with the length in every byte, which XML Encryption allows.
        let data = encrypt(cipher, &key, Some(&vector), plaintext).expect("a ciphertext");
        [vector, data].concat()
    }

    /// A key of the content encrypted.
    pub fn wrapped(&self, content_key: &[u8]) -> Vec<u8> {
        let mut encrypter = Encrypter::new(&self.key).expect("an encrypter");
        if self.transport.ends_with("rsa-1_5") {
            encrypter.set_rsa_padding(Padding::PKCS1).expect("a padding");
        } else {
            encrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("a padding");
            let digest = |name: &str| match name {
                it if it.contains("sha256") => MessageDigest::sha256(),
                it if it.contains("sha512") => MessageDigest::sha512(),
                _ => MessageDigest::sha1(),
            };
            let (method, mgf) = self.parameters.split_once("MGF").unwrap_or((&self.parameters, ""));
            encrypter.set_rsa_oaep_md(digest(method)).expect("a digest");
            encrypter.set_rsa_mgf1_md(digest(mgf)).expect("a digest");
            if let Some(label) = &self.label {
                encrypter.set_rsa_oaep_label(label).expect("a label");
            }
        }
        let mut out = vec![0; encrypter.encrypt_len(content_key).expect("a length")];
        let length = encrypter.encrypt(content_key, &mut out).expect("a key");
        out.truncate(length);
        out
    }

    /// The `EncryptedKey` of the content.
    pub fn encrypted_key(&self) -> String {
        self.key_with(&self.wrapped(&self.content_key()))
    }

    /// An `EncryptedKey` of these bytes.
    pub fn key_with(&self, wrapped: &[u8]) -> String {
        format!(
            "<x:EncryptedKey><x:EncryptionMethod Algorithm=\"{}\">{}</x:EncryptionMethod>\
             <x:CipherData><x:CipherValue>{}</x:CipherValue></x:CipherData></x:EncryptedKey>",
            self.transport,
            self.parameters,
            STANDARD.encode(wrapped),
        )
    }

    /// An `EncryptedAssertion`, its keys in the `KeyInfo`.
    pub fn encrypted(&self, ciphertext: &[u8], keys: &str) -> String {
        self.encrypted_as("EncryptedAssertion", ciphertext, keys, "")
    }

    /// A SAML element of this local name that holds an encrypted content, keys in its `KeyInfo` and
    /// others beside it.
    pub fn encrypted_as(
        &self,
        local_name: &str,
        ciphertext: &[u8],
        keys: &str,
        keys_beside: &str,
    ) -> String {
        format!(
            "<saml:{local_name} xmlns:saml=\"{}\" xmlns:x=\"{XENC}\" xmlns:ds=\"{}\">\
             <x:EncryptedData><x:EncryptionMethod Algorithm=\"{}\"/><ds:KeyInfo>{keys}</ds:KeyInfo>\
             <x:CipherData><x:CipherValue>{}</x:CipherValue></x:CipherData></x:EncryptedData>\
             {keys_beside}</saml:{local_name}>",
            ns::SAML,
            ns::DS,
            self.content,
            STANDARD.encode(ciphertext),
        )
    }

    /// An `EncryptedAssertion` of this text.
    pub fn sends(&self, plaintext: &str) -> String {
        self.encrypted(&self.ciphertext(plaintext.as_bytes()), &self.encrypted_key())
    }
}
