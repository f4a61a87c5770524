//! Connections made ready for verification, once per revision: reading a certificate costs five RSA
//! verifications, so it is never done per message.

use crate::connection::{Connection, ServiceUrls};
use crate::error::{Code, Rejection};
use crate::ids::ConnectionId;
use crate::login::RelyingParty;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The most connections kept ready.
const CAPACITY: usize = 4_096;

/// A bounded cache by connection. An entry of another revision is never used.
#[derive(Default)]
pub(super) struct RelyingParties {
    ready: Mutex<HashMap<ConnectionId, (u64, Arc<RelyingParty>)>>,
}

impl RelyingParties {
    /// The connection made ready.
    ///
    /// # Errors
    ///
    /// `connection_incomplete` where the connection has no usable key: never a check left out.
    pub(super) fn get(
        &self,
        connection: &Connection,
        urls: &ServiceUrls,
    ) -> Result<Arc<RelyingParty>, Rejection> {
        let lock = || self.ready.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((revision, party)) = lock().get(&connection.id)
            && *revision == connection.revision
        {
            return Ok(Arc::clone(party));
        }
        let party = RelyingParty::from_connection(connection, urls).map_err(|error| {
            Rejection::new(
                Code::ConnectionIncomplete,
                "a connection that can verify",
                error.to_string(),
            )
        })?;
        let party = Arc::new(party);
        let mut ready = lock();
        if ready.len() >= CAPACITY && !ready.contains_key(&connection.id) {
            ready.clear();
        }
        ready.insert(connection.id, (connection.revision, Arc::clone(&party)));
        Ok(party)
    }
}
