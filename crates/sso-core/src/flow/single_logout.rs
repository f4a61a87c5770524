//! Logout messages of the identity provider: it asks to end a person's sessions, or answers to a logout
//! that began here (SAML Profiles 4.4; SPEC 5.3).
//!
//! Sessions are found by whom the message names, on whichever node and without any cookie of the browser
//! that brought it. An answer ends nothing any more: that was done before it was asked for.

use super::attempt::Attempt;
use super::refusal::{Ended, Refusal};
use super::sign_out::{IdpSession, SignOutEnd, unsendable};
use super::{Bridge, KeyRefresh, speaks, token};
use crate::bindings::redirect::RedirectQuery;
use crate::bindings::{MAX_RELAY_STATE, Outbound, Parameter, post, soap};
use crate::connection::{Connection, FrontChannelBinding, Protocol, Saml2Settings, SloBinding};
use crate::error::{Code, Rejection};
use crate::ids::saml_id;
use crate::login::{RelyingParty, Trace};
use crate::logout::{
    self, LogoutParty, LogoutResponseToSend, PendingLogout, ReceivedLogout, VerifiedLogoutRequest,
};
use crate::org::Org;
use crate::store::{CommitError, LogoutRecords, Session, Store, StoreError, Subject};
use url::Url;

/// What a browser brings to `/saml/{org}/slo`.
#[derive(Debug, Clone, Copy)]
pub struct BroughtLogout<'a> {
    /// The organization's name or one of its domains.
    pub org: &'a str,
    /// The message.
    pub message: LogoutMessage<'a>,
    /// The session cookie, if it came. No session is found by it.
    pub session: Option<&'a str>,
}

/// A logout message in the form in which a browser brings it.
#[derive(Debug, Clone, Copy)]
pub enum LogoutMessage<'a> {
    /// Everything behind the `?`, exactly as it was received.
    Query(&'a str),
    /// A form.
    Form {
        /// Which field has the message.
        parameter: Parameter,
        /// That field, as posted.
        message: &'a str,
        /// The field `RelayState`, if it came.
        relay_state: Option<&'a str>,
    },
}

/// What became of a logout message.
#[derive(Debug)]
pub enum LogoutOutcome {
    /// The identity provider asked, and the person's sessions have ended.
    Asked {
        /// How the browser takes our answer back; `None` where there is no way to answer.
        answer: Option<Outbound>,
        /// Whether the session of this very browser is among them.
        own_session: bool,
    },
    /// The identity provider answered to a logout that began here. The session had ended before.
    Answered(SignOutEnd),
    /// The message is not acted on.
    Refused(Box<Refusal>),
    /// There is no such organization.
    UnknownOrg,
}

/// What became of a logout request that came from server to server.
#[derive(Debug)]
pub enum SoapLogout {
    /// The sessions have ended; this envelope is the answer.
    Answer(String),
    /// The message is not acted on.
    Refused(Box<Refusal>),
    /// There is no such organization.
    UnknownOrg,
}

impl<S: Store> Bridge<S> {
    /// Acts on a logout message that a browser brought.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn logout(
        &self,
        brought: BroughtLogout<'_>,
        keys: &impl KeyRefresh,
    ) -> Result<LogoutOutcome, StoreError> {
        let Some(org) = self.store.org(&brought.org.to_ascii_lowercase()).await? else {
            return Ok(LogoutOutcome::UnknownOrg);
        };
        let mut attempt = Attempt::begin(&org.name, self.clock.now(), self.random()).of_logout();
        let mut pending = None;
        match self.brought(brought, &org, keys, &mut attempt, &mut pending).await {
            Ok(outcome) => Ok(outcome),
            Err(ended) => {
                let refusal = self.refuse(attempt, org, ended).await?;
                // Whatever is wrong with an answer, what it answers has ended here.
                Ok(match pending {
                    Some(pending) => {
                        LogoutOutcome::Answered(ended_here(pending, IdpSession::Unknown(refusal)))
                    }
                    None => LogoutOutcome::Refused(refusal),
                })
            }
        }
    }

    /// Acts on a logout request that an identity provider's server sent: `envelope` is the body of its
    /// post.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn logout_by_soap(
        &self,
        org: &str,
        envelope: &[u8],
        keys: &impl KeyRefresh,
    ) -> Result<SoapLogout, StoreError> {
        let Some(org) = self.store.org(&org.to_ascii_lowercase()).await? else {
            return Ok(SoapLogout::UnknownOrg);
        };
        let mut attempt = Attempt::begin(&org.name, self.clock.now(), self.random()).of_logout();
        match self.asked_by_soap(envelope, &org, keys, &mut attempt).await {
            Ok(answer) => Ok(SoapLogout::Answer(answer)),
            Err(ended) => Ok(SoapLogout::Refused(self.refuse(attempt, org, ended).await?)),
        }
    }

    async fn brought(
        &self,
        brought: BroughtLogout<'_>,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
        pending: &mut Option<PendingLogout>,
    ) -> Result<LogoutOutcome, Ended> {
        let connection = self.live_connection(org).await??;
        speaks(&connection, Protocol::Saml2)?;
        let scene = Scene { org, keys, session: brought.session };
        match brought.message {
            LogoutMessage::Query(query) => {
                let query = RedirectQuery::receive(query)?;
                let message = query.message()?;
                let came = Came {
                    received: ReceivedLogout::Query(&message),
                    parameter: query.parameter(),
                    binding: FrontChannelBinding::Redirect,
                    relay_state: query.relay_state(),
                };
                self.act(came, connection, &scene, attempt, pending).await
            }
            LogoutMessage::Form { parameter, message, relay_state } => {
                let inbound = post::decode(message, relay_state)?;
                let message = inbound.message()?;
                let came = Came {
                    received: ReceivedLogout::Form(&message),
                    parameter,
                    binding: FrontChannelBinding::Post,
                    relay_state: inbound.relay_state(),
                };
                self.act(came, connection, &scene, attempt, pending).await
            }
        }
    }

    async fn act<K: KeyRefresh>(
        &self,
        came: Came<'_>,
        connection: Connection,
        scene: &Scene<'_, K>,
        attempt: &mut Attempt,
        pending: &mut Option<PendingLogout>,
    ) -> Result<LogoutOutcome, Ended> {
        match came.parameter {
            Parameter::Request => self.request_came(came, connection, scene, attempt).await,
            Parameter::Response => {
                self.answer_came(came, connection, scene, attempt, pending).await
            }
        }
    }

    /// The identity provider asks: the sessions end, and the browser takes our answer back.
    async fn request_came<K: KeyRefresh>(
        &self,
        came: Came<'_>,
        connection: Connection,
        scene: &Scene<'_, K>,
        attempt: &mut Attempt,
    ) -> Result<LogoutOutcome, Ended> {
        let Scene { org, keys, session } = *scene;
        let address = self.service_urls(org).slo;
        let (request, connection) =
            self.request(came.received, &address, connection, org, keys, attempt).await?;
        let answer = self.answer(&request, &came, &connection, org, attempt).await?;
        let ended = self.end_sessions_of_request(&request, org, attempt).await?;
        let own = session.and_then(token::hash);
        let own_session =
            own.is_some_and(|own| ended.iter().any(|session| session.made.token_hash == own));
        Ok(LogoutOutcome::Asked { answer, own_session })
    }

    async fn asked_by_soap(
        &self,
        envelope: &[u8],
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
    ) -> Result<String, Ended> {
        let connection = self.live_connection(org).await??;
        speaks(&connection, Protocol::Saml2)?;
        let envelope = soap::Envelope::parse(envelope)?;
        let address = self.service_urls(org).slo_soap;
        let received = ReceivedLogout::Soap(&envelope);
        let (request, connection) =
            self.request(received, &address, connection, org, keys, attempt).await?;
        let key = self.active_key(&org.name).await?;
        let id = saml_id(self.random());
        let answer = LogoutResponseToSend {
            id: &id,
            request_id: request.id(),
            issuer: connection.settings.audience(),
            now: attempt.at,
        };
        let answer = answer.envelope(key.as_ref()).map_err(unsendable)?;
        self.end_sessions_of_request(&request, org, attempt).await?;
        Ok(answer)
    }

    /// A request held to every rule, by the keys that are known or were refreshed for it.
    async fn request(
        &self,
        received: ReceivedLogout<'_>,
        address: &str,
        mut connection: Connection,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
    ) -> Result<(VerifiedLogoutRequest, Connection), Ended> {
        let (now, issuer_alias) = (attempt.at, aliases(&connection));
        let judge = |party: &RelyingParty, trace: &mut Trace| {
            let address = Some(address);
            let party = LogoutParty { party, issuer_alias: &issuer_alias, address, now };
            logout::verify_request(received, &party, trace)
        };
        let trace = &mut attempt.trace;
        let (request, _) = self.verified(&mut connection, org, keys, trace, judge).await?;
        attempt.name_id = Some(request.name_id().value.clone());
        Ok((request, connection))
    }

    async fn end_sessions_of_request(
        &self,
        request: &VerifiedLogoutRequest,
        org: &Org,
        attempt: &Attempt,
    ) -> Result<Vec<Session>, Ended> {
        let subject = Subject {
            org: org.name.clone(),
            name_id: request.name_id().clone(),
            session_indexes: request.session_indexes().to_vec(),
        };
        let records =
            LogoutRecords { replay: Some(request.replay().clone()), trace: Some(attempt.ended()) };
        self.end_sessions_of(subject, records).await
    }

    /// Our answer on its way back. Where there is none, the sessions end all the same, and the trace says
    /// what is missing.
    async fn answer(
        &self,
        request: &VerifiedLogoutRequest,
        came: &Came<'_>,
        connection: &Connection,
        org: &Org,
        attempt: &mut Attempt,
    ) -> Result<Option<Outbound>, Ended> {
        let mut missing = |found: &str| {
            attempt.trace.note("logout_not_answered", "SAML Profiles 4.4.3.3", found);
            Ok(None)
        };
        let way = connection.settings.saml2().and_then(|settings| way_back(settings, came.binding));
        let Some((binding, address)) = way else {
            return missing("the connection has no address for answers");
        };
        let Some(key) = self.active_key(&org.name).await? else {
            return missing("no service certificate is active");
        };
        let relay_state = came.relay_state.filter(|state| state.len() <= MAX_RELAY_STATE);
        if relay_state != came.relay_state {
            let found =
                format!("a RelayState of more than {MAX_RELAY_STATE} bytes is not sent back");
            attempt.trace.note("relay_state_too_long", "SAML Bindings 3.4.3", found);
        }
        let id = saml_id(self.random());
        let answer = LogoutResponseToSend {
            id: &id,
            request_id: request.id(),
            issuer: connection.settings.audience(),
            now: attempt.at,
        };
        Ok(Some(answer.outbound(binding, address, relay_state, &key).map_err(unsendable)?))
    }

    /// The identity provider answers to a logout that began here.
    async fn answer_came<K: KeyRefresh>(
        &self,
        came: Came<'_>,
        mut connection: Connection,
        scene: &Scene<'_, K>,
        attempt: &mut Attempt,
        found: &mut Option<PendingLogout>,
    ) -> Result<LogoutOutcome, Ended> {
        let Scene { org, keys, .. } = *scene;
        let pending = self.pending_logout(came.received, &connection, org).await?;
        *found = Some(pending.clone());
        in_time(&pending, attempt)?;
        let sent = &pending.relay_state;
        if came.relay_state.is_some_and(|state| state != sent) {
            let expected = "the RelayState that was sent, or none";
            return Err(Rejection::new(Code::RelayStateMismatch, expected, "another one").into());
        }
        let (address, now) = (self.service_urls(org).slo, attempt.at);
        let issuer_alias = aliases(&connection);
        let judge = |party: &RelyingParty, trace: &mut Trace| {
            let address = Some(address.as_str());
            let party = LogoutParty { party, issuer_alias: &issuer_alias, address, now };
            logout::verify_response(came.received, &party, &pending.request_id, trace)
        };
        let trace = &mut attempt.trace;
        let (answer, _) = self.verified(&mut connection, org, keys, trace, judge).await?;
        if answer.is_partial() {
            let found = "the identity provider could not tell every other service";
            attempt.trace.note("partial_logout", "SAML Core 3.7.3.2", found);
        }
        let finished = self.store.finish_logout(&pending.request_id, attempt.ended()).await;
        finished.map_err(|error| match error {
            CommitError::Store(error) => Ended::Failed(error),
            CommitError::Conflict | CommitError::RequestAlreadyUsed | CommitError::Replayed => {
                let expected = "a logout that was not answered before";
                let id = pending.request_id.clone();
                Rejection::new(Code::RequestAlreadyUsed, expected, id).into()
            }
        })?;
        Ok(LogoutOutcome::Answered(ended_here(pending, IdpSession::of(&answer))))
    }

    /// The logout that an answer says it answers. What the message says of itself only finds the row.
    async fn pending_logout(
        &self,
        received: ReceivedLogout<'_>,
        connection: &Connection,
        org: &Org,
    ) -> Result<PendingLogout, Ended> {
        let id = received.in_response_to();
        let pending = match id {
            Some(id) => self.store.pending_logout(id).await?,
            None => None,
        };
        let ours = |pending: &PendingLogout| {
            pending.org == org.name && pending.connection == connection.id
        };
        pending.filter(ours).ok_or_else(|| {
            let expected = "the ID of a logout that was begun here";
            let found = id.unwrap_or("no InResponseTo").to_owned();
            Rejection::new(Code::InResponseTo, expected, found).into()
        })
    }
}

/// Where a message came to.
struct Scene<'a, K> {
    org: &'a Org,
    keys: &'a K,
    session: Option<&'a str>,
}

/// How a message came through the browser.
#[derive(Clone, Copy)]
struct Came<'m> {
    received: ReceivedLogout<'m>,
    parameter: Parameter,
    binding: FrontChannelBinding,
    relay_state: Option<&'m str>,
}

/// The other issuers of logout messages, which no refresh of metadata changes.
fn aliases(connection: &Connection) -> Vec<String> {
    let settings = connection.settings.saml2();
    settings.map(|settings| settings.logout_issuer_alias.clone()).unwrap_or_default()
}

/// By which binding and where an answer goes: as requests of ours do, and to the address for responses
/// where there is one (SAML Metadata 2.2.2, `ResponseLocation`). Where those go from server to server, it
/// goes as the request came, if that address is known.
fn way_back(
    settings: &Saml2Settings,
    came: FrontChannelBinding,
) -> Option<(FrontChannelBinding, &Url)> {
    let response_url = settings.logout_response_url.as_ref();
    let address = response_url.or(settings.logout_url.as_ref());
    match settings.slo_binding.unwrap_or_default() {
        SloBinding::Redirect => Some((FrontChannelBinding::Redirect, address?)),
        SloBinding::Post => Some((FrontChannelBinding::Post, address?)),
        SloBinding::Soap => Some((came, response_url?)),
    }
}

fn in_time(pending: &PendingLogout, attempt: &Attempt) -> Result<(), Rejection> {
    if attempt.at < pending.expires_at() {
        return Ok(());
    }
    let seconds = (attempt.at - pending.created_at).whole_seconds();
    let expected = format!("an answer within {} s", PendingLogout::LIFETIME.whole_seconds());
    Err(Rejection::new(Code::RequestExpired, expected, format!("an answer after {seconds} s")))
}

/// The end of a logout that began here.
fn ended_here(pending: PendingLogout, idp: IdpSession) -> SignOutEnd {
    let next = pending.return_to.as_deref().and_then(|to| Url::parse(to).ok());
    SignOutEnd { next, idp }
}
