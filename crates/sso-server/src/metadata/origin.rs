//! Where an imported document came from, as it is kept beside the connection.

use super::Wanted;
use crate::app::App;
use sso_core::ids::ConnectionId;
use sso_core::metadata::{ImportedIdp, MetadataSource, Validators, due_after_success};
use url::Url;

/// Where a document came from that an administrator imported.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// The address, if it was fetched. From then on it is refreshed.
    pub(crate) url: Option<Url>,
    /// Which entity was meant, and who must have signed it.
    pub(crate) wanted: Wanted,
    /// What the host called it.
    pub(crate) validators: Validators,
}

impl Origin {
    /// The source of a connection's metadata from now on, instead of the one before.
    pub(crate) fn source(
        &self,
        app: &App,
        connection: ConnectionId,
        before: Option<&MetadataSource>,
        imported: &ImportedIdp,
    ) -> MetadataSource {
        let now = app.now();
        let (valid_until, cache_duration) = (imported.valid_until, imported.cache_duration);
        let due = || due_after_success(valid_until, cache_duration, now, app.random());
        MetadataSource {
            connection,
            revision: before.map_or(0, |before| before.revision) + 1,
            url: self.url.clone(),
            entity_id: self.wanted.entity_id.clone(),
            pin: self.wanted.pin.clone(),
            taken_at: now,
            valid_until,
            cache_duration,
            validators: self.validators.clone(),
            checked_at: now,
            due_at: self.url.as_ref().map(|_| due()),
            failure: None,
            proposal: None,
            rejected: Vec::new(),
        }
    }
}
