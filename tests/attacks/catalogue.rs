//! Every class of the attack catalogue (`../shared/ATTACKS.md`) is attacked by the generator, shown by a
//! named test, or listed as waiting for what it attacks (`classes.toml`).

use crate::reports;
use serde::Deserialize;
use sso_server::selftest::Verdict;
use sso_tests::shared;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What shows the classes that cannot be built from a genuine message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Classes {
    /// The tests that show a class, as `file::function`, or a case of the corpus by its folder.
    shown: BTreeMap<String, Vec<String>>,
    /// Why a class waits.
    waiting: BTreeMap<String, String>,
}

fn classes() -> Classes {
    toml::from_str(include_str!("classes.toml")).expect("classes.toml")
}

/// The classes of which the generator tries an attack on some base.
fn attacked() -> BTreeSet<String> {
    let classes = reports().iter().flat_map(|(_, report)| &report.classes);
    let tried = classes.filter(|class| class.verdict != Verdict::NotApplicable);
    tried.map(|class| class.class.to_owned()).collect()
}

#[test]
fn no_class_is_forgotten() {
    let Some(shared) = shared("") else { return };
    let catalogue = catalogue(&fs::read_to_string(shared.join("ATTACKS.md")).unwrap());
    assert!(catalogue.len() > 100, "{catalogue:?}");
    let Classes { shown, waiting } = classes();
    let attacked = attacked();
    let here: BTreeSet<&String> =
        attacked.iter().chain(shown.keys()).chain(waiting.keys()).collect();
    let forgotten: Vec<_> = catalogue.iter().filter(|class| !here.contains(class)).collect();
    assert!(forgotten.is_empty(), "neither attacked nor listed: {forgotten:?}");
    let unknown: Vec<_> = here.into_iter().filter(|class| !catalogue.contains(*class)).collect();
    assert!(unknown.is_empty(), "not in the catalogue: {unknown:?}");
    let both: Vec<_> = waiting
        .keys()
        .filter(|class| attacked.contains(*class) || shown.contains_key(*class))
        .collect();
    assert!(both.is_empty(), "said to wait, and here: {both:?}");
}

#[test]
fn every_named_test_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (class, tests) in classes().shown {
        assert!(!tests.is_empty(), "{class} names no test");
        for test in tests {
            let Some((file, function)) = test.split_once("::") else {
                assert!(root.join(&test).is_dir(), "{class}: there is no {test}");
                continue;
            };
            let text = fs::read_to_string(root.join(file)).unwrap_or_default();
            assert!(text.contains(&format!("fn {function}(")), "{class}: there is no {test}");
        }
    }
}

/// The ids in the first column of the catalogue's tables.
fn catalogue(text: &str) -> BTreeSet<String> {
    let first = |line: &str| line.strip_prefix("| ")?.split(" |").next().map(str::to_owned);
    let is_class = |id: &String| {
        let Some((family, number)) = id.split_once('-') else { return false };
        family.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            && number.starts_with(|c: char| c.is_ascii_digit())
    };
    text.lines().filter_map(first).filter(is_class).collect()
}
