//! Which signature vouches for the assertion (SAML Profiles 4.1.4.5; SPEC 2, 4.2, 4.5).
//!
//! The response's, the assertion's own, or both; never none. Each one that is present must hold: a
//! good one excuses no bad one (ATTACKS SIG-01, SIG-03). The response's is looked at first, on the
//! tree as it came, before anything is decrypted (ATTACKS ENC-10).

use super::encrypted_parts::{Ciphertexts, EncryptedParts};
use super::envelope::{Body, Envelope, decrypted_assertion};
use super::report::Report;
use crate::connection::LegacyCrypto;
use crate::dsig::{self, Policy, Recipient, Signature, SignedXml, TrustedKeys};
use crate::encoding::encode_hex;
use crate::error::{Code, Rejection};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// Whose signatures count, and what has to be signed.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// The keys of the identity provider.
    pub keys: &'a TrustedKeys,
    /// To whom a message is encrypted, with the old algorithms that are granted, in signatures too.
    pub recipient: Recipient<'a>,
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
    /// Its parts that were encrypted by themselves.
    pub parts: EncryptedParts<'e>,
    /// The old algorithms that any signature or ciphertext of the message used.
    pub legacy_used: BTreeSet<LegacyCrypto>,
    /// The response, where it is signed itself.
    pub response: Option<SignedXml<'e>>,
    /// What the assertion was decrypted from, where it was encrypted: [`Decrypted::text`].
    ///
    /// [`Decrypted::text`]: crate::dsig::Decrypted::text
    pub plaintext: Option<&'e [u8]>,
}

/// Verifies every signature of a response, decrypts its assertion where it is encrypted, and hands the
/// assertion that they cover to `read`. What was decrypted lives no longer than that.
///
/// # Errors
/// `response_not_signed`, `unsigned`, `not_encrypted`, what [`dsig::verify`] and [`dsig::decrypt`]
/// refuse, `decrypted_content`; and what `read` refuses.
pub fn covered_assertion<T>(
    envelope: Envelope<'_>,
    trust: &Trust<'_>,
    now: OffsetDateTime,
    report: &mut Report<'_>,
    read: impl FnOnce(&Covered<'_>, &mut Report<'_>) -> Result<T, Rejection>,
) -> Result<T, Rejection> {
    let Envelope { signature, body, .. } = envelope;
    let body =
        body.ok_or_else(|| Rejection::new(Code::AssertionCount, "exactly one assertion", "none"))?;
    let signed = signature.is_some() || !trust.want_response_signed;
    report.rule(Code::ResponseNotSigned, signed, || {
        let wanted = if trust.want_response_signed { "a signed Response" } else { "either" };
        (wanted, if signature.is_some() { "a signed Response" } else { "an unsigned Response" })
    })?;

    let mut legacy_used = BTreeSet::new();
    let response = verify(signature, trust, now, report, &mut legacy_used)?;
    covered_body(body, response, legacy_used, trust, now, report, read)
}

/// The same for an assertion that stands in nothing signed: it must carry its own signature.
///
/// # Errors
/// As [`covered_assertion`].
pub(crate) fn covered_token<T>(
    token: Body<'_>,
    trust: &Trust<'_>,
    now: OffsetDateTime,
    report: &mut Report<'_>,
    read: impl FnOnce(&Covered<'_>, &mut Report<'_>) -> Result<T, Rejection>,
) -> Result<T, Rejection> {
    covered_body(token, None, BTreeSet::new(), trust, now, report, read)
}

fn covered_body<'e, T>(
    body: Body<'e>,
    response: Option<SignedXml<'e>>,
    mut legacy_used: BTreeSet<LegacyCrypto>,
    trust: &Trust<'_>,
    now: OffsetDateTime,
    report: &mut Report<'_>,
    read: impl FnOnce(&Covered<'_>, &mut Report<'_>) -> Result<T, Rejection>,
) -> Result<T, Rejection> {
    match body {
        Body::Plain { assertion, signature } => {
            let own = verify(signature, trust, now, report, &mut legacy_used)?;
            let vouched = || response.as_ref().and_then(|it| it.covered(assertion));
            let assertion = own.or_else(vouched).ok_or_else(|| unsigned(response.is_some()))?;
            report.rule(Code::NotEncrypted, !trust.want_assertions_encrypted, || {
                ("an EncryptedAssertion where one is wanted", "a plain Assertion")
            })?;
            let verified = Verified { assertion, response, plaintext: None, legacy_used };
            verified.with_parts(trust, report, read)
        }
        Body::Encrypted { holder, namespaces } => {
            let plaintext = dsig::decrypt(holder, &trust.recipient, response.as_ref())?;
            legacy_used.extend(plaintext.legacy_used());
            let decrypted = plaintext.parse()?;
            let signature = decrypted_assertion(decrypted.element(), namespaces)?;
            report.rule(Code::Decryption, true, || {
                ("an Assertion that a service key decrypts", "one")
            })?;
            let own = verify(signature, trust, now, report, &mut legacy_used)?;
            let assertion = own.or_else(|| decrypted.signed()).ok_or_else(|| unsigned(false))?;
            let plaintext = Some(decrypted.text());
            let verified = Verified { assertion, response, plaintext, legacy_used };
            verified.with_parts(trust, report, read)
        }
    }
}

/// A verified assertion, whose encrypted parts are still to be decrypted.
struct Verified<'e> {
    assertion: SignedXml<'e>,
    response: Option<SignedXml<'e>>,
    plaintext: Option<&'e [u8]>,
    legacy_used: BTreeSet<LegacyCrypto>,
}

impl Verified<'_> {
    /// Decrypts the parts of the assertion that are encrypted by themselves, and hands it to `read`.
    fn with_parts<T>(
        self,
        trust: &Trust<'_>,
        report: &mut Report<'_>,
        read: impl FnOnce(&Covered<'_>, &mut Report<'_>) -> Result<T, Rejection>,
    ) -> Result<T, Rejection> {
        let Self { assertion, response, plaintext, mut legacy_used } = self;
        let ciphertexts = Ciphertexts::decrypt(&assertion, &trust.recipient)?;
        legacy_used.extend(ciphertexts.legacy_used());
        let parts = ciphertexts.parse()?;
        if !parts.is_empty() {
            report.rule(Code::Decryption, true, || {
                ("encrypted parts that a service key decrypts", parts.len().to_string())
            })?;
        }
        read(&Covered { assertion, parts, legacy_used, response, plaintext }, report)
    }
}

/// Verifies a signature, if there is one.
pub(super) fn verify<'e>(
    signature: Option<Signature<'e>>,
    trust: &Trust<'_>,
    now: OffsetDateTime,
    report: &mut Report<'_>,
    legacy_used: &mut BTreeSet<LegacyCrypto>,
) -> Result<Option<SignedXml<'e>>, Rejection> {
    let Some(signature) = signature else { return Ok(None) };
    let policy = Policy {
        grants: trust.recipient.grants,
        now,
        enforce_certificate_validity: trust.enforce_certificate_validity,
    };
    let signed = dsig::verify(&signature, trust.keys, &policy)?;
    legacy_used.extend(signed.legacy_used());
    report.rule(Code::SignatureInvalid, true, || {
        ("the signature of a trusted key", described(&signed))
    })?;
    Ok(Some(signed))
}

/// The refusal of an assertion that no signature covers.
fn unsigned(response_is_signed: bool) -> Rejection {
    if response_is_signed {
        let expected = "an Assertion inside the signed element";
        return Rejection::new(Code::UnsignedAssertion, expected, "one outside");
    }
    let expected = "a signature of the Response or of the Assertion";
    Rejection::new(Code::Unsigned, expected, "neither is signed")
}

/// What a signature covered, and the certificate whose key made it.
fn described(signed: &SignedXml<'_>) -> String {
    let key = encode_hex(signed.fingerprint());
    format!("{} signed by the key of {key}", signed.element().local_name())
}
