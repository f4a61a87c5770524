//! Storage of the messages of logins as they came (SPEC 13): by them a login can be tried again with other
//! settings. An assertion tells of a person, so that they are sealed at rest, and kept for a short time.

use super::StoreError;
use crate::ids::TraceId;
use crate::org::OrgName;
use std::future::Future;
use time::OffsetDateTime;

/// Storage of the messages of logins.
pub trait MessageStore: Send + Sync {
    /// Keeps the message of a login, sealed. Conflict `message_exists`.
    fn put_message(
        &self,
        message: StoredMessage,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads the message of a login of an organization. `None`: it was not kept, or is past its time.
    fn message(
        &self,
        org: &OrgName,
        trace: TraceId,
    ) -> impl Future<Output = Result<Option<StoredMessage>, StoreError>> + Send;
}

/// The message of a login. What it is of, and which protocol it is by, its trace says.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// The trace of the login.
    pub trace: TraceId,
    /// The organization.
    pub org: OrgName,
    /// When it came, in UTC.
    pub at: OffsetDateTime,
    /// The document as it came; what was encrypted is.
    pub xml: Vec<u8>,
}

/// It tells nothing of the message but how long it is: no log has it by mistake.
impl std::fmt::Debug for StoredMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredMessage")
            .field("trace", &self.trace)
            .field("org", &self.org)
            .field("at", &self.at)
            .field("bytes", &self.xml.len())
            .finish()
    }
}
