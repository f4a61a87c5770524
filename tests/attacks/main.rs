//! The attack generator on genuine messages: each attack of each class ends in the way that is right for
//! it, and no class of the catalogue is forgotten.

mod bases;
mod catalogue;
mod command;
mod controls;
mod logout;
mod mutations;
mod tokens;
mod wresult;

use bases::{Base, bases};
use sso_server::selftest::{Report, Verdict, run};
use std::sync::OnceLock;

/// What a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carries {
    /// A response of SAML 2.0 carries an assertion.
    Response,
    /// An answer of WS-Federation carries a token of SAML 1.1.
    Token11,
    /// An answer of WS-Federation carries a token of SAML 2.0.
    Token20,
}

/// What became of every attack on a base.
struct Attacked {
    name: String,
    carries: Carries,
    report: Report,
}

/// What became of every attack on every base.
fn attacked() -> &'static [Attacked] {
    static ATTACKED: OnceLock<Vec<Attacked>> = OnceLock::new();
    ATTACKED.get_or_init(|| {
        let responses = bases().into_iter().map(|base| (Carries::Response, base));
        let all = responses.chain(wresult::answers());
        let attacked = all.map(|(carries, Base { name, message, mut case })| {
            let report = run(&message, &mut case);
            let report = report.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
            Attacked { name, carries, report }
        });
        attacked.collect()
    })
}

#[test]
fn every_attack_ends_as_it_should() {
    let mut wrong = Vec::new();
    for Attacked { name, report, .. } in attacked() {
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
