//! The settings of a connection, whichever protocol it speaks (SPEC 2, 3).

use super::{Common, Protocol, Saml2Settings, ServiceUrls, SettingsContext, WsFedSettings};
use crate::profile::{AttributeSchema, ProfileField};
use crate::setting::InvalidSetting;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// Everything that an administrator sets of a connection. Written, it has the `protocol` beside the
/// fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "protocol")]
#[expect(
    clippy::large_enum_variant,
    reason = "a connection has one, and it is passed by reference"
)]
pub enum Settings {
    /// SAML 2.0.
    #[serde(rename = "saml2")]
    Saml2(Saml2Settings),
    /// WS-Federation.
    #[serde(rename = "wsfed")]
    WsFed(WsFedSettings),
}

impl Settings {
    /// The protocol that they are of.
    pub fn protocol(&self) -> Protocol {
        self.common().protocol
    }

    /// What both protocols have.
    pub fn common(&self) -> Common<'_> {
        match self {
            Self::Saml2(settings) => settings.common(),
            Self::WsFed(settings) => settings.common(),
        }
    }

    /// Those of SAML 2.0, if they are.
    pub fn saml2(&self) -> Option<&Saml2Settings> {
        match self {
            Self::Saml2(settings) => Some(settings),
            Self::WsFed(_) => None,
        }
    }

    /// Those of WS-Federation, if they are.
    pub fn wsfed(&self) -> Option<&WsFedSettings> {
        match self {
            Self::Saml2(_) => None,
            Self::WsFed(settings) => Some(settings),
        }
    }

    /// Whose assertions are taken: the IdP's entity ID, or the URI of its federation service.
    pub fn issuer(&self) -> &str {
        match self {
            Self::Saml2(settings) => &settings.idp_entity_id,
            Self::WsFed(settings) => &settings.federation_service_uri,
        }
    }

    /// For whom assertions must be: our entity ID, or our realm.
    pub fn audience(&self) -> &str {
        match self {
            Self::Saml2(settings) => &settings.sp_entity_id,
            Self::WsFed(settings) => &settings.service_uri,
        }
    }

    /// The same identity provider spoken to by a protocol. Where that is another one, its issuer, where
    /// logins go and what both protocols have stay, and the rest are the defaults.
    #[must_use]
    pub fn spoken(&self, protocol: Protocol) -> Self {
        if protocol == self.protocol() {
            return self.clone();
        }
        let (issuer, common) = (self.issuer().to_owned(), self.common());
        let sso_url = common.sso_url.clone();
        match protocol {
            Protocol::Saml2 => Saml2Settings::new(issuer, sso_url).with(common).into(),
            Protocol::Wsfed => WsFedSettings::new(issuer, sso_url).with(common).into(),
        }
    }

    /// The same under our own name: the one that they have, else the one that the connection had before
    /// in the same protocol, else that of the organization. It is stored when a connection is made, and
    /// stays.
    #[must_use]
    pub fn named(mut self, before: Option<&Self>, urls: &ServiceUrls) -> Self {
        let before = before.filter(|before| before.protocol() == self.protocol());
        let (name, default) = match &mut self {
            Self::Saml2(settings) => (&mut settings.sp_entity_id, &urls.metadata),
            Self::WsFed(settings) => (&mut settings.service_uri, &urls.realm),
        };
        if name.is_empty() {
            *name = before.map_or(default.as_str(), Self::audience).to_owned();
        }
        self
    }

    /// What a test login shows to work: SHA-256 over all of them but the state, and which messages are kept.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut fields = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(fields) = &mut fields {
            fields.remove("state");
            fields.remove("keep_messages");
        }
        openssl::sha::sha256(fields.to_string().as_bytes())
    }

    /// Holds the fields that the settings name, and those before them did not, to being ones that the
    /// organization's accounts have (SPEC 6, 11.4). An attribute that goes out of the schema later stays
    /// named, and is passed over.
    ///
    /// # Errors
    ///
    /// The setting that names another.
    pub fn check_fields(
        &self,
        before: Option<&Self>,
        schema: &AttributeSchema,
    ) -> Result<(), InvalidSetting> {
        let known: Vec<_> = before.into_iter().flat_map(Self::named_fields).collect();
        let unknown = self.named_fields().find(|(setting, field)| match field {
            ProfileField::Own(own) => {
                schema.get(*own).is_none() && !known.contains(&(*setting, *field))
            }
            _ => false,
        });
        let Some((setting, field)) = unknown else { return Ok(()) };
        let problem = format!("There is no field {}, nor in the attribute schema.", field.as_str());
        Err(InvalidSetting::value(setting, problem))
    }

    /// Each field that a setting names, with that setting.
    fn named_fields(&self) -> impl Iterator<Item = (&'static str, ProfileField)> {
        let rules = self.common().accounts;
        let mapped = rules.attribute_map.named().map(|field| ("attribute_map", field));
        mapped.chain(rules.on_missing.keys().map(|field| ("on_missing", *field)))
    }

    /// Holds the settings to every rule of SPEC 2 and 3.
    ///
    /// # Errors
    ///
    /// The first rule that is broken, with the field that breaks it.
    pub fn check(&self, context: SettingsContext) -> Result<(), InvalidSetting> {
        match self {
            Self::Saml2(settings) => settings.check(context),
            Self::WsFed(settings) => settings.check(context),
        }
    }
}

impl From<Saml2Settings> for Settings {
    fn from(settings: Saml2Settings) -> Self {
        Self::Saml2(settings)
    }
}

impl From<WsFedSettings> for Settings {
    fn from(settings: WsFedSettings) -> Self {
        Self::WsFed(settings)
    }
}

/// What names no protocol is of SAML 2.0 (SPEC 6): so is what was stored before there was another.
impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        let protocol = match fields.remove("protocol") {
            None => Protocol::Saml2,
            Some(protocol) => serde_json::from_value(protocol).map_err(D::Error::custom)?,
        };
        let fields = Value::Object(fields);
        match protocol {
            Protocol::Saml2 => serde_json::from_value(fields).map(Self::Saml2),
            Protocol::Wsfed => serde_json::from_value(fields).map(Self::WsFed),
        }
        .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_protocol_is_read_as_it_is_written() {
        let sso_url: url::Url = "https://idp.example/sso".parse().expect("a URL");
        let saml = Saml2Settings::new("https://idp.example".to_owned(), sso_url.clone());
        let wsfed = WsFedSettings::new("http://idp.example/trust".to_owned(), sso_url);
        for (settings, protocol) in
            [(Settings::from(saml.clone()), "saml2"), (Settings::from(wsfed), "wsfed")]
        {
            let written = serde_json::to_value(&settings).expect("JSON");
            assert_eq!(written["protocol"], protocol);
            assert_eq!(serde_json::from_value::<Settings>(written).expect("settings"), settings);
        }
        let before = serde_json::to_value(&saml).expect("JSON");
        let read: Settings = serde_json::from_value(before).expect("as stored before");
        assert_eq!(read, saml.into());
    }

    #[test]
    fn a_field_of_the_other_protocol_is_refused() {
        for fields in [
            json!({"protocol": "wsfed", "federation_service_uri": "urn:x", "idp_entity_id": "urn:x"}),
            json!({"protocol": "saml2", "idp_entity_id": "urn:x", "wauth": "urn:y"}),
            json!({"protocol": "wsfed", "federation_service_uri": "urn:x", "on_missing": {}}),
            json!({"protocol": "oidc", "idp_entity_id": "urn:x"}),
        ] {
            let whole = |mut fields: Value| {
                fields["sso_url"] = json!("https://idp.example/");
                serde_json::from_value::<Settings>(fields)
            };
            assert!(whole(fields.clone()).is_err(), "{fields}");
            let mut repaired = fields;
            let names = ["idp_entity_id", "wauth", "on_missing"];
            match repaired["protocol"].as_str() {
                Some("wsfed") => names.iter().for_each(|name| {
                    repaired.as_object_mut().expect("an object").remove(*name);
                }),
                _ => repaired = json!({"idp_entity_id": "urn:x"}),
            }
            assert!(whole(repaired.clone()).is_ok(), "{repaired}");
        }
    }

    #[test]
    fn another_protocol_keeps_what_both_have() {
        let mut saml = Saml2Settings::new(
            "http://adfs.example/adfs/services/trust".to_owned(),
            "https://adfs.example/adfs/ls/".parse().expect("a URL"),
        );
        saml.sp_entity_id = "urn:us".to_owned();
        saml.auto_create = true;
        saml.logout_url = "https://adfs.example/saml/logout".parse().ok();
        saml.clock_skew_seconds = 7;
        let saml = Settings::from(saml);
        let wsfed = saml.spoken(Protocol::Wsfed);
        assert_eq!(wsfed.issuer(), saml.issuer());
        let (now, before) = (wsfed.common(), saml.common());
        assert_eq!((now.sso_url, now.clock_skew_seconds), (before.sso_url, 7));
        assert!(now.accounts.auto_create);
        assert_eq!((now.logout_url, wsfed.audience()), (None, ""));
        assert_eq!(saml.spoken(Protocol::Saml2), saml);
    }

    #[test]
    fn our_name_is_kept_within_a_protocol() {
        let public = "https://sso.example:8443".parse().expect("a URL");
        let urls = ServiceUrls::new(&public, &"acme".parse().expect("a name"));
        let sso_url: url::Url = "https://idp.example/sso".parse().expect("a URL");
        let new = || Settings::from(WsFedSettings::new("urn:idp".to_owned(), sso_url.clone()));
        let first = new().named(None, &urls);
        assert_eq!(first.audience(), "urn:federation:sso.example:acme");
        let mut own = WsFedSettings::new("urn:idp".to_owned(), sso_url.clone());
        own.service_uri = "urn:ours".to_owned();
        let own = Settings::from(own).named(Some(&first), &urls);
        assert_eq!(own.audience(), "urn:ours");
        assert_eq!(new().named(Some(&own), &urls).audience(), "urn:ours");
        let saml = Settings::from(Saml2Settings::new("urn:idp".to_owned(), sso_url));
        let saml = saml.named(Some(&own), &urls);
        assert_eq!(saml.audience(), "https://sso.example:8443/saml/acme/metadata");
    }
}
