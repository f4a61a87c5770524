//! Telling in time of what expires (SPEC 7, 8).

use super::{Failed, Job};
use crate::app::App;
use crate::notices::expiry;
use std::sync::Arc;
use std::time::Duration;

pub(super) const JOB: Job =
    Job { name: "expiry", every: Duration::from_secs(15 * 60), run: |app| Box::pin(run(app)) };

async fn run(app: Arc<App>) -> Result<(), Failed> {
    Ok(expiry::look_through(&app).await?)
}
