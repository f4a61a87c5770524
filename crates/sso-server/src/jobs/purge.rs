//! Removing what is past its time (DESIGN 5): pending logins, replay records, sessions, traces,
//! messages, audit entries. Each is refused by its own time before it is removed, so that a late purge lets
//! nothing through.

use super::{Failed, Job};
use crate::app::App;
use sso_core::store::{Cutoffs, SignInStore as _};
use std::sync::Arc;
use std::time::Duration;

pub(super) const JOB: Job =
    Job { name: "purge", every: Duration::from_secs(60), run: |app| Box::pin(run(app)) };

async fn run(app: Arc<App>) -> Result<(), Failed> {
    let (kept, bytes) = app.messages_kept;
    let cutoffs = Cutoffs::at(app.now(), app.traces_kept).with_messages(kept, bytes);
    let purged = app.store().purge(&cutoffs).await?;
    tracing::debug!(?purged, "purged");
    Ok(())
}
