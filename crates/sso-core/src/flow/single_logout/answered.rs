//! The identity provider answers to a logout that began here (SAML Profiles 4.4.3.5; SPEC 5.3). The answer
//! ends nothing any more: that was done before it was asked for.

use super::super::attempt::Attempt;
use super::super::refusal::Ended;
use super::super::sign_out::{IdpSession, SignOutEnd};
use super::super::{Bridge, KeyRefresh};
use super::{Came, LogoutOutcome, Scene, aliases};
use crate::connection::Connection;
use crate::error::{Code, Rejection};
use crate::login::{RelyingParty, Trace};
use crate::logout::{self, LogoutParty, PendingLogout, ReceivedLogout};
use crate::org::Org;
use crate::store::{CommitError, Store};
use url::Url;

impl<S: Store> Bridge<S> {
    /// The identity provider answers to a logout that began here.
    pub(super) async fn answer_came<K: KeyRefresh>(
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

fn in_time(pending: &PendingLogout, attempt: &Attempt) -> Result<(), Rejection> {
    if attempt.at < pending.expires_at() {
        return Ok(());
    }
    let seconds = (attempt.at - pending.created_at).whole_seconds();
    let expected = format!("an answer within {} s", PendingLogout::LIFETIME.whole_seconds());
    Err(Rejection::new(Code::RequestExpired, expected, format!("an answer after {seconds} s")))
}

/// The end of a logout that began here.
pub(super) fn ended_here(pending: PendingLogout, idp: IdpSession) -> SignOutEnd {
    let next = pending.return_to.as_deref().and_then(|to| Url::parse(to).ok());
    SignOutEnd { next, idp }
}
