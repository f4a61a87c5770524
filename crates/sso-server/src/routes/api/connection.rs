//! Changing a connection or its draft, by whichever request: read it, decide, hold it to its rules, write
//! it, and again where somebody else's change came between.

use crate::http::access::Access;
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use crate::metadata::{self, Document, Origin};
use serde_json::{Map, Value};
use sso_core::connection::{
    Connection, ConnectionState, Protocol, Settings, SettingsContext, Slot,
};
use sso_core::ids::ConnectionId;
use sso_core::setting::SettingCode;
use sso_core::store::{
    Category, ConfigurationStore as _, DraftStore as _, MetadataStore as _, SERVICE_URI_TAKEN,
    StoreError,
};
use std::collections::BTreeSet;

/// How often a change is tried again.
const ATTEMPTS: usize = 5;

/// What a change of a connection can be refused for besides a value that a field cannot take.
pub(super) const REFUSALS: &[ApiCode] = &[
    ApiCode::ChangedMeanwhile,
    ApiCode::ServiceUriTaken,
    ApiCode::Setting(SettingCode::ArtifactResolutionServiceRequired),
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
    /// The keys that the connection trusts then.
    pub(super) signing_keys: Vec<Vec<u8>>,
}

/// Changes a connection of an organization, or makes it. Answers the settings as stored. A draft that is made
/// begins as a copy of the live connection.
pub(super) async fn change<'a, T>(
    admin: &Access,
    slot: Slot,
    act: &str,
    decide: impl Fn(Option<&Connection>, SettingsContext) -> Result<Change<'a, T>, Problem>,
) -> Result<(Settings, T), Problem> {
    let store = admin.app.store();
    let context = metadata::context(&admin.app, &admin.org.name).await?;
    for _ in 0..ATTEMPTS {
        let current = store.connection(&admin.org.name, slot).await?;
        let before = match current {
            None if slot == Slot::Draft => store.connection(&admin.org.name, Slot::Live).await?,
            current => current,
        };
        let Change { settings, metadata, answer } = decide(before.as_ref(), context)?;
        let known = before.as_ref().map(|before| &before.settings);
        let urls = admin.app.bridge.service_urls(&admin.org);
        let settings = settings.named(known, &urls);
        if settings.wsfed().is_some_and(|it| urls.is_default_realm_of_another(&it.service_uri)) {
            return Err(Problem::service_uri_taken());
        }
        // A draft is tried out in the state that it is to have.
        let may_enforce =
            slot == Slot::Draft || may_enforce(admin, before.as_ref(), &settings).await?;
        settings.check(SettingsContext { may_enforce, ..context })?;
        settings.check_fields(known, &admin.org.attribute_schema)?;
        let stored = settings.clone();
        let connection = next(admin, slot, before.clone(), settings, metadata.as_ref());
        let details = details(before.as_ref(), &connection);
        let audit = admin.audit(Category::Configuration, act, details);
        let written = match metadata {
            None => store.put_connection(connection, audit).await,
            Some(Metadata { document, origin, .. }) => {
                let before = store.metadata_source(connection.id).await?;
                let imported = &document.imported;
                let source = origin.source(&admin.app, connection.id, before.as_ref(), imported);
                store.put_metadata(connection, source, vec![audit]).await
            }
        };
        match written {
            Err(StoreError::Conflict(what)) if what != SERVICE_URI_TAKEN => continue,
            other => return other.map(|()| (stored, answer)).map_err(Problem::from),
        }
    }
    Err(keeps_changing())
}

/// Makes the draft of an organization its live connection. Answers the settings.
pub(super) async fn promote(admin: &Access) -> Result<Settings, Problem> {
    let (store, org) = (admin.app.store(), &admin.org.name);
    let context = metadata::context(&admin.app, org).await?;
    for _ in 0..ATTEMPTS {
        let draft = store.connection(org, Slot::Draft).await?;
        let draft = draft.ok_or_else(|| Problem::not_found("draft"))?;
        let may_enforce = has_passed(admin, &draft, &draft.settings).await?;
        draft.settings.check(SettingsContext { may_enforce, ..context })?;
        let before = store.connection(org, Slot::Live).await?;
        let live = Connection {
            id: before.as_ref().map_or(draft.id, |before| before.id),
            slot: Slot::Live,
            revision: before.as_ref().map_or(1, |before| before.revision + 1),
            ..draft.clone()
        };
        let details = details(before.as_ref(), &live);
        let audit = admin.audit(Category::Configuration, "draft_promoted", details);
        let settings = live.settings.clone();
        match store.promote_draft(draft, live, audit).await {
            Err(StoreError::Conflict(what)) if what != SERVICE_URI_TAKEN => continue,
            other => return other.map(|()| settings).map_err(Problem::from),
        }
    }
    Err(keeps_changing())
}

/// Whether a connection may be enforced: it is, or a test login passed by these settings.
async fn may_enforce(
    admin: &Access,
    before: Option<&Connection>,
    settings: &Settings,
) -> Result<bool, StoreError> {
    match before {
        Some(before) if before.settings.common().state == ConnectionState::Enforced => Ok(true),
        Some(before) => has_passed(admin, before, settings).await,
        None => Ok(false),
    }
}

/// Whether the last test login that passed through a connection went by these settings.
async fn has_passed(
    admin: &Access,
    connection: &Connection,
    settings: &Settings,
) -> Result<bool, StoreError> {
    let passed = admin.app.store().passed_test(connection.id).await?;
    Ok(passed.is_some_and(|passed| passed.settings == settings.fingerprint()))
}

fn keeps_changing() -> Problem {
    Problem::new(ApiCode::ChangedMeanwhile, "The connection keeps changing. Try again.")
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

/// The same connection one revision further, or a new one, which has the metadata of the one that it began
/// as a copy of.
fn next(
    admin: &Access,
    slot: Slot,
    before: Option<Connection>,
    settings: Settings,
    metadata: Option<&Metadata<'_>>,
) -> Connection {
    let new = || ConnectionId::new(admin.app.now(), admin.app.random());
    let mut connection = match before {
        Some(before) if before.slot == slot => {
            Connection { revision: before.revision + 1, settings, ..before }
        }
        Some(other) => Connection { id: new(), slot, revision: 1, settings, ..other },
        None => Connection {
            id: new(),
            org: admin.org.name.clone(),
            slot,
            revision: 1,
            settings,
            metadata_certificates: Vec::new(),
            metadata_document: None,
        },
    };
    if let Some(Metadata { document, signing_keys, .. }) = metadata {
        connection.metadata_certificates.clone_from(signing_keys);
        connection.metadata_document = Some(document.text.clone());
    }
    connection
}
