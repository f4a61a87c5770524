//! The least that a verification can cost: the field out of base64, SHA-256 of the canonical octets and
//! of `SignedInfo`, one verification by OpenSSL for each signature. Nothing is parsed.

use crate::{Input, Operation};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::md::Md;
use openssl::pkey_ctx::PkeyCtx;
use openssl::sha::Sha256;
use openssl::x509::X509;
use std::hint::black_box;

pub(crate) fn operation(input: &Input) -> Operation {
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
    Box::new(move || {
        black_box(STANDARD.decode(black_box(&field)).expect("base64"));
        for (octets, signed_info, value) in &signatures {
            black_box(sha256(octets));
            let mut context = PkeyCtx::new(&key).expect("a context");
            context.verify_init().expect("a context");
            context.set_signature_md(Md::sha256()).expect("a digest");
            let holds = context.verify(&sha256(signed_info), value).expect("an answer");
            assert!(holds, "the signature holds");
        }
    })
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
