//! sso-core, through its public functions.

use crate::input::{ACS_URL, IDP_ENTITY_ID, REQUEST_ID, SP_ENTITY_ID};
use crate::{Input, Operation};
use sso_core::bindings::post;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{self, DecryptionKey, Policy, TrustedKey, TrustedKeys};
use sso_core::login::{RelyingParty, Trace, verify_solicited};
use sso_core::xml::{Document, Limits, ns};
use std::collections::BTreeSet;
use std::hint::black_box;
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-21 21:04 UTC);

fn keys(input: &Input) -> TrustedKeys {
    let key = TrustedKey::from_certificate_pem(&input.certificate).expect("a certificate");
    TrustedKeys::new(vec![key]).expect("a key")
}

/// The field in, a verified login out, with every rule.
pub(crate) fn operation(input: &Input) -> Operation {
    login(input, Trace::off)
}

/// The same, with every rule written down as the service does.
pub(crate) fn traced(input: &Input) -> Operation {
    login(input, Trace::recording)
}

fn login(input: &Input, trace: fn() -> Trace) -> Operation {
    let mut party =
        RelyingParty::new(IDP_ENTITY_ID.into(), SP_ENTITY_ID.into(), ACS_URL.into(), keys(input));
    if let Some(encrypted) = &input.encrypted {
        let key = DecryptionKey::from_pem(&encrypted.private_key).expect("a key");
        party.decryption_keys = vec![key];
        party.grants = [LegacyCrypto::AesCbc].into();
    }
    let field = input.field.clone();
    Box::new(move || {
        let inbound = post::decode(black_box(&field), None).expect("a message");
        let message = inbound.message().expect("a document");
        black_box(message.hints());
        let mut trace = trace();
        let login = verify_solicited(&message, &party, REQUEST_ID, NOW, &mut trace);
        black_box(login.expect("a login"));
        black_box(trace);
    })
}

/// The parse alone.
pub(crate) fn reader(input: &Input) -> Operation {
    let xml = input.xml.clone();
    Box::new(move || {
        black_box(Document::parse(black_box(&xml), &Limits::MESSAGE).expect("a document"));
    })
}

/// The parse and every signature that stands in the open, without the rules of the profile.
pub(crate) fn signature(input: &Input) -> Operation {
    let (xml, keys, grants) = (input.xml.clone(), keys(input), BTreeSet::new());
    Box::new(move || {
        let document = Document::parse(black_box(&xml), &Limits::MESSAGE).expect("a document");
        let root = document.root();
        let assertion = root.child(ns::SAML, "Assertion").expect("at most one");
        let policy = Policy { grants: &grants, now: NOW, enforce_certificate_validity: false };
        for signed in std::iter::once(root).chain(assertion) {
            if let Some(signature) = dsig::signature_of(signed).expect("a structure") {
                black_box(dsig::verify(&signature, &keys, &policy).expect("a signature"));
            }
        }
    })
}
