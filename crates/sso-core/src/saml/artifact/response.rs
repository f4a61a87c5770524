//! `ArtifactResponse`: the answer to the request for a message (SAML Core 3.5.2; SAML Profiles 5.3.2).

use super::super::coverage::{self, Trust};
use super::super::envelope::is_assertion;
use super::super::head::Head;
use super::super::names::{FORMAT_ENTITY, STATUS_SUCCESS};
use super::super::report::Report;
use super::super::rules::Expected;
use super::super::schema::Order;
use super::super::status::Status;
use crate::connection::LegacyCrypto;
use crate::dsig::{self, Signature};
use crate::error::{Code, Rejection};
use crate::xml::{Element, ns};
use std::collections::BTreeSet;

/// An answer: its outside, and the message in it, if there is one.
#[derive(Debug)]
struct ArtifactResponse<'e> {
    head: Head<'e>,
    status: Option<Status<'e>>,
    signature: Option<Signature<'e>>,
    message: Option<Element<'e>>,
}

/// Gives the message in an answer, which is still to be held to every rule, once the answer was held to its
/// own: it is of the connection's identity provider, answers the request `resolve_id`, says success, and its
/// signature holds if it has one. `legacy_used` gets the old algorithms of that.
///
/// # Errors
/// The refusal of the first rule that is broken; `artifact_unknown` where there is no message.
pub(crate) fn message<'e>(
    root: Element<'e>,
    resolve_id: &str,
    expected: &Expected<'_>,
    trust: &Trust<'_>,
    report: &mut Report<'_>,
    legacy_used: &mut BTreeSet<LegacyCrypto>,
) -> Result<Element<'e>, Rejection> {
    let answer = ArtifactResponse::read(root)?;
    answer.version(report)?;
    answer.issuer(expected, report)?;
    answer.status(report)?;
    answer.in_response_to(resolve_id, report)?;
    let message = answer.message;
    coverage::verify(answer.signature, trust, expected.now, report, legacy_used)?;
    let expected = "the message that the artifact stands for";
    message.ok_or_else(|| Rejection::new(Code::ArtifactUnknown, expected, "none"))
}

impl<'e> ArtifactResponse<'e> {
    /// Reads an answer.
    ///
    /// # Errors
    /// `unexpected_message`, `assertion_nested`, `signature_position`, `schema_violation`, `invalid_time`,
    /// and what [`dsig::signature_of`] refuses.
    fn read(root: Element<'e>) -> Result<Self, Rejection> {
        if !root.is(ns::SAMLP, "ArtifactResponse") {
            let found = format!("{} in the namespace {:?}", root.local_name(), root.namespace());
            let expected = "a SAML 2.0 ArtifactResponse";
            return Err(Rejection::new(Code::UnexpectedMessage, expected, found));
        }
        let signature = dsig::signature_of(root)?;
        let mut answer = Self { head: Head::read(root)?, status: None, signature, message: None };
        let mut order = Order::of(root)?;
        for child in std::mem::take(&mut answer.head.body) {
            if child.is(ns::SAMLP, "Status") {
                order.once(child, 1)?;
                answer.status = Some(Status::read(child)?);
            } else {
                order.once(child, 2)?;
                answer.message = Some(child);
            }
        }
        nothing_else(root, answer.message)?;
        Ok(answer)
    }

    /// The version is 2.0 (SAML Core 3.2.2).
    fn version(&self, report: &mut Report<'_>) -> Result<(), Rejection> {
        let version = self.head.version;
        report.rule(Code::Version, version == Some("2.0"), || {
            ("2.0", version.unwrap_or("no Version"))
        })
    }

    /// It is of the identity provider whose artifact it was, and says so (SAML Profiles 5.3.2; ATTACKS
    /// ART-01).
    fn issuer(&self, e: &Expected<'_>, report: &mut Report<'_>) -> Result<(), Rejection> {
        let issuer = self.head.issuer.as_ref();
        let name = issuer.map(|issuer| issuer.entity_id());
        report.rule(Code::Issuer, name == Some(e.idp_entity_id), || {
            (e.idp_entity_id.to_owned(), name.unwrap_or("no Issuer on the ArtifactResponse"))
        })?;
        let format = issuer.and_then(|issuer| issuer.format).unwrap_or(FORMAT_ENTITY);
        report.rule(Code::IssuerFormat, format == FORMAT_ENTITY, || (FORMAT_ENTITY, format))
    }

    /// The request was carried out. Of an artifact that is not known that is said, too (SAML Core 3.5.3).
    fn status(&self, report: &mut Report<'_>) -> Result<(), Rejection> {
        let status = self.status.as_ref();
        report.rule(Code::StatusNotSuccess, status.is_some_and(Status::is_success), || {
            (STATUS_SUCCESS, status.map_or_else(|| "no Status".to_owned(), ToString::to_string))
        })
    }

    /// It answers the very request that was sent: its ID is drawn for this exchange, so that no answer can
    /// have been kept from another.
    fn in_response_to(&self, asked: &str, report: &mut Report<'_>) -> Result<(), Rejection> {
        let answered = self.head.in_response_to;
        report.rule(Code::InResponseTo, answered == Some(asked), || {
            (asked.to_owned(), answered.unwrap_or("no InResponseTo"))
        })
    }
}

/// Refuses assertions and signatures that are neither in the message nor the signature of the answer: what
/// is in the message is settled where that is looked at.
fn nothing_else<'e>(root: Element<'e>, message: Option<Element<'e>>) -> Result<(), Rejection> {
    let around = root.children().filter(|child| Some(*child) != message);
    for child in around.filter(|child| !child.is(ns::DS, "Signature")) {
        for element in child.descendants() {
            let code = if is_assertion(element) {
                Code::AssertionNested
            } else if element.is(ns::DS, "Signature") {
                Code::SignaturePosition
            } else {
                continue;
            };
            let expected = "assertions and signatures in the message alone";
            let found = format!("{} in {}", element.local_name(), child.local_name());
            return Err(Rejection::new(code, expected, found));
        }
    }
    Ok(())
}
