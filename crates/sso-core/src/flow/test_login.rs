//! A test login (SPEC 2, `sso/draft`; 6): every step of a login through the draft, up to the decision what
//! would become of the account, and nothing after it: no account is written and no session made.
//!
//! It shows the person who did it what their own identity provider said of them. What is refused is told as
//! of any login: the administrator reads the trace.

use super::attempt::Attempt;
use super::kept_message::Ending;
use super::refusal::Ended;
use super::sign_in::Landing;
use super::{Bridge, FinishedLogin};
use crate::connection::{Connection, Slot};
use crate::error::{Code, Rejection};
use crate::ids::{AccountId, TraceId};
use crate::login::{NameIdKey, VerifiedLogin};
use crate::org::Org;
use crate::provisioning::{Account, AccountChange};
use crate::store::{CommitError, PassedTest, Store, StoreError};

/// A test login that passed: what came, and what would have become of it.
#[derive(Debug)]
pub struct TestedLogin {
    /// The organization.
    pub org: Org,
    /// Which of its connections was tested.
    pub slot: Slot,
    /// Who was signed in, as the identity provider names them.
    pub name_id: NameIdKey,
    /// How, as it says.
    pub authn_context: Option<String>,
    /// The attributes as they came, in their order.
    pub attributes: Vec<(String, Vec<String>)>,
    /// The account as it would be.
    pub account: Account,
    /// What would become of it.
    pub outcome: TestOutcome,
    /// What the trace says of the decision, in words.
    pub notes: Vec<String>,
    /// The number of the trace.
    pub trace: TraceId,
}

/// What a login would have done to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestOutcome {
    /// It would be made.
    Created,
    /// It would be updated, or linked.
    Updated,
    /// It would be signed in as it is.
    SignedIn,
}

impl TestOutcome {
    /// What a decision would do.
    pub fn of(change: &AccountChange) -> Self {
        match change {
            AccountChange::Create(_) => Self::Created,
            AccountChange::Update(_) => Self::Updated,
            AccountChange::SignIn(_) => Self::SignedIn,
        }
    }

    /// The account, if there is one already: the one that would be made is nobody's.
    pub(super) fn existing(self, account: &Account) -> Option<AccountId> {
        (self != Self::Created).then_some(account.id)
    }
}

impl<S: Store> Bridge<S> {
    /// The connection that a login goes through, and a test login: the draft, or the live one where there
    /// is none. What says that it is a test only finds the connection; the login that is answered must
    /// have been begun through it.
    pub(super) async fn came_through(
        &self,
        is_test: bool,
        org: &Org,
        attempt: &mut Attempt,
    ) -> Result<Result<Connection, Rejection>, StoreError> {
        let draft = match is_test {
            true => self.store.connection(&org.name, Slot::Draft).await?,
            false => None,
        };
        let connection = match draft {
            Some(draft) => Ok(draft),
            None => self.live_connection(org).await?,
        };
        if let Ok(connection) = &connection {
            attempt.through(connection);
        }
        if is_test {
            attempt.is_a_test();
        }
        Ok(connection)
    }

    /// Ends a test login that was verified.
    pub(super) async fn end_test(
        &self,
        login: &VerifiedLogin,
        landing: Landing,
        org: &Org,
        connection: &Connection,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        let now = attempt.at;
        let plan = self.decided(login, org, connection, now).await?;
        let outcome = TestOutcome::of(plan.change());
        let mut trace = attempt.accepted(&plan);
        trace.account = outcome.existing(plan.account());
        let passed = PassedTest {
            connection: connection.id,
            settings: connection.settings.fingerprint(),
            trace: trace.id,
            at: now,
        };
        let tested = TestedLogin {
            org: org.clone(),
            slot: connection.slot,
            name_id: login.name_id().clone(),
            authn_context: login.authn_context().map(str::to_owned),
            attributes: login.attributes().to_vec(),
            account: plan.account().clone(),
            outcome,
            notes: plan.notes().iter().map(|note| note.found.clone()).collect(),
            trace: trace.id,
        };
        let request_id = landing.request_id.unwrap_or_default();
        match self.store.commit_test_login(&request_id, passed, trace).await {
            Ok(()) => {
                let message = attempt.take_message();
                self.keep_message(message, Ending::NobodySignedIn, attempt.keep_messages).await;
                Ok(FinishedLogin::Tested(Box::new(tested)))
            }
            Err(CommitError::RequestAlreadyUsed) => Err(Ended::Rejected(Rejection::new(
                Code::RequestAlreadyUsed,
                "a test login that was not completed before",
                request_id,
            ))),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(CommitError::Conflict | CommitError::Replayed) => {
                Err(StoreError::Conflict("test_login").into())
            }
        }
    }
}
