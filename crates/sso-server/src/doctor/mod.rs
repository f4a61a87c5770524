//! What is misconfigured or will break, and when (SPEC 14). Every check is a pure function of what was
//! read before: it asks no clock, file or database. It changes nothing and decides nothing.

pub(crate) mod certificate_plans;
pub(crate) mod certificates;
pub(crate) mod connection;
pub(crate) mod logins;
pub(crate) mod machine;
pub(crate) mod master_keys;
pub(crate) mod metadata;
pub(crate) mod settings;
pub(crate) mod tokens;

use serde::Serialize;
use sso_core::org::OrgName;
use time::OffsetDateTime;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Severity {
    /// Something fails now, or within a week.
    Error,
    /// Something will fail, or is weaker than it need be.
    Warning,
    /// Worth knowing.
    Notice,
}

/// Something that is wrong or will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// How bad it is.
    pub(crate) severity: Severity,
    /// Its stable name in snake_case.
    pub(crate) code: &'static str,
    /// The organization; `None` where it concerns all.
    pub(crate) org: Option<OrgName>,
    /// What is wrong, in one sentence.
    pub(crate) what: String,
    /// When it breaks, or broke, in UTC.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) at: Option<OffsetDateTime>,
    /// What to do, in one sentence.
    pub(crate) mend: String,
}

impl Finding {
    /// A finding that concerns all.
    pub(crate) fn new(
        severity: Severity,
        code: &'static str,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { severity, code, org: None, what: what.into(), at: None, mend: mend.into() }
    }

    /// Of an organization.
    pub(crate) fn of(self, org: &OrgName) -> Self {
        Self { org: Some(org.clone()), ..self }
    }

    /// With the instant when it breaks.
    pub(crate) fn at(self, at: OffsetDateTime) -> Self {
        Self { at: Some(at), ..self }
    }
}
