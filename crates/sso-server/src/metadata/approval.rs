//! What an administrator says of a document that was held back: that it be used, or not (SPEC 2).

use super::refresh::{changed, in_use};
use super::{Document, Subject, changed_meanwhile, told};
use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use openssl::sha::sha256;
use sso_core::connection::Slot;
use sso_core::metadata::{self, ImportReport, MetadataSource, Proposal};
use sso_core::org::OrgName;
use sso_core::store::{Category, MetadataStore as _, StoreError};
use std::sync::Arc;

/// The name of what waits, by its changes: whoever approves can say what they have seen.
pub(crate) fn proposal_id(proposal: &Proposal) -> String {
    let changes = serde_json::to_vec(&proposal.changes).unwrap_or_default();
    sha256(&changes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Uses the document that waits. `seen`: the name of it, where the administrator gave one.
///
/// # Errors
/// `nothing_to_approve`; `changed_meanwhile` where the connection is another than the one it was compared
/// with, or the document another than the one seen; why the document cannot be used any more.
pub(crate) async fn approve(
    app: &Arc<App>,
    org: &OrgName,
    slot: Slot,
    by: &str,
    seen: Option<&str>,
) -> Result<ImportReport, Problem> {
    let Subject { connection, source, context } = Subject::read(app, org, slot).await?;
    let proposal = waiting(&source, seen)?;
    if proposal.connection_revision != connection.revision {
        return Err(changed_meanwhile());
    }
    let text = proposal.document.clone();
    let document = Document::kept(app, text, source.entity_id.clone()).await?;
    let old = in_use(&connection, &source);
    let refreshed = metadata::refresh(old.as_ref(), &document.imported, &connection, context);
    if refreshed.changes != proposal.changes {
        return Err(changed_meanwhile());
    }
    refreshed.settings.check(context)?;
    let details = told(&refreshed.changes);
    let audit = app.audit(by, org, Category::Configuration, "metadata_approved", details);
    let next = MetadataSource {
        revision: source.revision + 1,
        taken_at: app.now(),
        valid_until: document.imported.valid_until,
        // What the host calls this document was not kept; it is asked for the whole next time.
        validators: metadata::Validators::default(),
        proposal: None,
        rejected: Vec::new(),
        ..source
    };
    let report = refreshed.report.clone();
    let connection = changed(connection, refreshed, document.text);
    app.store().put_metadata(connection, next, vec![audit]).await.map_err(as_changed)?;
    Ok(report)
}

/// Throws away the document that waits. The same changes are not proposed again.
///
/// # Errors
/// `nothing_to_approve`, `changed_meanwhile`.
pub(crate) async fn reject(
    app: &Arc<App>,
    org: &OrgName,
    slot: Slot,
    by: &str,
    seen: Option<&str>,
) -> Result<MetadataSource, Problem> {
    let Subject { source, .. } = Subject::read(app, org, slot).await?;
    let rejected = waiting(&source, seen)?.changes.clone();
    let audit = app.audit(by, org, Category::Configuration, "metadata_rejected", told(&rejected));
    let next = MetadataSource { revision: source.revision + 1, proposal: None, rejected, ..source };
    app.store().put_metadata_source(next.clone(), vec![audit]).await.map_err(as_changed)?;
    Ok(next)
}

fn waiting<'a>(source: &'a MetadataSource, seen: Option<&str>) -> Result<&'a Proposal, Problem> {
    let proposal = source.proposal.as_ref().ok_or_else(|| {
        Problem::new(ApiCode::NothingToApprove, "A refresh finds out whether there is one.")
    })?;
    match seen {
        Some(seen) if seen != proposal_id(proposal) => Err(changed_meanwhile()),
        _ => Ok(proposal),
    }
}

fn as_changed(error: StoreError) -> Problem {
    match error {
        StoreError::Conflict(_) => changed_meanwhile(),
        other => other.into(),
    }
}
