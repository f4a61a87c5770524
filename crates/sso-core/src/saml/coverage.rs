//! Which signature vouches for the assertion (SAML Profiles 4.1.4.5; SPEC 2, 4.2, 4.5).
//!
//! The response's, the assertion's own, or both; never none. Each one that is present must hold: a
//! good one excuses no bad one (ATTACKS SIG-01, SIG-03). The response's is looked at first, on the
//! tree as it came, before anything is decrypted (ATTACKS ENC-10).

use super::envelope::{Body, Envelope};
use super::report::Report;
use crate::connection::LegacyCrypto;
use crate::dsig::{self, Policy, Signature, SignedXml, TrustedKeys};
use crate::error::{Code, Rejection};
use crate::xml::Element;
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// Whose signatures count, and what has to be signed.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// The keys of the identity provider.
    pub keys: &'a TrustedKeys,
    /// The old algorithms that are granted.
    pub grants: &'a BTreeSet<LegacyCrypto>,
    /// Whether an expired certificate is refused.
    pub enforce_certificate_validity: bool,
    /// Whether the response itself has to be signed.
    pub want_response_signed: bool,
    /// Whether the assertion has to be encrypted.
    pub want_assertions_encrypted: bool,
}

/// An assertion that a signature vouches for.
#[derive(Debug)]
pub struct Covered<'e> {
    /// The assertion.
    pub assertion: SignedXml<'e>,
    /// The old algorithms that any signature of the message used.
    pub legacy_used: BTreeSet<LegacyCrypto>,
}

/// Verifies every signature of a response and gives the assertion that they cover.
///
/// # Errors
/// `response_not_signed`, `unsigned`, `not_encrypted`, what [`dsig::verify`] refuses; `decryption`
/// for an encrypted assertion.
pub fn covered_assertion<'e>(
    envelope: Envelope<'e>,
    trust: &Trust<'_>,
    now: OffsetDateTime,
    report: &mut Report<'_>,
) -> Result<Covered<'e>, Rejection> {
    let Envelope { signature, body, .. } = envelope;
    let signed = signature.is_some() || !trust.want_response_signed;
    report.rule(Code::ResponseNotSigned, signed, || {
        let wanted = if trust.want_response_signed { "a signed Response" } else { "either" };
        (wanted, if signature.is_some() { "a signed Response" } else { "an unsigned Response" })
    })?;

    let policy = Policy {
        grants: trust.grants,
        now,
        enforce_certificate_validity: trust.enforce_certificate_validity,
    };
    let mut legacy_used = BTreeSet::new();
    let mut verify = |signature: Signature<'e>| {
        let signed = dsig::verify(&signature, trust.keys, &policy)?;
        legacy_used.extend(signed.legacy_used());
        report.rule(Code::SignatureInvalid, true, || {
            ("the signature of a trusted key", described(&signed))
        })?;
        Ok(signed)
    };

    let response = signature.map(&mut verify).transpose()?;
    let assertion = match body {
        Some(Body::Plain { assertion, signature }) => {
            let own = signature.map(&mut verify).transpose()?;
            let covered = own.map_or_else(|| by_response(response.as_ref(), assertion), Ok)?;
            report.rule(Code::NotEncrypted, !trust.want_assertions_encrypted, || {
                ("an EncryptedAssertion where one is wanted", "a plain Assertion")
            })?;
            covered
        }
        Some(Body::Encrypted { assertion }) => return Err(super::subject::encrypted(assertion)),
        None => return Err(Rejection::new(Code::AssertionCount, "exactly one assertion", "none")),
    };
    Ok(Covered { assertion, legacy_used })
}

/// The assertion as a part of a signed response.
fn by_response<'e>(
    response: Option<&SignedXml<'e>>,
    assertion: Element<'e>,
) -> Result<SignedXml<'e>, Rejection> {
    let Some(response) = response else {
        let expected = "a signature of the Response or of the Assertion";
        return Err(Rejection::new(Code::Unsigned, expected, "neither is signed"));
    };
    response.covered(assertion).ok_or_else(|| {
        let expected = "an Assertion inside the signed element";
        Rejection::new(Code::UnsignedAssertion, expected, "one outside")
    })
}

/// What a signature covered, and the certificate whose key made it.
fn described(signed: &SignedXml<'_>) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{} signed by the key of ", signed.element().local_name());
    for byte in signed.fingerprint() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
