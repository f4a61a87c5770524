//! A logout, pure and synchronous: tell the identity provider of one, verify what it says of one, know
//! what was verified (SAML Profiles 4.4; SPEC 5.3).
//!
//! Refused: a message without a signature of the connection's keys, whatever it says. Sessions are ended
//! by nothing but a [`VerifiedLogoutRequest`]; that it was not used before is checked where it is
//! recorded, in the commit that ends them. No XML is read here and nothing is stored (DESIGN 2).

mod party;
mod pending;
mod received;
mod send;
mod verified;
mod verify;

pub use party::LogoutParty;
pub use pending::PendingLogout;
pub use received::ReceivedLogout;
pub use send::{LogoutRequestToSend, LogoutResponseToSend, SendError};
pub use verified::{VerifiedLogoutRequest, VerifiedLogoutResponse};
pub use verify::{verify_request, verify_response};
