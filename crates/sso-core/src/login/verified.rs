//! The proof that a person was signed in by the connection's identity provider.

use super::NameIdKey;
use crate::connection::LegacyCrypto;
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// A login that every rule was held to. Only this module's parent makes one; account code takes
/// nothing else (DESIGN 3).
#[derive(Debug)]
pub struct VerifiedLogin {
    pub(in crate::login) name_id: NameIdKey,
    pub(in crate::login) session_index: Option<String>,
    pub(in crate::login) session_indexes: Vec<String>,
    pub(in crate::login) session_not_on_or_after: Option<OffsetDateTime>,
    pub(in crate::login) authn_instant: OffsetDateTime,
    pub(in crate::login) authn_context: Option<String>,
    pub(in crate::login) attributes: Vec<(String, Vec<String>)>,
    pub(in crate::login) replay: ReplayRecord,
    pub(in crate::login) legacy_used: BTreeSet<LegacyCrypto>,
    pub(in crate::login) key_fingerprint: [u8; 32],
    pub(in crate::login) solicited: bool,
}

/// What makes a second use of an assertion or a request impossible: unique by issuer, ID and instant over all
/// connections and nodes, kept until it could not be accepted any more (ATTACKS REPLAY-01, SLO-03). Its end is
/// no part of that: one assertion may have several, by confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayRecord {
    /// Who issued it.
    pub issuer: String,
    /// The ID of the verified assertion, or of a verified logout request.
    pub assertion_id: String,
    /// Its `IssueInstant`, which is signed with the ID, so that each use of it has the same. Stores that keep
    /// records in order put those of one minute side by side.
    pub issued_at: OffsetDateTime,
    /// When the record can be purged, in UTC: the assertion's end plus the skew.
    pub expires_at: OffsetDateTime,
}

impl VerifiedLogin {
    /// Who was signed in, as the identity provider names them.
    pub fn name_id(&self) -> &NameIdKey {
        &self.name_id
    }

    /// The identity provider.
    pub fn issuer(&self) -> &str {
        &self.name_id.issuer
    }

    /// The identity provider's name for its session, by the statement that counts.
    pub fn session_index(&self) -> Option<&str> {
        self.session_index.as_deref()
    }

    /// All of its names for the session, for logout: one assertion may have a statement, and an index, for
    /// each way in which the person was authenticated (SAML Core 2.7.2).
    pub fn session_indexes(&self) -> &[String] {
        &self.session_indexes
    }

    /// When the identity provider wants the session to end, in UTC.
    pub fn session_not_on_or_after(&self) -> Option<OffsetDateTime> {
        self.session_not_on_or_after
    }

    /// When the person was authenticated, in UTC; when the assertion was issued, where it is a token of
    /// WS-Federation that does not say.
    pub fn authn_instant(&self) -> OffsetDateTime {
        self.authn_instant
    }

    /// How the person was authenticated.
    pub fn authn_context(&self) -> Option<&str> {
        self.authn_context.as_deref()
    }

    /// The attributes in the assertion's order. Attributes of one name are merged into the first.
    pub fn attributes(&self) -> &[(String, Vec<String>)] {
        &self.attributes
    }

    /// What makes a second use impossible.
    pub fn replay(&self) -> &ReplayRecord {
        &self.replay
    }

    /// The legacy algorithms that were used under a grant.
    pub fn legacy_used(&self) -> &BTreeSet<LegacyCrypto> {
        &self.legacy_used
    }

    /// SHA-256 of the certificate (DER) whose key signed.
    pub fn key_fingerprint(&self) -> &[u8; 32] {
        &self.key_fingerprint
    }

    /// Whether it answered a request.
    pub fn solicited(&self) -> bool {
        self.solicited
    }
}
