//! Removing what is past its time (DESIGN 5): pending logins, replay records, sessions, traces,
//! audit entries. Each is refused by its own time before it is removed, so that a late purge lets
//! nothing through.

use crate::app::App;
use sso_core::store::{Cutoffs, SignInStore as _};
use std::sync::Arc;
use std::time::Duration;

/// How long the service waits between two purges.
const EVERY: Duration = Duration::from_secs(60);

/// Purges until the task is aborted. A purge that fails is tried again with the next one.
pub(crate) async fn run(app: Arc<App>, traces_kept: time::Duration) {
    loop {
        tokio::time::sleep(EVERY).await;
        match app.store().purge(&Cutoffs::at(app.now(), traces_kept)).await {
            Ok(purged) => tracing::debug!(?purged, "purged"),
            Err(error) => tracing::error!(%error, "the purge failed"),
        }
    }
}
