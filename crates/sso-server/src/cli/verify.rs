//! `sso-server verify`: the verifier on the command line (SPEC 14). It touches no database.
//!
//! Standard output is one JSON object on one line. Exit code 0: accepted; 1: rejected; 2: unusable
//! arguments, with a sentence on standard error.

mod verdict;

use super::verification::{Unusable, Verification};
use clap::Args;
use sso_core::error::Rejection;
use sso_core::login::VerifiedLogin;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    verification: Verification,
    /// The message; - is standard input
    #[arg(value_name = "FILE")]
    message: PathBuf,
}

/// Verifies the message that the arguments name.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let verdict = match verdict(arguments) {
        Ok(verdict) => verdict,
        Err(sentence) => {
            eprintln!("sso-server verify: {sentence}");
            return ExitCode::from(2);
        }
    };
    // A reader that went away needs no verdict; the exit code stands.
    let _ = writeln!(std::io::stdout(), "{}", verdict::line(&verdict));
    if verdict.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn verdict(arguments: &Arguments) -> Result<Result<VerifiedLogin, Rejection>, Unusable> {
    let case = arguments.verification.case()?;
    let message = arguments.verification.message(&arguments.message)?;
    Ok(message.and_then(|message| case.verify(&message)))
}
