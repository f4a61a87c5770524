//! Traces and the audit trail.

use crate::engine::{Failure, Fields};
use serde::{Deserialize, Serialize};
use sso_core::ids::{AccountId, AuditId, TraceId};
use sso_core::login::Step;
use sso_core::store::{AuditEntry, StoredTrace};
use std::borrow::Cow;

/// The columns that make a trace.
macro_rules! trace_columns {
    () => {
        "org, id, at, protocol, flow, outcome, code, name_id, account, steps"
    };
}
pub(crate) use trace_columns;

/// Reads [`trace_columns`].
pub(crate) fn trace(row: &mut Fields) -> Result<StoredTrace, Failure> {
    Ok(StoredTrace {
        org: row.parsed()?,
        id: TraceId::from_bytes(row.array()?),
        at: row.instant()?,
        protocol: row.text()?,
        flow: row.text()?,
        outcome: row.choice()?,
        code: row.optional_text()?,
        name_id: row.optional_text()?,
        account: row.optional_array()?.map(AccountId::from_bytes),
        steps: row.document::<Vec<StepRow<'_>>>()?.into_iter().map(Step::from).collect(),
    })
}

/// The steps of a trace as they are stored: every login writes some thirty of them, and half of their
/// JSON would be the names of the fields.
pub(crate) fn steps(steps: &[Step]) -> Result<String, Failure> {
    let mut out = Vec::with_capacity(160 * steps.len());
    serde_json::to_writer(&mut out, &steps.iter().map(StepRow::from).collect::<Vec<_>>())
        .map_err(|error| Failure::Engine(error.to_string()))?;
    String::from_utf8(out).map_err(|error| Failure::Engine(error.to_string()))
}

/// Rule, clause, whether it held, expected, found, hint.
#[derive(Serialize, Deserialize)]
struct StepRow<'a>(Cow<'a, str>, Cow<'a, str>, bool, Cow<'a, str>, Cow<'a, str>, Cow<'a, str>);

impl<'a> From<&'a Step> for StepRow<'a> {
    fn from(step: &'a Step) -> Self {
        let Step { rule, clause, ok, expected, found, hint } = step;
        Self(
            (**rule).into(),
            (**clause).into(),
            *ok,
            expected.into(),
            found.into(),
            (**hint).into(),
        )
    }
}

impl From<StepRow<'_>> for Step {
    fn from(StepRow(rule, clause, ok, expected, found, hint): StepRow<'_>) -> Self {
        Self {
            rule: rule.into_owned().into(),
            clause: clause.into_owned().into(),
            ok,
            expected: expected.into_owned(),
            found: found.into_owned(),
            hint: hint.into_owned().into(),
        }
    }
}

/// The columns that make an entry of the audit trail.
macro_rules! audit_columns {
    () => {
        "org, id, at, administrator, category, sub_category, details"
    };
}
pub(crate) use audit_columns;

/// Reads [`audit_columns`].
pub(crate) fn audit_entry(row: &mut Fields) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry {
        org: row.parsed()?,
        id: AuditId::from_bytes(row.array()?),
        timestamp: row.instant()?,
        administrator: row.text()?,
        category: row.choice()?,
        sub_category: row.text()?,
        details: row.text()?,
    })
}
