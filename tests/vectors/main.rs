//! The vector suites of `../shared/vectors`, SAML 2.0, through `sso-server verify` (DESIGN 7): what is
//! good is accepted with its NameID, what is bad is refused, and the synthetic attacks by the code of
//! the rule that is meant to stop them.

mod row;

use row::{Row, Verdict, rows};
use sso_tests::shared;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const SUITES: [&str; 4] = ["crewjam-saml", "python3-saml", "samael", "synthetic"];

/// What the tests know of single rows.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// The code of each refused row of the suite `synthetic`.
    codes: BTreeMap<String, String>,
}

fn known() -> Known {
    toml::from_str(include_str!("known.toml")).expect("known.toml")
}

fn each_row(suite: &str, mut check: impl FnMut(&Row)) {
    let Some(folder): Option<PathBuf> = shared("vectors") else { return };
    let rows = rows(&folder.join(suite));
    assert!(rows.len() > 5, "{suite} has only {} rows", rows.len());
    rows.iter().for_each(&mut check);
}

#[test]
fn every_verdict_is_the_expected_one() {
    for suite in SUITES {
        each_row(suite, |row| {
            let verdict = row.verdict();
            let at = format!("{suite}/{} [{}] {verdict:?}: {}", row.file, row.expect, row.why);
            match row.expect.as_str() {
                "accept" => {
                    let Verdict::Accepted(name_id) = &verdict else { panic!("{at}") };
                    assert!(row.name_id.is_empty() || *name_id == row.name_id, "{at}");
                }
                "reject" | "reject-weak" => {
                    assert!(matches!(verdict, Verdict::Rejected(_)), "{at}")
                }
                "full-text" | "reject-or-full-text" => {
                    let Verdict::Accepted(name_id) = &verdict else { return };
                    assert!(row.name_id.is_empty() || *name_id == row.name_id, "{at}");
                }
                // Either is a policy; that nobody but the right person is accepted is not.
                "accept-or-reject" | "accept-if-unsolicited" => {
                    let Verdict::Accepted(name_id) = &verdict else { return };
                    assert!(row.name_id.is_empty() || *name_id == row.name_id, "{at}");
                }
                other => panic!("{suite}/{} expects {other}", row.file),
            }
        });
    }
}

#[test]
fn the_synthetic_attacks_are_refused_by_the_rule_that_is_meant_to_stop_them() {
    let codes = known().codes;
    let mut met = BTreeSet::new();
    each_row("synthetic", |row| {
        if row.expect != "reject" {
            return;
        }
        met.insert(row.file.clone());
        let code = codes.get(&row.file).unwrap_or_else(|| panic!("no code for {}", row.file));
        assert_eq!(row.verdict(), Verdict::Rejected(code.clone()), "{} ({})", row.file, row.class);
    });
    if shared("vectors").is_some() {
        let listed: BTreeSet<_> = codes.into_keys().collect();
        assert_eq!(met, listed, "rows and codes");
    }
}
