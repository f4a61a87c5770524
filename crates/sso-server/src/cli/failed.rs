//! Why a command did not do what it was asked, and the exit code that says so (SPEC 14).

use super::show::text::one_line;
use crate::config::StartError;
use std::process::ExitCode;

/// Why a command did not do what it was asked: one sentence for a person.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// The arguments cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// The installation cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The Admin API refused.
    #[error("{sentence} ({code})")]
    Refused {
        /// What is wrong, with the field that is at fault.
        sentence: String,
        /// The code of its closed list.
        code: String,
    },
    /// The answer could not be read or written.
    #[error("{0}")]
    Broken(String),
}

impl Failed {
    /// Tells the sentence on standard error, and answers the exit code: 2 for unusable arguments, 1
    /// for everything else.
    pub(super) fn tell(&self) -> ExitCode {
        // A refusal can repeat what was sent, whose control characters a terminal would obey.
        eprintln!("sso-server: {}", one_line(&self.to_string()));
        match self {
            Self::Unusable(_) => ExitCode::from(2),
            Self::Start(_) | Self::Refused { .. } | Self::Broken(_) => ExitCode::FAILURE,
        }
    }
}
