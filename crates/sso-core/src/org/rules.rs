//! What the settings of an organization must hold to (SPEC 1, 5.4, 6, 11.5).

use super::Org;
use crate::profile::ProfileField;
use crate::setting::{InvalidSetting, SettingCode, check_link, check_text};
use url::{Host, Url};

/// The most domains of one organization.
const MAX_DOMAINS: usize = 1_000;
/// The longest session, in seconds: 400 days, beyond which browsers keep no cookie.
const MAX_SESSION: u32 = 400 * 86_400;

/// The fields that an organization can make mandatory besides names and e-mail (SPEC 11.5).
const SELECTABLE: [ProfileField; 8] = [
    ProfileField::StreetLine1,
    ProfileField::StreetLine2,
    ProfileField::City,
    ProfileField::State,
    ProfileField::ZipCode,
    ProfileField::Country,
    ProfileField::BusinessPhone,
    ProfileField::MobilePhone,
];

impl Org {
    /// Holds the organization to its rules, and writes its domains the one way in which they are
    /// compared: lower-case, in ASCII, each once.
    ///
    /// # Errors
    ///
    /// The first field that cannot be as it is.
    pub fn checked(mut self) -> Result<Self, InvalidSetting> {
        check_text("display_name", &self.display_name, 0..=200)?;
        check_text("company", &self.company, 0..=200)?;
        self.domains = domains("domains", &self.domains)?;
        self.trusted_domains = domains("trusted_domains", &self.trusted_domains)?;
        if let Some(contact) = &self.contact {
            check_text("contact", contact, 1..=320)?;
        }
        check_web_address("website", self.website.as_deref())?;
        check_mail_address("primary_admin", self.primary_admin.as_deref())?;
        check_mail_address("notification_email", self.notification_email.as_deref())?;
        check_web_address("forgot_password_url", self.forgot_password_url.as_deref())?;
        check_web_address("support_url", self.support_url.as_deref())?;
        for (field, seconds) in [
            ("sessions.idle_seconds", self.sessions.idle_seconds),
            ("sessions.absolute_seconds", self.sessions.absolute_seconds),
            ("sessions.mobile_seconds", self.sessions.mobile_seconds),
        ] {
            if !(1..=MAX_SESSION).contains(&seconds) {
                return Err(InvalidSetting::value(
                    field,
                    format!("It must be 1 to {MAX_SESSION}."),
                ));
            }
        }
        let provisioning = &self.provisioning;
        check_web_address(
            "provisioning.registration_url",
            provisioning.registration_url.as_deref(),
        )?;
        if let Some(message) = &provisioning.registration_message {
            check_text("provisioning.registration_message", message, 1..=2_000)?;
        }
        if let Some(field) =
            provisioning.mandatory_fields.iter().find(|field| !SELECTABLE.contains(field))
        {
            return Err(InvalidSetting::value(
                "provisioning.mandatory_fields",
                format!("{} cannot be made mandatory.", field.as_str()),
            ));
        }
        check_text("im_logging.default_endpoint", &self.im_logging.default_endpoint, 1..=200)?;
        self.check_supported()?;
        Ok(self)
    }

    /// What nothing acts on yet is not taken, so that nobody relies on it.
    fn check_supported(&self) -> Result<(), InvalidSetting> {
        let partners = "Partners do not sign anybody in yet.";
        let registration = "People do not register themselves yet.";
        for (field, is_set, problem) in [
            ("delegated_authentication", self.delegated_authentication, partners),
            ("allowed_partners", !self.allowed_partners.is_empty(), partners),
            ("provisioning.self_registration", self.provisioning.self_registration, registration),
            (
                "provisioning.notify_on_registration",
                self.provisioning.notify_on_registration,
                registration,
            ),
        ] {
            if is_set {
                return Err(InvalidSetting::new(SettingCode::NotSupported, field, problem));
            }
        }
        Ok(())
    }
}

/// Reads e-mail domains. Each has a dot, so that none can be taken for an organization's name.
fn domains(field: &'static str, given: &[String]) -> Result<Vec<String>, InvalidSetting> {
    if given.len() > MAX_DOMAINS {
        return Err(InvalidSetting::value(
            field,
            format!("It may have at most {MAX_DOMAINS} entries."),
        ));
    }
    let mut read: Vec<String> = Vec::with_capacity(given.len());
    for (number, text) in (1..).zip(given) {
        let domain = domain(text).ok_or_else(|| {
            let problem = format!("Entry {number} is not a domain such as example.com.");
            InvalidSetting::value(field, problem)
        })?;
        if !read.contains(&domain) {
            read.push(domain);
        }
    }
    Ok(read)
}

fn domain(text: &str) -> Option<String> {
    let Ok(Host::Domain(name)) = Host::parse(text) else { return None };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (name.len() <= 253 && name.contains('.') && name.split('.').all(label)).then_some(name)
}

/// One `@` between a local part and a domain, as mail programs agree to read an address.
fn check_mail_address(field: &'static str, text: Option<&str>) -> Result<(), InvalidSetting> {
    let Some(text) = text else { return Ok(()) };
    check_text(field, text, 3..=320)?;
    let is_address = text.split_once('@').is_some_and(|(local, host)| {
        let plain = |c: char| !c.is_whitespace() && !matches!(c, '@' | '<' | '>' | ',' | ';' | '"');
        !local.is_empty() && local.chars().all(plain) && domain(host).is_some()
    });
    match is_address {
        true => Ok(()),
        false => Err(InvalidSetting::value(field, "It must be one e-mail address.")),
    }
}

fn check_web_address(field: &'static str, text: Option<&str>) -> Result<(), InvalidSetting> {
    let Some(text) = text else { return Ok(()) };
    check_text(field, text, 1..=2_048)?;
    match Url::parse(text) {
        Ok(url) => check_link(field, &url),
        Err(_) => Err(InvalidSetting::value(field, "It must be an http or https URL.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn org(changes: Value) -> Result<Org, InvalidSetting> {
        let mut whole = json!({"name": "acme"});
        whole.as_object_mut().expect("object").extend(changes.as_object().expect("object").clone());
        serde_json::from_value::<Org>(whole).expect("an organization").checked()
    }

    #[test]
    fn domains_are_written_one_way() {
        let org = org(json!({"domains": ["Example.COM", "example.com", "bücher.example"]}));
        assert_eq!(org.expect("valid").domains, ["example.com", "xn--bcher-kva.example"]);
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for bad in
            ["", "acme", "10.0.0.1", "a..b", "-a.b", "a b.c", "@a.b", "a.b/c", "*.a.b", "a_b.c"]
        {
            let error = org(json!({"domains": [bad]})).expect_err(bad);
            assert_eq!(error.field, "domains");
        }
    }

    #[test]
    fn an_address_is_one() {
        for bad in [
            "",
            "ann",
            "@a.example",
            "ann@",
            "ann@acme",
            "a@b@c.example",
            "a b@c.example",
            "Ann <ann@c.example>",
            "a@c.example\r\nBcc: x@c.example",
        ] {
            let error = org(json!({"notification_email": bad})).expect_err(bad);
            assert_eq!(error.field, "notification_email");
        }
    }

    #[test]
    fn what_nothing_acts_on_is_not_taken() {
        for (field, bad, good) in [
            (
                "delegated_authentication",
                json!({"delegated_authentication": true}),
                json!({"delegated_authentication": false}),
            ),
            (
                "allowed_partners",
                json!({"allowed_partners": ["b"]}),
                json!({"allowed_partners": []}),
            ),
            (
                "provisioning.self_registration",
                json!({"provisioning": {"self_registration": true}}),
                json!({"provisioning": {"self_registration": false}}),
            ),
            (
                "provisioning.notify_on_registration",
                json!({"provisioning": {"notify_on_registration": true}}),
                json!({"provisioning": {"notify_on_registration": false}}),
            ),
        ] {
            let error = org(bad).expect_err(field);
            assert_eq!((error.code, error.field.as_ref()), (SettingCode::NotSupported, field));
            assert!(org(good).is_ok(), "{field}");
        }
    }

    #[test]
    fn the_operators_fields_are_these() {
        let before = org(json!({"domains": ["a.example"], "contact": "x"})).expect("valid");
        assert_eq!(before.operators_field_changed(&before), None);
        for (field, change) in [
            ("name", json!({"name": "other"})),
            ("company", json!({"company": "x"})),
            ("domains", json!({"domains": []})),
            ("sso_enabled", json!({"sso_enabled": false})),
            ("delegated_authentication", json!({"delegated_authentication": true})),
            ("allowed_partners", json!({"allowed_partners": ["b"]})),
        ] {
            let mut whole = serde_json::to_value(&before).expect("JSON");
            whole
                .as_object_mut()
                .expect("object")
                .extend(change.as_object().expect("object").clone());
            let after: Org = serde_json::from_value(whole).expect("an organization");
            assert_eq!(after.operators_field_changed(&before), Some(field));
        }
        let own = Org {
            contact: None,
            sessions: super::super::SessionLimits { idle_seconds: 1, ..before.sessions },
            ..before.clone()
        };
        assert_eq!(own.operators_field_changed(&before), None);
    }

    #[test]
    fn each_field_is_held_to_its_rule() {
        for (field, bad, good) in [
            (
                "support_url",
                json!({"support_url": "javascript:alert(1)"}),
                json!({"support_url": "https://help.example/?a"}),
            ),
            (
                "website",
                json!({"website": "acme.example"}),
                json!({"website": "http://acme.example"}),
            ),
            ("contact", json!({"contact": "a\nb"}), json!({"contact": "it@acme.example"})),
            (
                "primary_admin",
                json!({"primary_admin": "ann@acme.example, bob@acme.example"}),
                json!({"primary_admin": "ann@acme.example"}),
            ),
            (
                "notification_email",
                json!({"notification_email": "the operator"}),
                json!({"notification_email": "ops+sso@acme.example"}),
            ),
            (
                "forgot_password_url",
                json!({"forgot_password_url": "data:text/html,x"}),
                json!({"forgot_password_url": "https://idp.example/forgot"}),
            ),
            (
                "sessions.idle_seconds",
                json!({"sessions": {"idle_seconds": 0}}),
                json!({"sessions": {"idle_seconds": 1}}),
            ),
            (
                "provisioning.mandatory_fields",
                json!({"provisioning": {"mandatory_fields": ["uid"]}}),
                json!({"provisioning": {"mandatory_fields": ["city"]}}),
            ),
            (
                "provisioning.registration_url",
                json!({"provisioning": {"registration_url": "/x"}}),
                json!({"provisioning": {"registration_url": "https://x.example/"}}),
            ),
        ] {
            assert_eq!(org(bad).expect_err(field).field, field);
            assert!(org(good).is_ok(), "{field}");
        }
    }
}
