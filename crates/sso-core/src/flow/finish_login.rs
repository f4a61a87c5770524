//! A response comes back from the identity provider (SPEC 5.1, DESIGN 1).
//!
//! Read, verify, decide, commit. A refused message writes nothing but its trace.

use super::attempt::Attempt;
use super::refusal::{Ended, Refusal};
use super::relying_parties::ReadyParty;
use super::{Bridge, KeyRefresh, KnownKeys, token, unknown_key};
use crate::bindings::{Message, post};
use crate::connection::{Connection, Slot};
use crate::error::{Code, Rejection};
use crate::ids::{AccountId, AuditId, CertificateId, SessionId};
use crate::login::{self, PendingLogin, VerifiedLogin};
use crate::org::Org;
use crate::provisioning::{self, Account};
use crate::store::{
    AuditEntry, Category, CommitError, FirstUse, NewSession, SignInRecords, SignedIn, Store,
    StoreError,
};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// How often a sign-in is planned. Each race that is lost was won by another sign-in of the same account
/// or a change of it, so that this many of them at once all get through: a person's browser opens all
/// its windows again, and each signs in.
const ATTEMPTS: usize = 32;

/// What a browser posts at `POST /saml/{org}/acs`.
#[derive(Debug, Clone, Copy)]
pub struct PostedResponse<'a> {
    /// The organization's name or one of its domains.
    pub org: &'a str,
    /// The form field `SAMLResponse`, as posted.
    pub saml_response: &'a str,
    /// The form field `RelayState`, if it came.
    pub relay_state: Option<&'a str>,
    /// The browser's binding cookie, if it came.
    pub browser: Option<&'a str>,
}

/// How a login ended.
#[derive(Debug)]
pub enum FinishedLogin {
    /// The person is signed in.
    SignedIn(Box<SignedInBrowser>),
    /// The person is not.
    Refused(Box<Refusal>),
    /// There is no such organization.
    UnknownOrg,
}

/// A person signed in, and where their browser goes.
#[derive(Debug)]
pub struct SignedInBrowser {
    /// The session cookie's value.
    pub session_token: String,
    /// When the session ends in any case, in UTC.
    pub expires_at: OffsetDateTime,
    /// Where the person goes; `None` is the landing page.
    pub return_to: Option<String>,
    /// Whether a mobile client began the login: its session outlives the browser's window.
    pub mobile: bool,
    /// The account.
    pub account: Account,
}

impl<S: Store> Bridge<S> {
    /// Finishes a login with the response that a browser brought.
    ///
    /// # Errors
    ///
    /// The store's. Nothing is stored then, and the same response can be posted again.
    pub async fn finish_login(
        &self,
        posted: PostedResponse<'_>,
    ) -> Result<FinishedLogin, StoreError> {
        self.finish_login_with(posted, &KnownKeys).await
    }

    /// The same, where the keys of the identity provider can be refreshed: a signature that no known key
    /// made triggers that, and is judged once more by what came of it (SPEC 2).
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn finish_login_with(
        &self,
        posted: PostedResponse<'_>,
        keys: &impl KeyRefresh,
    ) -> Result<FinishedLogin, StoreError> {
        let Some(org) = self.store.org(&posted.org.to_ascii_lowercase()).await? else {
            return Ok(FinishedLogin::UnknownOrg);
        };
        let mut attempt = Attempt::begin(&org.name, self.clock.now(), self.random());
        match self.attempt(posted, &org, keys, &mut attempt).await {
            Ok(signed_in) => Ok(FinishedLogin::SignedIn(Box::new(signed_in))),
            Err(ended) => Ok(FinishedLogin::Refused(self.refuse(attempt, org, ended).await?)),
        }
    }

    async fn attempt(
        &self,
        posted: PostedResponse<'_>,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
    ) -> Result<SignedInBrowser, Ended> {
        let mut connection = self.live_connection(org).await??;
        attempt.error_url.clone_from(&connection.settings.error_url);
        let inbound = post::decode(posted.saml_response, posted.relay_state)?;
        let (login, pending) = {
            let message = inbound.message()?;
            let pending = self.answered(&message, posted, &connection, attempt.at).await?;
            let mut ready = self.relying_party(&connection, org).await?;
            let request = &pending.request_id;
            let (at, trace) = (attempt.at, &mut attempt.trace);
            let mut judged = login::verify_solicited(&message, &ready.party, request, at, trace);
            if let Err(rejection) = &judged
                && unknown_key::is_reason(rejection)
                && let Some(newer) = self.newer_connection(&connection, org, keys).await??
            {
                connection = newer;
                ready = self.relying_party(&connection, org).await?;
                *trace = unknown_key::second_trace();
                judged = login::verify_solicited(&message, &ready.party, request, at, trace);
            }
            let login = judged?;
            attempt.first_use = ready.first_use(login.key_fingerprint());
            (login, pending)
        };
        if let Some(certificate) = attempt.first_use {
            let found =
                format!("{certificate}, which is next: the sign-in makes it the active one");
            attempt.trace.note("idp_certificate_first_use", "SPEC 8", found);
        }
        attempt.name_id = Some(login.name_id().value.clone());
        self.sign_in(&login, &pending, org, &connection, attempt).await
    }

    /// What verifies for a connection: as it was made ready before, or with its certificates read.
    async fn relying_party(
        &self,
        connection: &Connection,
        org: &Org,
    ) -> Result<Arc<ReadyParty>, Ended> {
        if let Some(ready) = self.relying_parties.kept(connection) {
            return Ok(ready);
        }
        let imported = self.store.idp_certificates(&connection.org).await?;
        let service_keys = self.store.service_keys(&connection.org).await?;
        let urls = self.service_urls(org);
        Ok(self.relying_parties.make(connection, imported, service_keys, &urls)?)
    }

    /// The login that a response answers, held to the browser that began it. What the message says
    /// of itself only finds the row; `login::verify` compares it with what is signed.
    async fn answered(
        &self,
        message: &Message<'_>,
        posted: PostedResponse<'_>,
        connection: &Connection,
        now: OffsetDateTime,
    ) -> Result<PendingLogin, Ended> {
        let request_id = message.hints().in_response_to.ok_or_else(|| {
            Rejection::new(
                Code::UnsolicitedNotAllowed,
                "a response to a request",
                "a response without InResponseTo",
            )
        })?;
        let pending = self.store.pending_login(request_id).await?.ok_or_else(|| {
            Rejection::new(
                Code::InResponseTo,
                "the ID of a login that was begun here",
                request_id.to_owned(),
            )
        })?;
        held_to_its_browser(&pending, posted, connection, now)?;
        Ok(pending)
    }

    /// Decides and commits, and again when a race was lost meanwhile.
    async fn sign_in(
        &self,
        login: &VerifiedLogin,
        pending: &PendingLogin,
        org: &Org,
        connection: &Connection,
        attempt: &Attempt,
    ) -> Result<SignedInBrowser, Ended> {
        let (settings, now) = (&connection.settings, attempt.at);
        let keys = provisioning::account_keys(login, org, settings)?;
        for _ in 0..ATTEMPTS {
            let candidates = self.store.candidates(&org.name, &keys).await?;
            let new_account = AccountId::new(now, self.random());
            let plan = provisioning::plan(login, &candidates, org, settings, now, new_account)?;

            let token = token::new(now, self.random());
            let session_id = SessionId::new(now, self.random());
            let session = new_session(login, pending, org, now, session_id, token.digest);
            let expires_at = session.expires_at;
            let person = plan.account().email().unwrap_or_default();
            let audit =
                plan.events().iter().map(|event| self.audited(event, person, &org.name, now));
            let records = SignInRecords {
                request_id: Some(pending.request_id.clone()),
                session,
                trace: attempt.accepted(&plan),
                audit: audit.collect(),
                first_use: attempt.first_use.map(|id| self.first_use(id, person, connection, now)),
            };
            match self.store.commit_sign_in(plan, records).await {
                Ok(SignedIn { account, .. }) => {
                    let return_to = pending.return_to.clone();
                    let mobile = pending.mobile;
                    return Ok(SignedInBrowser {
                        session_token: token.text,
                        expires_at,
                        return_to,
                        mobile,
                        account,
                    });
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
                        pending.request_id.clone(),
                    )));
                }
            }
        }
        Err(Ended::Failed(StoreError::Conflict("account_changed")))
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

/// Holds a response to the login that it says it answers, before anything in it is verified.
fn held_to_its_browser(
    pending: &PendingLogin,
    posted: PostedResponse<'_>,
    connection: &Connection,
    now: OffsetDateTime,
) -> Result<(), Rejection> {
    if pending.connection != connection.id || pending.slot != Slot::Live {
        return Err(Rejection::new(
            Code::InResponseTo,
            "the ID of a login that was begun through this connection",
            pending.request_id.clone(),
        ));
    }
    if now >= pending.expires_at() {
        let seconds = (now - pending.created_at).whole_seconds();
        return Err(Rejection::new(
            Code::RequestExpired,
            format!("an answer within {} s", PendingLogin::LIFETIME.whole_seconds()),
            format!("an answer after {seconds} s"),
        ));
    }
    let browser = posted.browser.and_then(token::hash);
    if !browser.is_some_and(|hash| openssl::memcmp::eq(&hash, &pending.browser.0)) {
        let found = if posted.browser.is_some() { "another cookie" } else { "no cookie" };
        return Err(Rejection::new(
            Code::BrowserMismatch,
            "the cookie of the browser that began the login",
            found,
        ));
    }
    match (posted.relay_state.filter(|state| !state.is_empty()), &pending.relay_state) {
        (Some(came), Some(sent)) if came != sent => Err(Rejection::new(
            Code::RelayStateMismatch,
            "the RelayState that was sent, or none",
            "another one",
        )),
        _ => Ok(()),
    }
}

/// The session of a verified login: the organization's lifetimes, capped by the identity provider's
/// `SessionNotOnOrAfter` (SPEC 5.4).
fn new_session(
    login: &VerifiedLogin,
    pending: &PendingLogin,
    org: &Org,
    now: OffsetDateTime,
    id: SessionId,
    token_hash: [u8; 32],
) -> NewSession {
    let limits = org.sessions;
    let (idle_seconds, absolute_seconds) = match pending.mobile {
        true => (limits.mobile_seconds, limits.mobile_seconds),
        false => (limits.idle_seconds, limits.absolute_seconds),
    };
    let ours = now + Duration::seconds(absolute_seconds.into());
    NewSession {
        id,
        token_hash,
        connection: pending.connection,
        slot: pending.slot,
        name_id: login.name_id().clone(),
        session_index: login.session_index().map(str::to_owned),
        authn_context: login.authn_context().map(str::to_owned),
        authenticated_at: now,
        idle_seconds,
        expires_at: login.session_not_on_or_after().map_or(ours, |theirs| theirs.min(ours)),
    }
}
