//! The corpus: a valid baseline and one defect a case, always from the bytes that a browser posts
//! (DESIGN 7). A refusal is held to its code, and the same message without its defect is accepted.

mod case;
mod keys;
mod verified;

use case::cases;
use sso_core::error::{Code, Stage};
use std::collections::{BTreeMap, BTreeSet};
use verified::verified;

/// Codes of refusals that no posted response reaches, and where they are shown instead.
const ELSEWHERE: &[(Code, &str)] = &[
    (Code::BindingNotAllowed, "the service refuses the method before there is a message"),
    (
        Code::ArtifactInvalid,
        "an artifact is refused before there is a message, in http/artifact.rs",
    ),
    (
        Code::ArtifactUnknown,
        "an artifact is refused before there is a message, in http/artifact.rs",
    ),
    (Code::DuplicateParameter, "the service refuses the form before there is a message"),
    (Code::NotDeflated, "what comes by redirect has its tests in conformance/bindings/redirect.rs"),
    (Code::UnsignedAssertion, "a signature may stand nowhere but where it covers the assertion"),
    (Code::AppliesTo, "tokens of WS-Federation are attacked in attacks/tokens.rs"),
    (Code::SubjectMismatch, "tokens of WS-Federation are attacked in attacks/tokens.rs"),
    (Code::SecondOpinionUnavailable, "the second engine has its tests in second_opinion/"),
    (Code::SecondOpinionDiffers, "the second engine has its tests in second_opinion/"),
    (Code::Replayed, "the store refuses a second use, in its conformance suite"),
];

#[test]
fn what_is_good_is_accepted_as_it_was_meant() {
    for (name, message, expected) in cases("accept") {
        assert!(message.defect.is_none() && expected.code.is_none(), "{name} has a defect");
        let (login, steps) = verified(&message.given);
        let login =
            login.unwrap_or_else(|rejection| panic!("{name}: {rejection}: {}", message.why));
        let name_id = expected.name_id.as_deref().unwrap_or("ada@acme.test");
        assert_eq!(login.name_id().value, name_id, "{name}");
        if let Some(attributes) = expected.attributes {
            assert_eq!(login.attributes(), attributes, "{name}");
        }
        assert!(!steps.is_empty() && steps.iter().all(|step| step.ok), "{name}: {steps:?}");
    }
}

#[test]
fn each_defect_is_refused_by_its_code_and_accepted_repaired() {
    for (name, message, expected) in cases("reject") {
        assert!(message.defect.is_some(), "{name} has no defect");
        let (login, steps) = verified(&message.with_defect());
        let rejection =
            login.err().unwrap_or_else(|| panic!("{name} was accepted: {}", message.why));
        assert_eq!(Some(rejection.code.as_str()), expected.code.as_deref(), "{name}: {rejection}");
        if let Some(found) = expected.found {
            assert!(rejection.found.contains(&found), "{name}: {rejection}");
        }
        // Before there is a message there is nothing to trace.
        if rejection.code.stage() > Stage::Parse {
            let last = steps.last().unwrap_or_else(|| panic!("{name} left no trace"));
            assert!(!last.ok && last.rule == rejection.code.as_str(), "{name}: {last:?}");
        }

        let (repaired, _) = verified(&message.given);
        assert!(repaired.is_ok(), "{name}, repaired: {}", repaired.unwrap_err());
    }
}

#[test]
fn every_code_from_binding_to_replay_has_a_case() {
    let mut cases_of: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, _, expected) in cases("reject") {
        cases_of.entry(expected.code.expect("a code")).or_default().push(name);
    }
    let all =
        Code::ALL.iter().filter(|code| (Stage::Binding..=Stage::Replay).contains(&code.stage()));
    let elsewhere: BTreeSet<_> = ELSEWHERE.iter().map(|(code, _)| code.as_str()).collect();
    let all: BTreeSet<_> = all.map(|code| code.as_str()).collect();
    let shown: BTreeSet<_> = cases_of.keys().map(String::as_str).collect();
    assert_eq!(shown.difference(&all).next(), None, "a case has a code of another stage");
    assert_eq!(shown.intersection(&elsewhere).next(), None, "a code has a case after all");
    let missing: Vec<_> =
        all.iter().filter(|c| !shown.contains(*c) && !elsewhere.contains(*c)).collect();
    assert!(missing.is_empty(), "codes without a case: {missing:?}");
}
