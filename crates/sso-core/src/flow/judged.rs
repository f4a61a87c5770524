//! A message judged by the keys of its connection, and once more where they were brought up to date
//! (SPEC 2, 8).

use super::attempt::Attempt;
use super::refusal::Ended;
use super::relying_parties::ReadyParty;
use super::{Bridge, KeyRefresh, unknown_key};
use crate::connection::Connection;
use crate::error::Rejection;
use crate::login::{RelyingParty, Trace, VerifiedLogin};
use crate::org::Org;
use crate::store::Store;
use std::sync::Arc;

impl<S: Store> Bridge<S> {
    /// Verifies the message of a login by `judge`, whichever protocol it is of. The connection becomes the
    /// one whose keys decided.
    pub(super) async fn judged(
        &self,
        connection: &mut Connection,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
        judge: impl Fn(&RelyingParty, &mut Trace) -> Result<VerifiedLogin, Rejection> + Send,
    ) -> Result<VerifiedLogin, Ended> {
        let verified = self.verified(connection, org, keys, &mut attempt.trace, judge).await?;
        let (login, ready) = verified;
        attempt.first_use = ready.first_use(login.key_fingerprint());
        if let Some(certificate) = attempt.first_use {
            let found =
                format!("{certificate}, which is next: the sign-in makes it the active one");
            attempt.trace.note("idp_certificate_first_use", "SPEC 8", found);
        }
        attempt.name_id = Some(login.name_id().value.clone());
        Ok(login)
    }

    /// Verifies any message by `judge`, and gives what it was verified by, too.
    pub(super) async fn verified<T>(
        &self,
        connection: &mut Connection,
        org: &Org,
        keys: &impl KeyRefresh,
        trace: &mut Trace,
        judge: impl Fn(&RelyingParty, &mut Trace) -> Result<T, Rejection> + Send,
    ) -> Result<(T, Arc<ReadyParty>), Ended> {
        let mut ready = self.relying_party(connection, org).await?;
        let mut judged = judge(&ready.party, trace);
        if let Err(rejection) = &judged
            && unknown_key::is_reason(rejection)
            && let Some(newer) = self.newer_connection(connection, org, keys).await??
        {
            *connection = newer;
            ready = self.relying_party(connection, org).await?;
            *trace = unknown_key::second_trace();
            judged = judge(&ready.party, trace);
        }
        Ok((judged?, ready))
    }

    /// What verifies for a connection: as it was made ready before, or with its certificates read.
    pub(super) async fn relying_party(
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
}
