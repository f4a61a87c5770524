//! Connections made ready for verification, once per revision: reading a certificate costs five RSA
//! verifications, so it is never done per message. Every change of the keys that a connection trusts or
//! decrypts with raises its revision, on every node at once: of those that were imported by hand (SPEC
//! 8) and of the service keys (SPEC 7).

use crate::connection::{Connection, ServiceUrls};
use crate::error::{Code, Rejection};
use crate::ids::{CertificateId, ConnectionId};
use crate::login::RelyingParty;
use crate::store::{IdpCertificate, IdpCertificateState, ServiceKey};
use openssl::sha::sha256;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most connections kept ready.
const CAPACITY: usize = 4_096;

/// A bounded cache by connection. An entry of another revision is never used.
#[derive(Default)]
pub(super) struct RelyingParties {
    ready: Mutex<HashMap<ConnectionId, (u64, Arc<ReadyParty>)>>,
}

/// A connection made ready.
pub(super) struct ReadyParty {
    pub(super) party: RelyingParty,
    /// The certificates that were not seen to sign yet, by their fingerprints.
    next: Vec<([u8; 32], CertificateId)>,
}

impl ReadyParty {
    /// The certificate of this fingerprint, if a good signature is its first (SPEC 8).
    pub(super) fn first_use(&self, fingerprint: &[u8; 32]) -> Option<CertificateId> {
        self.next.iter().find(|(known, _)| known == fingerprint).map(|(_, id)| *id)
    }
}

impl RelyingParties {
    /// The connection as it was made ready before, if it was at this revision.
    pub(super) fn kept(&self, connection: &Connection) -> Option<Arc<ReadyParty>> {
        let ready = self.ready();
        let (revision, party) = ready.get(&connection.id)?;
        (*revision == connection.revision).then(|| Arc::clone(party))
    }

    /// Makes the connection ready, and keeps it. `imported` and `service_keys` were read after the
    /// connection was, so that what is kept for a revision is never older than it.
    ///
    /// # Errors
    ///
    /// `connection_incomplete` where the connection has no usable key: never a check left out.
    pub(super) fn make(
        &self,
        connection: &Connection,
        mut imported: Vec<IdpCertificate>,
        mut service_keys: Vec<ServiceKey>,
        urls: &ServiceUrls,
    ) -> Result<Arc<ReadyParty>, Rejection> {
        // A message that does not say by which key it is signed is tried with the active one first.
        imported.sort_by_key(|certificate| certificate.state != IdpCertificateState::Active);
        let ders = imported.iter().map(|certificate| certificate.der.as_slice());
        // Most encrypt to the certificate that signs, which our metadata has first.
        service_keys.retain(|key| key.certificate.state.decrypts());
        service_keys.sort_by_key(|key| !key.certificate.state.signs());
        let keys = service_keys.iter().map(|key| key.private_key.as_slice());
        let party = RelyingParty::from_connection(connection, ders, keys, urls);
        let party = party.map_err(|error| {
            Rejection::new(
                Code::ConnectionIncomplete,
                "a connection that can verify",
                error.to_string(),
            )
        })?;
        let next = imported
            .iter()
            .filter(|certificate| certificate.state == IdpCertificateState::Next)
            .map(|certificate| (sha256(&certificate.der), certificate.id))
            .collect();
        let party = Arc::new(ReadyParty { party, next });
        let mut ready = self.ready();
        if ready.len() >= CAPACITY && !ready.contains_key(&connection.id) {
            ready.clear();
        }
        ready.insert(connection.id, (connection.revision, Arc::clone(&party)));
        Ok(party)
    }

    fn ready(&self) -> MutexGuard<'_, HashMap<ConnectionId, (u64, Arc<ReadyParty>)>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
