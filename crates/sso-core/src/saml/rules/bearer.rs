//! The rules of bearer confirmation (SAML Profiles 4.1.4.2, 4.1.4.3; ATTACKS PROT-02, PROT-04,
//! PROT-05, PROT-08, WSF-05, WSF-10).
//!
//! An assertion may carry several confirmations, of which one must hold entirely. Each rule therefore
//! asks for one that keeps this rule and all before it, and the code is that of the rule at which the
//! last candidate fell. A token of WS-Federation may leave out what its profile does not ask for; what it
//! says must hold all the same.

use super::super::assertion::Assertion;
use super::super::report::Report;
use super::super::subject::Bearer;
use super::super::time;
use super::{Expected, Profile, Request};
use crate::error::{Code, Rejection};
use ::time::OffsetDateTime;

type Outcome = Result<(), Rejection>;

/// There is a bearer confirmation, with data where the profile wants them.
pub(super) fn confirmation(
    a: &Assertion<'_>,
    e: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    report.rule(Code::NoBearerConfirmation, complete(a, e).next().is_some(), || {
        let found = match a.subject.bearers.len() {
            0 => "no bearer SubjectConfirmation".to_owned(),
            count => {
                let with_data = a.subject.bearers.iter().filter(|bearer| bearer.has_data);
                format!("{count} of them, {} with data", with_data.count())
            }
        };
        let wanted = match e.profile {
            Profile::WebBrowserSso => "a bearer SubjectConfirmation with SubjectConfirmationData",
            Profile::PassiveRequestor => "a bearer confirmation of each subject",
        };
        (wanted, found)
    })
}

/// The bearer confirmations that have what the profile wants.
fn complete<'a, 'e>(
    a: &'a Assertion<'e>,
    e: &Expected<'_>,
) -> impl Iterator<Item = &'a Bearer<'e>> {
    let bare = e.profile == Profile::PassiveRequestor;
    a.subject.bearers.iter().filter(move |bearer| bare || bearer.has_data)
}

/// Whether a part of the confirmation is right, or is absent where the profile does not ask for it.
fn right<T>(part: Option<T>, e: &Expected<'_>, is_right: impl FnOnce(T) -> bool) -> bool {
    part.map_or(e.profile == Profile::PassiveRequestor, is_right)
}

/// It was to be delivered here: letter for letter, no prefix, no other spelling of the same URL.
pub(super) fn recipient(a: &Assertion<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    report.rule(Code::Recipient, delivered(a, e).next().is_some(), || {
        let found = complete(a, e).next().and_then(|data| data.recipient);
        (e.acs_url.to_owned(), found.unwrap_or("no Recipient"))
    })
}

fn delivered<'a, 'e>(
    a: &'a Assertion<'e>,
    e: &Expected<'_>,
) -> impl Iterator<Item = &'a Bearer<'e>> {
    complete(a, e).filter(|data| right(data.recipient, e, |recipient| recipient == e.acs_url))
}

/// It says until when it may be delivered, where the profile asks, and that is still ahead.
pub(super) fn not_on_or_after(
    a: &Assertion<'_>,
    e: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    report.rule(Code::Expired, in_time(a, e).next().is_some(), || {
        let end = delivered(a, e).next().and_then(|data| data.not_on_or_after);
        let found = end.map_or_else(|| "absent".to_owned(), time::write);
        (format!("before NotOnOrAfter of the confirmation: now {}", e.present()), found)
    })
}

fn in_time<'a, 'e>(a: &'a Assertion<'e>, e: &Expected<'_>) -> impl Iterator<Item = &'a Bearer<'e>> {
    delivered(a, e).filter(|data| right(data.not_on_or_after, e, |end| e.present().is_ahead(end)))
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
            Request::SignIn | Request::Unsolicited { .. } => "no InResponseTo",
        };
        let found = in_time(a, e).next().and_then(|data| data.in_response_to);
        (request.to_owned(), found.unwrap_or("no InResponseTo in the confirmation"))
    })
}

fn answering<'a, 'e>(
    a: &'a Assertion<'e>,
    e: &Expected<'_>,
) -> impl Iterator<Item = &'a Bearer<'e>> {
    in_time(a, e).filter(|data| match e.request {
        Request::Solicited(id) => data.in_response_to == Some(id),
        Request::SignIn | Request::Unsolicited { .. } => data.in_response_to.is_none(),
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
) -> impl Iterator<Item = &'a Bearer<'e>> {
    let said = a.conditions.as_ref().and_then(|conditions| conditions.not_before);
    answering(a, e).filter(move |data| data.not_before.is_none() || data.not_before == said)
}

/// When the assertion ends: no confirmation holds any more, or the conditions do not.
pub(super) fn end(a: &Assertion<'_>, e: &Expected<'_>) -> Option<OffsetDateTime> {
    let conditions = a.conditions.as_ref().and_then(|conditions| conditions.not_on_or_after);
    let bearer = complete(a, e).filter_map(|data| data.not_on_or_after).max();
    match (bearer, conditions) {
        // A confirmation that sets no end holds for as long as the conditions do.
        (_, Some(end)) if e.profile == Profile::PassiveRequestor => Some(end),
        (Some(bearer), Some(conditions)) => Some(bearer.min(conditions)),
        (end, None) | (None, end) => end,
    }
}
