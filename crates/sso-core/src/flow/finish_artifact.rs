//! An artifact comes back from the identity provider (SAML Bindings 3.6; SPEC 5.5): the response that it
//! stands for is asked for from server to server, and joins the pipeline of every other.
//!
//! Anybody can have a browser bring an artifact, and so have us ask. So it is asked for only where the
//! connection wants its responses so, at the identity provider of the connection, at an address that is
//! configured, and for a browser in which a login was begun (ATTACKS ART-01, MD-04). Whether it is the answer to
//! that login is seen when the response names its request.

use super::attempt::Attempt;
use super::refusal::Ended;
use super::sign_out::incomplete;
use super::start_login::Occasion;
use super::unsolicited::Brought;
use super::{BackChannel, Bridge, FinishedLogin, KeyRefresh, speaks, token};
use crate::bindings::{Artifact, Message};
use crate::connection::{Connection, Protocol, Saml2Settings};
use crate::error::{Code, Rejection};
use crate::ids::saml_id;
use crate::login::{ArtifactToResolve, BrowserBinding, RelyingParty, Trace, verify_solicited};
use crate::org::Org;
use crate::store::{Store, StoreError};

/// What a browser brings at `/saml/{org}/acs` by the artifact binding, in a query or a form.
#[derive(Debug, Clone, Copy, Default)]
pub struct BroughtArtifact<'a> {
    /// The organization's name or one of its domains.
    pub org: &'a str,
    /// The parameter `SAMLart`, decoded.
    pub artifact: &'a str,
    /// The parameter `RelayState`, if it came.
    pub relay_state: Option<&'a str>,
    /// The browser's binding cookie, if it came.
    pub browser: Option<&'a str>,
    /// The browser's session cookie, if it came.
    pub session: Option<&'a str>,
    /// The cookie of [`FinishedLogin::Restarted`], if it came.
    pub restarted: Option<&'a str>,
    /// Every parameter, decoded: one of them may name the target of a login that the identity provider
    /// began.
    pub parameters: &'a [(String, String)],
}

impl<'a> BroughtArtifact<'a> {
    fn brought(&self, target_parameter: &str) -> Brought<'a> {
        let mut parameters = self.parameters.iter();
        let target = parameters.find(|(name, _)| name == target_parameter);
        Brought {
            browser: self.browser,
            session: self.session,
            restarted: self.restarted,
            target: target.map(|(_, value)| value.as_str()),
            handle: self.relay_state,
            posted_again: None,
            confirmed: None,
        }
    }
}

impl<S: Store> Bridge<S> {
    /// Finishes a login with the response that an artifact stands for, which is asked for by `back_channel`.
    ///
    /// # Errors
    ///
    /// The store's. Nothing is stored then, but the artifact is used up.
    pub async fn finish_artifact(
        &self,
        artifact: BroughtArtifact<'_>,
        keys: &impl KeyRefresh,
        back_channel: &impl BackChannel,
    ) -> Result<FinishedLogin, StoreError> {
        let Some(org) = self.store.org(&artifact.org.to_ascii_lowercase()).await? else {
            return Ok(FinishedLogin::UnknownOrg);
        };
        let mut attempt = Attempt::begin(&org.name, self.clock.now(), self.random());
        match self.artifact(artifact, &org, keys, back_channel, &mut attempt).await {
            Ok(finished) => Ok(finished),
            Err(ended) => Ok(FinishedLogin::Refused(self.refuse(attempt, org, ended).await?)),
        }
    }

    async fn artifact(
        &self,
        came: BroughtArtifact<'_>,
        org: &Org,
        keys: &impl KeyRefresh,
        back_channel: &impl BackChannel,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        let is_test = came.relay_state.is_some_and(|handle| Occasion::Tested.is_named_by(handle));
        let connection = self.came_through(is_test, org, attempt).await??;
        speaks(&connection, Protocol::Saml2)?;
        let settings = connection.settings.saml2().filter(|settings| settings.takes_artifacts());
        let settings = settings.ok_or_else(|| {
            let expected = "a response by the binding that the connection asks for";
            Rejection::new(Code::BindingNotAllowed, expected, "an artifact")
        })?;
        let artifact = Artifact::parse(came.artifact)?;
        if !artifact.is_of(&settings.idp_entity_id) {
            let expected = settings.idp_entity_id.clone();
            return Err(Rejection::new(Code::Issuer, expected, "an artifact of another").into());
        }
        let brought = came.brought(&settings.target_parameter);
        let browser = came.browser.and_then(token::hash).map(BrowserBinding);
        let has_begun = match &browser {
            Some(browser) => self.store.has_begun_login(browser).await?,
            None => false,
        };
        if !has_begun {
            if came.relay_state.is_some_and(Occasion::is_handle) {
                return Err(begun_elsewhere(browser).into());
            }
            return self.unsolicited_artifact(brought, &connection, org, attempt).await;
        }
        let id = saml_id(self.random());
        let envelope = self.resolve(&artifact, &id, settings, org, back_channel, attempt).await?;
        let message = Message::resolved(&envelope, &id)?;
        if !message.is_response() {
            return Err(self.refused(&message, &id, connection, org, keys, attempt).await);
        }
        match message.hints().in_response_to {
            Some(request_id) => {
                let landing = self.answering(request_id, brought, &connection, attempt).await?;
                self.finish_response(&message, landing, connection, org, keys, attempt).await
            }
            None => self.unsolicited_artifact(brought, &connection, org, attempt).await,
        }
    }

    /// Why no login can come of an answer that has no response: its own rules say, or that it has none.
    async fn refused(
        &self,
        message: &Message<'_>,
        id: &str,
        mut connection: Connection,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
    ) -> Ended {
        let at = attempt.at;
        let judge = |party: &RelyingParty, trace: &mut Trace| {
            verify_solicited(message, party, id, at, trace)
        };
        match self.judged(&mut connection, org, keys, attempt, judge).await {
            Err(ended) => ended,
            Ok(_) => Rejection::new(Code::ArtifactUnknown, "a response", "another message").into(),
        }
    }

    /// Asks the identity provider for the message, by the request `id`, and gives the envelope that came.
    async fn resolve(
        &self,
        artifact: &Artifact,
        id: &str,
        settings: &Saml2Settings,
        org: &Org,
        back_channel: &impl BackChannel,
        attempt: &mut Attempt,
    ) -> Result<Vec<u8>, Ended> {
        let index = artifact.endpoint_index();
        let service = settings.artifact_resolution_service(index).ok_or_else(|| {
            let expected = "an artifact resolution service of the index that the artifact names";
            incomplete(expected, format!("none of the index {index}"))
        })?;
        let key = self.active_key(&org.name).await?;
        let key = key.ok_or_else(|| incomplete("an active service certificate", "none"))?;
        let request = ArtifactToResolve {
            id,
            issuer: &settings.sp_entity_id,
            artifact,
            address: &service.url,
            now: attempt.at,
        };
        let envelope = request.envelope(&key).map_err(|error| {
            incomplete("a request for the message that can be signed", error.to_string())
        })?;
        attempt.trace.note("artifact_sent", "SAML Bindings 3.6.5", service.url.as_str());
        back_channel.post(&service.url, envelope).await.map_err(|sentence| {
            let expected = "the message that the artifact stands for";
            Rejection::new(Code::NoAnswer, expected, sentence).into()
        })
    }
}

/// Why nobody is asked for the answer to a login that was not begun in the browser which brings it.
fn begun_elsewhere(browser: Option<BrowserBinding>) -> Rejection {
    match browser {
        None => {
            let expected = "the cookie of the browser that began the login";
            Rejection::new(Code::BrowserMismatch, expected, "no cookie")
        }
        Some(_) => {
            let expected = "the answer to a login that was begun in this browser";
            Rejection::new(Code::InResponseTo, expected, "no such login, or none any more")
        }
    }
}
