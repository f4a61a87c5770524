//! XML Signature as SAML Core 5.4 profiles it (SPEC 4.2).

mod algorithms;
mod decryption;
mod interop;
mod keys;
mod signing;
mod structure;
mod values;
mod xmlsec1;

use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{self, Policy, SignedXml, TrustedKey, TrustedKeys};
use sso_core::error::{Code, Rejection};
use sso_core::xml::{Document, Limits, ns};
use sso_tests::TestKey;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2030-01-15 12:00 UTC);

/// The key of the identity provider in these tests.
static KEY: LazyLock<TestKey> = LazyLock::new(|| TestKey::rsa(2048));

/// An assertion signed by [`KEY`]: what each test breaks in one place.
static SIGNED: LazyLock<String> = LazyLock::new(|| {
    let document = Document::parse(ASSERTION.as_bytes(), &Limits::MESSAGE).expect("XML");
    dsig::sign(document.root(), &KEY.signing()).expect("a signed assertion")
});

const ASSERTION: &str = "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
     xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" ID=\"_a\" Version=\"2.0\">\
     <saml:Issuer>https://idp.test.example</saml:Issuer>\
     <saml:Subject><saml:NameID>ada</saml:NameID></saml:Subject></saml:Assertion>";

/// Verifies the document element, or the assertion in it.
fn verify(xml: &str, key: TrustedKey, grants: &[LegacyCrypto]) -> Result<(), Rejection> {
    verify_with(xml, vec![key], grants, |_| ())
}

fn verify_with<T>(
    xml: &str,
    keys: Vec<TrustedKey>,
    grants: &[LegacyCrypto],
    look: impl FnOnce(SignedXml<'_>) -> T,
) -> Result<T, Rejection> {
    let document = Document::parse(xml.as_bytes(), &Limits::MESSAGE)?;
    let root = document.root();
    let signed = root.child(ns::SAML, "Assertion")?.unwrap_or(root);
    let signature = dsig::signature_of(signed)?
        .ok_or_else(|| Rejection::new(Code::Unsigned, "a signature", "none"))?;
    let grants: BTreeSet<_> = grants.iter().copied().collect();
    let policy = Policy { grants: &grants, now: NOW, enforce_certificate_validity: true };
    let keys = TrustedKeys::new(keys).expect("a key");
    dsig::verify(&signature, &keys, &policy).map(look)
}

fn code(xml: &str) -> Option<Code> {
    verify(xml, KEY.trusted(), &[]).err().map(|rejection| rejection.code)
}

/// The signed assertion with one thing replaced, which must be there.
fn replaced(from: &str, to: &str) -> String {
    assert!(SIGNED.contains(from), "{from} in {}", *SIGNED);
    SIGNED.replacen(from, to, 1)
}

/// The text of the first element of a qualified name, with its tags.
fn part(name: &str) -> &'static str {
    let start = SIGNED.find(&format!("<{name}")).expect(name);
    let end = SIGNED.find(&format!("</{name}>")).expect(name) + name.len() + 3;
    &SIGNED[start..end]
}
