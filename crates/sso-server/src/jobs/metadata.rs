//! Refreshing the metadata that was imported by its address, when it is due (SPEC 2).

use super::{Failed, Job};
use crate::app::App;
use crate::metadata;
use crate::notices::SYSTEM;
use sso_core::connection::Slot;
use sso_core::org::OrgName;
use sso_core::store::MetadataStore as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

pub(super) const JOB: Job =
    Job { name: "metadata", every: Duration::from_secs(60), run: |app| Box::pin(run(app)) };

/// How many hosts are asked at once.
const AT_ONCE: usize = 16;
/// How many are read from the list of those that are due.
const PART: usize = 256;

/// Each refresh sets when the next one is due, also one that fails, so that the list comes to its end.
async fn run(app: Arc<App>) -> Result<(), Failed> {
    let mut first = None;
    loop {
        let due = app.store().due_metadata(app.now(), PART).await?;
        // One that could not even be noted is not asked again and again.
        let is_last = due.len() < PART || due.first() == first.as_ref();
        first = due.first().cloned();
        let mut asking = JoinSet::new();
        for (org, slot) in due {
            if asking.len() >= AT_ONCE {
                asking.join_next().await;
            }
            asking.spawn(one(app.clone(), org, slot));
        }
        asking.join_all().await;
        if is_last {
            return Ok(());
        }
    }
}

async fn one(app: Arc<App>, org: OrgName, slot: Slot) {
    match metadata::refresh(&app, &org, slot, SYSTEM).await {
        Ok(report) if report.changed.is_empty() => {
            tracing::debug!(%org, "the metadata is the same")
        }
        Ok(report) => tracing::info!(
            %org, changed = report.changed.join(", "), waits = report.pending_approval,
            "the metadata has changed"
        ),
        Err(problem) => {
            let code = problem.code().as_str();
            tracing::info!(%org, code, "the metadata was not refreshed");
        }
    }
}
