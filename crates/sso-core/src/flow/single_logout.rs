//! Logout messages of the identity provider, as a browser or a server brings them: it [asks](asked) to end
//! a person's sessions, or [answers](answered) to a logout that began here (SAML Profiles 4.4; SPEC 5.3).

mod answered;
mod asked;

use super::attempt::Attempt;
use super::refusal::{Ended, Refusal};
use super::sign_out::{IdpSession, SignOutEnd};
use super::{Bridge, KeyRefresh, speaks};
use crate::bindings::redirect::RedirectQuery;
use crate::bindings::{Outbound, Parameter, post};
use crate::connection::{Connection, FrontChannelBinding, Protocol};
use crate::logout::{PendingLogout, ReceivedLogout};
use crate::org::Org;
use crate::store::{Store, StoreError};
use answered::ended_here;

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
