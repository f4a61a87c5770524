//! What an identity provider is told of us (SAML Metadata 2.4.4; SPEC 2).

use super::Bridge;
use crate::connection::Slot;
use crate::metadata::{ServiceProvider, export};
use crate::store::{Store, StoreError};

impl<S: Store> Bridge<S> {
    /// The service provider metadata of an organization, by its name or one of its domains, from the
    /// moment that it exists. `None` is an unknown organization.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn metadata(&self, org: &str) -> Result<Option<String>, StoreError> {
        let Some(org) = self.store.org(&org.to_ascii_lowercase()).await? else { return Ok(None) };
        let connection = self.store.connection(&org.name, Slot::Live).await?;
        let certificates = self.store.service_certificates(&org.name).await?;
        let provider = ServiceProvider {
            org: &org,
            urls: &self.service_urls(&org),
            settings: connection.as_ref().map(|connection| &connection.settings),
            certificates: &certificates,
            // SAML logout is not there yet: nobody is invited to it.
            logout: &[],
        };
        Ok(Some(export(&provider, self.clock.now())))
    }
}
