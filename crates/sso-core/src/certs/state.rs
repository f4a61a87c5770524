//! Where a service certificate stands in its life (SPEC 7): a new one is published before it signs,
//! an old one decrypts after it no longer signs, so that no login fails while the IdP catches up.

use super::plan::CertificatePlan;
use crate::ids::CertificateId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A key pair of the bridge and its certificate; this is the public part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCertificate {
    /// Its identifier.
    pub id: CertificateId,
    /// What an administrator calls it.
    pub alias: String,
    /// Where it stands in its life (SPEC 7).
    pub state: CertificateState,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// The certificates above it, DER, each signed by the next: what its authority sent with it.
    pub chain: Vec<Vec<u8>>,
    /// When it is activated and retired by itself.
    pub plan: CertificatePlan,
    /// When it was made or imported, in UTC.
    pub created_at: OffsetDateTime,
}

impl ServiceCertificate {
    /// A new one: published and decrypting, with no plan.
    pub fn next(
        id: CertificateId,
        alias: String,
        der: Vec<u8>,
        chain: Vec<Vec<u8>>,
        created_at: OffsetDateTime,
    ) -> Self {
        let (state, plan) = (CertificateState::Next, CertificatePlan::default());
        Self { id, alias, state, der, chain, plan, created_at }
    }
}

/// Where a certificate stands in its life (SPEC 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    /// Published and decrypting, not signing yet.
    Next,
    /// Signing; exactly one is.
    Active,
    /// Published and decrypting, no longer signing.
    Previous,
    /// Neither published nor used.
    Retired,
}

impl CertificateState {
    /// Whether it signs what we send.
    pub fn signs(self) -> bool {
        self == Self::Active
    }

    /// Whether it stands in our metadata.
    pub fn is_published(self) -> bool {
        self != Self::Retired
    }

    /// Whether it decrypts what the IdP sends.
    pub fn decrypts(self) -> bool {
        self != Self::Retired
    }
}

/// The certificate that signs: the active one. `None` before the first activation.
pub fn signing(certificates: &[ServiceCertificate]) -> Option<&ServiceCertificate> {
    certificates.iter().find(|certificate| certificate.state.signs())
}

/// The certificates that metadata publishes, the signing one first, then in the order given: some
/// IdPs read only the first.
pub fn published(certificates: &[ServiceCertificate]) -> Vec<&ServiceCertificate> {
    let mut published: Vec<_> = certificates.iter().filter(|c| c.state.is_published()).collect();
    published.sort_by_key(|certificate| !certificate.state.signs());
    published
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(state: CertificateState, seed: u8) -> ServiceCertificate {
        struct Fixed(u8);
        impl crate::random::Random for Fixed {
            fn fill(&self, buffer: &mut [u8]) {
                buffer.fill(self.0);
            }
        }
        let now = OffsetDateTime::UNIX_EPOCH;
        let id = CertificateId::new(now, &Fixed(seed));
        let made = ServiceCertificate::next(id, String::new(), vec![seed], Vec::new(), now);
        ServiceCertificate { state, ..made }
    }

    #[test]
    fn the_active_one_signs_and_all_but_the_retired_are_published() {
        use CertificateState::{Active, Next, Previous, Retired};
        let states = [Retired, Previous, Previous, Active, Next];
        let all: Vec<_> = (0..).zip(states).map(|(n, state)| certificate(state, n)).collect();

        assert_eq!(signing(&all).map(|c| c.der[0]), Some(3));
        assert_eq!(published(&all).iter().map(|c| c.der[0]).collect::<Vec<_>>(), [3, 1, 2, 4]);
        assert_eq!(states.map(CertificateState::decrypts), [false, true, true, true, true]);
    }

    #[test]
    fn nothing_signs_before_the_first_activation() {
        let next = [certificate(CertificateState::Next, 0)];
        assert_eq!(signing(&next), None);
        assert_eq!(published(&next).len(), 1);
    }
}
