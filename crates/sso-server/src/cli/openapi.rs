//! `sso-server openapi`: prints the description of the HTTP surface, without any database.

use std::io::Write as _;
use std::process::ExitCode;

/// Prints the description. Exit code 0 also where the reader has seen enough of it.
pub(super) fn run() -> ExitCode {
    match std::io::stdout().write_all(crate::openapi::json().as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("The description could not be written: {error}.");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}
