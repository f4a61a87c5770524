//! The state of a logout that has gone to the identity provider: what the answer is held against
//! (SPEC 5.3).

use crate::ids::ConnectionId;
use crate::org::OrgName;
use time::{Duration, OffsetDateTime};

/// A logout that has gone to the identity provider and waits for its answer. The session here has ended
/// already, so that nothing depends on the answer but where the browser goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingLogout {
    /// The ID of the LogoutRequest; the answer's `InResponseTo`.
    pub request_id: String,
    /// The organization whose logout it is.
    pub org: OrgName,
    /// The connection that the request went through.
    pub connection: ConnectionId,
    /// The RelayState that was sent.
    pub relay_state: String,
    /// Where the person goes afterwards; already held to the allow-list.
    pub return_to: Option<String>,
    /// When it began, in UTC.
    pub created_at: OffsetDateTime,
}

impl PendingLogout {
    /// How long a request waits for its answer: as long as that of a login.
    pub const LIFETIME: Duration = Duration::minutes(10);

    /// When the answer comes too late.
    pub fn expires_at(&self) -> OffsetDateTime {
        self.created_at + Self::LIFETIME
    }
}
