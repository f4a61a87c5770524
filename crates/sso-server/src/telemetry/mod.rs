//! Structured logs (SPEC 14). Messages, tokens and cookies are never logged (ATTACKS WEB-09).

pub(crate) mod metrics;

use crate::config::{Config, LogFormat, StartError};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Checks the filter directives of the setting `log`.
///
/// # Errors
/// The setting, with the directive that cannot be read.
pub(crate) fn check_filter(directives: &str) -> Result<(), StartError> {
    EnvFilter::try_new(directives).map(drop).map_err(|_| {
        StartError::setting(
            "log",
            format!(
                "{directives:?} is neither error, warn, info, debug or trace nor filter directives"
            ),
        )
    })
}

/// Sends the log to standard error, in the form that the settings ask for. Does nothing where the
/// process logs already.
pub fn start(config: &Config) {
    let Ok(filter) = EnvFilter::try_new(&config.log) else { return };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let _ = match config.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}
