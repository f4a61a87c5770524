//! What an identity provider is told of us (SAML Metadata 2.4.4; WS-Federation 1.2, 3.1; SPEC 2, 3).

use super::Bridge;
use crate::certs::ServiceCertificate;
use crate::connection::{Connection, Protocol, ServiceUrls, SloBinding, Slot};
use crate::ids::saml_id;
use crate::metadata::{
    FederationClient, ServiceProvider, export, export_federation, export_federation_signed,
    export_signed,
};
use crate::org::Org;
use crate::store::{Store, StoreError};

/// What becomes of a wish for signed metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedMetadata {
    /// The document, signed by the active service certificate's key.
    Signed(String),
    /// No service certificate is active, so that nothing can be signed.
    NoActiveCertificate,
}

impl<S: Store> Bridge<S> {
    /// The service provider metadata of an organization, by its name or one of its domains, from the
    /// moment that it exists. `None` is an unknown organization.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn metadata(&self, org: &str) -> Result<Option<String>, StoreError> {
        self.metadata_in(org, Protocol::Saml2).await
    }

    /// What an identity provider is told of us by a protocol, whichever the connection speaks: service
    /// provider metadata, or federation metadata.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn metadata_in(
        &self,
        org: &str,
        protocol: Protocol,
    ) -> Result<Option<String>, StoreError> {
        let Some(published) = self.published(org).await? else { return Ok(None) };
        let now = self.clock.now();
        Ok(Some(match protocol {
            Protocol::Saml2 => export(&published.provider(), now),
            Protocol::Wsfed => export_federation(&published.client(), now),
        }))
    }

    /// The same, signed. Whoever pins the certificate that is active now must be told of the next one
    /// before it signs.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn signed_metadata_in(
        &self,
        org: &str,
        protocol: Protocol,
    ) -> Result<Option<SignedMetadata>, StoreError> {
        let Some(published) = self.published(org).await? else { return Ok(None) };
        let Some(key) = self.active_key(&published.org.name).await? else {
            return Ok(Some(SignedMetadata::NoActiveCertificate));
        };
        let (id, now) = (saml_id(self.random()), self.clock.now());
        match protocol {
            Protocol::Saml2 => export_signed(&published.provider(), &id, &key, now),
            Protocol::Wsfed => export_federation_signed(&published.client(), &id, &key, now),
        }
        .map(|document| Some(SignedMetadata::Signed(document)))
        .map_err(|error| StoreError::Engine(format!("the active service key: {error}")))
    }

    async fn published(&self, org: &str) -> Result<Option<Published>, StoreError> {
        let Some(org) = self.store.org(&org.to_ascii_lowercase()).await? else { return Ok(None) };
        Ok(Some(Published {
            connection: self.store.connection(&org.name, Slot::Live).await?,
            certificates: self.store.service_certificates(&org.name).await?,
            urls: self.service_urls(&org),
            org,
        }))
    }
}

/// What is published of an organization, as it was read.
struct Published {
    org: Org,
    urls: ServiceUrls,
    connection: Option<Connection>,
    certificates: Vec<ServiceCertificate>,
}

impl Published {
    fn provider(&self) -> ServiceProvider<'_> {
        ServiceProvider {
            org: &self.org,
            urls: &self.urls,
            settings: self.connection.as_ref().and_then(|one| one.settings.saml2()),
            certificates: &self.certificates,
            logout: &[SloBinding::Redirect, SloBinding::Post, SloBinding::Soap],
        }
    }
    fn client(&self) -> FederationClient<'_> {
        FederationClient {
            org: &self.org,
            urls: &self.urls,
            settings: self.connection.as_ref().and_then(|one| one.settings.wsfed()),
            certificates: &self.certificates,
        }
    }
}
