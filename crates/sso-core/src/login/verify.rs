//! From the bytes of a response to the proof that somebody signed in (SPEC 3, 4; DESIGN 1).
//!
//! Solicited and unsolicited responses are two functions with two inputs into one pipeline, so that
//! no check can be on one path alone (ATTACKS PROT-12). The answers of WS-Federation have an outside of
//! their own and join where the signature of the assertion is verified (ADR 12). The order of the steps
//! decides the code when a message has several defects: parse, structure, envelope, signature, decryption,
//! assertion rules, and the second opinion where the connection wants one.
//! A response that an artifact stood for joins where its ArtifactResponse was looked at.
//! That the assertion was not used before, and the request neither, is checked where it is recorded:
//! in the commit of the sign-in.

use super::NameIdKey;
use super::{RelyingParty, ReplayRecord, Trace, VerifiedLogin};
use crate::bindings::Message;
use crate::connection::{MAX_CLOCK_SKEW_SECONDS, Verification};
use crate::error::{Code, Rejection};
use crate::saml::rules::{self, Checked, Expected, Profile, Request};
use crate::saml::{
    Assertion, Covered, Envelope, Report, artifact, covered_assertion, covered_token,
    second_opinion,
};
use crate::wsfed::{self, TokenResponse};
use std::borrow::Cow;
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};

/// How old the assertion of an unsolicited response may be (SPEC 5.2).
pub const UNSOLICITED_MAX_AGE: Duration = Duration::seconds(300);

/// Verifies the response to a request.
///
/// `request_id` is the ID of the AuthnRequest that this browser's login
/// began with; `now` the current instant in UTC. The trace gets a step for each rule.
///
/// # Errors
/// The refusal by the first rule that is broken, which is also the trace's last step.
pub fn verify_solicited(
    message: &Message<'_>,
    party: &RelyingParty,
    request_id: &str,
    now: OffsetDateTime,
    trace: &mut Trace,
) -> Result<VerifiedLogin, Rejection> {
    let expected = party.expected(Profile::WebBrowserSso, Request::Solicited(request_id), now);
    traced(trace, |report| response(message, party, &expected, report))
}

/// Verifies a response that answers no request: neither it nor its assertion names one, and the
/// assertion was issued at most `max_age` ago, not counting the skew (SPEC 5.2).
///
/// Whether the connection takes such responses at all is for the caller to know.
///
/// # Errors
/// As [`verify_solicited`].
pub fn verify_unsolicited(
    message: &Message<'_>,
    party: &RelyingParty,
    max_age: Duration,
    now: OffsetDateTime,
    trace: &mut Trace,
) -> Result<VerifiedLogin, Rejection> {
    let expected = party.expected(Profile::WebBrowserSso, Request::Unsolicited { max_age }, now);
    traced(trace, |report| response(message, party, &expected, report))
}

/// Verifies a `wresult` of WS-Federation, the answer to the sign-in request that this browser was sent
/// with. No answer names its request: that `wctx` and the browser's cookie lead to one is for the caller to
/// check. The token is of SAML 1.1 or 2.0, plain or encrypted.
///
/// # Errors
/// As [`verify_solicited`].
pub fn verify_token_response(
    message: &Message<'_>,
    party: &RelyingParty,
    now: OffsetDateTime,
    trace: &mut Trace,
) -> Result<VerifiedLogin, Rejection> {
    let expected = party.expected(Profile::PassiveRequestor, Request::SignIn, now);
    traced(trace, |report| token_response(message, party, &expected, report))
}

/// Verifies a `wresult` that came without a sign-in request, as [`verify_unsolicited`] verifies a response.
///
/// # Errors
/// As [`verify_solicited`].
pub fn verify_unsolicited_token_response(
    message: &Message<'_>,
    party: &RelyingParty,
    max_age: Duration,
    now: OffsetDateTime,
    trace: &mut Trace,
) -> Result<VerifiedLogin, Rejection> {
    let expected = party.expected(Profile::PassiveRequestor, Request::Unsolicited { max_age }, now);
    traced(trace, |report| token_response(message, party, &expected, report))
}

/// Runs a pipeline and records its rules.
fn traced(
    trace: &mut Trace,
    pipeline: impl FnOnce(&mut Report<'_>) -> Result<VerifiedLogin, Rejection>,
) -> Result<VerifiedLogin, Rejection> {
    let login = trace.rules(pipeline)?;
    login.legacy_used.iter().for_each(|legacy| trace.legacy_used(*legacy));
    Ok(login)
}

fn response(
    message: &Message<'_>,
    party: &RelyingParty,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Result<VerifiedLogin, Rejection> {
    let mut legacy_used = BTreeSet::new();
    let root = match message.resolve_id() {
        None => message.root(),
        Some(id) => {
            let (around, trust) = (message.root(), party.trust());
            artifact::message(around, id, expected, &trust, report, &mut legacy_used)?
        }
    };
    let envelope = Envelope::read(root)?;
    rules::outside(&envelope, expected, report)?;
    let read = |covered: &Covered<'_>, report: &mut Report<'_>| {
        let assertion = Assertion::read(&covered.assertion, &covered.parts)?;
        let checked = rules::assertion(assertion, expected, report)?;
        if party.verification == Verification::Dual {
            if !message.stands_alone() {
                let expected = "a message by itself, which the second engine can be given";
                let found = "one in an envelope";
                return Err(Rejection::new(Code::SecondOpinionUnavailable, expected, found));
            }
            second_opinion(message.xml(), covered, &party.trusted, &checked, report)?;
        }
        Ok(verified(checked, covered, expected))
    };
    let trust = party.trust();
    let mut login = covered_assertion(envelope, &trust, expected.now, report, read)?;
    login.legacy_used.append(&mut legacy_used);
    Ok(login)
}

fn token_response(
    message: &Message<'_>,
    party: &RelyingParty,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Result<VerifiedLogin, Rejection> {
    let response = TokenResponse::read(message.root())?;
    wsfed::outside(&response, expected, report)?;
    let token = response.into_token();
    covered_token(token, &party.trust(), expected.now, report, |covered, report| {
        let checked = rules::assertion(wsfed::read_token(covered)?, expected, report)?;
        if party.verification == Verification::Dual {
            let expected = "a response of SAML 2.0, which the second engine can be given";
            let found = "a token of WS-Federation";
            return Err(Rejection::new(Code::SecondOpinionUnavailable, expected, found));
        }
        Ok(verified(checked, covered, expected))
    })
}

/// The one place that makes a [`VerifiedLogin`].
fn verified(checked: Checked<'_>, covered: &Covered<'_>, expected: &Expected<'_>) -> VerifiedLogin {
    let facts = checked.into_facts();
    let issuer = facts.issuer.entity_id().to_owned();
    let authn_instant = facts.authn.as_ref().map_or(facts.issue_instant, |authn| authn.instant);
    let (session_index, context) = match facts.authn {
        Some(authn) => (authn.session_index, authn.class_ref),
        None => (None, None),
    };
    VerifiedLogin {
        name_id: NameIdKey {
            issuer: issuer.clone(),
            format: facts.name_id.format.map(str::to_owned),
            name_qualifier: facts.name_id.name_qualifier.map(str::to_owned),
            sp_name_qualifier: facts.name_id.sp_name_qualifier.map(str::to_owned),
            value: facts.name_id.value.into_owned(),
        },
        session_index: session_index.map(str::to_owned),
        session_indexes: facts.session_indexes.into_iter().map(str::to_owned).collect(),
        session_not_on_or_after: facts.session_end,
        authn_instant,
        authn_context: context.map(Cow::into_owned),
        attributes: facts.attributes,
        replay: ReplayRecord {
            issuer,
            assertion_id: facts.id.to_owned(),
            issued_at: facts.issue_instant,
            // The greatest skew, not today's: one that is raised later must not bring it back.
            expires_at: facts.end.saturating_add(Duration::seconds(MAX_CLOCK_SKEW_SECONDS.into())),
        },
        legacy_used: covered.legacy_used.clone(),
        key_fingerprint: *covered.assertion.fingerprint(),
        solicited: !matches!(expected.request, Request::Unsolicited { .. }),
    }
}
