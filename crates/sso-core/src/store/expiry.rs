//! Reading of everything that expires, of all organizations (SPEC 7, 8), for the notices.

use super::{Listed, Page, StoreError};
use crate::certs;
use crate::ids::ApiTokenId;
use crate::org::OrgName;
use std::future::Future;
use time::OffsetDateTime;

/// Reading of what expires.
pub trait ExpiryStore: Send + Sync {
    /// Lists what a source has that is in use and expires, of every organization, in parts. A part holds
    /// what stands in at most `limit` rows.
    fn expiring(
        &self,
        source: ExpirySource,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<Expiring>, StoreError>> + Send;
}

/// Where things stand that expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExpirySource {
    /// Service certificates that are not retired.
    ServiceCertificates,
    /// Certificates of identity providers that were imported by hand.
    IdpCertificates,
    /// Certificates of the identity providers' metadata, of connections that are not drafts.
    MetadataCertificates,
    /// Tokens for the Admin API and for SCIM.
    ApiTokens,
}

/// Something that expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiring {
    /// Whose it is.
    pub org: OrgName,
    /// What tells it from others of its kind, wherever it stands: for a certificate of an identity provider
    /// its fingerprint, for all others the identifier.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// When it expires, in UTC.
    pub ends_at: OffsetDateTime,
    /// When it was made, where its maker chose the end.
    pub made_at: Option<OffsetDateTime>,
}

impl Expiring {
    /// A service certificate. `None`: what is stored is no certificate.
    pub fn service_certificate(
        org: OrgName,
        certificate: &certs::ServiceCertificate,
    ) -> Option<Self> {
        let ends_at = certs::inspect(&certificate.der).ok()?.not_after;
        let (id, name) = (certificate.id.to_string(), certificate.alias.clone());
        Some(Self { org, id, name, ends_at, made_at: None })
    }

    /// A certificate of an identity provider, by its alias where it was imported by hand. `None`: it is a
    /// key without a certificate, which does not expire.
    pub fn idp_certificate(org: OrgName, alias: Option<&str>, der: &[u8]) -> Option<Self> {
        let details = certs::inspect(der).ok()?;
        let id = details.fingerprint_sha256;
        let name = match alias {
            Some(alias) => alias.to_owned(),
            None => format!("{}… of the metadata", id.chars().take(16).collect::<String>()),
        };
        Some(Self { org, id, name, ends_at: details.not_after, made_at: None })
    }

    /// A token for the Admin API or for SCIM.
    pub fn api_token(token: &super::ApiToken) -> Self {
        let id: ApiTokenId = token.id;
        Self {
            org: token.org.clone(),
            id: id.to_string(),
            name: token.description.clone(),
            ends_at: token.expires_at,
            made_at: Some(token.created_at),
        }
    }
}
