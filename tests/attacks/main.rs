//! The attack generator on genuine messages: each attack of each class ends in the way that is right for
//! it, and no class of the catalogue is forgotten.

mod bases;
mod catalogue;
mod command;
mod controls;
mod logout;
mod mutations;
mod tokens;

use bases::bases;
use sso_server::selftest::{Report, Verdict, run};
use std::sync::OnceLock;

/// What became of every attack on every base, by its name.
fn reports() -> &'static [(String, Report)] {
    static REPORTS: OnceLock<Vec<(String, Report)>> = OnceLock::new();
    REPORTS.get_or_init(|| {
        let bases = bases().into_iter().map(|mut base| {
            let report = run(&base.message, &mut base.case);
            (base.name.clone(), report.unwrap_or_else(|e| panic!("{}: {e}", base.name)))
        });
        bases.collect()
    })
}

#[test]
fn every_attack_ends_as_it_should() {
    let mut wrong = Vec::new();
    for (name, report) in reports() {
        for class in &report.classes {
            let attempts = class.attacks.iter().filter(|attempt| !attempt.as_expected);
            wrong.extend(attempts.map(|attempt| {
                format!("{name}: {} {}: {}", class.class, attempt.title, attempt.reason)
            }));
        }
        assert_eq!(report.verdict, Verdict::Refused, "{name}:\n{report}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
