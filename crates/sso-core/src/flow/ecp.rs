//! Logins of enhanced clients, which take our request to the identity provider and bring the answer
//! themselves (Enhanced Client or Proxy; SAML Profiles 4.2; SPEC 5.5).
//!
//! Only where the connection has `ecp`: a header of a request chooses how a message travels, and no rule
//! (ATTACKS ART-02). The client is held to its cookie as a browser is, and what it brings goes through the
//! pipeline of every response. No test login goes this way, and none that nobody asked for.

use super::attempt::Attempt;
use super::refusal::{Ended, Refusal};
use super::start_login::{Occasion, StartLogin, Waiting};
use super::unsolicited::{Brought, not_allowed};
use super::{Bridge, FinishedLogin, KeyRefresh, speaks};
use crate::bindings::Message;
use crate::connection::{Connection, Protocol, Saml2Settings};
use crate::error::{Code, Rejection};
use crate::login::{BrowserBinding, start_ecp};
use crate::org::Org;
use crate::store::{Store, StoreError};

/// A login of an enhanced client that begins.
#[derive(Debug)]
pub enum StartedEcp {
    /// The client takes the request to the identity provider.
    Ask {
        /// The envelope, which says what to do.
        envelope: String,
        /// The binding cookie that it must carry from now on.
        browser: String,
    },
    /// No login can begin.
    Refused(Box<Refusal>),
    /// There is no such organization.
    UnknownOrg,
}

/// What an enhanced client posts at `POST /saml/{org}/acs`.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientResponse<'a> {
    /// The organization's name or one of its domains.
    pub org: &'a str,
    /// The body of its post.
    pub envelope: &'a [u8],
    /// The client's binding cookie, if it came.
    pub browser: Option<&'a str>,
    /// The client's session cookie, if it came.
    pub session: Option<&'a str>,
}

impl<S: Store> Bridge<S> {
    /// Begins a login of an enhanced client, as [`Bridge::start_login`] does of a browser.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn start_ecp(&self, asked: StartLogin<'_>) -> Result<StartedEcp, StoreError> {
        let Some(org) = self.store.org(&asked.org.to_ascii_lowercase()).await? else {
            return Ok(StartedEcp::UnknownOrg);
        };
        let mut attempt = Attempt::begin(&org.name, self.clock.now(), self.random());
        match self.ask_client(asked, &org, &mut attempt).await {
            Ok((envelope, browser)) => Ok(StartedEcp::Ask { envelope, browser }),
            Err(ended) => Ok(StartedEcp::Refused(self.refuse(attempt, org, ended).await?)),
        }
    }

    async fn ask_client(
        &self,
        asked: StartLogin<'_>,
        org: &Org,
        attempt: &mut Attempt,
    ) -> Result<(String, String), Ended> {
        let connection = self.came_through(false, org, attempt).await??;
        let settings = of_clients(&connection)?;
        if asked.is_test {
            return Err(refused("an enhanced client in a test login").into());
        }
        let now = attempt.at;
        let (browser, hash) = self.browser(asked.browser);
        let target = self.destination(asked.return_to, &connection, org).await?;
        let (envelope, request_id, relay_state) =
            self.request_of_login(asked, Occasion::Asked, settings, org, now, start_ecp).await?;
        let browser_binding = BrowserBinding(hash);
        let waiting =
            Waiting { asked, connection: &connection, target, browser: browser_binding, now };
        self.wait(waiting, request_id, Some(relay_state)).await?;
        Ok((envelope, browser))
    }

    /// Finishes a login with the response that an enhanced client brought.
    ///
    /// # Errors
    ///
    /// The store's. Nothing is stored then, and the same response can be posted again.
    pub async fn finish_ecp(
        &self,
        came: ClientResponse<'_>,
        keys: &impl KeyRefresh,
    ) -> Result<FinishedLogin, StoreError> {
        let Some(org) = self.store.org(&came.org.to_ascii_lowercase()).await? else {
            return Ok(FinishedLogin::UnknownOrg);
        };
        let mut attempt = Attempt::begin(&org.name, self.clock.now(), self.random());
        match self.client_brought(came, &org, keys, &mut attempt).await {
            Ok(finished) => Ok(finished),
            Err(ended) => Ok(FinishedLogin::Refused(self.refuse(attempt, org, ended).await?)),
        }
    }

    async fn client_brought(
        &self,
        came: ClientResponse<'_>,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        let connection = self.came_through(false, org, attempt).await??;
        of_clients(&connection)?;
        let message = Message::of_client(came.envelope)?;
        let relay_state = message.client_relay_state()?;
        let brought = Brought {
            browser: came.browser,
            session: came.session,
            handle: relay_state.as_deref(),
            ..Brought::default()
        };
        let Some(request_id) = message.hints().in_response_to else {
            return Err(not_allowed("one that answers none, of an enhanced client").into());
        };
        let landing = self.answering(request_id, brought, &connection, attempt).await?;
        self.finish_response(&message, landing, connection, org, keys, attempt).await
    }
}

/// The settings of a connection that takes enhanced clients.
fn of_clients(connection: &Connection) -> Result<&Saml2Settings, Rejection> {
    speaks(connection, Protocol::Saml2)?;
    let settings = connection.settings.saml2().filter(|settings| settings.ecp);
    settings.ok_or_else(|| refused("an enhanced client"))
}

fn refused(found: &'static str) -> Rejection {
    Rejection::new(Code::BindingNotAllowed, "a login through a browser", found)
}
