//! What a newer document of the same identity provider changes, and what of it must not be changed
//! without an administrator: the entity ID, a host, all keys at once (SPEC 2).
//!
//! Who takes over an identity provider's metadata host must not thereby take over its organization's
//! logins. A key that comes beside one that is known is how identity providers roll over.

use super::apply::{Applied, CERTIFICATES, ImportReport, apply, fingerprints};
use super::import::ImportedIdp;
use crate::connection::{Connection, Settings, SettingsContext};
use openssl::pkey::PKey;
use openssl::x509::X509;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

/// One thing that a newer document says otherwise than what is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetadataChange {
    /// The setting, by its name; `idp_certificates` are the SHA-256 fingerprints of the signing keys.
    pub field: String,
    /// What is in use; null where there is nothing.
    pub from: Value,
    /// What the document says.
    pub to: Value,
    /// Whether it waits for an administrator.
    pub needs_approval: bool,
}

/// The settings that a newer document ends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// The settings, still to be held to their rules.
    pub settings: Settings,
    /// The keys of the document, for the connection to trust.
    pub signing_keys: Vec<Vec<u8>>,
    /// What is changed.
    pub changes: Vec<MetadataChange>,
    /// The same as an import tells it.
    pub report: ImportReport,
}

impl Refreshed {
    /// Whether an administrator has to see it first.
    pub fn needs_approval(&self) -> bool {
        self.changes.iter().any(|change| change.needs_approval)
    }
}

/// Compares a newer document with the one that is in use, and both with the connection.
///
/// A setting that the two documents agree on stays as an administrator may have set it since the import.
/// `old` is `None` where the document in use cannot be read any more: then all that the newer one says
/// counts.
pub fn refresh(
    old: Option<&ImportedIdp>,
    new: &ImportedIdp,
    current: &Connection,
    context: SettingsContext,
) -> Refreshed {
    let Applied { settings: applied, signing_keys, mut report } =
        apply(new, Some(current), context);
    let before = old.map(|old| apply(old, Some(current), context).report.filled);
    let before = before.unwrap_or_default();
    let in_use = in_use(current);
    let is_new = |(field, to): &(&String, &Value)| {
        // The keys are those of the metadata alone: nobody sets them by hand.
        (field.as_str() == CERTIFICATES || before.get(*field) != Some(*to))
            && in_use.get(*field) != Some(*to)
    };
    let changes: Vec<_> = report
        .filled
        .iter()
        .filter(is_new)
        .map(|(field, to)| MetadataChange {
            field: field.clone(),
            from: in_use.get(field).cloned().unwrap_or_default(),
            to: to.clone(),
            needs_approval: needs_approval(field, &applied, &signing_keys, current),
        })
        .collect();
    report.changed = changes.iter().map(|change| change.field.clone()).collect();
    let settings = merged(&current.settings, applied, &changes);
    Refreshed { settings, signing_keys, changes, report }
}

fn needs_approval(
    field: &str,
    applied: &Settings,
    signing_keys: &[Vec<u8>],
    current: &Connection,
) -> bool {
    let (known, saml2) = (current.settings.common(), applied.saml2());
    let response = saml2.and_then(|applied| applied.logout_response_url.as_ref());
    let services = saml2.map(|applied| applied.artifact_resolution_services.as_slice());
    let applied = applied.common();
    match field {
        "idp_entity_id" | "federation_service_uri" => true,
        "sso_url" => known.sso_url.origin() != applied.sso_url.origin(),
        "logout_url" => {
            let before = known.logout_url.unwrap_or(known.sso_url);
            applied.logout_url.is_some_and(|url| url.origin() != Url::origin(before))
        }
        "logout_response_url" => {
            let before = current.settings.saml2().and_then(|it| it.logout_response_url.as_ref());
            let before = before.or(known.logout_url).unwrap_or(known.sso_url);
            response.is_some_and(|url| url.origin() != Url::origin(before))
        }
        "artifact_resolution_services" => {
            let before = current.settings.saml2().map(|it| &it.artifact_resolution_services);
            let before = before.into_iter().flatten().map(|service| &service.url);
            let hosts: Vec<_> = before.chain([known.sso_url]).map(Url::origin).collect();
            let mut services = services.unwrap_or_default().iter();
            services.any(|service| !hosts.contains(&service.url.origin()))
        }
        CERTIFICATES => {
            let trusted: Vec<_> =
                current.metadata_certificates.iter().map(|der| public_key(der)).collect();
            !signing_keys.iter().any(|der| trusted.contains(&public_key(der)))
        }
        _ => false,
    }
}

/// The settings that an import fills, as they are now.
fn in_use(current: &Connection) -> Map<String, Value> {
    let mut fields = match serde_json::to_value(&current.settings) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    fields.insert(CERTIFICATES.to_owned(), fingerprints(&current.metadata_certificates));
    fields
}

/// The settings of now with those that change as the document has them, by their names.
fn merged(current: &Settings, applied: Settings, changes: &[MetadataChange]) -> Settings {
    // The document does not speak the protocol any more: that waits for an administrator.
    if applied.protocol() != current.protocol() {
        return applied;
    }
    let Ok(Value::Object(mut fields)) = serde_json::to_value(current) else {
        return current.clone();
    };
    for change in changes.iter().filter(|change| change.field != CERTIFICATES) {
        fields.insert(change.field.clone(), change.to.clone());
    }
    serde_json::from_value(Value::Object(fields)).unwrap_or_else(|_| current.clone())
}

/// The key of a certificate: one that was renewed for the same key is no other key. What cannot be read
/// is equal to itself alone.
fn public_key(der: &[u8]) -> Vec<u8> {
    let key = X509::from_der(der).and_then(|certificate| certificate.public_key());
    let key = key.or_else(|_| PKey::public_key_from_der(der));
    key.and_then(|key| key.public_key_to_der()).unwrap_or_else(|_| der.to_vec())
}

#[cfg(test)]
mod tests;
