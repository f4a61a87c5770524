//! Traces and the audit trail.

use super::{choice, document};
use crate::engine::{Failure, Fields, Value};
use serde::{Deserialize, Serialize, Serializer};
use sso_core::error::Code;
use sso_core::ids::{AccountId, AuditId, TraceId};
use sso_core::login::Step;
use sso_core::org::OrgName;
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

/// A trace in the form in which it is written. It is made before the transaction begins: the one
/// writer of SQLite has better to do.
pub(crate) struct TraceRow {
    trace: StoredTrace,
    outcome: String,
    account: Option<[u8; 16]>,
    steps: String,
}

impl TraceRow {
    pub(crate) fn new(mut trace: StoredTrace) -> Result<Self, Failure> {
        let steps = std::mem::take(&mut trace.steps);
        Ok(Self {
            outcome: choice(&trace.outcome)?,
            account: trace.account.map(AccountId::to_bytes),
            steps: document(&StepRows(&steps))?,
            trace,
        })
    }

    /// [`trace_columns`].
    pub(crate) fn values(&self) -> [Value<'_>; 10] {
        let trace = &self.trace;
        [
            trace.org.as_str().into(),
            trace.id.to_bytes().into(),
            trace.at.into(),
            (&trace.protocol).into(),
            (&trace.flow).into(),
            (&self.outcome).into(),
            (&trace.code).into(),
            (&trace.name_id).into(),
            self.account.as_ref().map(<[u8; 16]>::as_slice).into(),
            (&self.steps).into(),
        ]
    }
}

/// The steps of a trace.
struct StepRows<'a>(&'a [Step]);

impl Serialize for StepRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(StepRow::from))
    }
}

/// Rule, clause, whether it held, expected, found, hint. Every login writes some thirty of them: they
/// have no names, and what the others tell is null, namely the clause and the hint that the list of
/// codes has for the rule, and a finding that is what was expected.
#[derive(Serialize, Deserialize)]
struct StepRow<'a>(
    Cow<'a, str>,
    Option<Cow<'a, str>>,
    bool,
    Cow<'a, str>,
    Option<Cow<'a, str>>,
    Option<Cow<'a, str>>,
);

impl<'a> From<&'a Step> for StepRow<'a> {
    fn from(step: &'a Step) -> Self {
        let Step { rule, clause, ok, expected, found, hint } = step;
        let (own_clause, own_hint) = listed(rule, *ok);
        // Mostly it is the very text of the list.
        let unless = |text: &'a str, told: &str| {
            (!std::ptr::eq(text, told) && text != told).then_some(Cow::Borrowed(text))
        };
        Self(
            (**rule).into(),
            unless(clause, own_clause),
            *ok,
            Cow::Borrowed(expected),
            unless(found, expected),
            unless(hint, own_hint),
        )
    }
}

impl From<StepRow<'_>> for Step {
    fn from(StepRow(rule, clause, ok, expected, found, hint): StepRow<'_>) -> Self {
        let (own_clause, own_hint) = listed(&rule, ok);
        let or = |text: Option<Cow<'_, str>>, told: &'static str| {
            text.map_or(told.into(), |text| Cow::Owned(text.into_owned()))
        };
        Self {
            clause: or(clause, own_clause),
            hint: or(hint, own_hint),
            rule: rule.into_owned().into(),
            ok,
            found: found.map_or_else(|| expected.to_string(), Cow::into_owned),
            expected: expected.into_owned().into(),
        }
    }
}

/// The clause and the hint of a rule by the list of codes; nothing where it is not in the list.
fn listed(rule: &str, ok: bool) -> (&'static str, &'static str) {
    Code::named(rule)
        .map_or_else(Default::default, |code| (code.clause(), if ok { "" } else { code.hint() }))
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
    let org = row.text()?;
    Ok(AuditEntry {
        org: match org.as_str() {
            "" => OrgName::of_the_service(),
            name => name.parse().map_err(Failure::unreadable)?,
        },
        id: AuditId::from_bytes(row.array()?),
        timestamp: row.instant()?,
        administrator: row.text()?,
        category: row.choice()?,
        sub_category: row.text()?,
        details: row.text()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Step, StepRow};
    use sso_core::error::Code;

    fn step(rule: &'static str, clause: &'static str, ok: bool, found: &'static str) -> Step {
        let hint = if ok { "" } else { Code::Audience.hint() }.into();
        Step {
            rule: rule.into(),
            clause: clause.into(),
            ok,
            expected: "us".into(),
            found: found.into(),
            hint,
        }
    }

    #[test]
    fn what_a_step_is_told_by_is_written_once() {
        let clause = Code::Audience.clause();
        for (step, written) in [
            (step("audience", clause, true, "us"), r#"["audience",null,true,"us",null,null]"#),
            (step("audience", clause, false, ""), r#"["audience",null,false,"us","",null]"#),
            (
                step("audience", "Core 9", true, "us"),
                r#"["audience","Core 9",true,"us",null,null]"#,
            ),
            (
                step("groups_ignored", "SPEC 9", true, "1"),
                r#"["groups_ignored","SPEC 9",true,"us","1",null]"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&StepRow::from(&step)).unwrap(), written);
            let read: StepRow<'_> = serde_json::from_str(written).unwrap();
            assert_eq!(Step::from(read), step);
        }
    }

    #[test]
    fn a_step_that_was_written_in_full_is_read() {
        let written = r#"["audience","Core 8",false,"us","them","Ask them."]"#;
        let read = Step::from(serde_json::from_str::<StepRow<'_>>(written).unwrap());
        assert_eq!((&*read.clause, &*read.found, &*read.hint), ("Core 8", "them", "Ask them."));
    }
}
