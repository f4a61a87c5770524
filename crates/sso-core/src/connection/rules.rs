//! What the settings of a connection must hold to, alone and together (SPEC 2).

use super::{
    AccountKey, ConnectionState, IdpInitiated, MAX_CLOCK_SKEW_SECONDS, NameIdFormat, Saml2Settings,
    SingleLogout, SsoProfile, Verification,
};
use crate::setting::{InvalidSetting, SettingCode, check_link, check_text};
use url::Url;

/// The longest entity ID (SAML Core 8.3.6) and the longest URI taken elsewhere.
const MAX_URI: usize = 1_024;
/// The most entries of a list or a map.
const MAX_ENTRIES: usize = 256;

/// What a connection's settings depend on besides themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct SettingsContext {
    /// Whether the organization has an active service certificate.
    pub can_sign: bool,
}

impl Saml2Settings {
    /// Holds the settings to every rule of SPEC 2.
    ///
    /// # Errors
    ///
    /// The first rule that is broken, with the field that breaks it.
    pub fn check(&self, context: SettingsContext) -> Result<(), InvalidSetting> {
        self.check_values()?;
        self.check_together(context)
    }

    fn check_values(&self) -> Result<(), InvalidSetting> {
        check_uri("sp_entity_id", &self.sp_entity_id)?;
        check_uri("idp_entity_id", &self.idp_entity_id)?;
        check_link("sso_url", &self.sso_url)?;
        let links: [(&'static str, &Option<Url>); 4] = [
            ("authn_request_destination", &self.authn_request_destination),
            ("default_target_url", &self.default_target_url),
            ("error_url", &self.error_url),
            ("logout_url", &self.logout_url),
        ];
        for (field, url) in links {
            url.as_ref().map_or(Ok(()), |url| check_link(field, url))?;
        }
        check_text("target_parameter", &self.target_parameter, 1..=64)?;
        if self.target_parameter == "SAMLResponse" {
            return Err(InvalidSetting::value(
                "target_parameter",
                "SAMLResponse is the message itself.",
            ));
        }
        check_list("authn_context_class_ref", &self.authn_context_class_ref)?;
        check_list("logout_issuer_alias", &self.logout_issuer_alias)?;
        if self.attribute_map.map.len() > MAX_ENTRIES {
            return Err(InvalidSetting::value("attribute_map", too_many()));
        }
        for name in self.attribute_map.map.keys() {
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
        let rules: [(bool, SettingCode, &'static str); 8] = [
            (
                self.sso_profile == SsoProfile::Idp && self.idp_initiated != IdpInitiated::Accept,
                Broken::IdpInitiatedRequired,
                "idp_initiated",
            ),
            (
                self.sign_authn_requests && !context.can_sign,
                Broken::ServiceCertificateRequired,
                "sign_authn_requests",
            ),
            (
                self.single_logout != SingleLogout::Off && self.logout_url.is_none(),
                Broken::LogoutUrlRequired,
                "logout_url",
            ),
            (
                self.strip_uid_domain && self.account_key == AccountKey::Uid,
                Broken::StripUidDomain,
                "strip_uid_domain",
            ),
            (
                self.account_key == AccountKey::NameId
                    && self.name_id_format == NameIdFormat::Transient,
                Broken::TransientAccountKey,
                "account_key",
            ),
            (
                self.verification == Verification::Dual && !Verification::HAS_SECOND_ENGINE,
                Broken::SecondOpinionUnavailable,
                "verification",
            ),
            (self.state == ConnectionState::Enforced, Broken::TestLoginRequired, "state"),
            // A setting that is stored but not acted on would be a promise not kept.
            (self.single_logout == SingleLogout::Saml, Broken::NotSupported, "single_logout"),
        ];
        match rules.into_iter().find(|(broken, ..)| *broken) {
            Some((_, code, field)) => Err(InvalidSetting::new(code, field, code.title())),
            None => Ok(()),
        }
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
    use serde_json::{Value, json};

    const CAN_SIGN: SettingsContext = SettingsContext { can_sign: true };

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
                "not_supported",
                json!({"single_logout": "saml", "logout_url": "https://idp.example/out"}),
                json!({"single_logout": "redirect_only"}),
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
        let error = signs.check(SettingsContext { can_sign: false }).expect_err("no certificate");
        assert_eq!(error.code, SettingCode::ServiceCertificateRequired);
        assert_eq!(signs.check(CAN_SIGN), Ok(()));
    }
}
