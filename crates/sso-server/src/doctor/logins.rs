//! Logins that fail more often than not (SPEC 13): the latest traces of an organization tell.

use super::{Finding, Severity};
use sso_core::login::Outcome;
use sso_core::store::StoredTrace;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// How far back logins count.
const LATELY: Duration = Duration::days(1);
/// The fewest logins that say anything.
const FEWEST: usize = 5;

/// The latest traces of an organization, the newest first.
pub(crate) fn check(traces: &[StoredTrace], now: OffsetDateTime) -> Option<Finding> {
    let lately: Vec<_> = traces.iter().filter(|trace| trace.at > now - LATELY).collect();
    let refused: Vec<_> =
        lately.iter().filter(|trace| trace.outcome == Outcome::Rejected).collect();
    if lately.len() < FEWEST || refused.len() * 2 < lately.len() {
        return None;
    }
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for trace in &refused {
        *codes.entry(trace.code.as_deref().unwrap_or_default()).or_default() += 1;
    }
    let (most, _) = codes.into_iter().max_by_key(|(_, count)| *count)?;
    let example = refused.iter().find(|trace| trace.code.as_deref() == Some(most))?;
    let what = format!(
        "{} of the {} logins of the last day were refused, most often for {most}.",
        refused.len(),
        lately.len()
    );
    let mend = format!("`sso-server explain {}`", example.id);
    Some(Finding::new(Severity::Warning, "logins_refused", what, mend).at(example.at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sso_core::ids::TraceId;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

    fn traces(codes: &[Option<&str>], age: Duration) -> Vec<StoredTrace> {
        let trace = |(n, code): (usize, &Option<&str>)| StoredTrace {
            id: TraceId::from_bytes([n as u8; 16]),
            at: NOW - age,
            org: "acme".parse().expect("a name"),
            protocol: "saml2".to_owned(),
            flow: "sp_initiated".to_owned(),
            outcome: if code.is_some() { Outcome::Rejected } else { Outcome::Accepted },
            code: code.map(str::to_owned),
            name_id: None,
            account: None,
            steps: Vec::new(),
        };
        codes.iter().enumerate().map(trace).collect()
    }

    #[test]
    fn logins_that_mostly_fail_are_found_with_an_example() {
        let codes = [Some("issuer"), None, Some("audience"), None, Some("audience"), None];
        let found = check(&traces(&codes, Duration::HOUR), NOW).expect("a finding");
        assert_eq!(
            found.what,
            "3 of the 6 logins of the last day were refused, most often for audience."
        );
        assert!(found.mend.contains(&TraceId::from_bytes([2; 16]).to_string()), "{}", found.mend);
    }

    #[test]
    fn a_few_old_or_rare_refusals_are_not() {
        let refused = Some("audience");
        for (codes, age) in [
            (vec![refused; 4], Duration::HOUR),
            (vec![refused; 9], Duration::days(2)),
            (vec![refused, refused, None, None, None], Duration::HOUR),
        ] {
            assert_eq!(check(&traces(&codes, age), NOW), None);
        }
    }
}
