//! What happened in one login, rule by rule, for those who must find out why it failed (SPEC 13).

use crate::connection::LegacyCrypto;
use crate::error::{Code, Rejection};
use crate::saml::Report;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One rule as it was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    /// The rule, named by the code of its refusal or by the event.
    pub rule: Cow<'static, str>,
    /// The clause it comes from.
    pub clause: Cow<'static, str>,
    /// Whether it held.
    pub ok: bool,
    /// What it expected.
    pub expected: Cow<'static, str>,
    /// What came.
    pub found: String,
    /// Where to mend it; empty where it held.
    pub hint: Cow<'static, str>,
}

impl Step {
    /// Something worth knowing that is no rule.
    pub fn note(event: &'static str, clause: &'static str, found: impl Into<String>) -> Self {
        Self {
            rule: event.into(),
            clause: clause.into(),
            ok: true,
            expected: Cow::default(),
            found: found.into(),
            hint: Cow::default(),
        }
    }
}

/// How a login ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The person was signed in.
    Accepted,
    /// The person was not.
    Rejected,
}

/// The steps of a login. One that is [`Trace::off`] records nothing and costs nothing.
#[derive(Debug, Default)]
pub struct Trace {
    steps: Option<Vec<Step>>,
}

impl Trace {
    /// A trace that records.
    pub fn recording() -> Self {
        Self { steps: Some(Vec::with_capacity(32)) }
    }

    /// A trace that records nothing.
    pub fn off() -> Self {
        Self { steps: None }
    }

    /// Whether it records.
    pub fn records(&self) -> bool {
        self.steps.is_some()
    }

    /// Runs the rules of a verifier, and records each: those that held, and the one that did not.
    pub(crate) fn rules<T>(
        &mut self,
        verifier: impl FnOnce(&mut Report<'_>) -> Result<T, Rejection>,
    ) -> Result<T, Rejection> {
        let verified = if self.records() {
            let mut held = |rule, expected, found| self.pass(rule, || (expected, found));
            verifier(&mut Report::to(&mut held))
        } else {
            verifier(&mut Report::off())
        };
        verified.inspect_err(|rejection| self.reject(rejection))
    }

    /// Records that an old algorithm was used by grant (SPEC 2).
    pub(crate) fn legacy_used(&mut self, legacy: LegacyCrypto) {
        self.note("legacy_crypto", "SPEC 2", format!("{} was used by grant", legacy.as_str()));
    }

    /// Records that a rule held. The texts are made only where the trace records.
    pub fn pass<E: Into<Cow<'static, str>>, F: Into<String>>(
        &mut self,
        rule: Code,
        texts: impl FnOnce() -> (E, F),
    ) {
        if let Some(steps) = &mut self.steps {
            let (expected, found) = texts();
            steps.push(Step {
                rule: rule.as_str().into(),
                clause: rule.clause().into(),
                ok: true,
                expected: expected.into(),
                found: found.into(),
                hint: Cow::default(),
            });
        }
    }

    /// Records something worth knowing that is no rule.
    pub fn note(&mut self, event: &'static str, clause: &'static str, found: impl Into<String>) {
        if let Some(steps) = &mut self.steps {
            steps.push(Step::note(event, clause, found));
        }
    }

    /// Records the rule that refused the login. A login is refused once: where the verifier has
    /// recorded it already, nothing is added.
    pub fn reject(&mut self, rejection: &Rejection) {
        if let Some(steps) = &mut self.steps
            && steps.last().is_none_or(|last| last.ok)
        {
            steps.push(Step {
                rule: rejection.code.as_str().into(),
                clause: rejection.code.clause().into(),
                ok: false,
                expected: rejection.expected.clone(),
                found: rejection.found.clone().into_owned(),
                hint: rejection.code.hint().into(),
            });
        }
    }

    /// The steps recorded.
    pub fn steps(&self) -> &[Step] {
        self.steps.as_deref().unwrap_or_default()
    }
}
