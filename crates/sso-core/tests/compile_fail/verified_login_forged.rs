//! A login is verified, not written down.
// error: E0451

use sso_core::login::{NameIdKey, ReplayRecord, VerifiedLogin};
use sso_core::time::Clock;
use std::collections::BTreeSet;

pub fn forged(name_id: NameIdKey, replay: ReplayRecord, clock: &dyn Clock) -> VerifiedLogin {
    VerifiedLogin {
        name_id,
        session_index: None,
        session_indexes: Vec::new(),
        session_not_on_or_after: None,
        authn_instant: clock.now(),
        authn_context: None,
        attributes: Vec::new(),
        replay,
        legacy_used: BTreeSet::new(),
        key_fingerprint: [0; 32],
        solicited: true,
    }
}
