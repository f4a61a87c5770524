//! Telling of directories that remove too much (SPEC 11.1): what is held waits for an administrator. It is
//! remembered with the refusal itself, so that a node which ends there leaves the telling to another.

use super::{Failed, Job};
use crate::app::App;
use crate::notices::News;
use serde_json::json;
use sso_core::org::OrgName;
use sso_core::store::{NoticeKind, RemovalBrakeStore as _, StoreError};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(super) const JOB: Job =
    Job { name: "removal_brakes", every: Duration::from_secs(30), run: |app| Box::pin(run(app)) };

/// How many are told of at once. The longest held come first.
const AT_ONCE: u16 = 1_000;

async fn run(app: Arc<App>) -> Result<(), Failed> {
    for (org, since) in app.store().held_brakes(AT_ONCE).await? {
        tell(&app, &org, since).await?;
    }
    Ok(())
}

async fn tell(app: &App, org: &OrgName, since: OffsetDateTime) -> Result<(), StoreError> {
    let at = since.format(&Rfc3339).unwrap_or_default();
    let facts = json!({"held_since": at});
    let news = News {
        org,
        kind: NoticeKind::RemovalsHeld,
        key: at.clone(),
        sentence: format!(
            "The directory removes more accounts and groups than it may in its time: since {at} removals are \
             held until an administrator lets them pass."
        ),
        facts: facts.as_object().cloned().unwrap_or_default(),
    };
    match app.notify(news).await {
        // The organization was removed meanwhile.
        Err(StoreError::NotFound(_)) => Ok(()),
        told => told.map(drop),
    }
}
