//! The rules of bearer confirmation (SAML Profiles 4.1.4.2, 4.1.4.3; ATTACKS PROT-02, PROT-04,
//! PROT-05, PROT-08).
//!
//! An assertion may carry several confirmations, of which one must hold entirely. Each rule therefore
//! asks for one that keeps this rule and all before it, and the code is that of the rule at which the
//! last candidate fell.

use super::super::assertion::Assertion;
use super::super::report::Report;
use super::super::subject::BearerData;
use super::super::time;
use super::{Expected, Request};
use crate::error::{Code, Rejection};
use ::time::OffsetDateTime;

type Outcome = Result<(), Rejection>;

/// There is a bearer confirmation with data.
pub(super) fn confirmation(
    a: &Assertion<'_>,
    _: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    report.rule(Code::NoBearerConfirmation, complete(a).next().is_some(), || {
        let found = match a.subject.bearers.len() {
            0 => "no bearer SubjectConfirmation".to_owned(),
            count => format!("{count} of them, {} with data", complete(a).count()),
        };
        ("a bearer SubjectConfirmation with SubjectConfirmationData", found)
    })
}

/// The bearer confirmations that have data.
fn complete<'a, 'e>(a: &'a Assertion<'e>) -> impl Iterator<Item = &'a BearerData<'e>> {
    a.subject.bearers.iter().filter_map(|bearer| bearer.data.as_ref())
}

/// It was to be delivered here: letter for letter, no prefix, no other spelling of the same URL.
pub(super) fn recipient(a: &Assertion<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    report.rule(Code::Recipient, delivered(a, e).next().is_some(), || {
        let found = complete(a).next().and_then(|data| data.recipient);
        (e.acs_url, found.unwrap_or("no Recipient"))
    })
}

fn delivered<'a, 'e>(
    a: &'a Assertion<'e>,
    e: &Expected<'_>,
) -> impl Iterator<Item = &'a BearerData<'e>> {
    complete(a).filter(|data| data.recipient == Some(e.acs_url))
}

/// It says until when it may be delivered, and that is still ahead.
pub(super) fn not_on_or_after(
    a: &Assertion<'_>,
    e: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    report.rule(Code::Expired, in_time(a, e).next().is_some(), || {
        let end = delivered(a, e).next().and_then(|data| data.not_on_or_after);
        let found = end.map_or_else(|| "absent".to_owned(), time::write);
        (format!("before NotOnOrAfter of the confirmation: now {}", e.clock()), found)
    })
}

fn in_time<'a, 'e>(
    a: &'a Assertion<'e>,
    e: &Expected<'_>,
) -> impl Iterator<Item = &'a BearerData<'e>> {
    delivered(a, e).filter(|data| data.not_on_or_after.is_some_and(|end| e.is_ahead(end)))
}

/// It answers the request of this login, or none where there was none. What counts is this value:
/// the one on the response may be unsigned (ATTACKS PROT-05, PROT-12).
pub(super) fn in_response_to(
    a: &Assertion<'_>,
    e: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    report.rule(Code::InResponseTo, answering(a, e).next().is_some(), || {
        let request = match e.request {
            Request::Solicited(id) => id,
            Request::Unsolicited { .. } => "no InResponseTo",
        };
        let found = in_time(a, e).next().and_then(|data| data.in_response_to);
        (request, found.unwrap_or("no InResponseTo in the confirmation"))
    })
}

fn answering<'a, 'e>(
    a: &'a Assertion<'e>,
    e: &Expected<'_>,
) -> impl Iterator<Item = &'a BearerData<'e>> {
    in_time(a, e).filter(|data| match e.request {
        Request::Solicited(id) => data.in_response_to == Some(id),
        Request::Unsolicited { .. } => data.in_response_to.is_none(),
    })
}

/// It has no `NotBefore`, which the profile forbids. Real identity providers repeat there what the
/// conditions say; that changes nothing and is let pass.
pub(super) fn not_before(a: &Assertion<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    report.rule(Code::NotYetValid, confirming(a, e).next().is_some(), || {
        let start = answering(a, e).next().and_then(|data| data.not_before);
        let found = start.map_or_else(|| "absent".to_owned(), time::write);
        ("no NotBefore in the confirmation, but that of Conditions", found)
    })
}

/// The confirmations that hold entirely.
fn confirming<'a, 'e>(
    a: &'a Assertion<'e>,
    e: &Expected<'_>,
) -> impl Iterator<Item = &'a BearerData<'e>> {
    let said = a.conditions.as_ref().and_then(|conditions| conditions.not_before);
    answering(a, e).filter(move |data| data.not_before.is_none() || data.not_before == said)
}

/// When the assertion ends: no confirmation holds any more, or the conditions do not.
pub(super) fn end(a: &Assertion<'_>, e: &Expected<'_>) -> OffsetDateTime {
    let conditions = a.conditions.as_ref().and_then(|conditions| conditions.not_on_or_after);
    let bearer = complete(a).filter_map(|data| data.not_on_or_after).max();
    match (bearer, conditions) {
        (Some(bearer), Some(conditions)) => bearer.min(conditions),
        (Some(end), None) | (None, Some(end)) => end,
        (None, None) => e.now,
    }
}
