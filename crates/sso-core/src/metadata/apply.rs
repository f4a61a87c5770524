//! What an import makes of a connection's settings (SPEC 2): it fills what the document says and
//! leaves the rest as an administrator set it.

use super::import::ImportedIdp;
use crate::certs::fingerprint;
use crate::connection::{
    Connection, LegacyCrypto, Protocol, Saml2Settings, Settings, SettingsContext, WsFedSettings,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The settings that an import ends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The settings, still to be held to their rules.
    pub settings: Settings,
    /// The keys of the document, for the connection to trust.
    pub signing_keys: Vec<Vec<u8>>,
    /// What was done, for the one who imported.
    pub report: ImportReport,
}

/// The answer to an import, in the shape of SPEC 6.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportReport {
    /// The settings that the document filled, by name; `idp_certificates` are the SHA-256
    /// fingerprints of its signing keys.
    pub filled: Map<String, Value>,
    /// What the document has that is not used, by its name there.
    pub ignored: Vec<String>,
    /// What the document has that must not be used, with the reason.
    pub refused: Vec<String>,
    /// Those of the filled settings that are others than before.
    pub changed: Vec<String>,
    /// The old algorithms that this product is known to need, where they are not granted yet. An
    /// import grants nothing.
    pub proposed_legacy_crypto: BTreeSet<LegacyCrypto>,
    /// Whether the change waits for an administrator; never for an import by hand.
    pub pending_approval: bool,
}

/// Fills the settings of a connection, or of a new one, from an identity provider's metadata, by the protocol
/// of the connection where the document speaks it.
///
/// HTTP-Redirect is preferred. `sign_authn_requests` is turned on where the IdP wants it and the
/// organization can sign; where it cannot, `WantAuthnRequestsSigned` is ignored. `single_logout`, and
/// everything that the document does not speak of, stays as it is.
pub fn apply(
    imported: &ImportedIdp,
    current: Option<&Connection>,
    context: SettingsContext,
) -> Applied {
    let imported = imported.as_known(current);
    let (issuer, address) = (imported.entity_id.clone(), imported.sso.location.clone());
    let known = current.map(|connection| connection.settings.spoken(imported.protocol));
    let mut ignored = imported.ignored.clone();
    let mut filled = Map::new();
    let settings: Settings = match (imported.protocol, known) {
        (Protocol::Saml2, known) => {
            let known = known.and_then(|known| known.saml2().cloned());
            let mut settings = known.unwrap_or_else(|| Saml2Settings::new(issuer, address));
            fill_saml2(&mut settings, imported, context, &mut filled, &mut ignored);
            settings.into()
        }
        (Protocol::Wsfed, known) => {
            let known = known.and_then(|known| known.wsfed().cloned());
            let mut settings = known.unwrap_or_else(|| WsFedSettings::new(issuer, address));
            fill_wsfed(&mut settings, imported, &mut filled);
            settings.into()
        }
    };
    filled.insert(CERTIFICATES.to_owned(), fingerprints(&imported.signing_keys));

    let granted = settings.common().legacy_crypto;
    let proposed = imported.proposed_legacy_crypto.difference(granted).copied().collect();
    let report = ImportReport {
        changed: changed(&filled, current),
        filled,
        ignored,
        refused: imported.refused.clone(),
        proposed_legacy_crypto: proposed,
        pending_approval: false,
    };
    Applied { settings, signing_keys: imported.signing_keys.clone(), report }
}

fn fill_saml2(
    settings: &mut Saml2Settings,
    imported: &ImportedIdp,
    context: SettingsContext,
    filled: &mut Map<String, Value>,
    ignored: &mut Vec<String>,
) {
    settings.idp_entity_id.clone_from(&imported.entity_id);
    settings.sso_url.clone_from(&imported.sso.location);
    settings.sso_binding = imported.sso.binding;
    filled.insert("idp_entity_id".to_owned(), json!(settings.idp_entity_id));
    filled.insert("sso_url".to_owned(), json!(settings.sso_url));
    filled.insert("sso_binding".to_owned(), json!(settings.sso_binding));
    if imported.want_authn_requests_signed && context.can_sign {
        settings.sign_authn_requests = true;
        filled.insert("sign_authn_requests".to_owned(), json!(true));
    } else if imported.want_authn_requests_signed {
        ignored.push("WantAuthnRequestsSigned".to_owned());
    }
    if let Some((binding, endpoint)) = imported.slo.first_key_value() {
        settings.logout_url = Some(endpoint.location.clone());
        settings.slo_binding = Some(*binding);
        filled.insert("logout_url".to_owned(), json!(endpoint.location));
        filled.insert("slo_binding".to_owned(), json!(binding));
        let response_url = &endpoint.response_location;
        if response_url.is_some() || settings.logout_response_url.is_some() {
            filled.insert("logout_response_url".to_owned(), json!(response_url));
        }
        settings.logout_response_url.clone_from(response_url);
    }
    let services = &imported.artifact_resolution;
    if !services.is_empty() {
        filled.insert("artifact_resolution_services".to_owned(), json!(services));
        settings.artifact_resolution_services.clone_from(services);
    }
}

fn fill_wsfed(
    settings: &mut WsFedSettings,
    imported: &ImportedIdp,
    filled: &mut Map<String, Value>,
) {
    settings.federation_service_uri.clone_from(&imported.entity_id);
    settings.sso_url.clone_from(&imported.sso.location);
    let uri = json!(settings.federation_service_uri);
    filled.insert("federation_service_uri".to_owned(), uri);
    filled.insert("sso_url".to_owned(), json!(settings.sso_url));
    if let Some((_, endpoint)) = imported.slo.first_key_value() {
        settings.logout_url = Some(endpoint.location.clone());
        filled.insert("logout_url".to_owned(), json!(endpoint.location));
    }
}

/// The name under which a report has the signing keys.
pub(super) const CERTIFICATES: &str = "idp_certificates";

/// Which of the filled settings were others before. To a new connection all of them are new.
fn changed(filled: &Map<String, Value>, current: Option<&Connection>) -> Vec<String> {
    let mut before = match current.map(|connection| serde_json::to_value(&connection.settings)) {
        Some(Ok(Value::Object(settings))) => settings,
        _ => Map::new(),
    };
    if let Some(connection) = current {
        let keys = fingerprints(&connection.metadata_certificates);
        before.insert(CERTIFICATES.to_owned(), keys);
    }
    let is_other = |(name, value): &(&String, &Value)| before.get(*name) != Some(*value);
    filled.iter().filter(is_other).map(|(name, _)| name.clone()).collect()
}

pub(super) fn fingerprints(keys: &[Vec<u8>]) -> Value {
    keys.iter().map(|der| Value::String(fingerprint(der))).collect()
}

#[cfg(test)]
mod tests;
