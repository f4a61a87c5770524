//! A login, pure and synchronous: begin it, verify what comes back, know what was verified.
//! No XML is read here and nothing is stored (DESIGN 2).

mod pending;
mod relying_party;
mod trace;
mod verified;
mod verify;

pub use pending::{BrowserBinding, PendingLogin};
pub use relying_party::{PartyError, RelyingParty};
pub use trace::{Outcome, Step, Trace};
pub use verified::{ReplayRecord, VerifiedLogin};
pub use verify::{verify_solicited, verify_unsolicited};
