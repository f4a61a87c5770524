//! `sso-server serve`: run the service until it is told to stop.

use crate::config::{Config, Flags, StartError};
use std::process::ExitCode;

/// Runs the service. A start that fails is told in one sentence on standard error.
pub(super) fn run(flags: Flags) -> ExitCode {
    match start(flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sso-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(flags: Flags) -> Result<(), StartError> {
    let config = Config::load(flags, |name| std::env::var_os(name))?;
    crate::telemetry::start(&config);
    config.make_data_dir()?;
    Ok(())
}
