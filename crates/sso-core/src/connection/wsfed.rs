//! The settings of a WS-Federation connection (SPEC 3).

use super::common::settings;
use super::{
    AccountKey, AccountRules, Common, ConnectionState, IdpInitiated, KeepMessages, LegacyCrypto,
    OnMissing, Protocol, SingleLogout, Verification,
};
use crate::profile::{AttributeMap, ProfileField};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

settings! {
    /// The settings of a WS-Federation connection, by the names of SPEC 3 and the defaults of SPEC 2.
    ///
    /// This is also the JSON of the Admin API, next to `protocol`. An unknown field is refused.
    pub struct WsFedSettings (Wsfed) {
        /// Our realm, `wtrealm`: the audience of tokens. Stored when the connection is made; empty until
        /// then.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1024, pattern = "^\\S+$"))]
        pub service_uri: String,
        /// The issuer of tokens, compared exactly.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1024, pattern = "^\\S+$"))]
        pub federation_service_uri: String,
        /// The method of authentication to ask for; none is asked for where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1024, pattern = "^\\S+$"))]
        pub wauth: Option<String>,
        /// The home realm to name to the IdP, which then does not ask the person for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1024, pattern = "^\\S+$"))]
        pub whr: Option<String>,
        /// How old the person's authentication at the IdP may be, in minutes; 0 asks for a new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub wfresh: Option<u32>,
    }

    /// The settings of a new connection: the defaults of SPEC 2 and what has none.
    pub fn new(federation_service_uri: String) {
        service_uri: String::new(),
        federation_service_uri,
        wauth: None,
        whr: None,
        wfresh: None,
    }
}

/// Of no field: what a token does not say stays as it is.
static ON_MISSING: BTreeMap<ProfileField, OnMissing> = BTreeMap::new();

impl WsFedSettings {
    fn on_missing(&self) -> &BTreeMap<ProfileField, OnMissing> {
        &ON_MISSING
    }
}
