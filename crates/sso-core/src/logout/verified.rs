//! The proof that the connection's identity provider said something of a logout.

use crate::connection::LegacyCrypto;
use crate::login::{NameIdKey, ReplayRecord};
use std::collections::BTreeSet;

/// A logout request that every rule was held to. Only this module's parent makes one; sessions are ended
/// by nothing else that comes from outside.
#[derive(Debug)]
pub struct VerifiedLogoutRequest {
    pub(in crate::logout) id: String,
    pub(in crate::logout) name_id: NameIdKey,
    pub(in crate::logout) session_indexes: Vec<String>,
    pub(in crate::logout) replay: ReplayRecord,
    pub(in crate::logout) legacy_used: BTreeSet<LegacyCrypto>,
}

impl VerifiedLogoutRequest {
    /// Its ID, which the answer names.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whose sessions end: the NameID, exactly as received, under the entity ID of the identity provider.
    pub fn name_id(&self) -> &NameIdKey {
        &self.name_id
    }

    /// Which of the sessions, by the identity provider's names for them; all where there is none.
    pub fn session_indexes(&self) -> &[String] {
        &self.session_indexes
    }

    /// What makes a second use impossible.
    pub fn replay(&self) -> &ReplayRecord {
        &self.replay
    }

    /// The legacy algorithms that were used under a grant.
    pub fn legacy_used(&self) -> &BTreeSet<LegacyCrypto> {
        &self.legacy_used
    }
}

/// An answer to a logout request of ours that every rule was held to: the person is signed out at the
/// identity provider.
#[derive(Debug)]
pub struct VerifiedLogoutResponse {
    pub(in crate::logout) partial: bool,
}

impl VerifiedLogoutResponse {
    /// Whether some other service could not be told (SAML Core 3.7.3.2).
    pub fn is_partial(&self) -> bool {
        self.partial
    }
}
