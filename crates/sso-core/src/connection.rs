//! A connection: how one organization's people sign in at its own identity provider (SPEC 2).

mod rules;

pub use rules::SettingsContext;

use crate::ids::ConnectionId;
use crate::org::OrgName;
use crate::profile::{AttributeMap, ProfileField};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Which of an organization's connections this is (SPEC 1, 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
    pub settings: Saml2Settings,
    /// The signing keys of the imported metadata, as DER: certificates, or a bare
    /// SubjectPublicKeyInfo where it has a key value alone. Each is trusted (SPEC 8).
    pub metadata_certificates: Vec<Vec<u8>>,
    /// The metadata document as it was imported.
    pub metadata_document: Option<String>,
}

/// The addresses of this service that a SAML message names. They derive from the public URL and the
/// organization's name alone, never from a request's `Host` (ATTACKS WEB-07).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceUrls {
    /// `GET /saml/{org}/metadata`: also the default entity ID.
    pub metadata: String,
    /// `POST /saml/{org}/acs`.
    pub acs: String,
    /// `/saml/{org}/slo`.
    pub slo: String,
}

impl ServiceUrls {
    /// Derives the addresses of an organization. `public_url` is the service's own, without path.
    pub fn new(public_url: &Url, org: &OrgName) -> Self {
        let base = public_url.as_str().trim_end_matches('/');
        Self {
            metadata: format!("{base}/saml/{org}/metadata"),
            acs: format!("{base}/saml/{org}/acs"),
            slo: format!("{base}/saml/{org}/slo"),
        }
    }
}

/// The settings of a SAML 2.0 connection, by the names and defaults of SPEC 2.
///
/// This is also the JSON of the Admin API, next to `protocol`. An unknown field is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Saml2Settings {
    /// Our issuer. Stored when the connection is made; empty until then.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1024, pattern = "^\\S+$"))]
    pub sp_entity_id: String,
    /// The issuer of responses and assertions, compared exactly.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1024, pattern = "^\\S+$"))]
    pub idp_entity_id: String,
    /// Where AuthnRequests go.
    pub sso_url: Url,
    /// How AuthnRequests go there.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = "redirect"))]
    pub sso_binding: FrontChannelBinding,
    /// Who begins logins.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = "sp"))]
    pub sso_profile: SsoProfile,
    /// Whether AuthnRequests are signed.
    #[serde(default)]
    pub sign_authn_requests: bool,
    /// The `Destination` of signed AuthnRequests; `sso_url` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authn_request_destination: Option<Url>,
    /// What becomes of unsolicited responses.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = "off"))]
    pub idp_initiated: IdpInitiated,
    /// The form parameter that names the target of an IdP-initiated login.
    #[serde(default = "relay_state")]
    #[cfg_attr(
        feature = "openapi",
        schema(default = "RelayState", min_length = 1, max_length = 64)
    )]
    pub target_parameter: String,
    /// The NameID format asked for.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = "unspecified"))]
    pub name_id_format: NameIdFormat,
    /// Asked for with comparison `exact`; the assertion must carry one of them.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 256))]
    pub authn_context_class_ref: Vec<String>,
    /// Ask the IdP to authenticate again.
    #[serde(default)]
    pub force_authn: bool,
    /// Ask the IdP not to show anything.
    #[serde(default)]
    pub is_passive: bool,
    /// Where a login goes that names no target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_target_url: Option<Url>,
    /// Where a failed login goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_url: Option<Url>,
    /// How a logout ends.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = "off"))]
    pub single_logout: SingleLogout,
    /// Where a logout goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout_url: Option<Url>,
    /// How a logout message goes there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slo_binding: Option<SloBinding>,
    /// Make an account for an unknown person.
    #[serde(default)]
    pub auto_create: bool,
    /// Update the account from newer assertions.
    #[serde(default)]
    pub auto_update: bool,
    /// Take `@domain` off the value mapped to `uid`.
    #[serde(default)]
    pub strip_uid_domain: bool,
    /// What identifies the account.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = "uid"))]
    pub account_key: AccountKey,
    /// Which assertion attribute fills which profile field.
    #[serde(default)]
    pub attribute_map: AttributeMap,
    /// Refuse plain assertions.
    #[serde(default)]
    pub want_assertions_encrypted: bool,
    /// Refuse responses that are not signed themselves.
    #[serde(default)]
    pub want_response_signed: bool,
    /// Old algorithms granted to this connection.
    #[serde(default)]
    pub legacy_crypto: BTreeSet<LegacyCrypto>,
    /// Refuse signatures by an expired IdP certificate.
    #[serde(default)]
    pub enforce_certificate_validity: bool,
    /// Whether a second engine must agree.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = "strict"))]
    pub verification: Verification,
    /// How far the two clocks may differ, in seconds: 0 to 300.
    #[serde(default = "skew")]
    #[cfg_attr(feature = "openapi", schema(default = 120, maximum = 300))]
    pub clock_skew_seconds: u16,
    /// Issuers accepted on logout messages besides `idp_entity_id`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 256))]
    pub logout_issuer_alias: Vec<String>,
    /// What an update does when an attribute is absent; `keep` where a field is not named.
    #[serde(default)]
    pub on_missing: BTreeMap<ProfileField, OnMissing>,
    /// Whether people can sign in through it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = "active"))]
    pub state: ConnectionState,
}

/// The greatest `clock_skew_seconds` of any connection (SPEC 2).
pub const MAX_CLOCK_SKEW_SECONDS: u16 = 300;

impl Saml2Settings {
    /// The settings of a new connection: the defaults of SPEC 2 and what has none.
    pub fn new(idp_entity_id: String, sso_url: Url) -> Self {
        Self {
            sp_entity_id: String::new(),
            idp_entity_id,
            sso_url,
            sso_binding: FrontChannelBinding::default(),
            sso_profile: SsoProfile::default(),
            sign_authn_requests: false,
            authn_request_destination: None,
            idp_initiated: IdpInitiated::default(),
            target_parameter: relay_state(),
            name_id_format: NameIdFormat::default(),
            authn_context_class_ref: Vec::new(),
            force_authn: false,
            is_passive: false,
            default_target_url: None,
            error_url: None,
            single_logout: SingleLogout::default(),
            logout_url: None,
            slo_binding: None,
            auto_create: false,
            auto_update: false,
            strip_uid_domain: false,
            account_key: AccountKey::default(),
            attribute_map: AttributeMap::default(),
            want_assertions_encrypted: false,
            want_response_signed: false,
            legacy_crypto: BTreeSet::new(),
            enforce_certificate_validity: false,
            verification: Verification::default(),
            clock_skew_seconds: skew(),
            logout_issuer_alias: Vec::new(),
            on_missing: BTreeMap::new(),
            state: ConnectionState::default(),
        }
    }
}

fn relay_state() -> String {
    "RelayState".to_owned()
}

fn skew() -> u16 {
    120
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }
    };
}

choice! {
    /// A binding through the browser.
    FrontChannelBinding {
        /// HTTP Redirect.
        #[default] Redirect,
        /// HTTP POST.
        Post,
    }
}
choice! {
    /// Who begins logins.
    SsoProfile {
        /// The service: an AuthnRequest goes to the IdP.
        #[default] Sp,
        /// The IdP, which takes no AuthnRequests.
        Idp,
    }
}
choice! {
    /// What becomes of unsolicited responses (SPEC 5.2).
    IdpInitiated {
        /// Refused.
        #[default] Off,
        /// The assertion is thrown away and an SP-initiated login begins.
        Restart,
        /// Verified like any other, within a short age.
        Accept,
    }
}
choice! {
    /// The NameID format asked for.
    NameIdFormat {
        /// None is asked for, any is taken.
        #[default] Unspecified,
        /// `…:emailAddress`.
        Email,
        /// `…:X509SubjectName`.
        X509Subject,
        /// `…:entity`.
        Entity,
        /// `…:persistent`.
        Persistent,
        /// `…:transient`.
        Transient,
    }
}
choice! {
    /// How a logout ends.
    SingleLogout {
        /// The session ends here.
        #[default] Off,
        /// The session ends here, then the browser goes to `logout_url`.
        RedirectOnly,
        /// By SAML messages.
        Saml,
    }
}
choice! {
    /// The binding of logout messages.
    SloBinding {
        /// HTTP Redirect.
        #[default] Redirect,
        /// HTTP POST.
        Post,
        /// SOAP over the back channel.
        Soap,
    }
}
choice! {
    /// What identifies an account (SPEC 9).
    AccountKey {
        /// The profile field `uid`.
        #[default] Uid,
        /// The profile field `ssoid`.
        Ssoid,
        /// The NameID with issuer, format and qualifiers.
        NameId,
    }
}
choice! {
    /// Whether a second engine must agree (SPEC 4.7).
    Verification {
        /// Ours alone.
        #[default] Strict,
        /// Ours and samael with libxmlsec1.
        Dual,
    }
}

impl Verification {
    /// Whether this build has the second engine (the feature `second-opinion`). Where it has not,
    /// [`Verification::Dual`] is refused as a setting and refuses every login.
    pub const HAS_SECOND_ENGINE: bool = cfg!(feature = "second-opinion");
}

choice! {
    /// What an update does to a field whose attribute is absent.
    OnMissing {
        /// Nothing.
        #[default] Keep,
        /// Empties it.
        Clear,
        /// Refuses the login.
        Refuse,
    }
}
choice! {
    /// Whether people can sign in through a connection.
    ConnectionState {
        /// They can.
        #[default] Active,
        /// They can, and in no other way.
        Enforced,
        /// They cannot.
        Disabled,
    }
}

/// An old algorithm that is refused unless granted to a connection (SPEC 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LegacyCrypto {
    /// SHA-1 in a signature or a digest.
    #[serde(rename = "sha1")]
    Sha1,
    /// RSA keys of 1024 to 2047 bits.
    #[serde(rename = "rsa1024")]
    Rsa1024,
    /// AES-CBC where no verified signature covers the ciphertext.
    #[serde(rename = "aes_cbc")]
    AesCbc,
    /// Triple DES.
    #[serde(rename = "3des")]
    TripleDes,
    /// RSA PKCS#1 v1.5 key transport.
    #[serde(rename = "rsa1_5")]
    Rsa15,
}

impl LegacyCrypto {
    /// Every one of them.
    pub const ALL: [Self; 5] =
        [Self::Sha1, Self::Rsa1024, Self::AesCbc, Self::TripleDes, Self::Rsa15];

    /// Its name in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Rsa1024 => "rsa1024",
            Self::AesCbc => "aes_cbc",
            Self::TripleDes => "3des",
            Self::Rsa15 => "rsa1_5",
        }
    }
}

impl NameIdFormat {
    /// The URI of the format (SAML Core 8.3), or `None` for `unspecified`, which asks for nothing.
    pub fn uri(self) -> Option<&'static str> {
        Some(match self {
            Self::Unspecified => return None,
            Self::Email => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            Self::X509Subject => "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
            Self::Entity => "urn:oasis:names:tc:SAML:2.0:nameid-format:entity",
            Self::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
        })
    }
}
