//! The state of a login that has begun: what the answer is held against (SPEC 5.1).

use crate::connection::Slot;
use crate::ids::ConnectionId;
use crate::org::OrgName;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// A login that has begun and waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingLogin {
    /// The ID of the AuthnRequest, the answer's `InResponseTo`; in WS-Federation the `wctx` of the
    /// sign-in request.
    pub request_id: String,
    /// The organization whose login it is.
    pub org: OrgName,
    /// The organization that the person is signed in to; differs from `org` only where a partner
    /// signs the person in (SPEC 12).
    pub target_org: OrgName,
    /// The connection that the request went through.
    pub connection: ConnectionId,
    /// Which of the organization's connections that was.
    pub slot: Slot,
    /// The browser that began it.
    pub browser: BrowserBinding,
    /// The RelayState that was sent.
    pub relay_state: Option<String>,
    /// Where the person goes afterwards; already held to the allow-list.
    pub return_to: Option<String>,
    /// Whether a mobile client began it, which has its own session lifetime (SPEC 5.4).
    pub mobile: bool,
    /// The session that the browser had, by the hash of its token: it ends with the one that this login
    /// makes. (The identity provider's post, which comes from another site, does not bring its cookie.)
    pub replaces: Option<[u8; 32]>,
    /// When it began, in UTC.
    pub created_at: OffsetDateTime,
}

impl PendingLogin {
    /// How long a request waits for its answer (SPEC 5.1).
    pub const LIFETIME: Duration = Duration::minutes(10);

    /// When the answer comes too late.
    pub fn expires_at(&self) -> OffsetDateTime {
        self.created_at + Self::LIFETIME
    }
}

/// The SHA-256 of a browser's binding cookie. The cookie itself is never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserBinding(pub [u8; 32]);
