//! The least that a verification can cost: the field out of base64, SHA-256 of the canonical octets and
//! of `SignedInfo`, one verification by OpenSSL for each signature; before that, where it is encrypted, the
//! decryption of the key and of the content. Nothing is parsed.

use crate::Operation;
use crate::input::{Encrypted, Input};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::PKey;
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sha::Sha256;
use openssl::symm::{Cipher, Crypter, Mode, decrypt_aead};
use openssl::x509::X509;
use std::hint::black_box;

pub(crate) fn operation(input: &Input) -> Option<Operation> {
    let certificate = X509::from_pem(&input.certificate).expect("a certificate");
    let key = certificate.public_key().expect("a key");
    let field = input.field.clone();
    let signatures: Vec<_> = input
        .signed
        .iter()
        .map(|it| {
            let value = if input.elliptic { der(&it.value) } else { it.value.clone() };
            (it.octets.clone(), it.signed_info.clone(), value)
        })
        .collect();
    let decrypt = input.encrypted.as_ref().map(decryption);
    Some(Box::new(move || {
        black_box(STANDARD.decode(black_box(&field)).expect("base64"));
        decrypt.iter().for_each(|decrypt| decrypt());
        for (octets, signed_info, value) in &signatures {
            black_box(sha256(octets));
            let mut context = PkeyCtx::new(&key).expect("a context");
            context.verify_init().expect("a context");
            context.set_signature_md(Md::sha256()).expect("a digest");
            let holds = context.verify(&sha256(signed_info), value).expect("an answer");
            assert!(holds, "the signature holds");
        }
    }))
}

fn decryption(input: &Encrypted) -> Operation {
    let key = PKey::private_key_from_pem(&input.private_key).expect("a key");
    let (content_key, content) = (input.content_key.clone(), input.content.clone());
    let authenticated = input.authenticated;
    Box::new(move || {
        let mut context = PkeyCtx::new(&key).expect("a context");
        context.decrypt_init().expect("a context");
        context.set_rsa_padding(Padding::PKCS1_OAEP).expect("a padding");
        let mut key = Vec::new();
        context.decrypt_to_vec(black_box(&content_key), &mut key).expect("a key");
        let plaintext = if authenticated {
            let (nonce, rest) = content.split_at(12);
            let (content, tag) = rest.split_at(rest.len() - 16);
            decrypt_aead(Cipher::aes_256_gcm(), &key, Some(nonce), &[], content, tag)
        } else {
            let (vector, content) = content.split_at(16);
            blocks(&key, vector, content)
        };
        black_box(plaintext.expect("a plaintext"));
    })
}

/// The padding is left on: XML Encryption pads in its own way.
fn blocks(key: &[u8], vector: &[u8], content: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let cipher = if key.len() == 16 { Cipher::aes_128_cbc() } else { Cipher::aes_256_cbc() };
    let mut crypter = Crypter::new(cipher, Mode::Decrypt, key, Some(vector))?;
    crypter.pad(false);
    let mut plaintext = vec![0; content.len() + cipher.block_size()];
    crypter.update(content, &mut plaintext)?;
    Ok(plaintext)
}

fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(black_box(octets));
    hasher.finish()
}

/// r and s as OpenSSL wants them.
fn der(value: &[u8]) -> Vec<u8> {
    let (r, s) = value.split_at(value.len() / 2);
    let number = |bytes| BigNum::from_slice(bytes).expect("a number");
    let signature = EcdsaSig::from_private_components(number(r), number(s)).expect("a signature");
    signature.to_der().expect("DER")
}
