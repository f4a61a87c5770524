//! What the service does by itself, at its own pace. [`ALL`] is the list; each job has a file of its own.
//!
//! Of all nodes of one database one does a job at a time: it holds the job's lease, prolongs it while it
//! works, and another takes over when it was not heard of for [`LEASE`]. What is to be done is decided by
//! the clock of the service, so that a test sets it; when a job is looked at, by the machine's.

mod certificate_plans;
mod deliver_notices;
mod expiry;
mod metadata;
mod purge;
mod removal_brakes;

use crate::app::App;
use sso_core::ids::NodeId;
use sso_core::store::{LeaseStore as _, StoreError};
use std::error::Error;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Every job.
const ALL: &[Job] = &[
    purge::JOB,
    certificate_plans::JOB,
    expiry::JOB,
    deliver_notices::JOB,
    metadata::JOB,
    removal_brakes::JOB,
];

/// How long a node that is not heard of keeps a job from the others.
const LEASE: time::Duration = time::Duration::seconds(60);
/// How often a node that works says that it does.
const PROLONG: Duration = Duration::from_secs(20);
/// How long a job that is running when the service stops may go on.
const DRAIN: Duration = Duration::from_secs(5);

/// Something that the service does again and again. It may be ended between any two of its steps, so that
/// each is whole by itself.
pub(crate) struct Job {
    /// Its name in the log, and that of its lease.
    pub(crate) name: &'static str,
    /// How long a node waits before it does it again.
    pub(crate) every: Duration,
    /// Does what is to be done now. What fails is logged, and tried again the next time.
    pub(crate) run: fn(Arc<App>) -> Running,
}

/// A job at work.
pub(crate) type Running = Pin<Box<dyn Future<Output = Result<(), Failed>> + Send>>;

/// Why a job did not do its work, for the log.
pub(crate) type Failed = Box<dyn Error + Send + Sync>;

/// The jobs of a running service. They end with it.
#[derive(Debug)]
pub(crate) struct Jobs(JoinSet<()>);

impl Jobs {
    /// Starts every job. Each waits its time first.
    pub(crate) fn start(app: &Arc<App>, stopped: &watch::Receiver<bool>) -> Self {
        let mut running = JoinSet::new();
        for job in ALL {
            running.spawn(again_and_again(job, app.clone(), stopped.clone()));
        }
        Self(running)
    }

    /// Waits until those that are running have ended, after the service was told to stop.
    pub(crate) async fn end(mut self) {
        let all = async { while self.0.join_next().await.is_some() {} };
        if timeout(DRAIN, all).await.is_err() {
            tracing::warn!("a job did not end in time and is broken off");
        }
    }
}

/// Does a job now, unless another node is doing it. `None`: there is no job of that name.
pub(crate) async fn run_now(app: &Arc<App>, name: &str) -> Option<Result<(), Failed>> {
    let job = ALL.iter().find(|job| job.name == name)?;
    Some(under_lease(job, app).await)
}

async fn again_and_again(job: &Job, app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            // An error is a service that nobody holds any more.
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = sleep(job.every) => {}
        }
        if let Err(error) = under_lease(job, &app).await {
            tracing::error!(job = job.name, %error, "a job failed");
        }
    }
}

async fn under_lease(job: &Job, app: &Arc<App>) -> Result<(), Failed> {
    if !acquire(job, app).await? {
        tracing::debug!(job = job.name, "another node does it");
        return Ok(());
    }
    let mut running = pin!((job.run)(app.clone()));
    let done = loop {
        tokio::select! {
            done = &mut running => break done,
            () = sleep(PROLONG) => {
                // Two nodes at one job do no harm, since each of its steps is whole; it is stopped for
                // the sake of those whom it asks.
                if !acquire(job, app).await? {
                    return Err("another node has taken it over".into());
                }
            }
        }
    };
    app.store().release_lease(job.name, app.node).await?;
    done
}

async fn acquire(job: &Job, app: &App) -> Result<bool, StoreError> {
    let (now, node): (_, NodeId) = (app.now(), app.node);
    app.store().acquire_lease(job.name, node, now, now + LEASE).await
}
