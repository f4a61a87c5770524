//! What verification needs to know of a connection: parsed once, used for every login.

use crate::connection::{
    AccountKey, Connection, LegacyCrypto, NameIdFormat, Protocol, ServiceUrls, Settings,
    Verification,
};
use crate::dsig::{DecryptionKey, KeyError, Recipient, TrustedKey, TrustedKeys};
use crate::profile::{AttributeMap, ProfileField};
use crate::saml::Trust;
use crate::saml::rules::{Expected, Profile, Request};
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};

/// Our side of a connection, as the verifier sees it. Keys are parsed, nothing is looked up any more;
/// share it behind an `Arc`, and make it anew when the connection's revision changes.
#[derive(Debug)]
pub struct RelyingParty {
    /// The issuer of responses and assertions, compared exactly.
    pub idp_entity_id: String,
    /// Our entity ID, the audience of assertions; in WS-Federation the realm, `wtrealm`.
    pub sp_entity_id: String,
    /// Where responses are posted, compared exactly; in WS-Federation `wreply`.
    pub acs_url: String,
    /// The keys that may sign. There is at least one.
    pub trusted: TrustedKeys,
    /// The keys of ours that decrypt, each of which is tried.
    pub decryption_keys: Vec<DecryptionKey>,
    /// The old algorithms that are granted.
    pub grants: BTreeSet<LegacyCrypto>,
    /// How far the two clocks may differ.
    pub clock_skew: Duration,
    /// Whether the response itself has to be signed.
    pub want_response_signed: bool,
    /// Whether the assertion has to be encrypted.
    pub want_assertions_encrypted: bool,
    /// The NameID format that has to come.
    pub name_id_format: NameIdFormat,
    /// Whether a transient NameID is good for anything: not where accounts are known by it.
    pub transient_allowed: bool,
    /// The authentication contexts of which one has to come; empty where any will do.
    pub authn_context_class_ref: Vec<String>,
    /// The Names of the attributes that say who a person is.
    pub identifying_attributes: Vec<String>,
    /// Whether a signature by an expired certificate is refused.
    pub enforce_certificate_validity: bool,
    /// Whether a second engine must agree.
    pub verification: Verification,
}

/// Why a connection cannot verify anything. It is an error of the configuration, never a reason to
/// check less (ATTACKS SIG-04).
#[derive(Debug, thiserror::Error)]
pub enum PartyError {
    /// There is no key that could have signed.
    #[error("the connection has no identity provider certificate")]
    NoTrustedKey,
    /// A stored certificate cannot be used.
    #[error("a certificate of the identity provider cannot be used: {0}")]
    Key(KeyError),
    /// A stored service key cannot be used.
    #[error("a service key cannot be used: {0}")]
    ServiceKey(KeyError),
}

impl RelyingParty {
    /// The verifier's side of a connection whose other settings are the defaults of SPEC 2.
    pub fn new(
        idp_entity_id: String,
        sp_entity_id: String,
        acs_url: String,
        trusted: TrustedKeys,
    ) -> Self {
        Self {
            idp_entity_id,
            sp_entity_id,
            acs_url,
            trusted,
            decryption_keys: Vec::new(),
            grants: BTreeSet::new(),
            clock_skew: Self::DEFAULT_CLOCK_SKEW,
            want_response_signed: false,
            want_assertions_encrypted: false,
            name_id_format: NameIdFormat::Unspecified,
            transient_allowed: true,
            authn_context_class_ref: Vec::new(),
            identifying_attributes: identifying_attributes(&AttributeMap::default()),
            enforce_certificate_validity: false,
            verification: Verification::Strict,
        }
    }

    /// The clock skew where none is set.
    pub const DEFAULT_CLOCK_SKEW: Duration = Duration::seconds(120);

    /// The verifier's side of a stored connection. It trusts the keys of the imported metadata and
    /// `imported`, the certificates in DER that were imported by hand (SPEC 8), each once. It decrypts
    /// with the RSA keys among `service_keys`, the live private keys in PKCS#8 DER (SPEC 7).
    ///
    /// # Errors
    /// [`PartyError`].
    pub fn from_connection<'a>(
        connection: &'a Connection,
        imported: impl IntoIterator<Item = &'a [u8]>,
        service_keys: impl IntoIterator<Item = &'a [u8]>,
        urls: &ServiceUrls,
    ) -> Result<Self, PartyError> {
        let settings = connection.settings.common();
        let of_metadata = connection.metadata_certificates.iter().map(Vec::as_slice);
        let mut known = BTreeSet::new();
        let ders = imported.into_iter().chain(of_metadata).filter(|der| known.insert(*der));
        let keys: Vec<_> =
            ders.map(TrustedKey::from_der).collect::<Result<_, _>>().map_err(PartyError::Key)?;
        let trusted = TrustedKeys::new(keys).ok_or(PartyError::NoTrustedKey)?;
        let decryption_keys = service_keys.into_iter().filter_map(decryption_key);
        let (idp, sp) = (connection.settings.issuer(), connection.settings.audience());
        let address = match settings.protocol {
            Protocol::Saml2 => &urls.acs,
            Protocol::Wsfed => &urls.wsfed,
        };
        let party = Self {
            decryption_keys: decryption_keys.collect::<Result<_, _>>()?,
            grants: settings.legacy_crypto.clone(),
            clock_skew: Duration::seconds(settings.clock_skew_seconds.into()),
            transient_allowed: settings.accounts.account_key != AccountKey::NameId,
            identifying_attributes: identifying_attributes(settings.accounts.attribute_map),
            enforce_certificate_validity: settings.enforce_certificate_validity,
            verification: settings.verification,
            ..Self::new(idp.to_owned(), sp.to_owned(), address.clone(), trusted)
        };
        Ok(match &connection.settings {
            Settings::Saml2(saml) => Self {
                want_response_signed: saml.want_response_signed,
                want_assertions_encrypted: saml.want_assertions_encrypted,
                name_id_format: saml.name_id_format,
                authn_context_class_ref: saml.authn_context_class_ref.clone(),
                ..party
            },
            Settings::WsFed(_) => party,
        })
    }

    pub(super) fn expected<'a>(
        &'a self,
        profile: Profile,
        request: Request<'a>,
        now: OffsetDateTime,
    ) -> Expected<'a> {
        Expected {
            profile,
            idp_entity_id: &self.idp_entity_id,
            sp_entity_id: &self.sp_entity_id,
            acs_url: &self.acs_url,
            request,
            name_id_format: self.name_id_format,
            transient_allowed: self.transient_allowed,
            authn_context_class_ref: &self.authn_context_class_ref,
            identifying_attributes: &self.identifying_attributes,
            now,
            skew: self.clock_skew,
        }
    }

    pub(super) fn trust(&self) -> Trust<'_> {
        Trust {
            keys: &self.trusted,
            recipient: Recipient {
                entity_id: &self.sp_entity_id,
                keys: &self.decryption_keys,
                grants: &self.grants,
            },
            enforce_certificate_validity: self.enforce_certificate_validity,
            want_response_signed: self.want_response_signed,
            want_assertions_encrypted: self.want_assertions_encrypted,
        }
    }
}

/// A service key that decrypts. One on a curve only signs.
fn decryption_key(der: &[u8]) -> Option<Result<DecryptionKey, PartyError>> {
    match DecryptionKey::from_der(der) {
        Err(KeyError::Unsupported) => None,
        key => Some(key.map_err(PartyError::ServiceKey)),
    }
}

/// The attributes that fill the fields by which accounts are found.
fn identifying_attributes(map: &AttributeMap) -> Vec<String> {
    const FIELDS: [ProfileField; 3] = [ProfileField::Uid, ProfileField::Ssoid, ProfileField::Email];
    FIELDS.iter().flat_map(|field| map.attributes_for(field)).map(str::to_owned).collect()
}
