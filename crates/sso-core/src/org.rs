//! Organizations: the tenants of the bridge (SPEC 1, 6).

mod rules;

use crate::profile::{AttributeSchema, ProfileField};
use serde::{Deserialize, Serialize};

/// The name of an organization: 1 to 63 of `a-z`, `0-9` and `-`, beginning and ending with a letter
/// or digit. It stands in paths and never changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"))]
#[serde(transparent)]
pub struct OrgName(String);

/// A text that cannot be an organization's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an organization's name is 1 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit"
)]
pub struct InvalidOrgName;

impl OrgName {
    /// What stands for an organization in the audit trail of the service itself, of acts that are of none.
    /// No organization can have it: it is empty.
    pub fn of_the_service() -> Self {
        Self(String::new())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for OrgName {
    type Err = InvalidOrgName;

    /// Reads a name; upper-case letters are folded, since paths are case-insensitive (SPEC 1).
    fn from_str(text: &str) -> Result<Self, InvalidOrgName> {
        let name = text.to_ascii_lowercase();
        let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        let bytes = name.as_bytes();
        let valid = bytes.len() <= 63
            && edge(bytes.first())
            && edge(bytes.last())
            && bytes.iter().all(inner);
        if valid { Ok(Self(name)) } else { Err(InvalidOrgName) }
    }
}

impl std::fmt::Display for OrgName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for OrgName {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One organization, as the Admin API shows it (SPEC 6). The operator alone sets `name`, `company`,
/// `domains`, `sso_enabled`, `delegated_authentication` and `allowed_partners`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Org {
    /// Its name; never changes.
    pub name: OrgName,
    /// What people see.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub display_name: String,
    /// The company behind it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub company: String,
    /// Its e-mail domains, lower-case, each owned by this organization alone.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub domains: Vec<String>,
    /// Domains handed to applications; they permit nothing here.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub trusted_domains: Vec<String>,
    /// Whether federated single sign-on is on.
    #[serde(default = "enabled")]
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub sso_enabled: bool,
    /// Whether partners may sign its accounts in (SPEC 12). Not acted on yet, so that it is `false`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = false))]
    pub delegated_authentication: bool,
    /// The partners that the operator allows it (SPEC 12). Not acted on yet, so that it is empty.
    #[serde(default)]
    pub allowed_partners: Vec<OrgName>,
    /// Who to ask (shown on refusals).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 320))]
    pub contact: Option<String>,
    /// The organization's website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2048, format = "uri"))]
    pub website: Option<String>,
    /// The e-mail address of its first administrator, whose account cannot be deactivated (SPEC 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 3, max_length = 320, format = "email"))]
    pub primary_admin: Option<String>,
    /// The e-mail address for notices; where there is none, that of the primary administrator
    /// (SPEC 13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 3, max_length = 320, format = "email"))]
    pub notification_email: Option<String>,
    /// Where a person goes who forgot the password of the identity provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2048, format = "uri"))]
    pub forgot_password_url: Option<String>,
    /// Where a person finds help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2048, format = "uri"))]
    pub support_url: Option<String>,
    /// How long sessions last.
    #[serde(default)]
    pub sessions: SessionLimits,
    /// What creation of accounts holds to.
    #[serde(default)]
    pub provisioning: ProvisioningSettings,
    /// Instant-message logging defaults.
    #[serde(default)]
    pub im_logging: ImLogging,
    /// The attributes that it adds to the profile of its people (SPEC 11.4): a document of its own.
    #[serde(skip)]
    pub attribute_schema: AttributeSchema,
    /// Grows with every change, from 1. A change is planned on one, and refused where it is not the
    /// stored one any more.
    #[serde(skip)]
    pub revision: u64,
}

impl Org {
    /// The first field by which a change touches what the operator alone sets (SPEC 6). What is given
    /// again as it was is not touched.
    pub fn operators_field_changed(&self, before: &Org) -> Option<&'static str> {
        [
            ("name", self.name != before.name),
            ("company", self.company != before.company),
            ("domains", self.domains != before.domains),
            ("sso_enabled", self.sso_enabled != before.sso_enabled),
            (
                "delegated_authentication",
                self.delegated_authentication != before.delegated_authentication,
            ),
            ("allowed_partners", self.allowed_partners != before.allowed_partners),
        ]
        .into_iter()
        .find_map(|(field, is_changed)| is_changed.then_some(field))
    }

    /// The fields that profiles of its people can have: those of all, and its own.
    pub fn profile_fields(&self) -> impl Iterator<Item = ProfileField> {
        ProfileField::STANDARD.iter().copied().chain(self.attribute_schema.fields())
    }

    /// What a page calls it: the display name, else the name.
    pub fn shown_name(&self) -> &str {
        match self.display_name.as_str() {
            "" => self.name.as_str(),
            shown => shown,
        }
    }
}

fn enabled() -> bool {
    true
}

/// Session lifetimes in seconds (SPEC 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SessionLimits {
    /// Ends a session that long unused.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 34_560_000))]
    pub idle_seconds: u32,
    /// Ends a session that long after sign-in.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 34_560_000))]
    pub absolute_seconds: u32,
    /// Instead of both, for mobile clients.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 34_560_000))]
    pub mobile_seconds: u32,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { idle_seconds: 28_800, absolute_seconds: 86_400, mobile_seconds: 2_592_000 }
    }
}

/// What creating an account holds to (SPEC 11.5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ProvisioningSettings {
    /// Profile fields that must be filled besides first name, last name and e-mail.
    pub mandatory_fields: Vec<ProfileField>,
    /// Whether people make their own accounts. Not acted on yet, so that it is `false`.
    pub self_registration: bool,
    /// Where an unknown person can register.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2048, format = "uri"))]
    pub registration_url: Option<String>,
    /// What an unknown person is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2000))]
    pub registration_message: Option<String>,
    /// Whether a registration is told to the administrators. Not acted on yet, so that it is `false`.
    pub notify_on_registration: bool,
    /// The most active accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_active_users: Option<u32>,
}

/// Instant-message logging (SPEC 9, `imloggingenabled`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ImLogging {
    /// Whether the organization logs instant messages at all.
    pub enabled: bool,
    /// The endpoint given to new accounts whose assertion names none.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub default_endpoint: String,
}

impl Default for ImLogging {
    fn default() -> Self {
        Self { enabled: false, default_endpoint: "default_endpoint".to_owned() }
    }
}
