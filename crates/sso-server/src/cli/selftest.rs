//! `sso-server selftest`: an administrator's own response or token, attacked (SPEC 14). It touches no database.
//!
//! Standard output is a table, or one JSON object with `--json`. Exit code 0: the response is accepted and
//! every attack on it is refused; 1: something else, which is said; 2: unusable arguments, with a
//! sentence on standard error.

use super::verification::{Unusable, Verification};
use crate::selftest::{Report, Verdict, run as attack};
use clap::Args;
use sso_core::error::Rejection;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    verification: Verification,
    /// What the identity provider sent: a response, with --protocol wsfed a wresult; - is standard input
    #[arg(long, value_name = "FILE")]
    response: PathBuf,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// Attacks the response that the arguments name.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let tested = match tested(arguments) {
        Ok(tested) => tested,
        Err(sentence) => {
            eprintln!("sso-server selftest: {sentence}");
            return ExitCode::from(2);
        }
    };
    let said = match (&tested, arguments.json) {
        (Ok(report), true) => serde_json::to_string(report).unwrap_or_default(),
        (Ok(report), false) => report.to_string(),
        (Err(rejection), true) => not_tested(rejection),
        (Err(rejection), false) => format!(
            "The response itself is refused, so that nothing can be tested with it: {rejection}\n{}\n\
             An old response is tested at its own time: --at.",
            rejection.code.hint()
        ),
    };
    // A reader that went away needs no report; the exit code stands.
    let _ = writeln!(std::io::stdout(), "{said}");
    match tested {
        Ok(Report { verdict: Verdict::Refused, .. }) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn tested(arguments: &Arguments) -> Result<Result<Report, Rejection>, Unusable> {
    let mut case = arguments.verification.case()?;
    let message = arguments.verification.message(&arguments.response)?;
    Ok(message.and_then(|message| attack(&message, &mut case)))
}

/// Why nothing was tested.
fn not_tested(rejection: &Rejection) -> String {
    serde_json::json!({
        "verdict": "not_tested",
        "code": rejection.code.as_str(),
        "rule": rejection.code.clause(),
        "expected": rejection.expected,
        "found": rejection.found,
        "hint": rejection.code.hint(),
    })
    .to_string()
}
