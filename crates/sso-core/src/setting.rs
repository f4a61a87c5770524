//! A setting that an administrator gave and that breaks a rule: a code of a closed list, the field,
//! and what is wrong with it (SPEC 2, 6: status 422).

use std::borrow::Cow;

macro_rules! setting_codes {
    ($($variant:ident $code:literal $clause:literal $title:literal;)+) => {
        /// The rules that settings are held to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum SettingCode {
            $(#[doc = concat!("`", $code, "` (", $clause, "). ", $title)] $variant,)+
        }

        impl SettingCode {
            /// Every code.
            pub const ALL: &'static [SettingCode] = &[$(SettingCode::$variant),+];

            /// The stable name in snake_case.
            pub fn as_str(self) -> &'static str {
                match self { $(SettingCode::$variant => $code,)+ }
            }

            /// What the rule says, in one sentence.
            pub fn title(self) -> &'static str {
                match self { $(SettingCode::$variant => $title,)+ }
            }
        }
    };
}

setting_codes! {
    Invalid "invalid_field" "SPEC 6" "A field is unknown, is missing, or has a value that it cannot take.";
    ArtifactResolutionServiceRequired "artifact_resolution_service_required" "SPEC 5.5" "A response_binding artifact needs an artifact resolution service of the IdP.";
    EmailDomainForeign "email_domain_foreign" "SPEC 9" "An e-mail address, or a uid while it is the account key, is in none of the organization's domains.";
    IdpInitiatedRequired "idp_initiated_required" "SPEC 2" "An IdP that takes no AuthnRequests (sso_profile idp) needs idp_initiated accept.";
    LogoutUrlRequired "logout_url_required" "SPEC 2" "A single_logout other than off needs a logout_url.";
    NotSupported "not_supported" "SPEC 2" "A value that this version does not act on yet, and therefore does not take.";
    ReadOnly "read_only_field" "SPEC 6" "A field that cannot be changed.";
    RequiredAttributeMissing "required_attribute_missing" "SPEC 9, 11.5" "A field that every account must have is empty.";
    SecondOpinionUnavailable "second_opinion_unavailable" "SPEC 4.7" "There is no second engine for verification dual: in this build, for WS-Federation, or for what comes in an envelope (artifacts, ecp).";
    ServiceCertificateRequired "service_certificate_required" "SPEC 2" "Signing AuthnRequests, or asking for what an artifact stands for, needs an active service certificate.";
    StripUidDomain "strip_uid_domain" "SPEC 2" "strip_uid_domain cannot be on while the account key is uid, since uids carry the domain.";
    TestLoginRequired "test_login_required" "SPEC 2" "The state enforced needs a test login that passed.";
    TransientAccountKey "transient_account_key" "SPEC 2" "An account key name_id cannot be used with transient NameIDs.";
    UidImmutable "uid_immutable" "SPEC 10" "The uid of an account is not edited by hand.";
}

/// A setting that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidSetting {
    /// The rule.
    pub code: SettingCode,
    /// The field, by its path in the JSON of the Admin API.
    pub field: Cow<'static, str>,
    /// What is wrong with it this time, in one sentence.
    pub problem: Cow<'static, str>,
}

impl InvalidSetting {
    /// A setting that breaks a rule.
    pub fn new(
        code: SettingCode,
        field: impl Into<Cow<'static, str>>,
        problem: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code, field: field.into(), problem: problem.into() }
    }

    /// A setting with a value that its field cannot take.
    pub(crate) fn value(
        field: impl Into<Cow<'static, str>>,
        problem: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(SettingCode::Invalid, field, problem)
    }
}

/// Holds a text to a length in characters and to having no control characters.
///
/// # Errors
///
/// What is wrong with it, under the field's name.
pub fn check_text(
    field: &'static str,
    text: &str,
    length: std::ops::RangeInclusive<usize>,
) -> Result<(), InvalidSetting> {
    let count = text.chars().count();
    if !length.contains(&count) {
        let (least, most) = length.into_inner();
        return Err(InvalidSetting::value(
            field,
            format!("It must have {least} to {most} characters, and has {count}."),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(InvalidSetting::value(field, "It must not have control characters."));
    }
    Ok(())
}

/// Holds an address that a browser is sent to, or that a page links to, to http and https: any other
/// scheme (`javascript:`) could run in our origin (ATTACKS WEB-02).
pub(crate) fn check_link(field: &'static str, url: &url::Url) -> Result<(), InvalidSetting> {
    let plain = url.username().is_empty() && url.password().is_none();
    if matches!(url.scheme(), "http" | "https") && url.has_host() && plain {
        Ok(())
    } else {
        Err(InvalidSetting::value(field, "It must be an http or https URL without a user."))
    }
}
