//! A login that ended, tried again with other settings (SPEC 6, `logins/{trace}/replay`): its message, which
//! was kept, is held to the draft as of the moment when it came, up to the decision what would become of the
//! account. Nothing is written, no certificate made active, and nobody signed in.
//!
//! What needs the browser is left aside, since it is long gone: its cookie, the request that waited, and
//! whether the assertion was used before, which it was. The keys of the connection are those of today.

use super::attempt::Attempt;
use super::refusal::Ended;
use super::{Bridge, KnownKeys, TestOutcome, speaks};
use crate::bindings::Message;
use crate::connection::{Connection, IdpInitiated, Protocol, Slot};
use crate::error::{Code, Rejection};
use crate::ids::TraceId;
use crate::login::{
    RelyingParty, Trace, UNSOLICITED_MAX_AGE, VerifiedLogin, verify_solicited,
    verify_token_response, verify_unsolicited, verify_unsolicited_token_response,
};
use crate::org::Org;
use crate::provisioning::{Account, SignInPlan};
use crate::store::{Store, StoreError, StoredMessage, StoredTrace};
use time::OffsetDateTime;

/// What came of a login that was tried again.
#[derive(Debug)]
pub struct ReplayedLogin {
    /// Which connection it was held to: the draft, or the live one where there is none.
    pub slot: Slot,
    /// Its trace as it would be now, under the number that it has.
    pub trace: StoredTrace,
    /// The attributes as they came, in their order, where the message was verified.
    pub attributes: Vec<(String, Vec<String>)>,
    /// What would become of the account, and the account as it would be, where it would be signed in to.
    pub account: Option<(TestOutcome, Account)>,
}

/// Why a login cannot be tried again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no such trace.
    #[error("there is no such trace")]
    UnknownTrace,
    /// Its message was not kept, or is past its time.
    #[error("its message was not kept, or is past its time")]
    NoMessage,
    /// There is nothing to hold it to.
    #[error("there is no connection")]
    NoConnection,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a message came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came {
    /// By which protocol.
    pub(super) by: Protocol,
    /// Whether nobody asked for it: of a token, which does not say so itself, as a response does.
    pub(super) unasked: bool,
    /// When, in UTC.
    pub(super) at: OffsetDateTime,
}

impl Came {
    /// As a trace tells of it.
    pub(super) fn as_told(trace: &StoredTrace, at: OffsetDateTime) -> Self {
        let by = match trace.protocol == Protocol::Wsfed.as_str() {
            true => Protocol::Wsfed,
            false => Protocol::Saml2,
        };
        Self { by, unasked: trace.flow == Attempt::IDP_INITIATED, at }
    }
}

impl<S: Store> Bridge<S> {
    /// Tries a login of an organization again, by its draft.
    ///
    /// # Errors
    /// [`ReplayError`]. That the login would be refused is none.
    pub async fn replay(&self, org: &Org, trace: TraceId) -> Result<ReplayedLogin, ReplayError> {
        let (stored, message) = self.kept_login(org, trace).await?;
        let connection = match self.store.connection(&org.name, Slot::Draft).await? {
            Some(draft) => Some(draft),
            None => self.store.connection(&org.name, Slot::Live).await?,
        };
        let connection = connection.ok_or(ReplayError::NoConnection)?;
        let slot = connection.slot;
        let mut attempt = Attempt::begin(&org.name, message.at, self.random());
        attempt.through(&connection);
        let came = Came::as_told(&stored, message.at);
        let verified = self.verified_again(came, &message.xml, org, connection, &mut attempt).await;
        let (verified, decided) = match verified {
            Ok((login, connection)) => {
                let decided = self.decided(&login, org, &connection, message.at).await;
                (Some(login), decided)
            }
            Err(ended) => (None, Err(ended)),
        };
        let (shown, account) = match decided {
            Ok(plan) => (attempt.accepted(&plan), Some(foreseen(&plan))),
            Err(Ended::Rejected(rejection)) => (attempt.refused(&rejection), None),
            Err(Ended::Failed(error)) => return Err(error.into()),
        };
        let account_id = account.as_ref().and_then(|(outcome, account)| outcome.existing(account));
        Ok(ReplayedLogin {
            slot,
            trace: StoredTrace { id: stored.id, flow: stored.flow, account: account_id, ..shown },
            attributes: verified.map(|login| login.attributes().to_vec()).unwrap_or_default(),
            account,
        })
    }

    /// A login of which the message was kept.
    pub(super) async fn kept_login(
        &self,
        org: &Org,
        trace: TraceId,
    ) -> Result<(StoredTrace, StoredMessage), ReplayError> {
        let stored = self.store.trace(&org.name, trace).await?.ok_or(ReplayError::UnknownTrace)?;
        let message = self.store.message(&org.name, trace).await?;
        Ok((stored, message.ok_or(ReplayError::NoMessage)?))
    }

    /// The message of a login held to every rule of a connection once more, as of when it came. Also the
    /// connection that it was held to.
    pub(super) async fn verified_again(
        &self,
        came: Came,
        message: &[u8],
        org: &Org,
        mut connection: Connection,
        attempt: &mut Attempt,
    ) -> Result<(VerifiedLogin, Connection), Ended> {
        let message = Message::parse(message)?;
        let Came { by: came_by, unasked, at } = came;
        speaks(&connection, came_by)?;
        let named = message.hints().in_response_to;
        let began_at_idp = match came_by {
            Protocol::Saml2 => named.is_none(),
            Protocol::Wsfed => unasked,
        };
        if began_at_idp {
            attempt.began_at_idp();
            is_taken(&connection, &mut attempt.trace)?;
        }
        let age = UNSOLICITED_MAX_AGE;
        let judge = |party: &RelyingParty, trace: &mut Trace| match (came_by, named) {
            (Protocol::Saml2, Some(request)) => {
                verify_solicited(&message, party, request, at, trace)
            }
            (Protocol::Saml2, None) => verify_unsolicited(&message, party, age, at, trace),
            (Protocol::Wsfed, _) if began_at_idp => {
                verify_unsolicited_token_response(&message, party, age, at, trace)
            }
            (Protocol::Wsfed, _) => verify_token_response(&message, party, at, trace),
        };
        let login = self.judged(&mut connection, org, &KnownKeys, attempt, judge).await?;
        Ok((login, connection))
    }
}

/// Whether a connection would look at a message that answers no request (SPEC 5.2).
fn is_taken(connection: &Connection, trace: &mut Trace) -> Result<(), Rejection> {
    match connection.settings.common().idp_initiated {
        IdpInitiated::Accept => Ok(()),
        IdpInitiated::Restart => {
            let found = "a response that answers no request: it is thrown away and the login begun anew, \
                         of which this is what would come if it answered the same";
            trace.note("login_restarted", "SPEC 5.2", found);
            Ok(())
        }
        IdpInitiated::Off => Err(Rejection::new(
            Code::UnsolicitedNotAllowed,
            "a response to a request",
            "one that answers none",
        )),
    }
}

fn foreseen(plan: &SignInPlan) -> (TestOutcome, Account) {
    (TestOutcome::of(plan.change()), plan.account().clone())
}
