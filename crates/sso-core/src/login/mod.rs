//! A login, pure and synchronous: begin it, verify what comes back, know what was verified.
//! No XML is read here and nothing is stored (DESIGN 2).

mod pending;
mod trace;
mod verified;

pub use pending::{BrowserBinding, PendingLogin};
pub use trace::{Outcome, Step, Trace};
pub use verified::{ReplayRecord, VerifiedLogin};
