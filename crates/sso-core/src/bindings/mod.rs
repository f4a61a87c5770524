//! How messages travel, through the browser (SAML Bindings 3.4, 3.5), from server to server (3.2), or by both
//! ways (3.6): what came in, not yet believed, and what goes out. Refused: anything past the size limits, before it is
//! decoded.

mod artifact;
mod inbound;
mod outbound;
pub mod paos;
pub mod post;
pub mod redirect;
pub mod soap;

pub use artifact::Artifact;
pub use inbound::{Hints, Inbound, Message};
pub use outbound::Outbound;

/// Which of the two message parameters of a query or a form carries a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// `SAMLRequest`.
    Request,
    /// `SAMLResponse`.
    Response,
}

impl Parameter {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A RelayState that a binding cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a RelayState is at most {MAX_RELAY_STATE} bytes")]
pub struct RelayStateTooLong;

/// The most bytes of a RelayState (SAML Bindings 3.4.3, 3.5.3).
pub const MAX_RELAY_STATE: usize = 80;

/// A RelayState to send: none where it would be empty, which ADFS does not take.
fn sendable(relay_state: Option<&str>) -> Result<Option<&str>, RelayStateTooLong> {
    match relay_state {
        Some(state) if state.len() > MAX_RELAY_STATE => Err(RelayStateTooLong),
        state => Ok(state.filter(|state| !state.is_empty())),
    }
}
