//! The settings of a SAML 2.0 connection (SPEC 2).

use super::common::settings;
use super::{
    AccountKey, AccountRules, Common, ConnectionState, FrontChannelBinding, IdpInitiated,
    KeepMessages, LegacyCrypto, NameIdFormat, OnMissing, Protocol, ResponseBinding, SingleLogout,
    SloBinding, SsoProfile, Verification,
};
use crate::profile::{AttributeMap, ProfileField};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

settings! {
    /// The settings of a SAML 2.0 connection, by the names and defaults of SPEC 2.
    ///
    /// This is also the JSON of the Admin API, next to `protocol`. An unknown field is refused.
    pub struct Saml2Settings (Saml2) {
        /// Our issuer. Stored when the connection is made; empty until then.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1024, pattern = "^\\S+$"))]
        pub sp_entity_id: String,
        /// The issuer of responses and assertions, compared exactly.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1024, pattern = "^\\S+$"))]
        pub idp_entity_id: String,
        /// How AuthnRequests go to `sso_url`.
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
        /// How responses come: what AuthnRequests ask for.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(default = "post"))]
        pub response_binding: ResponseBinding,
        /// Where artifacts are resolved; needed where `response_binding` is `artifact`.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(max_items = 256))]
        pub artifact_resolution_services: Vec<ArtifactResolutionService>,
        /// Whether clients may take requests to the identity provider themselves (Enhanced Client or Proxy).
        #[serde(default)]
        pub ecp: bool,
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
        /// How a logout message goes to `logout_url`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub slo_binding: Option<SloBinding>,
        /// Where our answers to the IdP's own logout requests go; `logout_url` where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub logout_response_url: Option<Url>,
        /// Refuse plain assertions.
        #[serde(default)]
        pub want_assertions_encrypted: bool,
        /// Refuse responses that are not signed themselves.
        #[serde(default)]
        pub want_response_signed: bool,
        /// Issuers accepted on logout messages besides `idp_entity_id`.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(max_items = 256))]
        pub logout_issuer_alias: Vec<String>,
        /// What an update does when an attribute is absent; `keep` where a field is not named.
        #[serde(default)]
        pub on_missing: BTreeMap<ProfileField, OnMissing>,
    }

    /// The settings of a new connection: the defaults of SPEC 2 and what has none.
    pub fn new(idp_entity_id: String) {
        sp_entity_id: String::new(),
        idp_entity_id,
        sso_binding: FrontChannelBinding::default(),
        sso_profile: SsoProfile::default(),
        sign_authn_requests: false,
        authn_request_destination: None,
        response_binding: ResponseBinding::default(),
        artifact_resolution_services: Vec::new(),
        ecp: false,
        name_id_format: NameIdFormat::default(),
        authn_context_class_ref: Vec::new(),
        force_authn: false,
        is_passive: false,
        slo_binding: None,
        logout_response_url: None,
        want_assertions_encrypted: false,
        want_response_signed: false,
        logout_issuer_alias: Vec::new(),
        on_missing: BTreeMap::new(),
    }
}

impl Saml2Settings {
    /// Whether responses are asked for by artifact, and taken so.
    pub fn takes_artifacts(&self) -> bool {
        self.response_binding == ResponseBinding::Artifact
    }

    /// Where an artifact that names this index is resolved: where there is one service alone, there, since
    /// pysaml2 writes the index as text.
    pub fn artifact_resolution_service(&self, index: u16) -> Option<&ArtifactResolutionService> {
        match self.artifact_resolution_services.as_slice() {
            [only] => Some(only),
            services => services.iter().find(|service| service.index == index),
        }
    }

    fn on_missing(&self) -> &BTreeMap<ProfileField, OnMissing> {
        &self.on_missing
    }
}

/// Where an identity provider gives messages for the artifacts that it issued (SAML Metadata 2.4.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ArtifactResolutionService {
    /// The index by which artifacts name it.
    pub index: u16,
    /// Where it is asked, by SOAP.
    pub url: Url,
}
