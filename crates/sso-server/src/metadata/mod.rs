//! An identity provider's metadata, and that it stays true (SPEC 2): fetched where an administrator said,
//! refreshed as it asks for, what is risky held back for an administrator. What any of this fails at
//! leaves the connection as it is, with the last good copy.
//!
//! What a document says and changes is decided in `sso_core::metadata`; here it is fetched and stored.

mod approval;
mod document;
mod fetch;
mod origin;
mod refresh;
mod unknown_key;

pub(crate) use approval::{approve, proposal_id, reject};
pub(crate) use document::{Document, Unread, Wanted, pinned, receive_entities};
pub(crate) use fetch::{Fetched, fetch, fetch_entities};
pub(crate) use origin::Origin;
pub(crate) use refresh::refresh;
pub(crate) use unknown_key::KeyRefresher;

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use sso_core::certs;
use sso_core::connection::{Connection, SettingsContext, Slot};
use sso_core::metadata::{MetadataChange, MetadataSource};
use sso_core::org::OrgName;
use sso_core::store::{
    ConfigurationStore as _, MetadataStore as _, ServiceCertificateStore as _, StoreError,
};

/// A connection with the source of its metadata, as they are stored now, and what its settings are held
/// to.
struct Subject {
    connection: Connection,
    source: MetadataSource,
    context: SettingsContext,
}

impl Subject {
    /// Reads them. A connection that never had metadata is refused `not_found`.
    async fn read(app: &App, org: &OrgName, slot: Slot) -> Result<Self, Problem> {
        let connection = app.store().connection(org, slot).await?;
        let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
        let source = app.store().metadata_source(connection.id).await?;
        let source = source.ok_or_else(|| Problem::not_found("imported metadata"))?;
        Ok(Self { connection, source, context: context(app, org).await? })
    }
}

/// What the settings of an organization's connections are held to.
pub(crate) async fn context(app: &App, org: &OrgName) -> Result<SettingsContext, StoreError> {
    let certificates = app.store().service_certificates(org).await?;
    // Metadata gives no state: what is enforced stays so.
    Ok(SettingsContext { can_sign: certs::signing(&certificates).is_some(), may_enforce: true })
}

/// Changes in words: each with what it was and what it is.
pub(crate) fn told(changes: &[MetadataChange]) -> String {
    let told = changes.iter().map(|change| {
        let MetadataChange { field, from, to, .. } = change;
        format!("{field}: {from} -> {to}")
    });
    told.collect::<Vec<_>>().join(", ")
}

fn changed_meanwhile() -> Problem {
    Problem::new(
        ApiCode::ChangedMeanwhile,
        "The connection is another than the one that this was compared with. Refresh the metadata, and \
         look at the changes again.",
    )
}
