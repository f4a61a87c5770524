//! A connection: how one organization's people sign in at its own identity provider (SPEC 2, 3).

mod choices;
mod common;
mod rules;
mod saml2;
mod settings;
mod wsfed;

pub use choices::{
    AccountKey, ConnectionState, FrontChannelBinding, IdpInitiated, KeepMessages, LegacyCrypto,
    NameIdFormat, OnMissing, Protocol, ResponseBinding, SingleLogout, SloBinding, SsoProfile,
    Verification,
};
pub use common::{AccountRules, Common};
pub use rules::{MAX_CLOCK_SKEW_SECONDS, SettingsContext};
pub use saml2::{ArtifactResolutionService, Saml2Settings};
pub use settings::Settings;
pub use wsfed::WsFedSettings;

use crate::ids::ConnectionId;
use crate::org::OrgName;
use serde::{Deserialize, Serialize};
use url::Url;

/// Which of an organization's connections this is (SPEC 1, 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The one that people sign in through.
    Live,
    /// A copy for changes, reached by test logins alone.
    Draft,
    /// For delegated authentication.
    Partner,
}

/// A stored connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its identifier; stays through every change.
    pub id: ConnectionId,
    /// Whose it is.
    pub org: OrgName,
    /// Which of the organization's connections it is.
    pub slot: Slot,
    /// Grows by one with each change of the connection, of the certificates that were imported by
    /// hand beside it, or of the organization's service certificates. What was parsed from an older
    /// revision is not used again.
    pub revision: u64,
    /// Everything an administrator sets.
    pub settings: Settings,
    /// The signing keys of the imported metadata, as DER: certificates, or a bare
    /// SubjectPublicKeyInfo where it has a key value alone. Each is trusted (SPEC 8).
    pub metadata_certificates: Vec<Vec<u8>>,
    /// The metadata document as it was imported.
    pub metadata_document: Option<String>,
}

impl Connection {
    /// The realm of tokens that people are signed in by, which no other organization may have: nothing else
    /// in a token says for whom it is (SPEC 3). None of a draft, by which nobody signs in.
    pub fn realm(&self) -> Option<&str> {
        let settings = self.settings.wsfed().filter(|_| self.slot != Slot::Draft);
        settings.map(|settings| settings.service_uri.as_str())
    }
}

/// The addresses of this service that a message names. They derive from the public URL and the
/// organization's name alone, never from a request's `Host` (ATTACKS WEB-07).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceUrls {
    /// `GET /saml/{org}/metadata`: also the default entity ID.
    pub metadata: String,
    /// `POST /saml/{org}/acs`.
    pub acs: String,
    /// `/saml/{org}/slo`.
    pub slo: String,
    /// `POST /saml/{org}/slo/soap`.
    pub slo_soap: String,
    /// `/wsfed/{org}`: where tokens are posted, `wreply`.
    pub wsfed: String,
    /// The default realm, `wtrealm`. It names the organization, so that no organization's token is
    /// another's (SPEC 3).
    pub realm: String,
}

impl ServiceUrls {
    /// Derives the addresses of an organization. `public_url` is the service's own, without path.
    pub fn new(public_url: &Url, org: &OrgName) -> Self {
        let base = public_url.as_str().trim_end_matches('/');
        Self {
            metadata: format!("{base}/saml/{org}/metadata"),
            acs: format!("{base}/saml/{org}/acs"),
            slo: format!("{base}/saml/{org}/slo"),
            slo_soap: format!("{base}/saml/{org}/slo/soap"),
            wsfed: format!("{base}/wsfed/{org}"),
            realm: format!("urn:federation:{}:{org}", public_url.host_str().unwrap_or_default()),
        }
    }

    /// Whether a realm is the one that another organization of this service has by default, whether or not
    /// there is such an organization yet.
    pub fn is_default_realm_of_another(&self, realm: &str) -> bool {
        let (Some((service, org)), Some((ours, _))) =
            (realm.rsplit_once(':'), self.realm.rsplit_once(':'))
        else {
            return false;
        };
        service == ours && realm != self.realm && org.parse::<OrgName>().is_ok()
    }
}
