//! A response comes back from the identity provider (SPEC 5.1, DESIGN 1).
//!
//! Read, verify, decide, commit. A refused message writes nothing but its trace.

use super::attempt::Attempt;
use super::refusal::{Ended, Refusal};
use super::relying_parties::ReadyParty;
use super::sign_in::{Landing, Replacement, SignedInBrowser};
use super::unsolicited::{Brought, Unsolicited};
use super::{Bridge, KeyRefresh, KnownKeys, speaks, token, unknown_key};
use crate::bindings::{Outbound, post};
use crate::connection::{Connection, Protocol, Slot};
use crate::error::{Code, Rejection};
use crate::login::{
    PendingLogin, RelyingParty, Trace, UNSOLICITED_MAX_AGE, verify_solicited, verify_unsolicited,
};
use crate::org::Org;
use crate::store::{Store, StoreError};
use std::sync::Arc;
use time::OffsetDateTime;

/// What a browser posts at `POST /saml/{org}/acs`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostedResponse<'a> {
    /// The organization's name or one of its domains.
    pub org: &'a str,
    /// The form field `SAMLResponse`, as posted.
    pub saml_response: &'a str,
    /// The form field `RelayState`, if it came.
    pub relay_state: Option<&'a str>,
    /// The browser's binding cookie, if it came.
    pub browser: Option<&'a str>,
    /// The browser's session cookie, if it came.
    pub session: Option<&'a str>,
    /// Every field of the form, decoded: one of them names the target of a login that the identity
    /// provider began, and our own pages add [`POSTED_AGAIN`] and [`CONFIRMED`].
    pub form: &'a [(String, String)],
}

/// The field by which a page of ours posts a message again ([`FinishedLogin::PostAgain`]).
pub const POSTED_AGAIN: &str = "sso_posted_again";

/// The field by which a page of ours posts that a session is to be replaced ([`FinishedLogin::Asks`]).
pub const CONFIRMED: &str = "sso_confirmed";

impl<'a> PostedResponse<'a> {
    fn field(&self, name: &str) -> Option<&'a str> {
        self.form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    fn brought(&self, target_parameter: &str) -> Brought<'a> {
        Brought {
            browser: self.browser,
            session: self.session,
            target: self.field(target_parameter),
            handle: self.relay_state,
            posted_again: self.field(POSTED_AGAIN),
            confirmed: self.field(CONFIRMED),
        }
    }
}

/// How a login ended, or how it goes on.
#[derive(Debug)]
pub enum FinishedLogin {
    /// The person is signed in.
    SignedIn(Box<SignedInBrowser>),
    /// The response answered no request and was thrown away; the browser goes to the identity provider
    /// with a request of ours (SPEC 5.2, `restart`).
    Restarted {
        /// How it goes there.
        to: Outbound,
        /// The binding cookie that it must carry from now on.
        browser: String,
    },
    /// The response answers no request: it is looked at when the browser posts all fields that came once
    /// more, from a page of ours, so that the session's cookie comes with it (SPEC 5.2, `accept`).
    PostAgain {
        /// The binding cookie that it must carry from now on.
        browser: String,
        /// What the page posts as [`POSTED_AGAIN`], beside the fields that came.
        proof: String,
    },
    /// Somebody else is signed in in this browser. Nothing has changed; a page asks whether to go on
    /// (SPEC 5.2, `accept`).
    Asks(Box<Replacement>),
    /// The person is not signed in.
    Refused(Box<Refusal>),
    /// There is no such organization.
    UnknownOrg,
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
            Ok(finished) => Ok(finished),
            Err(ended) => Ok(FinishedLogin::Refused(self.refuse(attempt, org, ended).await?)),
        }
    }

    async fn attempt(
        &self,
        posted: PostedResponse<'_>,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        let mut connection = self.live_connection(org).await??;
        attempt.through(&connection);
        speaks(&connection, Protocol::Saml2)?;
        let inbound = post::decode(posted.saml_response, posted.relay_state)?;
        let (login, landing) = {
            let message = inbound.message()?;
            let landing = match message.hints().in_response_to {
                Some(request_id) => {
                    let now = attempt.at;
                    let pending = self.answered(request_id, posted, &connection, now).await?;
                    // A tab that signed in meanwhile is known where its cookie comes with the post.
                    let replaces = posted.session.and_then(token::hash).or(pending.replaces);
                    Landing { replaces, ..pending.into() }
                }
                None => {
                    let xml = message.xml();
                    let brought = posted.brought(connection.settings.common().target_parameter);
                    match self.unsolicited(xml, brought, &connection, org, attempt).await? {
                        Unsolicited::Verify(landing) => landing,
                        Unsolicited::Ends(finished) => return Ok(finished),
                    }
                }
            };
            let mut ready = self.relying_party(&connection, org).await?;
            let (at, trace) = (attempt.at, &mut attempt.trace);
            let judge = |party: &RelyingParty, trace: &mut Trace| match &landing.request_id {
                Some(request) => verify_solicited(&message, party, request, at, trace),
                None => verify_unsolicited(&message, party, UNSOLICITED_MAX_AGE, at, trace),
            };
            let mut judged = judge(&ready.party, trace);
            if let Err(rejection) = &judged
                && unknown_key::is_reason(rejection)
                && let Some(newer) = self.newer_connection(&connection, org, keys).await??
            {
                connection = newer;
                ready = self.relying_party(&connection, org).await?;
                *trace = unknown_key::second_trace();
                judged = judge(&ready.party, trace);
            }
            let login = judged?;
            attempt.first_use = ready.first_use(login.key_fingerprint());
            (login, landing)
        };
        if let Some(certificate) = attempt.first_use {
            let found =
                format!("{certificate}, which is next: the sign-in makes it the active one");
            attempt.trace.note("idp_certificate_first_use", "SPEC 8", found);
        }
        attempt.name_id = Some(login.name_id().value.clone());
        self.sign_in(&login, landing, org, &connection, attempt).await
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
        request_id: &str,
        posted: PostedResponse<'_>,
        connection: &Connection,
        now: OffsetDateTime,
    ) -> Result<PendingLogin, Ended> {
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
