//! The rules of a response's unsigned outside: each can refuse, none supplies a value (SPEC 4.3).

use super::super::envelope::Envelope;
use super::super::names::{FORMAT_ENTITY, STATUS_SUCCESS};
use super::super::report::Report;
use super::super::schema::required;
use super::super::time;
use super::{Expected, Request};
use crate::error::{Code, Rejection};

type Outcome = Result<(), Rejection>;

/// The version is 2.0 (SAML Core 3.2.2).
pub(super) fn version(
    envelope: &Envelope<'_>,
    _: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let version = envelope.root.attribute("Version");
    report.rule(Code::Version, version == Some("2.0"), || ("2.0", version.unwrap_or("no Version")))
}

/// There is an ID, and the instant of issue is one (SAML Core 3.2.2, 1.3.3).
pub(super) fn issue_instant(
    envelope: &Envelope<'_>,
    _: &Expected<'_>,
    _: &mut Report<'_>,
) -> Outcome {
    required(envelope.root, "ID")?;
    time::read(required(envelope.root, "IssueInstant")?).map(|_| ())
}

/// The message was sent here: a signed response must say so (SAML Bindings 3.5.5.2), an unsigned one
/// must not say otherwise. Compared letter for letter (ATTACKS PROT-03).
pub(super) fn destination(
    envelope: &Envelope<'_>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let destination = envelope.root.attribute("Destination");
    let holds = match destination {
        Some(destination) => destination == expected.acs_url,
        None => envelope.signature.is_none(),
    };
    report.rule(Code::Destination, holds, || {
        (expected.acs_url.to_owned(), destination.unwrap_or("no Destination"))
    })
}

/// The sender is the identity provider of this login. A response may leave its issuer to the
/// assertion, which must name it in any case: some identity providers do even where they sign the
/// response (SAML Profiles 4.1.4.2; ATTACKS PROT-09, PROT-10).
pub(super) fn issuer(
    envelope: &Envelope<'_>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let issuer = envelope.issuer.as_ref().map(|issuer| issuer.entity_id());
    let holds = issuer.is_none_or(|issuer| issuer == expected.idp_entity_id);
    report.rule(Code::Issuer, holds, || {
        (expected.idp_entity_id.to_owned(), issuer.unwrap_or("no Issuer on the Response"))
    })
}

/// The issuer is named as an entity (SAML Profiles 4.1.4.2).
pub(super) fn issuer_format(
    envelope: &Envelope<'_>,
    _: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let format = envelope.issuer.as_ref().and_then(|issuer| issuer.format).unwrap_or(FORMAT_ENTITY);
    report.rule(Code::IssuerFormat, format == FORMAT_ENTITY, || (FORMAT_ENTITY, format))
}

/// The identity provider says that it signed the person in (SAML Core 3.2.2.2; ATTACKS PROT-13).
pub(super) fn status(
    envelope: &Envelope<'_>,
    _: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let status = envelope.status.as_ref();
    report.rule(Code::StatusNotSuccess, status.is_some_and(|s| s.is_success()), || {
        (STATUS_SUCCESS, status.map_or_else(|| "no Status".to_owned(), ToString::to_string))
    })
}

/// The response answers the request of this login, or none where there was none. It may leave that
/// to the assertion, which must say it in any case (SAML Profiles 4.1.4.3, 4.1.5; ATTACKS PROT-05,
/// PROT-12).
pub(super) fn in_response_to(
    envelope: &Envelope<'_>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let answered = envelope.root.attribute("InResponseTo");
    let (holds, request) = match expected.request {
        Request::Solicited(id) => (answered.is_none_or(|answered| answered == id), id),
        Request::SignIn | Request::Unsolicited { .. } => (answered.is_none(), "no InResponseTo"),
    };
    report.rule(Code::InResponseTo, holds, || {
        (request.to_owned(), answered.unwrap_or("no InResponseTo"))
    })
}

/// There is an assertion. (That there are no two was settled before any of this.)
pub(super) fn one_assertion(
    envelope: &Envelope<'_>,
    _: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let found = if envelope.body.is_some() { "one" } else { "none" };
    report.rule(Code::AssertionCount, envelope.body.is_some(), || ("exactly one assertion", found))
}
