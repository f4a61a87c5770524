//! A login, pure and synchronous: begin it, verify what comes back, know what was verified.
//! No XML is read here and nothing is stored (DESIGN 2).

mod name_id;
mod pending;
mod relying_party;
mod resolve;
mod start;
mod start_wsfed;
pub mod target;
mod trace;
mod verified;
mod verify;

pub use name_id::NameIdKey;
pub use pending::{BrowserBinding, PendingLogin};
pub use relying_party::{PartyError, RelyingParty};
pub use resolve::ArtifactToResolve;
pub use start::{Start, StartError, start, start_at_idp, start_ecp};
pub use start_wsfed::{StartWsFed, start_wsfed};
pub use trace::{Outcome, Step, Trace};
pub use verified::{ReplayRecord, VerifiedLogin};
pub use verify::{
    UNSOLICITED_MAX_AGE, verify_solicited, verify_token_response, verify_unsolicited,
    verify_unsolicited_token_response,
};
