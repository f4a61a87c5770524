//! Whole use cases: read, decide purely, commit (DESIGN 1). The only module that calls the store.
//!
//! A [`Bridge`] holds what every use case needs. Each use case has a file of its own:
//! [`Bridge::metadata`], [`Bridge::start_login`], [`Bridge::finish_login`], [`Bridge::finish_artifact`],
//! [`Bridge::start_ecp`], [`Bridge::session`], [`Bridge::sign_out`], [`Bridge::logout`],
//! [`Bridge::clean_up`], [`Bridge::own_sessions`], [`Bridge::identify`]; those of administrators, from
//! [`Bridge::create_account`] on, share one.
//! [`Bridge::set_up`] is for applications without the Admin API.

mod accounts;
mod answered;
mod attempt;
mod audit;
mod back_channel;
mod budget;
mod clean_up;
mod directory;
mod ecp;
mod finish_artifact;
mod finish_login;
mod finish_wsfed;
mod groups;
mod identity;
mod identity_tokens;
mod judged;
mod kept_message;
mod metadata;
mod own_page;
mod own_sessions;
mod preview;
mod refusal;
mod relying_parties;
mod replay;
mod restarts;
mod scim_log;
mod session;
mod set_up;
mod sign_in;
mod sign_out;
mod single_logout;
mod start_login;
mod target;
mod test_login;
mod token;
mod unknown_key;
mod unsolicited;

pub use accounts::{AccountError, Administrator};
pub use back_channel::{BackChannel, NoBackChannel};
pub use clean_up::CleanUp;
pub use directory::{DirectoryClient, ManagedExternally, Written};
pub use ecp::{ClientResponse, StartedEcp};
pub use finish_artifact::BroughtArtifact;
pub use finish_login::{CONFIRMED, FinishedLogin, POSTED_AGAIN, PostedResponse};
pub use finish_wsfed::PostedToken;
pub use groups::{GroupError, GroupWriter};
pub use identity::Identified;
pub use metadata::SignedMetadata;
pub use own_sessions::{Ending, OwnSessions};
pub use preview::Previewed;
pub use refusal::Refusal;
pub use replay::{ReplayError, ReplayedLogin};
pub use set_up::SetUpError;
pub use sign_in::{Replacement, SignedInBrowser};
pub use sign_out::{IdpSession, SignOut, SignOutEnd, SignedOut};
pub use single_logout::{BroughtLogout, LogoutMessage, LogoutOutcome, SoapLogout};
pub use start_login::{StartLogin, StartedLogin};
pub use test_login::{TestOutcome, TestedLogin};
pub use unknown_key::{KeyRefresh, KnownKeys};

use crate::connection::{Connection, ConnectionState, Protocol, ServiceUrls, Slot};
use crate::cookies::{CookieDomain, Cookies};
use crate::error::{Code, Rejection};
use crate::jwt::JwtKey;
use crate::org::Org;
use crate::random::Random;
use crate::store::{Store, StoreError};
use crate::time::Clock;
use budget::Budget;
use identity_tokens::IdentityTokens;
use relying_parties::RelyingParties;
use scim_log::ScimLog;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use url::Url;

/// The bridge: its store, its clock, its randomness and its own address.
pub struct Bridge<S> {
    store: S,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    public_url: Url,
    cookie_domain: Option<CookieDomain>,
    relying_parties: RelyingParties,
    identity_tokens: IdentityTokens,
    token_key: OnceLock<Arc<JwtKey>>,
    trace_budget: Budget,
    /// Of the refusals that are security events, so that rubbish does not use theirs up.
    alarm_budget: Budget,
    message_budget: Budget,
    keeps_messages: bool,
    scim_log: ScimLog,
}

impl<S: Store> Bridge<S> {
    /// Makes a bridge. `public_url` is where browsers reach the service; every address that it
    /// publishes derives from it, never from a request.
    pub fn new(store: S, clock: Arc<dyn Clock>, random: Arc<dyn Random>, public_url: Url) -> Self {
        Self {
            store,
            clock,
            random,
            public_url,
            cookie_domain: None,
            relying_parties: RelyingParties::default(),
            identity_tokens: IdentityTokens::default(),
            token_key: OnceLock::new(),
            trace_budget: Budget::of(Budget::TRACES),
            alarm_budget: Budget::of(Budget::TRACES),
            message_budget: Budget::of(Budget::MESSAGE_BYTES),
            keeps_messages: true,
            scim_log: ScimLog::default(),
        }
    }

    /// The same, with the session serving every host under a domain: its cookie is sent to them, and
    /// a login may end at them.
    pub fn with_cookie_domain(self, domain: Option<CookieDomain>) -> Self {
        Self { cookie_domain: domain, ..self }
    }

    /// The store, for configuration and reading.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The source of randomness.
    pub fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// Where browsers reach the service.
    pub fn public_url(&self) -> &Url {
        &self.public_url
    }

    /// The cookies that carry what [`Bridge::start_login`] and [`Bridge::finish_login`] give out.
    pub fn cookies(&self) -> Cookies {
        Cookies::new(&self.public_url, self.cookie_domain.as_ref())
    }

    /// The addresses that an organization's SAML messages name.
    pub fn service_urls(&self, org: &Org) -> ServiceUrls {
        ServiceUrls::new(&self.public_url, &org.name)
    }

    /// The connection that people of an organization sign in through now.
    ///
    /// The inner error is `connection_disabled`: there is none, it is disabled, or the
    /// organization's single sign-on is off. Every path to an account asks here (ATTACKS TEN-04).
    async fn live_connection(
        &self,
        org: &Org,
    ) -> Result<Result<Connection, Rejection>, StoreError> {
        let disabled = |found| Err(disabled("an active connection", found));
        if !org.sso_enabled {
            return Ok(disabled("single sign-on is off for the organization"));
        }
        Ok(match self.store.connection(&org.name, Slot::Live).await? {
            None => disabled("no connection"),
            Some(connection) if connection.settings.common().state == ConnectionState::Disabled => {
                disabled("a disabled connection")
            }
            Some(connection) => Ok(connection),
        })
    }
}

/// Holds a message to the protocol of the connection: what comes by another has no connection.
fn speaks(connection: &Connection, protocol: Protocol) -> Result<(), Rejection> {
    let spoken = connection.settings.protocol();
    if spoken == protocol {
        return Ok(());
    }
    let expected = format!("a connection that speaks {}", protocol.as_str());
    Err(disabled(expected, format!("one that speaks {}", spoken.as_str())))
}

fn disabled(
    expected: impl Into<Cow<'static, str>>,
    found: impl Into<Cow<'static, str>>,
) -> Rejection {
    Rejection::new(Code::ConnectionDisabled, expected, found)
}
