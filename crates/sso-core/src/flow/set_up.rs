//! An organization that people can sign in to, made at once: for an application that embeds the library
//! and has no Admin API. A running service is set up step by step there (SPEC 6).

use super::Bridge;
use crate::certs::{CertificateState, GenerateError, NewKey, ServiceCertificate, generate};
use crate::connection::{Connection, Protocol, Saml2Settings, Settings, SettingsContext, Slot};
use crate::ids::{AuditId, CertificateId, ConnectionId};
use crate::metadata::{self, MetadataError};
use crate::org::Org;
use crate::setting::InvalidSetting;
use crate::store::{AuditEntry, Category, Store, StoreError};

/// How long the key is good for that signs the organization's requests.
const VALID_DAYS: u32 = 730;

/// Why an organization was not set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The identity provider's metadata cannot be used.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// A setting breaks a rule of SPEC 2.
    #[error(transparent)]
    Invalid(#[from] InvalidSetting),
    /// No key pair was made.
    #[error(transparent)]
    Key(#[from] GenerateError),
    /// The store's; conflict `org_exists` for an organization that is there already.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: Store> Bridge<S> {
    /// Makes an organization, a key of its own that signs its AuthnRequests, and its connection to the
    /// identity provider whose metadata this is. `adjust` changes the settings that the metadata gives.
    ///
    /// # Errors
    ///
    /// [`SetUpError`]. Nothing is stored but by an error of the store.
    pub async fn set_up(
        &self,
        org: &Org,
        idp_metadata: &[u8],
        adjust: impl FnOnce(&mut Saml2Settings),
    ) -> Result<(), SetUpError> {
        let (now, random) = (self.clock.now(), self.random());
        let context = SettingsContext { can_sign: true, may_enforce: false };
        let idp = metadata::import(idp_metadata, None, now)?.speaking(Protocol::Saml2)?;
        let imported = metadata::apply(&idp, None, context);
        let Settings::Saml2(mut settings) = imported.settings else {
            return Err(MetadataError::NotAnIdp(idp.entity_id).into());
        };
        settings.sp_entity_id = self.service_urls(org).metadata;
        settings.sign_authn_requests = true;
        adjust(&mut settings);
        settings.check(context)?;

        let name = org.name.as_str();
        let pair = generate(name, VALID_DAYS, NewKey::Rsa2048, now, random)?;
        let id = CertificateId::new(now, random);
        let certificate = ServiceCertificate {
            state: CertificateState::Active,
            ..ServiceCertificate::next(id, name.to_owned(), pair.der, Vec::new(), now)
        };
        let connection = Connection {
            id: ConnectionId::new(now, random),
            org: org.name.clone(),
            slot: Slot::Live,
            revision: 1,
            settings: settings.into(),
            metadata_certificates: imported.signing_keys,
            metadata_document: Some(String::from_utf8_lossy(idp_metadata).into_owned()),
        };

        let audit = |category, act: &str, details: &str| AuditEntry {
            id: AuditId::new(now, random),
            org: org.name.clone(),
            administrator: "operator".to_owned(),
            timestamp: now,
            category,
            sub_category: act.to_owned(),
            details: details.to_owned(),
        };
        let made = audit(Category::Configuration, "org_created", name);
        self.store.create_org(org.clone(), made).await?;
        let made = audit(Category::Certificates, "service_certificate_generated", name);
        self.store.add_service_certificate(&org.name, certificate, &pair.private_key, made).await?;
        let made = audit(Category::Configuration, "connection_created", name);
        Ok(self.store.put_connection(connection, made).await?)
    }
}
