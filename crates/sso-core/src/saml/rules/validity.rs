//! The rules that say when an assertion is good, and for whom (SAML Core 2.5.1, 2.7.2;
//! ATTACKS PROT-01, PROT-04, PROT-06).

use super::super::assertion::Assertion;
use super::super::report::Report;
use super::super::time;
use super::{Expected, Profile, Request};
use crate::error::{Code, Rejection};
use ::time::OffsetDateTime;

type Outcome = Result<(), Rejection>;

/// There is one `Conditions`, and each condition in it is understood (SAML Core 2.5.1.1).
pub(super) fn conditions(a: &Assertion<'_>, _: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let unknown = a.conditions.as_ref().and_then(|conditions| conditions.unknown);
    let holds = a.conditions.is_some() && !a.conditions_repeated && unknown.is_none();
    report.rule(Code::Conditions, holds, || {
        let found = match unknown {
            _ if a.conditions_repeated => "Conditions twice".to_owned(),
            _ if a.conditions.is_none() => "no Conditions".to_owned(),
            Some(unknown) => format!("the condition {unknown}"),
            None => "one".to_owned(),
        };
        ("one Conditions with known conditions", found)
    })
}

/// The assertion is valid already (SAML Core 2.5.1.2).
pub(super) fn not_before(a: &Assertion<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let start = a.conditions.as_ref().and_then(|conditions| conditions.not_before);
    report.rule(Code::NotYetValid, start.is_none_or(|start| e.present().has_come(start)), || {
        (format!("not before NotBefore of Conditions: now {}", e.present()), shown(start))
    })
}

/// The assertion is still valid: the end itself is past it (SAML Core 2.5.1.2). Where no confirmation
/// needs to end, the conditions must (ATTACKS WSF-03).
pub(super) fn not_on_or_after(
    a: &Assertion<'_>,
    e: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let end = a.conditions.as_ref().and_then(|conditions| conditions.not_on_or_after);
    let endless = e.profile == Profile::WebBrowserSso;
    report.rule(Code::Expired, end.map_or(endless, |end| e.present().is_ahead(end)), || {
        (format!("before NotOnOrAfter of Conditions: now {}", e.present()), shown(end))
    })
}

/// The assertion is meant for us: there is an `AudienceRestriction`, and each one names us
/// (SAML Core 2.5.1.4; SAML Profiles 4.1.4.2; ATTACKS WSF-02).
pub(super) fn audience(a: &Assertion<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let conditions = a.conditions.as_ref();
    report.rule(Code::Audience, conditions.is_some_and(|c| c.admit(e.sp_entity_id)), || {
        let found = conditions.map_or_else(|| "no Conditions".to_owned(), |c| c.audiences());
        (e.sp_entity_id.to_owned(), found)
    })
}

/// The identity provider's session has not ended (SAML Core 2.7.2).
pub(super) fn session(a: &Assertion<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let end = session_end(a);
    report.rule(Code::Expired, end.is_none_or(|end| e.present().is_ahead(end)), || {
        (format!("before SessionNotOnOrAfter: now {}", e.present()), shown(end))
    })
}

/// The earliest end that a statement sets to the session.
pub(super) fn session_end(a: &Assertion<'_>) -> Option<OffsetDateTime> {
    a.authn_statements.iter().filter_map(|statement| statement.session_not_on_or_after).min()
}

/// An assertion that answers no request was issued just now, and not in the future (SPEC 5.2).
pub(super) fn age(a: &Assertion<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let Request::Unsolicited { max_age } = e.request else { return Ok(()) };
    report.rule(Code::TooOld, e.present().is_within(max_age, a.issue_instant), || {
        let limit = max_age.whole_seconds();
        (format!("issued at most {limit} s ago: now {}", e.present()), time::write(a.issue_instant))
    })?;
    report.rule(Code::NotYetValid, e.present().has_come(a.issue_instant), || {
        (format!("issued in the past: now {}", e.present()), time::write(a.issue_instant))
    })
}

fn shown(instant: Option<OffsetDateTime>) -> String {
    instant.map_or_else(|| "absent".to_owned(), time::write)
}
