//! What the settings of a connection must hold to, alone and together (SPEC 2, 3).

use super::{
    AccountKey, ArtifactResolutionService, Common, ConnectionState, IdpInitiated, NameIdFormat,
    Protocol, Saml2Settings, SingleLogout, SsoProfile, Verification, WsFedSettings,
};
use crate::setting::{InvalidSetting, SettingCode, check_link, check_text};
use std::collections::BTreeSet;

/// The greatest `clock_skew_seconds` of any connection (SPEC 2).
pub const MAX_CLOCK_SKEW_SECONDS: u16 = 300;

/// The longest entity ID (SAML Core 8.3.6) and the longest URI taken elsewhere.
const MAX_URI: usize = 1_024;
/// The most entries of a list or a map.
const MAX_ENTRIES: usize = 256;

/// What a connection's settings depend on besides themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct SettingsContext {
    /// Whether the organization has an active service certificate.
    pub can_sign: bool,
    /// Whether the state `enforced` may be given: a test login passed by these settings, or they have it.
    pub may_enforce: bool,
}

impl Saml2Settings {
    /// Holds the settings to every rule of SPEC 2.
    ///
    /// # Errors
    ///
    /// The first rule that is broken, with the field that breaks it.
    pub fn check(&self, context: SettingsContext) -> Result<(), InvalidSetting> {
        check_uri("sp_entity_id", &self.sp_entity_id)?;
        check_uri("idp_entity_id", &self.idp_entity_id)?;
        self.common().check_values()?;
        for (field, url) in [
            ("authn_request_destination", &self.authn_request_destination),
            ("logout_response_url", &self.logout_response_url),
        ] {
            url.as_ref().map_or(Ok(()), |url| check_link(field, url))?;
        }
        if self.target_parameter == "SAMLResponse" {
            return Err(InvalidSetting::value(
                "target_parameter",
                "SAMLResponse is the message itself.",
            ));
        }
        check_services(&self.artifact_resolution_services)?;
        check_list("authn_context_class_ref", &self.authn_context_class_ref)?;
        check_list("logout_issuer_alias", &self.logout_issuer_alias)?;
        if self.takes_artifacts() && self.sso_profile == SsoProfile::Idp {
            let problem = "An IdP that takes no AuthnRequests cannot be asked for an artifact.";
            return Err(InvalidSetting::value("response_binding", problem));
        }
        if self.ecp && self.sso_profile == SsoProfile::Idp {
            let problem = "An IdP that takes no AuthnRequests takes none of a client.";
            return Err(InvalidSetting::value("ecp", problem));
        }
        first_broken([
            (
                self.sso_profile == SsoProfile::Idp && self.idp_initiated != IdpInitiated::Accept,
                SettingCode::IdpInitiatedRequired,
                "idp_initiated",
            ),
            (
                self.sign_authn_requests && !context.can_sign,
                SettingCode::ServiceCertificateRequired,
                "sign_authn_requests",
            ),
            (
                self.takes_artifacts() && self.artifact_resolution_services.is_empty(),
                SettingCode::ArtifactResolutionServiceRequired,
                "artifact_resolution_services",
            ),
            (
                (self.takes_artifacts() || self.ecp) && self.verification == Verification::Dual,
                SettingCode::SecondOpinionUnavailable,
                "verification",
            ),
            (
                self.takes_artifacts() && !context.can_sign,
                SettingCode::ServiceCertificateRequired,
                "response_binding",
            ),
            (
                self.account_key == AccountKey::NameId
                    && self.name_id_format == NameIdFormat::Transient,
                SettingCode::TransientAccountKey,
                "account_key",
            ),
        ])?;
        self.common().check_together(context)
    }
}

impl WsFedSettings {
    /// Holds the settings to every rule of SPEC 3.
    ///
    /// # Errors
    ///
    /// The first rule that is broken, with the field that breaks it.
    pub fn check(&self, context: SettingsContext) -> Result<(), InvalidSetting> {
        check_uri("service_uri", &self.service_uri)?;
        check_uri("federation_service_uri", &self.federation_service_uri)?;
        for (field, uri) in [("wauth", &self.wauth), ("whr", &self.whr)] {
            uri.as_ref().map_or(Ok(()), |uri| check_uri(field, uri))?;
        }
        self.common().check_values()?;
        self.common().check_together(context)
    }
}

impl Common<'_> {
    fn check_values(&self) -> Result<(), InvalidSetting> {
        let links = [
            ("sso_url", Some(self.sso_url)),
            ("default_target_url", self.default_target_url),
            ("error_url", self.error_url),
            ("logout_url", self.logout_url),
        ];
        for (field, url) in links {
            url.map_or(Ok(()), |url| check_link(field, url))?;
        }
        check_text("target_parameter", self.target_parameter, 1..=64)?;
        let map = &self.accounts.attribute_map.map;
        if map.len() > MAX_ENTRIES {
            return Err(InvalidSetting::value("attribute_map", too_many()));
        }
        for name in map.keys() {
            check_text("attribute_map", name, 1..=MAX_URI)?;
        }
        if self.clock_skew_seconds > MAX_CLOCK_SKEW_SECONDS {
            return Err(InvalidSetting::value(
                "clock_skew_seconds",
                format!("It must be 0 to {MAX_CLOCK_SKEW_SECONDS}."),
            ));
        }
        Ok(())
    }

    fn check_together(&self, context: SettingsContext) -> Result<(), InvalidSetting> {
        use SettingCode as Broken;
        let is_saml = self.protocol == Protocol::Saml2;
        let has_second_engine = is_saml && Verification::HAS_SECOND_ENGINE;
        first_broken([
            (
                self.single_logout != SingleLogout::Off && self.logout_url.is_none(),
                Broken::LogoutUrlRequired,
                "logout_url",
            ),
            (
                self.accounts.strip_uid_domain && self.accounts.account_key == AccountKey::Uid,
                Broken::StripUidDomain,
                "strip_uid_domain",
            ),
            (
                self.verification == Verification::Dual && !has_second_engine,
                Broken::SecondOpinionUnavailable,
                "verification",
            ),
            (
                self.state == ConnectionState::Enforced && !context.may_enforce,
                Broken::TestLoginRequired,
                "state",
            ),
        ])
    }
}

/// The first of some rules that is broken.
fn first_broken<const N: usize>(
    rules: [(bool, SettingCode, &'static str); N],
) -> Result<(), InvalidSetting> {
    match rules.into_iter().find(|(broken, ..)| *broken) {
        Some((_, code, field)) => Err(InvalidSetting::new(code, field, code.title())),
        None => Ok(()),
    }
}

/// A URI that is compared and never followed. Many real entity IDs are no absolute URIs, so that no
/// more is asked than that it can be compared.
fn check_uri(field: &'static str, text: &str) -> Result<(), InvalidSetting> {
    check_text(field, text, 1..=MAX_URI)?;
    if text.chars().any(char::is_whitespace) {
        return Err(InvalidSetting::value(field, "It must not have spaces."));
    }
    Ok(())
}

/// An index is the name of one service: of two by one name the artifact would mean either.
fn check_services(services: &[ArtifactResolutionService]) -> Result<(), InvalidSetting> {
    const FIELD: &str = "artifact_resolution_services";
    if services.len() > MAX_ENTRIES {
        return Err(InvalidSetting::value(FIELD, too_many()));
    }
    let mut known = BTreeSet::new();
    for service in services {
        check_link(FIELD, &service.url)?;
        if !known.insert(service.index) {
            let problem = format!("The index {} comes more than once.", service.index);
            return Err(InvalidSetting::value(FIELD, problem));
        }
    }
    Ok(())
}

fn check_list(field: &'static str, list: &[String]) -> Result<(), InvalidSetting> {
    if list.len() > MAX_ENTRIES {
        return Err(InvalidSetting::value(field, too_many()));
    }
    list.iter().try_for_each(|uri| check_uri(field, uri))
}

fn too_many() -> String {
    format!("It may have at most {MAX_ENTRIES} entries.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Settings;
    use serde_json::{Value, json};

    const CAN_SIGN: SettingsContext = SettingsContext { can_sign: true, may_enforce: false };

    fn settings(changes: Value) -> Saml2Settings {
        let mut whole = json!({
            "sp_entity_id": "https://sso.example/saml/acme/metadata",
            "idp_entity_id": "https://idp.example",
            "sso_url": "https://idp.example/sso",
        });
        let (Value::Object(whole_map), Value::Object(changes)) = (&mut whole, changes) else {
            panic!("objects");
        };
        whole_map.extend(changes);
        serde_json::from_value(whole).expect("settings")
    }

    /// Each rule with the settings that break it and the change that repairs them.
    #[test]
    fn each_rule_has_its_code() {
        let cases = [
            (
                "idp_initiated_required",
                json!({"sso_profile": "idp", "idp_initiated": "restart"}),
                json!({"idp_initiated": "accept"}),
            ),
            (
                "logout_url_required",
                json!({"single_logout": "redirect_only"}),
                json!({"logout_url": "https://idp.example/out"}),
            ),
            (
                "strip_uid_domain",
                json!({"strip_uid_domain": true}),
                json!({"account_key": "ssoid"}),
            ),
            (
                "transient_account_key",
                json!({"account_key": "name_id", "name_id_format": "transient"}),
                json!({"name_id_format": "persistent"}),
            ),
            (
                "logout_url_required",
                json!({"single_logout": "saml"}),
                json!({"logout_url": "https://idp.example/out"}),
            ),
            (
                "invalid_field",
                json!({"logout_response_url": "javascript:alert(1)"}),
                json!({"logout_response_url": "https://idp.example/out"}),
            ),
            ("test_login_required", json!({"state": "enforced"}), json!({"state": "disabled"})),
            (
                "invalid_field",
                json!({"clock_skew_seconds": 301}),
                json!({"clock_skew_seconds": 300}),
            ),
            ("invalid_field", json!({"idp_entity_id": ""}), json!({"idp_entity_id": "x"})),
            (
                "invalid_field",
                json!({"idp_entity_id": "two words"}),
                json!({"idp_entity_id": "two-words"}),
            ),
            (
                "invalid_field",
                json!({"sso_url": "javascript:alert(1)"}),
                json!({"sso_url": "http://idp.example/"}),
            ),
            (
                "invalid_field",
                json!({"error_url": "data:text/html,x"}),
                json!({"error_url": "https://app.example/?a=b"}),
            ),
            (
                "invalid_field",
                json!({"logout_url": "https://me:pw@idp.example/"}),
                json!({"logout_url": "https://idp.example/"}),
            ),
            (
                "invalid_field",
                json!({"target_parameter": ""}),
                json!({"target_parameter": "target"}),
            ),
            (
                "invalid_field",
                json!({"target_parameter": "SAMLResponse"}),
                json!({"target_parameter": "RelayState"}),
            ),
            (
                "artifact_resolution_service_required",
                json!({"response_binding": "artifact"}),
                json!({"artifact_resolution_services": [{"index": 0, "url": "https://idp.example/"}]}),
            ),
            (
                "invalid_field",
                json!({"artifact_resolution_services": [
                    {"index": 1, "url": "https://idp.example/a"}, {"index": 1, "url": "https://idp.example/b"},
                ]}),
                json!({"artifact_resolution_services": [{"index": 1, "url": "https://idp.example/a"}]}),
            ),
            (
                "invalid_field",
                json!({"ecp": true, "sso_profile": "idp", "idp_initiated": "accept"}),
                json!({"sso_profile": "sp"}),
            ),
            (
                "invalid_field",
                json!({"authn_context_class_ref": [""]}),
                json!({"authn_context_class_ref": ["urn:x"]}),
            ),
        ];
        for (code, broken, repair) in cases {
            let error = settings(broken.clone()).check(CAN_SIGN).expect_err(code);
            assert_eq!(error.code.as_str(), code, "{broken}");
            let mut repaired = broken;
            repaired
                .as_object_mut()
                .expect("object")
                .extend(repair.as_object().expect("object").clone());
            assert_eq!(settings(repaired.clone()).check(CAN_SIGN), Ok(()), "{repaired}");
        }
    }

    #[test]
    fn wsfed_is_held_to_the_rules_of_what_is_common_and_to_its_own() {
        let check = |changes: Value| {
            let mut whole = json!({
                "protocol": "wsfed",
                "service_uri": "urn:federation:sso.example:acme",
                "federation_service_uri": "http://adfs.example/adfs/services/trust",
                "sso_url": "https://adfs.example/adfs/ls/",
            });
            let changes = changes.as_object().expect("an object").clone();
            whole.as_object_mut().expect("an object").extend(changes);
            let settings: Settings = serde_json::from_value(whole).expect("settings");
            settings.check(CAN_SIGN)
        };
        for good in [
            json!({}),
            json!({"wauth": "urn:x", "whr": "acme.example", "wfresh": 0}),
            json!({"single_logout": "saml", "logout_url": "https://adfs.example/adfs/ls/"}),
            json!({"idp_initiated": "accept", "account_key": "name_id"}),
        ] {
            assert_eq!(check(good.clone()), Ok(()), "{good}");
        }
        for (field, code, changes) in [
            ("verification", "second_opinion_unavailable", json!({"verification": "dual"})),
            ("logout_url", "logout_url_required", json!({"single_logout": "saml"})),
            ("strip_uid_domain", "strip_uid_domain", json!({"strip_uid_domain": true})),
            ("state", "test_login_required", json!({"state": "enforced"})),
            ("clock_skew_seconds", "invalid_field", json!({"clock_skew_seconds": 301})),
            ("service_uri", "invalid_field", json!({"service_uri": "two words"})),
            ("federation_service_uri", "invalid_field", json!({"federation_service_uri": ""})),
            ("wauth", "invalid_field", json!({"wauth": ""})),
            ("whr", "invalid_field", json!({"whr": "two words"})),
            ("sso_url", "invalid_field", json!({"sso_url": "javascript:alert(1)"})),
        ] {
            let error = check(changes.clone()).expect_err(code);
            assert_eq!((&*error.field, error.code.as_str()), (field, code), "{changes}");
        }
    }

    #[test]
    fn a_second_opinion_needs_a_build_with_the_engine() {
        let dual = settings(json!({"verification": "dual"})).check(CAN_SIGN);
        let refused = dual.map_err(|error| (error.code, error.field.into_owned()));
        let expected = match Verification::HAS_SECOND_ENGINE {
            true => Ok(()),
            false => Err((SettingCode::SecondOpinionUnavailable, "verification".to_owned())),
        };
        assert_eq!(refused, expected);
        assert_eq!(settings(json!({"verification": "strict"})).check(CAN_SIGN), Ok(()));
    }

    #[test]
    fn signing_needs_a_certificate() {
        let signs = settings(json!({"sign_authn_requests": true}));
        let error = signs.check(SettingsContext::default()).expect_err("no certificate");
        assert_eq!(error.code, SettingCode::ServiceCertificateRequired);
        assert_eq!(signs.check(CAN_SIGN), Ok(()));
    }
}
