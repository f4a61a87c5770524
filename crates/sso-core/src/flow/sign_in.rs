//! A verified login signs a person in, whichever protocol brought it and wherever it began: decide,
//! commit, and again where a race was lost (SPEC 5, DESIGN 1).

use super::attempt::Attempt;
use super::kept_message::Ending;
use super::refusal::Ended;
use super::start_login::Occasion;
use super::{Bridge, FinishedLogin, token};
use crate::connection::{Connection, Protocol, Slot};
use crate::error::{Code, Rejection};
use crate::ids::{AccountId, AuditId, CertificateId, SessionId};
use crate::login::{BrowserBinding, PendingLogin, VerifiedLogin};
use crate::org::Org;
use crate::provisioning::{self, Account, SignInPlan};
use crate::store::{
    AuditEntry, Category, CommitError, FirstUse, NewSession, SignInRecords, SignedIn, Store,
    StoreError,
};
use time::{Duration, OffsetDateTime};

/// How often a sign-in is planned. Each race that is lost was won by another sign-in of the same account
/// or a change of it, so that this many of them at once all get through: a person's browser opens all
/// its windows again, and each signs in.
const ATTEMPTS: usize = 32;

/// What a login ends in, besides what is verified of it.
#[derive(Debug)]
pub(super) struct Landing {
    /// The request that it answers, which it uses up; `None` where the identity provider began.
    pub(super) request_id: Option<String>,
    /// Where the person goes; already held to the allow-list. `None` is the landing page.
    pub(super) return_to: Option<String>,
    /// Whether the session is one of a mobile client.
    pub(super) mobile: bool,
    /// Whether it is a test, which ends before anything is written.
    pub(super) is_test: bool,
    /// The browser.
    pub(super) browser: Option<BrowserBinding>,
    /// The session that the same browser had before, which ends.
    pub(super) replaces: Option<[u8; 32]>,
    /// Whose session that is, if another person's is not to be replaced unasked, and the proof that
    /// makes the answer to the question.
    pub(super) asks: Option<(Box<Account>, String)>,
}

impl Landing {
    /// What the answer to a login ends in. The session of a tab that signed in meanwhile ends where its cookie,
    /// `session`, comes with the post, and else as the login knows of it by then.
    pub(super) fn answering(pending: PendingLogin, session: Option<&str>) -> Self {
        Self {
            is_test: Occasion::Tested.is_of(&pending),
            request_id: Some(pending.request_id),
            return_to: pending.return_to,
            mobile: pending.mobile,
            browser: Some(pending.browser),
            replaces: session.and_then(token::hash),
            asks: None,
        }
    }
}

/// A person signed in, and where their browser goes.
#[derive(Debug)]
pub struct SignedInBrowser {
    /// The session cookie's value.
    pub session_token: String,
    /// What names the session to the identity provider's clean-up, in a cookie that comes with it from
    /// the identity provider's pages; only where the connection speaks WS-Federation.
    pub clean_up: Option<String>,
    /// When the session ends in any case, in UTC.
    pub expires_at: OffsetDateTime,
    /// Where the person goes; `None` is the landing page.
    pub return_to: Option<String>,
    /// Whether a mobile client began the login: its session outlives the browser's window.
    pub mobile: bool,
    /// The account.
    pub account: Account,
}

/// A person who would be signed in where another one is, and is not until somebody says so.
#[derive(Debug)]
pub struct Replacement {
    /// Whose session is live in the browser.
    pub signed_in: Account,
    /// Who would be signed in instead, as the account would be then.
    pub instead: Account,
    /// The organization of the latter.
    pub org: Org,
    /// What the page posts as [`CONFIRMED`](super::CONFIRMED), beside the fields that came.
    pub proof: String,
}

impl<S: Store> Bridge<S> {
    /// Decides and commits, and again when a race was lost meanwhile.
    pub(super) async fn sign_in(
        &self,
        login: &VerifiedLogin,
        landing: Landing,
        org: &Org,
        connection: &Connection,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        // Through a draft nobody is signed in, whatever led here.
        if landing.is_test || connection.slot == Slot::Draft {
            attempt.is_a_test();
            return self.end_test(login, landing, org, connection, attempt).await;
        }
        let now = attempt.at;
        for _ in 0..ATTEMPTS {
            let plan = self.decided(login, org, connection, now).await?;
            if let Some((signed_in, proof)) = &landing.asks
                && (signed_in.id, &signed_in.org) != (plan.account().id, &org.name)
            {
                return Ok(FinishedLogin::Asks(Box::new(Replacement {
                    signed_in: Account::clone(signed_in),
                    instead: plan.account().clone(),
                    org: org.clone(),
                    proof: proof.clone(),
                })));
            }

            let token = token::new(now, self.random());
            let session_id = SessionId::new(now, self.random());
            let session =
                new_session(login, &landing, org, connection, now, session_id, token.digest);
            let expires_at = session.expires_at;
            let cleans_up = connection.settings.protocol() == Protocol::Wsfed;
            let clean_up = cleans_up.then(|| token::name(&session.token_hash));
            let person = plan.account().email().unwrap_or_default();
            let audit =
                plan.events().iter().map(|event| self.audited(event, person, &org.name, now));
            let records = SignInRecords {
                request_id: landing.request_id.clone(),
                browser: landing.browser,
                session,
                replaces: landing.replaces,
                trace: attempt.accepted(&plan),
                audit: audit.collect(),
                first_use: attempt.first_use.map(|id| self.first_use(id, person, connection, now)),
            };
            match self.store.commit_sign_in(plan, records).await {
                Ok(SignedIn { account, .. }) => {
                    let message = attempt.take_message();
                    self.keep_message(message, Ending::SignedIn, attempt.keep_messages).await;
                    return Ok(FinishedLogin::SignedIn(Box::new(SignedInBrowser {
                        session_token: token.text,
                        clean_up,
                        expires_at,
                        return_to: landing.return_to,
                        mobile: landing.mobile,
                        account,
                    })));
                }
                Err(CommitError::Conflict) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
                Err(CommitError::Replayed) => {
                    return Err(Ended::Rejected(Rejection::new(
                        Code::Replayed,
                        "an assertion that was not used before",
                        login.replay().assertion_id.clone(),
                    )));
                }
                Err(CommitError::RequestAlreadyUsed) => {
                    return Err(Ended::Rejected(Rejection::new(
                        Code::RequestAlreadyUsed,
                        "a login that was not completed before",
                        landing.request_id.unwrap_or_default(),
                    )));
                }
            }
        }
        Err(Ended::Failed(StoreError::Conflict("account_changed")))
    }

    /// What a verified login would do, decided by what is stored now (SPEC 9).
    pub(super) async fn decided(
        &self,
        login: &VerifiedLogin,
        org: &Org,
        connection: &Connection,
        now: OffsetDateTime,
    ) -> Result<SignInPlan, Ended> {
        let rules = connection.settings.common().accounts;
        let keys = provisioning::account_keys(login, org, rules)?;
        let candidates = self.store.candidates(&org.name, &keys).await?;
        let new_account = AccountId::new(now, self.random());
        Ok(provisioning::plan(login, &candidates, org, rules, now, new_account)?)
    }

    /// The certificate that signed for the first time becomes the active one with the sign-in.
    fn first_use(
        &self,
        certificate: CertificateId,
        person: &str,
        connection: &Connection,
        now: OffsetDateTime,
    ) -> FirstUse {
        let org = connection.org.clone();
        let audit = AuditEntry {
            id: AuditId::new(now, self.random()),
            org: org.clone(),
            administrator: person.to_owned(),
            timestamp: now,
            category: Category::Certificates,
            sub_category: "idp_certificate_activated".to_owned(),
            details: format!("id: {certificate}, by its first good signature"),
        };
        FirstUse { org, certificate, audit }
    }
}

/// The session of a verified login: the organization's lifetimes, capped by the identity provider's
/// `SessionNotOnOrAfter` (SPEC 5.4).
fn new_session(
    login: &VerifiedLogin,
    landing: &Landing,
    org: &Org,
    connection: &Connection,
    now: OffsetDateTime,
    id: SessionId,
    token_hash: [u8; 32],
) -> NewSession {
    let limits = org.sessions;
    let (idle_seconds, absolute_seconds) = match landing.mobile {
        true => (limits.mobile_seconds, limits.mobile_seconds),
        false => (limits.idle_seconds, limits.absolute_seconds),
    };
    let ours = now + Duration::seconds(absolute_seconds.into());
    NewSession {
        id,
        token_hash,
        connection: connection.id,
        slot: connection.slot,
        name_id: login.name_id().clone(),
        session_indexes: login.session_indexes().to_vec(),
        sp_entity_id: Some(connection.settings.audience().to_owned()),
        authn_context: login.authn_context().map(str::to_owned),
        authenticated_at: now,
        idle_seconds,
        expires_at: login.session_not_on_or_after().map_or(ours, |theirs| theirs.min(ours)),
    }
}
