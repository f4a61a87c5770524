//! Certificates of an identity provider that an administrator imported (SPEC 8). Every one of them
//! is trusted, whatever its state, together with the keys of the imported metadata; the state tells
//! how far a rotation at the identity provider has come.

use crate::ids::CertificateId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How many certificates an organization may have imported by hand (SPEC 8).
pub const MAX_IDP_CERTIFICATES: usize = 3;

/// A certificate that is about to be imported. It is the active one where there is none, else `next`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIdpCertificate {
    /// Its identifier.
    pub id: CertificateId,
    /// What an administrator calls it.
    pub alias: String,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// When it was imported, in UTC.
    pub created_at: OffsetDateTime,
}

impl NewIdpCertificate {
    /// The certificate as it is kept.
    pub fn in_state(self, state: IdpCertificateState) -> IdpCertificate {
        let Self { id, alias, der, created_at } = self;
        IdpCertificate { id, alias, state, der, created_at }
    }
}

/// A certificate that an administrator imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpCertificate {
    /// Its identifier.
    pub id: CertificateId,
    /// What an administrator calls it.
    pub alias: String,
    /// How far the rotation has come.
    pub state: IdpCertificateState,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// When it was imported, in UTC.
    pub created_at: OffsetDateTime,
}

/// Where an identity provider's certificate stands in a rotation. Signatures are accepted in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IdpCertificateState {
    /// It has not been seen to sign. Its first good signature makes it the active one.
    Next,
    /// The identity provider signs with it; at most one is.
    Active,
    /// The identity provider signed with it before.
    Previous,
}

impl IdpCertificateState {
    /// The state of a certificate that is imported beside those that are there.
    pub fn on_import(known: &[IdpCertificate]) -> Self {
        match known.iter().any(|certificate| certificate.state == Self::Active) {
            true => Self::Next,
            false => Self::Active,
        }
    }
}
