//! What the settings of every protocol have, with one meaning and one set of rules (SPEC 2, 3).
//!
//! The settings of a protocol are flat, in Rust as in JSON, so that an unknown field is refused and an
//! error names its field. `settings!` writes the common ones into each; [`Common`] is how they are read.

use super::{
    AccountKey, ConnectionState, IdpInitiated, KeepMessages, LegacyCrypto, OnMissing, Protocol,
    SingleLogout, Verification,
};
use crate::profile::{AttributeMap, ProfileField};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// The settings that every protocol has.
#[derive(Debug, Clone, Copy)]
pub struct Common<'a> {
    /// Whose settings they are.
    pub protocol: Protocol,
    /// Where logins go.
    pub sso_url: &'a Url,
    /// What becomes of answers that nobody asked for.
    pub idp_initiated: IdpInitiated,
    /// The parameter that names the target of an IdP-initiated login.
    pub target_parameter: &'a str,
    /// Where a login goes that names no target.
    pub default_target_url: Option<&'a Url>,
    /// Where a failed login goes.
    pub error_url: Option<&'a Url>,
    /// How a logout ends.
    pub single_logout: SingleLogout,
    /// Where a logout goes.
    pub logout_url: Option<&'a Url>,
    /// What a login may do to accounts.
    pub accounts: AccountRules<'a>,
    /// Old algorithms granted to this connection.
    pub legacy_crypto: &'a BTreeSet<LegacyCrypto>,
    /// Whether signatures by an expired IdP certificate are refused.
    pub enforce_certificate_validity: bool,
    /// Whether a second engine must agree.
    pub verification: Verification,
    /// How far the two clocks may differ, in seconds.
    pub clock_skew_seconds: u16,
    /// Which messages of its logins are kept.
    pub keep_messages: KeepMessages,
    /// Whether people can sign in through it.
    pub state: ConnectionState,
}

/// What a login through a connection may do to accounts (SPEC 9).
#[derive(Debug, Clone, Copy)]
pub struct AccountRules<'a> {
    /// Make an account for an unknown person.
    pub auto_create: bool,
    /// Update the account from newer assertions.
    pub auto_update: bool,
    /// Take `@domain` off the value mapped to `uid`.
    pub strip_uid_domain: bool,
    /// What identifies the account.
    pub account_key: AccountKey,
    /// Which assertion attribute fills which profile field.
    pub attribute_map: &'a AttributeMap,
    /// What an update does when an attribute is absent; `keep` where a field is not named.
    pub on_missing: &'a BTreeMap<ProfileField, OnMissing>,
}

/// The `target_parameter` where none is set.
pub(super) fn relay_state() -> String {
    "RelayState".to_owned()
}

/// The `clock_skew_seconds` where none are set.
pub(super) fn skew() -> u16 {
    120
}

/// Declares the settings of a protocol: its own fields, then the common ones; `new`, with the defaults;
/// what is common, to be read and to be taken over.
macro_rules! settings {
    (
        $(#[$meta:meta])*
        pub struct $name:ident ($protocol:ident) { $($own:tt)* }

        $(#[$new_meta:meta])*
        pub fn new($($argument:ident: $Argument:ty),*) { $($init:tt)* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($own)*
            /// Where logins go.
            pub sso_url: Url,
            /// What becomes of answers that nobody asked for.
            #[serde(default)]
            #[cfg_attr(feature = "openapi", schema(default = "off"))]
            pub idp_initiated: IdpInitiated,
            /// The parameter that names the target of an IdP-initiated login.
            #[serde(default = "crate::connection::common::relay_state")]
            #[cfg_attr(
                feature = "openapi",
                schema(default = "RelayState", min_length = 1, max_length = 64)
            )]
            pub target_parameter: String,
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
            #[serde(default = "crate::connection::common::skew")]
            #[cfg_attr(feature = "openapi", schema(default = 120, maximum = 300))]
            pub clock_skew_seconds: u16,
            /// Which messages of its logins are kept beside their traces, sealed and for a short time, so
            /// that a login can be tried again with the draft.
            #[serde(default)]
            #[cfg_attr(feature = "openapi", schema(default = "refused"))]
            pub keep_messages: KeepMessages,
            /// Whether people can sign in through it.
            #[serde(default)]
            #[cfg_attr(feature = "openapi", schema(default = "active"))]
            pub state: ConnectionState,
        }

        impl $name {
            $(#[$new_meta])*
            pub fn new($($argument: $Argument,)* sso_url: Url) -> Self {
                Self {
                    $($init)*
                    sso_url,
                    idp_initiated: IdpInitiated::default(),
                    target_parameter: crate::connection::common::relay_state(),
                    default_target_url: None,
                    error_url: None,
                    single_logout: SingleLogout::default(),
                    logout_url: None,
                    auto_create: false,
                    auto_update: false,
                    strip_uid_domain: false,
                    account_key: AccountKey::default(),
                    attribute_map: AttributeMap::default(),
                    legacy_crypto: BTreeSet::new(),
                    enforce_certificate_validity: false,
                    verification: Verification::default(),
                    clock_skew_seconds: crate::connection::common::skew(),
                    keep_messages: KeepMessages::default(),
                    state: ConnectionState::default(),
                }
            }

            /// What it has as every protocol has it.
            pub fn common(&self) -> Common<'_> {
                Common {
                    protocol: Protocol::$protocol,
                    sso_url: &self.sso_url,
                    idp_initiated: self.idp_initiated,
                    target_parameter: &self.target_parameter,
                    default_target_url: self.default_target_url.as_ref(),
                    error_url: self.error_url.as_ref(),
                    single_logout: self.single_logout,
                    logout_url: self.logout_url.as_ref(),
                    accounts: AccountRules {
                        auto_create: self.auto_create,
                        auto_update: self.auto_update,
                        strip_uid_domain: self.strip_uid_domain,
                        account_key: self.account_key,
                        attribute_map: &self.attribute_map,
                        on_missing: self.on_missing(),
                    },
                    legacy_crypto: &self.legacy_crypto,
                    enforce_certificate_validity: self.enforce_certificate_validity,
                    verification: self.verification,
                    clock_skew_seconds: self.clock_skew_seconds,
                    keep_messages: self.keep_messages,
                    state: self.state,
                }
            }

            /// The same with what is common as a connection of another protocol has it, but for where logins
            /// and logouts go.
            pub fn with(self, common: Common<'_>) -> Self {
                Self {
                    idp_initiated: common.idp_initiated,
                    target_parameter: common.target_parameter.to_owned(),
                    default_target_url: common.default_target_url.cloned(),
                    error_url: common.error_url.cloned(),
                    auto_create: common.accounts.auto_create,
                    auto_update: common.accounts.auto_update,
                    strip_uid_domain: common.accounts.strip_uid_domain,
                    account_key: common.accounts.account_key,
                    attribute_map: common.accounts.attribute_map.clone(),
                    legacy_crypto: common.legacy_crypto.clone(),
                    enforce_certificate_validity: common.enforce_certificate_validity,
                    verification: common.verification,
                    clock_skew_seconds: common.clock_skew_seconds,
                    keep_messages: common.keep_messages,
                    state: common.state,
                    ..self
                }
            }
        }
    };
}
pub(super) use settings;
