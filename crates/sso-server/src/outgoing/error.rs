//! Why nothing came back.

use std::borrow::Cow;

/// Why a request to somebody else brought no answer. The sentences are for the administrator who gave the
/// address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OutgoingError {
    /// The address, or one that its name leads to, is not one to ask. Nothing was sent.
    #[error("{0}")]
    NotAllowed(Cow<'static, str>),
    /// Nobody answered, or not in HTTP, or without a certificate that is trusted.
    #[error("The host does not answer: {0}.")]
    Unreachable(String),
    /// The answer did not come in time.
    #[error("The host did not answer in time.")]
    TimedOut,
    /// The answer is longer than what is taken.
    #[error("The answer is larger than what is taken.")]
    TooLarge,
}

impl OutgoingError {
    pub(super) fn not_allowed(why: impl Into<Cow<'static, str>>) -> Self {
        Self::NotAllowed(why.into())
    }

    pub(super) fn unreachable(why: impl Into<String>) -> Self {
        Self::Unreachable(why.into())
    }
}
