//! A response comes back from the identity provider (SPEC 5.1, DESIGN 1).
//!
//! Read, verify, decide, commit. A refused message writes nothing but its trace.

use super::attempt::Attempt;
use super::refusal::{Ended, Refusal};
use super::sign_in::{Landing, Replacement, SignedInBrowser};
use super::start_login::Occasion;
use super::unsolicited::{Brought, Unsolicited};
use super::{Bridge, KeyRefresh, KnownKeys, PostedToken, TestedLogin, speaks};
use crate::bindings::{Message, Outbound, post};
use crate::connection::{Connection, Protocol};
use crate::error::{Code, Rejection};
use crate::login::{
    PendingLogin, RelyingParty, Trace, UNSOLICITED_MAX_AGE, verify_solicited, verify_unsolicited,
};
use crate::org::Org;
use crate::store::{Store, StoreError};

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
    /// The cookie of [`FinishedLogin::Restarted`], if it came.
    pub restarted: Option<&'a str>,
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
            restarted: self.restarted,
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
        /// The cookie that counts how often this came in a row, so that it comes to an end. Whatever else
        /// becomes of the next message takes it away.
        restarted: String,
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
    /// It was a test login, and passed: a page shows what came, and what would have become of it.
    Tested(Box<TestedLogin>),
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
        self.finish(Posted::Response(posted), keys).await
    }

    /// Finishes a login with what was posted, whichever protocol it is of.
    pub(super) async fn finish(
        &self,
        posted: Posted<'_>,
        keys: &impl KeyRefresh,
    ) -> Result<FinishedLogin, StoreError> {
        let Some(org) = self.store.org(&posted.org().to_ascii_lowercase()).await? else {
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
        posted: Posted<'_>,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        let is_test = posted.handle().is_some_and(|handle| Occasion::Tested.is_named_by(handle));
        let connection = self.came_through(is_test, org, attempt).await??;
        match posted {
            Posted::Response(posted) => {
                speaks(&connection, Protocol::Saml2)?;
                self.response(posted, connection, org, keys, attempt).await
            }
            Posted::Token(posted) => {
                speaks(&connection, Protocol::Wsfed)?;
                self.token(posted, connection, org, keys, attempt).await
            }
        }
    }

    async fn response(
        &self,
        posted: PostedResponse<'_>,
        connection: Connection,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        let inbound = post::decode(posted.saml_response, posted.relay_state)?;
        attempt.brought(inbound.xml());
        let message = inbound.message()?;
        let brought = posted.brought(connection.settings.common().target_parameter);
        let landing = match message.hints().in_response_to {
            Some(request_id) => self.answering(request_id, brought, &connection, attempt).await?,
            None => {
                let xml = message.xml();
                match self.unsolicited(xml, brought, &connection, org, attempt).await? {
                    Unsolicited::Verify(landing) => landing,
                    Unsolicited::Ends(finished) => return Ok(finished),
                }
            }
        };
        self.finish_response(&message, landing, connection, org, keys, attempt).await
    }

    /// What a response that names a request ends in, held to the browser and the RelayState of that request.
    pub(super) async fn answering(
        &self,
        request_id: &str,
        brought: Brought<'_>,
        connection: &Connection,
        attempt: &Attempt,
    ) -> Result<Landing, Ended> {
        let pending = self.answered(request_id, brought.browser, connection, attempt.at).await?;
        relay_state_matches(&pending, brought.handle)?;
        Ok(Landing::answering(pending, brought.session))
    }

    /// Holds a response to every rule, by whichever binding it came, and signs the person in.
    pub(super) async fn finish_response(
        &self,
        message: &Message<'_>,
        landing: Landing,
        mut connection: Connection,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        let (at, request_id) = (attempt.at, landing.request_id.as_deref());
        let judge = |party: &RelyingParty, trace: &mut Trace| match request_id {
            Some(request) => verify_solicited(message, party, request, at, trace),
            None => verify_unsolicited(message, party, UNSOLICITED_MAX_AGE, at, trace),
        };
        let login = self.judged(&mut connection, org, keys, attempt, judge).await?;
        self.sign_in(&login, landing, org, &connection, attempt).await
    }
}

/// What a browser posts, by the protocol of the endpoint.
pub(super) enum Posted<'a> {
    Response(PostedResponse<'a>),
    Token(PostedToken<'a>),
}

impl<'a> Posted<'a> {
    fn org(&self) -> &'a str {
        match self {
            Self::Response(posted) => posted.org,
            Self::Token(posted) => posted.org,
        }
    }

    /// The opaque handle that came back beside the message.
    fn handle(&self) -> Option<&'a str> {
        match self {
            Self::Response(posted) => posted.relay_state,
            Self::Token(posted) => posted.wctx,
        }
    }
}

/// RelayState may be missing where it comes back, but is no other than what was sent (SAML Bindings 3.4.3).
fn relay_state_matches(pending: &PendingLogin, came: Option<&str>) -> Result<(), Rejection> {
    match (came.filter(|state| !state.is_empty()), &pending.relay_state) {
        (Some(came), Some(sent)) if came != sent => Err(Rejection::new(
            Code::RelayStateMismatch,
            "the RelayState that was sent, or none",
            "another one",
        )),
        _ => Ok(()),
    }
}
