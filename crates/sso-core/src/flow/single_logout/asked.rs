//! The identity provider asks to end a person's sessions, through the browser or from server to server
//! (SAML Profiles 4.4.3.2 to 4.4.3.4; SPEC 5.3).
//!
//! Sessions are found by whom the message names, on whichever node and without any cookie of the browser
//! that brought it, and by nothing but what is signed.

use super::super::attempt::Attempt;
use super::super::refusal::Ended;
use super::super::sign_out::unsendable;
use super::super::{Bridge, KeyRefresh, speaks, token};
use super::{Came, LogoutOutcome, Scene, aliases};
use crate::bindings::{MAX_RELAY_STATE, Outbound, soap};
use crate::connection::{Connection, FrontChannelBinding, Protocol, Saml2Settings, SloBinding};
use crate::ids::saml_id;
use crate::login::{RelyingParty, Trace};
use crate::logout::{
    self, LogoutParty, LogoutResponseToSend, ReceivedLogout, VerifiedLogoutRequest,
};
use crate::org::Org;
use crate::store::{LogoutRecords, Session, Store, Subject};
use url::Url;

impl<S: Store> Bridge<S> {
    /// The identity provider asks: the sessions end, and the browser takes our answer back.
    pub(super) async fn request_came<K: KeyRefresh>(
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

    pub(super) async fn asked_by_soap(
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
