//! What refusing costs, beside accepting, for each cause that a message can give: the work that a sender
//! who proves nothing can make us do (SPEC 4, ATTACKS DOS). The causes stand in the order of the checks.

mod encrypted;
mod plain;

use crate::input::{Input, committed};
use crate::subjects::ours::verify;
use crate::{Operation, count};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::dsig::{DigestAlgorithm, SignatureAlgorithm, TrustedKey};
use sso_core::login::{RelyingParty, Trace};
use time::OffsetDateTime;

/// The code of a case that is accepted.
pub(crate) const ACCEPTED: &str = "accepted";

/// A name, and what makes its cases. The bounds of all refer to the first, which is accepted.
pub(crate) type Group = (&'static str, fn() -> Vec<Case>);

/// The groups.
pub(crate) const GROUPS: &[Group] = &[
    ("plain", plain::cases),
    ("encrypted by AES-GCM", encrypted::authenticated),
    ("encrypted by AES-CBC", encrypted::in_blocks),
];

/// One message, and what is made of it.
pub(crate) struct Case {
    /// In words.
    pub(crate) cause: String,
    /// The code of its refusal.
    pub(crate) code: &'static str,
    /// The most that it may cost.
    pub(crate) bound: Bound,
    /// Judging it. It panics where the code is another one.
    pub(crate) operation: Operation,
}

/// What a case may cost at most, beside the accepted message of its group.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    /// Less than half of it: nothing was hashed and no key was used.
    Half,
    /// As much, and this many verifications besides.
    AndVerifications(u32),
    /// This many times as much.
    Times(u32),
}

impl Bound {
    /// In instructions.
    pub(crate) fn most(self, accepting: f64, verification: f64) -> f64 {
        match self {
            Self::Half => accepting / 2.0,
            Self::AndVerifications(keys) => accepting + f64::from(keys) * verification,
            Self::Times(keys) => accepting * f64::from(keys),
        }
    }
}

/// What a group costs, in instructions.
pub(crate) struct Counts {
    /// One verification by a key.
    pub(crate) verification: f64,
    /// Its cases, in their order.
    pub(crate) cases: Vec<Counted>,
}

/// What a case costs and may cost, in instructions.
pub(crate) struct Counted {
    pub(crate) cause: String,
    pub(crate) code: &'static str,
    pub(crate) each: f64,
    pub(crate) most: f64,
}

/// Counts a group.
pub(crate) fn instructions(group: &str) -> Counts {
    let mut counts = count::instructions(&["count", "refusals", group]).into_iter();
    let mut next = || counts.next().expect("a count").1;
    let verification = next();
    let cases: Vec<_> = cases(group).into_iter().map(|case| (next(), case)).collect();
    let accepting = cases.first().map_or(0.0, |(each, _)| *each);
    let counted = |(each, case): (f64, Case)| Counted {
        most: case.bound.most(accepting, verification),
        cause: case.cause,
        code: case.code,
        each,
    };
    Counts { verification, cases: cases.into_iter().map(counted).collect() }
}

/// Counts them, under callgrind.
pub(crate) fn count(group: &str) {
    count::count("verification", &verification());
    cases(group).iter().for_each(|case| count::count(&case.cause, &case.operation));
}

fn cases(group: &str) -> Vec<Case> {
    let (_, cases) = GROUPS.iter().find(|(name, _)| *name == group).expect("a group");
    cases()
}

/// A verification by a key of the identity provider, alone.
fn verification() -> Operation {
    let input = Input::read(&committed(), "response");
    let key = TrustedKey::from_certificate_pem(&input.certificate).expect("a certificate");
    let algorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);
    Box::new(move || {
        let [signed] = input.signed.as_slice() else { panic!("one signature") };
        assert!(key.verifies(algorithm, &signed.signed_info, &signed.value));
    })
}

/// A case: a message posted to a party.
fn case(
    cause: impl Into<String>,
    code: &'static str,
    bound: Bound,
    xml: &[u8],
    party: RelyingParty,
    now: OffsetDateTime,
) -> Case {
    posted(cause, code, bound, STANDARD.encode(xml), party, now)
}

fn posted(
    cause: impl Into<String>,
    code: &'static str,
    bound: Bound,
    field: String,
    party: RelyingParty,
    now: OffsetDateTime,
) -> Case {
    let cause = cause.into();
    let shown = cause.clone();
    let operation = Box::new(move || {
        let login = verify(&field, &party, now, Trace::recording());
        let found = login.as_ref().map_or_else(|it| it.code.as_str(), |_| ACCEPTED);
        assert_eq!(found, code, "{shown}: {login:?}");
    });
    Case { cause, code, bound, operation }
}

/// A message with one text in the place of another.
///
/// # Panics
/// Where the text does not stand in it.
fn with(xml: &str, text: &str, other: &str) -> String {
    assert!(xml.contains(text), "{text} stands in the message");
    xml.replacen(text, other, 1)
}

/// The text from the first `start` to the end of the first `end` after it.
fn part<'x>(xml: &'x str, start: &str, end: &str) -> &'x str {
    let from = xml.find(start).expect("a start");
    let length = xml[from..].find(end).expect("an end") + end.len();
    &xml[from..from + length]
}
