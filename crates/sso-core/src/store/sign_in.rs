//! Storage of logins: pending, committed, and the sessions that they end in.

use super::{AuditEntry, FirstUse, StoreError, StoredTrace};
use crate::connection::Slot;
use crate::ids::{AccountId, ConnectionId, SessionId};
use crate::login::{BrowserBinding, PendingLogin};
use crate::org::OrgName;
use crate::provisioning::{Account, AccountKeys, Candidates, NameIdKey, SignInPlan};
use std::future::Future;
use time::{Duration, OffsetDateTime};

/// Storage of logins and sessions.
pub trait SignInStore: Send + Sync {
    /// Keeps a login that has begun, by its request ID. Conflict `request_exists`.
    fn put_pending_login(
        &self,
        login: PendingLogin,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a pending login. It stays: [`SignInStore::commit_sign_in`] consumes it, and also one
    /// that was consumed is found until it is purged, so that a second use is told from a response
    /// that nobody asked for. One that was purged, or never was, is `None`.
    fn pending_login(
        &self,
        request_id: &str,
    ) -> impl Future<Output = Result<Option<PendingLogin>, StoreError>> + Send;

    /// Whether a login began in a browser, finished or not, that was not purged yet.
    fn has_begun_login(
        &self,
        browser: &BrowserBinding,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Finds the accounts that a login could mean, and which of its groups the organization has.
    fn candidates(
        &self,
        org: &OrgName,
        keys: &AccountKeys,
    ) -> impl Future<Output = Result<Candidates, StoreError>> + Send;

    /// Carries out a sign-in in one transaction: the replay record is made (one that exists:
    /// [`CommitError::Replayed`]), the pending login consumed (consumed or gone:
    /// [`CommitError::RequestAlreadyUsed`]), the account and the session written, the session that it
    /// replaces ended (and the one that the pending login does), every other login of the browser that waits
    /// given the session to replace, the trace and the audit entries added, and the certificate of [`FirstUse`] made the active one. Either all of it is stored when this returns, or none.
    ///
    /// No two accounts of an organization have the same NameID. Where it is the account key, one
    /// that another account has is a conflict; elsewhere it moves, since the identity provider gave
    /// it to another person.
    fn commit_sign_in(
        &self,
        plan: SignInPlan,
        records: SignInRecords,
    ) -> impl Future<Output = Result<SignedIn, CommitError>> + Send;

    /// The session of a token and its account, if it has not ended at `now`, the account is active, and
    /// people may be signed in through its connection: that is there, not disabled, and of an organization
    /// whose single sign-on is on; counts as use, so that its idle time begins anew (written only when
    /// [`Session::use_is_due`], so at most once a minute).
    fn session(
        &self,
        token_hash: &[u8; 32],
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<Option<(Session, Account)>, StoreError>> + Send;

    /// Ends the session of a token, and gives it; `None` if there was none.
    fn end_session(
        &self,
        token_hash: &[u8; 32],
    ) -> impl Future<Output = Result<Option<Session>, StoreError>> + Send;

    /// Removes what is past its cutoff. A large purge runs in parts, between which logins go on.
    fn purge(&self, cutoffs: &Cutoffs) -> impl Future<Output = Result<Purged, StoreError>> + Send;
}

/// What is stored beside the account when a sign-in is committed.
#[derive(Debug, Clone)]
pub struct SignInRecords {
    /// The pending login to consume; `None` for an unsolicited login.
    pub request_id: Option<String>,
    /// The browser that signed in, if it is one. Whatever else is under way in it ends the session in its turn:
    /// of several tabs that sign in at once, whose posts bring no cookie of the session, one session stays.
    pub browser: Option<BrowserBinding>,
    /// The session to make.
    pub session: NewSession,
    /// The session of the same browser that ends with it, by the hash of its token; one that has ended
    /// already is no hindrance.
    pub replaces: Option<[u8; 32]>,
    /// The trace of the login.
    pub trace: StoredTrace,
    /// The entries of the audit trail.
    pub audit: Vec<AuditEntry>,
    /// The identity provider's certificate that was seen to sign for the first time, if one was.
    pub first_use: Option<FirstUse>,
}

/// A session to be made. The account is the plan's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Its identifier.
    pub id: SessionId,
    /// SHA-256 of the token in the browser's cookie.
    pub token_hash: [u8; 32],
    /// The connection that signed the person in.
    pub connection: ConnectionId,
    /// Which of the organization's connections that was.
    pub slot: Slot,
    /// The NameID of the login, whole, for logout.
    pub name_id: NameIdKey,
    /// The identity provider's names for its session, as received, for logout.
    pub session_indexes: Vec<String>,
    /// Our entity ID at the login, which is the issuer of the logout; `None` in a session that was made
    /// before this was kept.
    pub sp_entity_id: Option<String>,
    /// How the person was authenticated.
    pub authn_context: Option<String>,
    /// When the person signed in here, in UTC: the session's first use.
    pub authenticated_at: OffsetDateTime,
    /// The longest the session may go unused, in seconds.
    pub idle_seconds: u32,
    /// When it ends in any case, in UTC.
    pub expires_at: OffsetDateTime,
}

impl NewSession {
    /// When the session ends if it is not used after this instant: its idle time, but no later than
    /// its end in any case.
    pub fn ends_at(&self, last_used_at: OffsetDateTime) -> OffsetDateTime {
        last_used_at
            .checked_add(Duration::seconds(self.idle_seconds.into()))
            .map_or(self.expires_at, |idle| idle.min(self.expires_at))
    }
}

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What it was made with.
    pub made: NewSession,
    /// The organization that the person is signed in to.
    pub org: OrgName,
    /// Whose it is.
    pub account: AccountId,
    /// When it was last used, in UTC.
    pub last_used_at: OffsetDateTime,
}

impl Session {
    /// Whether it has not ended.
    pub fn is_live(&self, now: OffsetDateTime) -> bool {
        now < self.made.ends_at(self.last_used_at)
    }

    /// Whether a use is worth writing down: a minute after the last, or half the idle time where
    /// that is shorter.
    pub fn use_is_due(&self, now: OffsetDateTime) -> bool {
        let pause = Duration::seconds((self.made.idle_seconds / 2).min(60).into());
        now - self.last_used_at >= pause
    }
}

/// A committed sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The account as it is stored now.
    pub account: Account,
    /// The session.
    pub session: Session,
}

/// Why a sign-in was not committed. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The account changed since the plan was made, or another account took a unique value: read
    /// and plan again.
    #[error("the account changed meanwhile")]
    Conflict,
    /// The pending login was consumed by another response.
    #[error("the login was already completed")]
    RequestAlreadyUsed,
    /// The assertion was used before.
    #[error("the assertion was used before")]
    Replayed,
    /// The engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a purge removes (docs/retention.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutoffs {
    /// Pending logins and logouts, replay records and sessions that ended at this instant or before.
    pub now: OffsetDateTime,
    /// Traces of logins, and requests of directories, whose identifiers were made before the millisecond of
    /// this instant.
    pub traces_before: OffsetDateTime,
    /// Messages of logins before this instant.
    pub messages_before: OffsetDateTime,
    /// The most bytes of messages, as they are stored: the oldest go that are more.
    pub message_bytes: u64,
    /// Audit entries whose identifiers were made before the millisecond of this instant, and notices that
    /// were raised before it.
    pub audit_before: OffsetDateTime,
}

impl Cutoffs {
    /// How long the audit trail is kept: 13 months (SPEC 13), the longest that they can be.
    pub const AUDIT_KEPT: Duration = Duration::days(397);

    /// The cutoffs at an instant, with login traces kept for a time, and their messages with them.
    pub fn at(now: OffsetDateTime, traces_kept: Duration) -> Self {
        Self {
            now,
            traces_before: before(now, traces_kept),
            messages_before: before(now, traces_kept),
            message_bytes: u64::MAX,
            audit_before: before(now, Self::AUDIT_KEPT),
        }
    }

    /// The same with messages kept for a time of their own, which is no longer than that of their traces,
    /// and no more than so many bytes of them.
    #[must_use]
    pub fn with_messages(self, kept: Duration, bytes: u64) -> Self {
        let messages_before = before(self.now, kept).max(self.traces_before);
        Self { messages_before, message_bytes: bytes, ..self }
    }
}

fn before(now: OffsetDateTime, kept: Duration) -> OffsetDateTime {
    now.checked_sub(kept).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// How many rows a purge removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Pending logins.
    pub pending_logins: u64,
    /// Pending logouts.
    pub pending_logouts: u64,
    /// Replay records.
    pub replay_records: u64,
    /// Sessions.
    pub sessions: u64,
    /// Traces.
    pub traces: u64,
    /// Messages of logins.
    pub messages: u64,
    /// Requests of directories.
    pub scim_requests: u64,
    /// Entries of the audit trail.
    pub audit_entries: u64,
    /// Notices.
    pub notices: u64,
}
