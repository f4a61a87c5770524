//! The algorithms of XML Encryption by their URIs, and what each does (XML Encryption 1.1, 5; SPEC 4.5).
//!
//! A key or a ciphertext that does not come out gives nothing: why is told to nobody.

use super::keys::KeyError;
use crate::connection::LegacyCrypto;
use openssl::md::{Md, MdRef};
use openssl::pkey::{Id, PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sha::{Sha256, Sha512};
use openssl::symm::{Cipher, Crypter, Mode, decrypt_aead};

/// A private key of ours that decrypts.
#[derive(Debug)]
pub struct DecryptionKey {
    key: PKey<Private>,
    /// What is made up of it stands for keys that do not come out.
    secret: [u8; 32],
}

impl DecryptionKey {
    /// An RSA key in DER (PKCS #8 or PKCS #1).
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::new(PKey::private_key_from_der(der).map_err(|_| KeyError::Unreadable)?)
    }

    /// An RSA key in PEM that is not encrypted.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        // Without the callback the library would ask the terminal for a passphrase.
        let key = PKey::private_key_from_pem_callback(pem, |_| Ok(0));
        Self::new(key.map_err(|_| KeyError::Unreadable)?)
    }

    fn new(key: PKey<Private>) -> Result<Self, KeyError> {
        if key.id() != Id::RSA {
            return Err(KeyError::Unsupported);
        }
        let mut hasher = Sha256::new();
        hasher.update(b"for keys that do not come out");
        hasher.update(&key.private_key_to_der().map_err(|_| KeyError::Unreadable)?);
        Ok(Self { key, secret: hasher.finish() })
    }

    /// What anybody encrypts to: the public key in DER (SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// [`KeyError::Unreadable`] where the cryptography library refuses.
    pub fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        self.key.public_key_to_der().map_err(|_| KeyError::Unreadable)
    }
}

/// How a content is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentAlgorithm {
    /// AES in GCM, with the bytes of its key.
    AesGcm(usize),
    /// AES in CBC, with the bytes of its key.
    AesCbc(usize),
    TripleDesCbc,
}

impl ContentAlgorithm {
    pub(super) fn from_uri(uri: &str) -> Option<Self> {
        Some(match uri {
            "http://www.w3.org/2009/xmlenc11#aes128-gcm" => Self::AesGcm(16),
            "http://www.w3.org/2009/xmlenc11#aes192-gcm" => Self::AesGcm(24),
            "http://www.w3.org/2009/xmlenc11#aes256-gcm" => Self::AesGcm(32),
            "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => Self::AesCbc(16),
            "http://www.w3.org/2001/04/xmlenc#aes192-cbc" => Self::AesCbc(24),
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => Self::AesCbc(32),
            "http://www.w3.org/2001/04/xmlenc#tripledes-cbc" => Self::TripleDesCbc,
            _ => return None,
        })
    }

    /// The grant without which it is refused. Ciphertext of CBC can be changed unnoticed; where a
    /// verified signature covers it, it cannot.
    pub(super) fn needs(self, covered: bool) -> Option<LegacyCrypto> {
        match self {
            Self::AesGcm(_) => None,
            Self::AesCbc(_) if covered => None,
            Self::AesCbc(_) => Some(LegacyCrypto::AesCbc),
            Self::TripleDesCbc => Some(LegacyCrypto::TripleDes),
        }
    }

    pub(super) fn key_length(self) -> usize {
        match self {
            Self::AesGcm(length) | Self::AesCbc(length) => length,
            Self::TripleDesCbc => 24,
        }
    }

    pub(super) fn decrypt(self, key: &[u8], data: &[u8]) -> Option<Content> {
        match self {
            Self::AesGcm(length) => gcm(aes_gcm(length)?, key, data).map(Content::Authenticated),
            Self::AesCbc(length) => cbc(aes_cbc(length)?, key, data),
            Self::TripleDesCbc => cbc(Cipher::des_ede3_cbc(), key, data),
        }
    }
}

/// A content as it came out.
pub(super) enum Content {
    /// Nobody changed the ciphertext who did not have the key.
    Authenticated(Vec<u8>),
    /// Whatever came out without the padding, which may not even have held.
    Padded {
        text: Vec<u8>,
        /// Whether the padding was one.
        holds: bool,
    },
}

impl Content {
    pub(super) fn text(&self) -> &[u8] {
        match self {
            Self::Authenticated(text) | Self::Padded { text, .. } => text,
        }
    }
}

fn aes_gcm(length: usize) -> Option<Cipher> {
    Some(match length {
        16 => Cipher::aes_128_gcm(),
        24 => Cipher::aes_192_gcm(),
        32 => Cipher::aes_256_gcm(),
        _ => return None,
    })
}

fn aes_cbc(length: usize) -> Option<Cipher> {
    Some(match length {
        16 => Cipher::aes_128_cbc(),
        24 => Cipher::aes_192_cbc(),
        32 => Cipher::aes_256_cbc(),
        _ => return None,
    })
}

/// A nonce of 12 bytes, the ciphertext, a tag of 16 bytes. OpenSSL would take a shorter tag, which
/// forges in as many tries as it is short (ATTACKS ENC-05).
fn gcm(cipher: Cipher, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = data.split_first_chunk::<12>()?;
    let (ciphertext, tag) = rest.split_last_chunk::<16>()?;
    decrypt_aead(cipher, key, Some(nonce), &[], ciphertext, tag).ok()
}

/// A block of initialization vector, then the ciphertext. The last byte says how many bytes are padding,
/// and nothing is said of the others (XML Encryption 5.2.1). A wrong one gives a text as well, for the same
/// work to follow.
fn cbc(cipher: Cipher, key: &[u8], data: &[u8]) -> Option<Content> {
    let block = cipher.block_size();
    let (vector, ciphertext) = data.split_at_checked(block)?;
    if ciphertext.is_empty() || ciphertext.len() % block != 0 {
        return None;
    }
    let mut crypter = Crypter::new(cipher, Mode::Decrypt, key, Some(vector)).ok()?;
    crypter.pad(false);
    let mut plaintext = vec![0; ciphertext.len() + block];
    let mut length = crypter.update(ciphertext, &mut plaintext).ok()?;
    length += crypter.finalize(plaintext.get_mut(length..)?).ok()?;
    plaintext.truncate(length);
    let padding = usize::from(*plaintext.last()?);
    let holds = (1..=block).contains(&padding);
    plaintext.truncate(length.saturating_sub(if holds { padding } else { block }));
    Some(Content::Padded { text: plaintext, holds })
}

/// How the key of a content is encrypted to ours.
pub(super) enum KeyTransport {
    /// RSA-OAEP, with its digest, the digest of its MGF1 and its label.
    Oaep { digest: &'static MdRef, mgf: &'static MdRef, label: Vec<u8> },
    /// RSA PKCS#1 v1.5.
    Pkcs1,
}

impl KeyTransport {
    /// By the URIs of the method, of its `DigestMethod` and of its `MGF`, where they are there.
    pub(super) fn from_uris(method: &str, digest: Option<&str>, mgf: Option<&str>) -> Option<Self> {
        let digest = |default| match digest {
            None => Some(default),
            Some("http://www.w3.org/2000/09/xmldsig#sha1") => Some(Md::sha1()),
            Some("http://www.w3.org/2001/04/xmlenc#sha256") => Some(Md::sha256()),
            Some(
                "http://www.w3.org/2001/04/xmldsig-more#sha384"
                | "http://www.w3.org/2001/04/xmlenc#sha384",
            ) => Some(Md::sha384()),
            Some("http://www.w3.org/2001/04/xmlenc#sha512") => Some(Md::sha512()),
            Some(_) => None,
        };
        match method {
            // MGF1 with SHA-1 whatever the digest.
            "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" if mgf.is_none() => {
                Some(Self::Oaep { digest: digest(Md::sha1())?, mgf: Md::sha1(), label: Vec::new() })
            }
            "http://www.w3.org/2009/xmlenc11#rsa-oaep" => {
                let mgf = match mgf {
                    None | Some("http://www.w3.org/2009/xmlenc11#mgf1sha1") => Md::sha1(),
                    Some("http://www.w3.org/2009/xmlenc11#mgf1sha256") => Md::sha256(),
                    Some("http://www.w3.org/2009/xmlenc11#mgf1sha384") => Md::sha384(),
                    Some("http://www.w3.org/2009/xmlenc11#mgf1sha512") => Md::sha512(),
                    Some(_) => return None,
                };
                Some(Self::Oaep { digest: digest(Md::sha1())?, mgf, label: Vec::new() })
            }
            "http://www.w3.org/2001/04/xmlenc#rsa-1_5" => Some(Self::Pkcs1),
            _ => None,
        }
    }

    /// The same with the label of its `OAEPparams`; none where it has no place for one.
    pub(super) fn labelled(self, label: Vec<u8>) -> Option<Self> {
        match self {
            Self::Oaep { digest, mgf, .. } => Some(Self::Oaep { digest, mgf, label }),
            Self::Pkcs1 => None,
        }
    }

    /// The grant without which it is refused.
    pub(super) fn needs(&self) -> Option<LegacyCrypto> {
        matches!(self, Self::Pkcs1).then_some(LegacyCrypto::Rsa15)
    }

    /// The key of a content, of so many bytes. Whatever goes wrong gives another key, which nobody else
    /// can know and which is the same for the same input, so that the same work follows and its end
    /// is all that can be seen (ATTACKS ENC-03, ENC-08).
    pub(super) fn unwrap(&self, key: &DecryptionKey, encrypted: &[u8], length: usize) -> Vec<u8> {
        let mut hasher = Sha512::new();
        hasher.update(&key.secret);
        hasher.update(encrypted);
        let mut made_up = hasher.finish().to_vec();
        made_up.truncate(length);
        self.decrypt(&key.key, encrypted).filter(|key| key.len() == length).unwrap_or(made_up)
    }

    fn decrypt(&self, key: &PKey<Private>, encrypted: &[u8]) -> Option<Vec<u8>> {
        let mut context = PkeyCtx::new(key).ok()?;
        context.decrypt_init().ok()?;
        match self {
            Self::Pkcs1 => context.set_rsa_padding(Padding::PKCS1).ok()?,
            Self::Oaep { digest, mgf, label } => {
                context.set_rsa_padding(Padding::PKCS1_OAEP).ok()?;
                context.set_rsa_oaep_md(digest).ok()?;
                context.set_rsa_mgf1_md(mgf).ok()?;
                if !label.is_empty() {
                    context.set_rsa_oaep_label(label).ok()?;
                }
            }
        }
        let mut plaintext = Vec::new();
        context.decrypt_to_vec(encrypted, &mut plaintext).ok()?;
        Some(plaintext)
    }
}
