//! Every class of the attack catalogue (`../shared/ATTACKS.md`) is attacked by the generator, shown by a
//! named test, or listed as waiting for what it attacks (`classes.toml`); and so it is once more for the
//! tokens of WS-Federation, of both types.

use crate::{Carries, attacked};
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
    /// The same for the tokens of WS-Federation.
    tokens: Tokens,
}

/// What shows the classes that are not built from genuine tokens of both types.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    shown: BTreeMap<String, Vec<String>>,
    /// Why a class, or each of a family that is not shown, has nothing to do with a token.
    inapplicable: BTreeMap<String, String>,
}

fn classes() -> Classes {
    toml::from_str(include_str!("classes.toml")).expect("classes.toml")
}

/// The classes of which the generator tries an attack on some base that carries this.
fn attacked_on(carries: Carries) -> BTreeSet<String> {
    let bases = attacked().iter().filter(|attacked| attacked.carries == carries);
    let classes = bases.flat_map(|attacked| &attacked.report.classes);
    let tried = classes.filter(|class| class.verdict != Verdict::NotApplicable);
    tried.map(|class| class.class.to_owned()).collect()
}

#[test]
fn no_class_is_forgotten() {
    let Some(shared) = shared("") else { return };
    let catalogue = catalogue(&fs::read_to_string(shared.join("ATTACKS.md")).unwrap());
    assert!(catalogue.len() > 100, "{catalogue:?}");
    let Classes { shown, waiting, tokens } = classes();
    let attacked = attacked_on(Carries::Response);
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

    let attacked = [Carries::Token11, Carries::Token20].map(attacked_on);
    let on_both = |class: &String| attacked.iter().all(|attacked| attacked.contains(class));
    let here = |class: &String| {
        let family = class.split('-').next().unwrap_or_default();
        on_both(class)
            || tokens.shown.contains_key(class)
            || waiting.contains_key(class)
            || tokens.inapplicable.contains_key(class)
            || tokens.inapplicable.contains_key(family)
    };
    let forgotten: Vec<_> = catalogue.iter().filter(|class| !here(class)).collect();
    assert!(forgotten.is_empty(), "of tokens neither attacked nor listed: {forgotten:?}");
    let families: BTreeSet<_> =
        catalogue.iter().filter_map(|class| class.split('-').next()).collect();
    let listed = tokens.shown.keys().chain(tokens.inapplicable.keys());
    let unknown: Vec<_> = listed
        .filter(|class| !catalogue.contains(*class) && !families.contains(class.as_str()))
        .collect();
    assert!(unknown.is_empty(), "not in the catalogue: {unknown:?}");
    let in_vain: Vec<_> = tokens
        .inapplicable
        .keys()
        .filter(|class| {
            let attacked = attacked.iter().any(|attacked| attacked.contains(*class));
            attacked || tokens.shown.contains_key(*class)
        })
        .collect();
    assert!(in_vain.is_empty(), "said not to apply to tokens, and here: {in_vain:?}");
}

#[test]
fn every_named_test_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let Classes { shown, tokens, .. } = classes();
    for (class, tests) in shown.into_iter().chain(tokens.shown) {
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
