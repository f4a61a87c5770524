//! The vector suites of `../shared/vectors` (DESIGN 7): every login of SAML 2.0 that is good is accepted
//! with its NameID, every one that is bad is refused by the code of the rule that is meant to stop it, and
//! where a policy may choose, nobody but the right person is accepted.

mod row;

use row::{Row, SUITES, Verdict, given, rows};
use sso_tests::shared;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The code of each refused row, by suite and file.
fn codes() -> BTreeMap<String, BTreeMap<String, String>> {
    toml::from_str(include_str!("codes.toml")).expect("codes.toml")
}

/// How many rows of each suite wait, and what for.
fn waiting() -> BTreeMap<String, BTreeMap<String, usize>> {
    toml::from_str(include_str!("waiting.toml")).expect("waiting.toml")
}

#[test]
fn every_row_has_its_verdict() {
    let Some(vectors) = shared("vectors") else { return };
    let (given, codes) = (given(), codes());
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for suite in SUITES {
        for row in rows(&vectors.join(suite)).iter().filter(|row| row.waits_for().is_none()) {
            let of = |file| given.get(suite)?.get(file);
            let verdict = row.verdict(&of(&row.file).cloned().unwrap_or_default());
            let code = codes.get(suite).and_then(|codes| codes.get(&row.file));
            met.insert((suite, row.file.clone()));
            if !is_right(row, &verdict, code) {
                let class = &row.class;
                wrong.push(format!(
                    "{suite}/{} [{}] {class} {verdict:?}: {}",
                    row.file, row.expect, row.why
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let listed = |suite: &String, file: &String| met.contains(&(suite.as_str(), file.clone()));
    for (suite, files) in &given {
        files.keys().for_each(|file| assert!(listed(suite, file), "given: {suite}/{file}"));
    }
    for (suite, files) in &codes {
        files.keys().for_each(|file| assert!(listed(suite, file), "codes: {suite}/{file}"));
    }
}

fn is_right(row: &Row, verdict: &Verdict, code: Option<&String>) -> bool {
    let is_meant = |name_id: &String| row.name_id.is_empty() || *name_id == row.name_id;
    match (row.expect.as_str(), verdict) {
        ("accept", Verdict::Accepted(name_id)) => is_meant(name_id),
        ("reject" | "reject-weak", Verdict::Rejected(found)) => {
            code.is_some_and(|code| code == found)
        }
        // Either is a policy; that nobody but the right person is accepted is not.
        (
            "full-text" | "reject-or-full-text" | "accept-or-reject" | "accept-if-unsolicited",
            verdict,
        ) => match verdict {
            Verdict::Accepted(name_id) => is_meant(name_id),
            Verdict::Rejected(_) => true,
        },
        _ => false,
    }
}

#[test]
fn no_row_is_forgotten() {
    let Some(vectors) = shared("vectors") else { return };
    let found: BTreeSet<String> = folders(&vectors);
    assert_eq!(found, SUITES.map(str::to_owned).into(), "the suites");
    let mut waits: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for suite in SUITES {
        for reason in rows(&vectors.join(suite)).iter().filter_map(Row::waits_for) {
            let reasons = waits.entry(suite.to_owned()).or_default();
            *reasons.entry(reason.to_owned()).or_default() += 1;
        }
    }
    assert_eq!(waits, waiting());
}

fn folders(vectors: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(vectors).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
}
