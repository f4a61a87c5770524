//! The rules of the Web Browser SSO profile (SAML Profiles 4.1.4.2, 4.1.4.3), one function each, in
//! one ordered table; and of the tokens of WS-Federation, which the same table holds (SPEC 3).
//!
//! The order decides the code when a message breaks several. A rule that is in no table is dead code
//! and does not compile, and one table serves solicited and unsolicited logins of both protocols, so
//! that no path can miss a rule that another has. The few rules that ask less of a token ask the
//! [`Profile`]. What comes out is [`Checked`], which only [`assertion`] makes.

mod bearer;
mod identity;
mod outside;
mod validity;

use super::assertion::Assertion;
use super::envelope::Envelope;
use super::name_id::{Issuer, NameId};
use super::report::Report;
use super::statements::AuthnStatement;
use super::time::Present;
use crate::connection::NameIdFormat;
use crate::error::{Code, Rejection};
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};

/// What a response is held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The profile that the message belongs to.
    pub profile: Profile,
    /// The entity ID of the identity provider.
    pub idp_entity_id: &'a str,
    /// Our entity ID.
    pub sp_entity_id: &'a str,
    /// Our assertion consumer URL, compared letter for letter.
    pub acs_url: &'a str,
    /// What the response answers.
    pub request: Request<'a>,
    /// The NameID format that was asked for.
    pub name_id_format: NameIdFormat,
    /// Whether a transient NameID is good for anything here.
    pub transient_allowed: bool,
    /// The authentication contexts that were asked for; empty where any will do.
    pub authn_context_class_ref: &'a [String],
    /// The Names of the attributes that say who a person is.
    pub identifying_attributes: &'a [String],
    /// The current instant in UTC.
    pub now: OffsetDateTime,
    /// How far the two clocks may differ; not negative.
    pub skew: Duration,
}

/// The profiles in which assertions come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Web Browser SSO (SAML Profiles 4.1): the bearer confirmation says where, until when and in answer
    /// to what the assertion may be delivered, and a statement how the person was authenticated.
    WebBrowserSso,
    /// The passive requestor of WS-Federation (WS-Federation 1.2, 13): SAML 1.1 has no such confirmation,
    /// and a token of SAML 2.0 may leave it out, so that the conditions must say until when; that
    /// somebody was authenticated need not be stated.
    PassiveRequestor,
}

/// What a response answers.
#[derive(Debug, Clone, Copy)]
pub enum Request<'a> {
    /// The AuthnRequest with this ID.
    Solicited(&'a str),
    /// The sign-in request of WS-Federation that this browser was sent with. No token names it: `wctx` and
    /// the browser's cookie lead to it, which is for the caller to check.
    SignIn,
    /// None: the identity provider began (SPEC 5.2). The assertion may be at most this old.
    Unsolicited {
        /// The greatest age, not counting the skew.
        max_age: Duration,
    },
}

impl Expected<'_> {
    /// Now, for the rules.
    pub(crate) fn present(&self) -> Present {
        Present { now: self.now, skew: self.skew }
    }
}

type OutsideRule = fn(&Envelope<'_>, &Expected<'_>, &mut Report<'_>) -> Result<(), Rejection>;
type AssertionRule = fn(&Assertion<'_>, &Expected<'_>, &mut Report<'_>) -> Result<(), Rejection>;

/// The rules of the outside (DESIGN 1): version, destination, issuer, status, request.
const OUTSIDE: &[OutsideRule] = &[
    outside::version,
    outside::issue_instant,
    outside::destination,
    outside::issuer,
    outside::issuer_format,
    outside::status,
    outside::in_response_to,
    outside::one_assertion,
];

/// The rules of the verified assertion, in profile order.
const ASSERTION: &[AssertionRule] = &[
    identity::version,
    identity::issuer,
    identity::issuer_format,
    identity::one_subject,
    identity::name_id,
    identity::name_id_format,
    identity::name_id_qualifiers,
    bearer::confirmation,
    bearer::recipient,
    bearer::not_on_or_after,
    bearer::in_response_to,
    bearer::not_before,
    validity::conditions,
    validity::not_before,
    validity::not_on_or_after,
    validity::audience,
    identity::authn_statement,
    validity::session,
    identity::authn_context,
    identity::attributes,
    validity::age,
];

/// Holds the outside of a message to its rules.
///
/// # Errors
/// The refusal of the first rule that is broken.
pub fn outside(
    envelope: &Envelope<'_>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Result<(), Rejection> {
    OUTSIDE.iter().try_for_each(|rule| rule(envelope, expected, report))
}

/// Holds a verified assertion to every rule of the profile.
///
/// # Errors
/// The refusal of the first rule that is broken.
pub fn assertion<'e>(
    assertion: Assertion<'e>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Result<Checked<'e>, Rejection> {
    ASSERTION.iter().try_for_each(|rule| rule(&assertion, expected, report))?;
    let end = bearer::end(&assertion, expected);
    let session_end = validity::session_end(&assertion);
    let chosen = identity::chosen_statement(&assertion, expected).map_or(0, |(place, _)| place);
    let session_indexes = session_indexes(&assertion.authn_statements);
    let missing = |code: Code| Rejection::new(code, "one", "none");
    Ok(Checked(Facts {
        id: assertion.id,
        issue_instant: assertion.issue_instant,
        issuer: assertion.issuer.ok_or_else(|| missing(Code::Issuer))?,
        end: end.ok_or_else(|| missing(Code::Expired))?,
        name_id: assertion.subject.name_id.ok_or_else(|| missing(Code::NameIdMissing))?,
        authn: assertion.authn_statements.into_iter().nth(chosen),
        session_indexes,
        session_end,
        attributes: assertion.attributes.values,
    }))
}

/// Every index that a statement gives, as received, each once.
fn session_indexes<'e>(statements: &[AuthnStatement<'e>]) -> Vec<&'e str> {
    let mut known = BTreeSet::new();
    let given = statements.iter().filter_map(|statement| statement.session_index);
    given.filter(|index| known.insert(*index)).collect()
}

/// The proof that a verified assertion broke no rule.
#[derive(Debug)]
pub struct Checked<'e>(Facts<'e>);

impl<'e> Checked<'e> {
    /// What the assertion says, for another engine to agree with.
    #[cfg(feature = "second-opinion")]
    pub(in crate::saml) fn facts(&self) -> &Facts<'e> {
        &self.0
    }

    /// What the assertion says, now that it may be believed.
    pub(crate) fn into_facts(self) -> Facts<'e> {
        self.0
    }
}

/// What a checked assertion says.
#[derive(Debug)]
pub(crate) struct Facts<'e> {
    /// The ID of the assertion.
    pub(crate) id: &'e str,
    /// When it was issued.
    pub(crate) issue_instant: OffsetDateTime,
    /// Who issued it.
    pub(crate) issuer: Issuer<'e>,
    /// From when on the assertion would be refused as expired, were there no skew.
    pub(crate) end: OffsetDateTime,
    /// Whom it means.
    pub(crate) name_id: NameId<'e>,
    /// How and when that person was authenticated, if it says.
    pub(crate) authn: Option<AuthnStatement<'e>>,
    /// The identity provider's names for the session, of all statements.
    pub(crate) session_indexes: Vec<&'e str>,
    /// The earliest end that a statement sets to the session.
    pub(crate) session_end: Option<OffsetDateTime>,
    /// The attributes, merged by Name, in the assertion's order.
    pub(crate) attributes: Vec<(String, Vec<String>)>,
}
