//! sso-core, through its public functions.

use crate::Operation;
use crate::input::{ACS_URL, IDP_ENTITY_ID, Input, REQUEST_ID, SP_ENTITY_ID};
use sso_core::bindings::post;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{self, DecryptionKey, Policy, TrustedKey, TrustedKeys};
use sso_core::error::Rejection;
use sso_core::login::{RelyingParty, Trace, VerifiedLogin, verify_solicited};
use sso_core::xml::{Document, Limits, ns};
use std::collections::BTreeSet;
use std::hint::black_box;
use time::OffsetDateTime;
use time::macros::datetime;

/// When every input is judged.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 21:04 UTC);

/// The field in, a verified login out, with every rule, each written down as the service does.
pub(crate) fn operation(input: &Input) -> Option<Operation> {
    Some(login(input, Trace::recording))
}

/// The same without a trace.
pub(crate) fn untraced(input: &Input) -> Option<Operation> {
    Some(login(input, Trace::off))
}

/// Everything that a response is put through, from its field.
pub(crate) fn verify(
    field: &str,
    party: &RelyingParty,
    now: OffsetDateTime,
    mut trace: Trace,
) -> Result<VerifiedLogin, Rejection> {
    let inbound = post::decode(black_box(field), None)?;
    let message = inbound.message()?;
    black_box(message.hints());
    let login = verify_solicited(&message, party, REQUEST_ID, now, &mut trace);
    black_box(trace);
    login
}

/// Our side of a connection, which trusts the keys of these certificates in PEM.
pub(crate) fn party(certificates: &[&[u8]], own_keys: &[&[u8]]) -> RelyingParty {
    let key = |pem: &&[u8]| TrustedKey::from_certificate_pem(pem).expect("a certificate");
    let trusted = TrustedKeys::new(certificates.iter().map(key).collect()).expect("a key");
    let mut party =
        RelyingParty::new(IDP_ENTITY_ID.into(), SP_ENTITY_ID.into(), ACS_URL.into(), trusted);
    let key = |pem: &&[u8]| DecryptionKey::from_pem(pem).expect("a key");
    party.decryption_keys = own_keys.iter().map(key).collect();
    party
}

fn login(input: &Input, trace: fn() -> Trace) -> Operation {
    let own = input.encrypted.as_ref().map(|encrypted| encrypted.private_key.as_slice());
    let mut party = party(&[&input.certificate], own.as_slice());
    // A peer that signs inside alone and encrypts by AES-CBC has it granted.
    party.grants = [LegacyCrypto::AesCbc].into();
    let field = input.field.clone();
    Box::new(move || {
        black_box(verify(&field, &party, NOW, trace()).expect("a login"));
    })
}

/// The parse alone.
pub(crate) fn reader(input: &Input) -> Option<Operation> {
    let xml = input.xml.clone();
    Some(Box::new(move || {
        black_box(Document::parse(black_box(&xml), &Limits::MESSAGE).expect("a document"));
    }))
}

/// The parse and every signature that stands in the open, without the rules of the profile.
pub(crate) fn signature(input: &Input) -> Option<Operation> {
    let key = TrustedKey::from_certificate_pem(&input.certificate).expect("a certificate");
    let keys = TrustedKeys::new(vec![key]).expect("a key");
    let (xml, grants) = (input.xml.clone(), BTreeSet::new());
    Some(Box::new(move || {
        let document = Document::parse(black_box(&xml), &Limits::MESSAGE).expect("a document");
        let root = document.root();
        let assertion = root.child(ns::SAML, "Assertion").expect("at most one");
        let policy = Policy { grants: &grants, now: NOW, enforce_certificate_validity: false };
        for signed in std::iter::once(root).chain(assertion) {
            if let Some(signature) = dsig::signature_of(signed).expect("a structure") {
                black_box(dsig::verify(&signature, &keys, &policy).expect("a signature"));
            }
        }
    }))
}
