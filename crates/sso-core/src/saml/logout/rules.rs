//! The rules of logout messages, one function each, in two ordered tables (SAML Core 3.7.3; SAML Profiles
//! 4.4.3, 4.4.4; ATTACKS SLO-03 to SLO-05).

use super::super::name_id::NameId;
use super::super::names::{FORMAT_ENTITY, STATUS_SUCCESS};
use super::super::report::Report;
use super::super::time::{self, Present};
use super::outside::{Kind, Outside};
use super::request::LogoutRequest;
use super::response::LogoutResponse;
use crate::error::{Code, Rejection};
use ::time::{Duration, OffsetDateTime};

/// How old a logout message may be, not counting the skew.
pub(crate) const MAX_AGE: Duration = Duration::seconds(300);

/// What a logout message is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// The entity ID of the identity provider.
    pub(crate) idp_entity_id: &'a str,
    /// The other names under which it sends logout messages.
    pub(crate) issuer_alias: &'a [String],
    /// Our address that the message came to, compared letter for letter; none where it is the answer on a
    /// connection of our own, which tells whom it is for.
    pub(crate) address: Option<&'a str>,
    /// Whether the message is signed, inside or outside.
    pub(crate) signed: bool,
    /// The request that a response must answer.
    pub(crate) request_id: Option<&'a str>,
    /// Now.
    pub(crate) present: Present,
}

type Outcome = Result<(), Rejection>;
type OutsideRule = fn(&Outside<'_>, &Expected<'_>, &mut Report<'_>) -> Outcome;
type RequestRule = fn(&LogoutRequest<'_>, &Expected<'_>, &mut Report<'_>) -> Outcome;

const OUTSIDE: &[OutsideRule] =
    &[version, destination, issuer, issuer_format, status, in_response_to];
const REQUEST: &[RequestRule] = &[not_on_or_after, request_age, name_id];

/// Holds the outside of a message to its rules.
///
/// # Errors
/// The refusal of the first rule that is broken.
pub(crate) fn outside(
    outside: &Outside<'_>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    OUTSIDE.iter().try_for_each(|rule| rule(outside, expected, report))
}

/// Holds a verified request to its rules.
///
/// # Errors
/// The refusal of the first rule that is broken.
pub(crate) fn request(
    request: &LogoutRequest<'_>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    REQUEST.iter().try_for_each(|rule| rule(request, expected, report))
}

/// Holds a verified response to its rules: all but one are those of the outside.
///
/// # Errors
/// The refusal of the first rule that is broken.
pub(crate) fn response(
    response: &LogoutResponse<'_>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    age(response.issue_instant, expected, report)
}

/// The version is 2.0 (SAML Core 3.2.1, 3.2.2).
fn version(o: &Outside<'_>, _: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let version = o.head.version;
    report.rule(Code::Version, version == Some("2.0"), || ("2.0", version.unwrap_or("no Version")))
}

/// The message was sent here, and a signed one says so (SAML Bindings 3.4.5.2, 3.5.5.2): else another
/// service that knows the person could pass on what it was sent itself.
fn destination(o: &Outside<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let Some(address) = e.address else { return Ok(()) };
    let destination = o.head.destination;
    let holds = destination.map_or(!e.signed, |destination| destination == address);
    report.rule(Code::Destination, holds, || {
        (address.to_owned(), destination.unwrap_or("no Destination"))
    })
}

/// The sender is the identity provider, under its own name or one that is granted for logout
/// (SAML Profiles 4.4.4; SPEC 2). The keys are the connection's in any case.
fn issuer(o: &Outside<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let issuer = o.head.issuer.as_ref().map(|issuer| issuer.entity_id());
    let is_known = |issuer: &str| {
        issuer == e.idp_entity_id || e.issuer_alias.iter().any(|alias| alias == issuer)
    };
    report.rule(Code::Issuer, issuer.is_some_and(is_known), || {
        let names =
            std::iter::once(e.idp_entity_id).chain(e.issuer_alias.iter().map(String::as_str));
        (names.collect::<Vec<_>>().join(" or "), issuer.unwrap_or("no Issuer"))
    })
}

/// The issuer is named as an entity (SAML Profiles 4.4.4).
fn issuer_format(o: &Outside<'_>, _: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let format = o.head.issuer.as_ref().and_then(|issuer| issuer.format).unwrap_or(FORMAT_ENTITY);
    report.rule(Code::IssuerFormat, format == FORMAT_ENTITY, || (FORMAT_ENTITY, format))
}

/// A response says that the person was signed out, if not everywhere (SAML Core 3.7.3.2).
fn status(o: &Outside<'_>, _: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    if o.kind == Kind::Request {
        return Ok(());
    }
    let status = o.status.as_ref();
    let holds = status.is_some_and(|status| status.is_success() || status.is_partial_logout());
    report.rule(Code::StatusNotSuccess, holds, || {
        (STATUS_SUCCESS, status.map_or_else(|| "no Status".to_owned(), ToString::to_string))
    })
}

/// A response answers the request that was sent (SAML Core 3.2.2).
fn in_response_to(o: &Outside<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let (answered, asked) = (o.head.in_response_to, e.request_id);
    report.rule(Code::InResponseTo, answered == asked, || {
        (asked.unwrap_or("no InResponseTo").to_owned(), answered.unwrap_or("no InResponseTo"))
    })
}

/// The request still counts: the end itself is past it (SAML Core 3.7.1).
fn not_on_or_after(r: &LogoutRequest<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let end = r.not_on_or_after;
    report.rule(Code::Expired, end.is_none_or(|end| e.present.is_ahead(end)), || {
        let found = end.map_or_else(|| "absent".to_owned(), time::write);
        (format!("before NotOnOrAfter: now {}", e.present), found)
    })
}

fn request_age(r: &LogoutRequest<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    age(r.issue_instant, e, report)
}

/// The message was made just now, and not in the future: one that was kept is of no use.
fn age(issued: OffsetDateTime, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    report.rule(Code::TooOld, e.present.is_within(MAX_AGE, issued), || {
        let limit = MAX_AGE.whole_seconds();
        (format!("issued at most {limit} s ago: now {}", e.present), time::write(issued))
    })?;
    report.rule(Code::NotYetValid, e.present.has_come(issued), || {
        (format!("issued in the past: now {}", e.present), time::write(issued))
    })
}

/// The person is named by a NameID that is more than blank (SAML Core 3.7.1).
fn name_id(r: &LogoutRequest<'_>, _: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let value = r.name_id.as_ref().map(|NameId { value, .. }| value.as_ref());
    let holds = value.is_some_and(|value| !value.trim().is_empty());
    report.rule(Code::NameIdMissing, holds, || {
        ("a NameID", value.map_or("no NameID", |value| if holds { value } else { "a blank one" }))
    })
}
