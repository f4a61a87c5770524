//! A signature that no known key made: the identity provider may have changed its key (SPEC 2).
//!
//! Anybody can post such a signature. So what it triggers is bounded by whoever refreshes, goes to the
//! address that an administrator gave and nowhere else, and the message is judged by the very same rules
//! again, once, and only where the connection is another than before.

use super::Bridge;
use crate::connection::{Connection, Slot};
use crate::error::{Code, Rejection};
use crate::login::Trace;
use crate::org::Org;
use crate::store::{Store, StoreError};
use std::future::Future;

/// Brings the keys of a connection up to date.
pub trait KeyRefresh: Sync {
    /// Fetches the metadata of a connection, unless that was done for this reason not long ago, and
    /// returns when no such fetch is running any more. What came of it is in the store.
    fn refresh(
        &self,
        connection: &Connection,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The keys that are known are all there are: nothing is fetched.
#[derive(Debug, Clone, Copy)]
pub struct KnownKeys;

impl KeyRefresh for KnownKeys {
    async fn refresh(&self, _: &Connection) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Whether a login was refused because no known key made its signature. A digest that differs, or a
/// signature in the wrong place, is no reason: no key would mend it.
pub(super) fn is_reason(rejection: &Rejection) -> bool {
    matches!(
        rejection.code,
        Code::UntrustedKey | Code::SignatureInvalid | Code::AlgorithmKeyMismatch
    )
}

/// The trace of the second judgement, which stands for both.
pub(super) fn second_trace() -> Trace {
    let mut trace = Trace::recording();
    let found = "no known key had made the signature; the connection was read again";
    trace.note("unknown_key_refresh", "SPEC 2", found);
    trace
}

impl<S: Store> Bridge<S> {
    /// The connection as it is after its keys were refreshed, if it is at another revision than before.
    /// The inner error is that of [`Bridge::live_connection`].
    pub(super) async fn newer_connection(
        &self,
        before: &Connection,
        org: &Org,
        keys: &impl KeyRefresh,
    ) -> Result<Result<Option<Connection>, Rejection>, StoreError> {
        if before.slot != Slot::Live {
            // What a draft trusts is for whoever tries it out.
            return Ok(Ok(None));
        }
        keys.refresh(before).await?;
        let now = self.live_connection(org).await?;
        // One that was made anew is not the one that the login was begun through.
        let is_newer = |now: &Connection| now.id == before.id && now.revision != before.revision;
        Ok(now.map(|now| Some(now).filter(is_newer)))
    }
}
