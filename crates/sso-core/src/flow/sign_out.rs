//! A person signs out here (SPEC 2, `single_logout`; SPEC 5.3).
//!
//! The session here ends before anything else is looked at. What comes after, at the identity provider or
//! on the way there, can be told to the person and brings no session back. Without a session nobody is
//! asked, so that no chain of logouts goes round in a circle.

use super::attempt::Attempt;
use super::refusal::{Ended, Refusal};
use super::start_login::opaque_handle;
use super::{BackChannel, Bridge, NoBackChannel, token};
use crate::bindings::{Outbound, soap};
use crate::connection::{
    Connection, ConnectionState, FrontChannelBinding, Saml2Settings, Settings, SingleLogout,
    SloBinding, Slot,
};
use crate::dsig::SigningKey;
use crate::error::{Code, Rejection};
use crate::ids::saml_id;
use crate::logout::{
    self, LogoutParty, LogoutRequestToSend, PendingLogout, ReceivedLogout, SendError,
};
use crate::org::Org;
use crate::store::{CommitError, LogoutRecords, Session, Store, StoreError, Subject};
use crate::wsfed::SignOutRequest;
use url::Url;

/// What a browser asks for at `GET /sso/{org}/logout`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignOut<'a> {
    /// The organization's name or one of its domains.
    pub org: &'a str,
    /// The session cookie, if it came.
    pub session: Option<&'a str>,
    /// Where the person wants to go then; left aside where it is not allowed.
    pub return_to: Option<&'a str>,
}

/// How a logout goes on. The session here has ended in any case.
#[derive(Debug)]
pub enum SignedOut {
    /// The browser goes to the identity provider, which answers through it.
    Leave(Outbound),
    /// It is over.
    Done(SignOutEnd),
    /// There is no such organization.
    UnknownOrg,
}

/// How a logout has ended. The session here has.
#[derive(Debug)]
pub struct SignOutEnd {
    /// Where the browser goes; `None` is a page that says so.
    pub next: Option<Url>,
    /// What is known of the session at the identity provider.
    pub idp: IdpSession,
}

/// What is known of a person's session at the identity provider after a logout.
#[derive(Debug)]
pub enum IdpSession {
    /// Nothing: it was not asked to end it.
    NotAsked,
    /// It has ended.
    Ended,
    /// It has ended, but some other service could not be told (SAML Core 3.7.3.2).
    EndedInPart,
    /// It may go on: the identity provider did not say that it ended, and this is why.
    Unknown(Box<Refusal>),
}

impl<S: Store> Bridge<S> {
    /// Ends the session of a cookie, if there is one, and tells the identity provider where the connection
    /// says so; not one that is to be told from server to server.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn sign_out(&self, asked: SignOut<'_>) -> Result<SignedOut, StoreError> {
        self.sign_out_with(asked, &NoBackChannel).await
    }

    /// The same, where there is a way to other people's servers.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn sign_out_with(
        &self,
        asked: SignOut<'_>,
        back_channel: &impl BackChannel,
    ) -> Result<SignedOut, StoreError> {
        let ended = match asked.session.and_then(token::hash) {
            Some(hash) => self.store.end_session(&hash).await?,
            None => None,
        };
        let Some(org) = self.store.org(&asked.org.to_ascii_lowercase()).await? else {
            return Ok(SignedOut::UnknownOrg);
        };
        let connection = self.store.connection(&org.name, Slot::Live).await?;
        let return_to = match asked.return_to {
            Some(to) => self.target(to, &org).await?.map(|target| target.url),
            None => None,
        };
        let at_idp = connection.as_ref().and_then(|connection| {
            self.sign_out_at_idp(&connection.settings, &org, return_to.as_ref())
        });
        let next = at_idp.or(return_to);
        let told = connection.as_ref().zip(ended.as_ref());
        if let Some((connection, session)) = told
            && let Settings::Saml2(settings) = &connection.settings
            && settings.single_logout == SingleLogout::Saml
            && is_of(session, &org, settings)
        {
            let logout = Telling { session, settings, connection, org: &org, next };
            return self.tell(logout, back_channel).await;
        }
        Ok(SignedOut::Done(SignOutEnd { next, idp: IdpSession::NotAsked }))
    }

    /// Where the person signs out at the identity provider, if the connection has them do so.
    fn sign_out_at_idp(
        &self,
        settings: &Settings,
        org: &Org,
        return_to: Option<&Url>,
    ) -> Option<Url> {
        let common = settings.common();
        let logout_url = common.logout_url?;
        match (common.single_logout, settings) {
            (SingleLogout::RedirectOnly, _) => Some(logout_url.clone()),
            (SingleLogout::Saml, Settings::WsFed(settings)) => {
                let reply = self.sign_out_reply(org, return_to)?;
                let (realm, reply) = (settings.service_uri.as_str(), reply.as_str());
                Some(SignOutRequest { realm, reply }.url(logout_url))
            }
            (SingleLogout::Off, _) | (SingleLogout::Saml, Settings::Saml2(_)) => None,
        }
    }

    /// Where the federation service sends the browser back: our one address, since ADFS returns to what
    /// lies beneath it alone, with where the person goes then.
    fn sign_out_reply(&self, org: &Org, return_to: Option<&Url>) -> Option<Url> {
        let mut reply = Url::parse(&self.service_urls(org).wsfed).ok()?;
        if let Some(return_to) = return_to {
            reply.query_pairs_mut().append_pair("return_to", return_to.as_str());
        }
        Some(reply)
    }

    /// Tells the identity provider. What fails on the way there is no failure of the logout.
    async fn tell(
        &self,
        logout: Telling<'_>,
        back_channel: &impl BackChannel,
    ) -> Result<SignedOut, StoreError> {
        let (now, random) = (self.clock.now(), self.random());
        let mut attempt = Attempt::begin(&logout.org.name, now, random).of_logout();
        attempt.name_id = Some(logout.session.made.name_id.value.clone());
        match self.try_to_tell(&logout, back_channel, &mut attempt).await {
            Ok(signed_out) => Ok(signed_out),
            Err(ended) => {
                let refusal = self.refuse(attempt, logout.org.clone(), ended).await?;
                let idp = IdpSession::Unknown(refusal);
                Ok(SignedOut::Done(SignOutEnd { next: logout.next, idp }))
            }
        }
    }

    async fn try_to_tell(
        &self,
        logout: &Telling<'_>,
        back_channel: &impl BackChannel,
        attempt: &mut Attempt,
    ) -> Result<SignedOut, Ended> {
        let (settings, session) = (logout.settings, &logout.session.made);
        let key = self.active_key(&logout.org.name).await?;
        let (Some(key), Some(address)) = (key, &settings.logout_url) else {
            return Err(
                incomplete("an active service certificate and a logout_url", "not both").into()
            );
        };
        let id = saml_id(self.random());
        let request = LogoutRequestToSend {
            id: &id,
            // The identity provider knows the session by the name that we had at the login.
            issuer: session.sp_entity_id.as_deref().unwrap_or(&settings.sp_entity_id),
            name_id: &session.name_id,
            session_indexes: &session.session_indexes,
            address,
            now: attempt.at,
        };
        let binding = match settings.slo_binding.unwrap_or_default() {
            SloBinding::Redirect => FrontChannelBinding::Redirect,
            SloBinding::Post => FrontChannelBinding::Post,
            SloBinding::Soap => {
                let idp = self.ask(logout, &request, &key, back_channel, attempt).await?;
                self.store.put_trace(attempt.ended()).await?;
                return Ok(SignedOut::Done(SignOutEnd { next: logout.next.clone(), idp }));
            }
        };
        let relay_state = opaque_handle(self.random());
        let outbound = request.outbound(binding, &relay_state, &key).map_err(unsendable)?;
        let pending = PendingLogout {
            request_id: id.clone(),
            org: logout.org.name.clone(),
            connection: logout.connection.id,
            relay_state,
            return_to: logout.next.clone().map(Url::into),
            created_at: attempt.at,
        };
        self.store.put_pending_logout(pending).await?;
        Ok(SignedOut::Leave(outbound))
    }

    /// Asks the identity provider from server to server, and holds the answer to every rule.
    async fn ask(
        &self,
        logout: &Telling<'_>,
        request: &LogoutRequestToSend<'_>,
        key: &SigningKey,
        back_channel: &impl BackChannel,
        attempt: &mut Attempt,
    ) -> Result<IdpSession, Ended> {
        let envelope = request.envelope(key).map_err(unsendable)?;
        let answer = back_channel.post(request.address, envelope).await.map_err(|sentence| {
            let expected = "an answer of the identity provider";
            Rejection::new(Code::NoAnswer, expected, sentence)
        })?;
        let answer = soap::Envelope::parse(&answer)?;
        let ready = self.relying_party(logout.connection, logout.org).await?;
        let party = LogoutParty {
            party: &ready.party,
            issuer_alias: &logout.settings.logout_issuer_alias,
            address: None,
            now: attempt.at,
        };
        let received = ReceivedLogout::Soap(&answer);
        let verified = logout::verify_response(received, &party, request.id, &mut attempt.trace)?;
        Ok(IdpSession::of(&verified))
    }

    /// Ends the sessions of a subject on every node, for whichever protocol asks, and gives them.
    pub(super) async fn end_sessions_of(
        &self,
        subject: Subject,
        records: LogoutRecords,
    ) -> Result<Vec<Session>, Ended> {
        let id = records.replay.as_ref().map(|replay| replay.assertion_id.clone());
        self.store.end_subject_sessions(subject, records).await.map_err(|error| match error {
            CommitError::Store(error) => Ended::Failed(error),
            CommitError::Conflict | CommitError::RequestAlreadyUsed | CommitError::Replayed => {
                let expected = "a logout request that was not used before";
                Rejection::new(Code::Replayed, expected, id.unwrap_or_default()).into()
            }
        })
    }
}

impl IdpSession {
    /// What a verified answer says.
    pub(super) fn of(answer: &logout::VerifiedLogoutResponse) -> Self {
        if answer.is_partial() { Self::EndedInPart } else { Self::Ended }
    }
}

/// A logout of which the identity provider is to be told.
struct Telling<'a> {
    session: &'a Session,
    settings: &'a Saml2Settings,
    connection: &'a Connection,
    org: &'a Org,
    next: Option<Url>,
}

/// Whether a session is one of which the identity provider of the connection may be told: of this
/// organization, and by whom it was begun.
fn is_of(session: &Session, org: &Org, settings: &Saml2Settings) -> bool {
    org.sso_enabled
        && settings.state != ConnectionState::Disabled
        && session.org == org.name
        && session.made.slot == Slot::Live
        && session.made.name_id.issuer == settings.idp_entity_id
}

pub(super) fn incomplete(expected: &'static str, found: impl Into<String>) -> Rejection {
    Rejection::new(Code::ConnectionIncomplete, expected, found.into())
}

pub(super) fn unsendable(error: SendError) -> Rejection {
    incomplete("a logout message that can be sent", error.to_string())
}
