//! Changing a connection, by whichever request: read it, decide, hold it to its rules, write it, and
//! again where somebody else's change came between.

use crate::http::access::Access;
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use crate::metadata::{self, Document, Origin};
use serde_json::{Map, Value};
use sso_core::connection::{Connection, Protocol, Settings, SettingsContext, Slot};
use sso_core::ids::ConnectionId;
use sso_core::setting::SettingCode;
use sso_core::store::{Category, ConfigurationStore as _, MetadataStore as _, StoreError};
use std::collections::BTreeSet;

/// How often a change is tried again.
const ATTEMPTS: usize = 5;

/// What a change of a connection can be refused for besides a value that a field cannot take.
pub(super) const REFUSALS: &[ApiCode] = &[
    ApiCode::ChangedMeanwhile,
    ApiCode::Setting(SettingCode::IdpInitiatedRequired),
    ApiCode::Setting(SettingCode::LogoutUrlRequired),
    ApiCode::Setting(SettingCode::NotSupported),
    ApiCode::Setting(SettingCode::SecondOpinionUnavailable),
    ApiCode::Setting(SettingCode::ServiceCertificateRequired),
    ApiCode::Setting(SettingCode::StripUidDomain),
    ApiCode::Setting(SettingCode::TestLoginRequired),
    ApiCode::Setting(SettingCode::TransientAccountKey),
];

/// What becomes of a connection.
pub(super) struct Change<'a, T> {
    /// Its settings, not yet held to their rules.
    pub(super) settings: Settings,
    /// The metadata that it has from now on; `None` keeps what it has.
    pub(super) metadata: Option<Metadata<'a>>,
    /// What whoever asked is told besides.
    pub(super) answer: T,
}

/// An identity provider's metadata, as a connection keeps it.
pub(super) struct Metadata<'a> {
    pub(super) document: &'a Document,
    pub(super) origin: &'a Origin,
}

/// Changes the live connection of an organization, or makes it. Answers the settings as stored.
pub(super) async fn change<'a, T>(
    admin: &Access,
    act: &str,
    decide: impl Fn(Option<&Connection>, SettingsContext) -> Result<Change<'a, T>, Problem>,
) -> Result<(Settings, T), Problem> {
    let store = admin.app.store();
    let context = metadata::context(&admin.app, &admin.org.name).await?;
    for _ in 0..ATTEMPTS {
        let current = store.connection(&admin.org.name, Slot::Live).await?;
        let Change { settings, metadata, answer } = decide(current.as_ref(), context)?;
        let known = current.as_ref().map(|current| &current.settings);
        let settings = settings.named(known, &admin.app.bridge.service_urls(&admin.org));
        settings.check(context)?;
        let stored = settings.clone();
        let before = current.clone();
        let connection = next(admin, current, settings, metadata.as_ref());
        let details = details(before.as_ref(), &connection);
        let audit = admin.audit(Category::Configuration, act, details);
        let written = match metadata {
            None => store.put_connection(connection, audit).await,
            Some(Metadata { document, origin }) => {
                let before = store.metadata_source(connection.id).await?;
                let imported = &document.imported;
                let source = origin.source(&admin.app, connection.id, before.as_ref(), imported);
                store.put_metadata(connection, source, vec![audit]).await
            }
        };
        match written {
            Err(StoreError::Conflict(_)) => continue,
            other => return other.map(|()| (stored, answer)).map_err(Problem::from),
        }
    }
    Err(Problem::new(ApiCode::ChangedMeanwhile, "The connection keeps changing. Try again."))
}

/// What the audit trail says of a change: which connection it is now, and the names of the settings
/// that are others than before.
fn details(before: Option<&Connection>, now: &Connection) -> String {
    let issuer = match now.settings.protocol() {
        Protocol::Saml2 => "idp_entity_id",
        Protocol::Wsfed => "federation_service_uri",
    };
    let which = format!("{issuer}: {}, revision: {}", now.settings.issuer(), now.revision);
    let Some(before) = before else { return which };
    let fields = |connection: &Connection| match serde_json::to_value(&connection.settings) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let (old, new) = (fields(before), fields(now));
    let names = old.keys().chain(new.keys()).collect::<BTreeSet<_>>();
    let mut changed: Vec<_> = names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(String::as_str)
        .collect();
    if before.metadata_certificates != now.metadata_certificates {
        changed.push("metadata certificates");
    }
    format!("{which}, changed: {}", changed.join(", "))
}

/// The same connection one revision further, or a new one.
fn next(
    admin: &Access,
    current: Option<Connection>,
    settings: Settings,
    metadata: Option<&Metadata<'_>>,
) -> Connection {
    let mut connection = match current {
        Some(current) => Connection { revision: current.revision + 1, settings, ..current },
        None => Connection {
            id: ConnectionId::new(admin.app.now(), admin.app.random()),
            org: admin.org.name.clone(),
            slot: Slot::Live,
            revision: 1,
            settings,
            metadata_certificates: Vec::new(),
            metadata_document: None,
        },
    };
    if let Some(Metadata { document, .. }) = metadata {
        connection.metadata_certificates.clone_from(&document.imported.signing_keys);
        connection.metadata_document = Some(document.text.clone());
    }
    connection
}
