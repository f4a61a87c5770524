//! The refresh that a signature by an unknown key triggers: one in [`EVERY`] for a connection, on all
//! nodes together and across restarts, whoever posts how many such signatures (SPEC 2).

use super::refresh;
use crate::app::App;
use crate::notices::SYSTEM;
use sso_core::connection::Connection;
use sso_core::flow::KeyRefresh;
use sso_core::store::{KeyRefreshClaim, MetadataStore as _, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// How often a connection's metadata is fetched for this reason at most.
const EVERY: time::Duration = time::Duration::minutes(5);
/// How long a fetch that was begun, and did not end, keeps others from believing that none is running:
/// longer than one can take.
const LONGEST: time::Duration = time::Duration::seconds(40);
/// How long a login waits for a fetch.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long it waits between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// Fetches the metadata of connections for the sake of their keys.
pub(crate) struct KeyRefresher(pub(crate) Arc<App>);

impl KeyRefresh for KeyRefresher {
    async fn refresh(&self, connection: &Connection) -> Result<(), StoreError> {
        let Self(app) = self;
        let patience = Instant::now() + PATIENCE;
        let mut look = LOOK;
        while Instant::now() < patience {
            let claim = app.store().claim_key_refresh(connection.id, app.now(), EVERY, LONGEST);
            match claim.await? {
                KeyRefreshClaim::Spent => break,
                KeyRefreshClaim::Running => sleep(look).await,
                KeyRefreshClaim::Claimed => {
                    // By itself, so that it ends well when the browser that began it goes away.
                    let fetching = tokio::spawn(fetch(app.clone(), connection.clone()));
                    if let Ok(Err(error)) = timeout_at(patience, fetching).await {
                        tracing::error!(%error, "a refresh for the sake of an unknown key failed");
                    }
                    break;
                }
            }
            look = (look * 2).min(LOOK * 8);
        }
        Ok(())
    }
}

async fn fetch(app: Arc<App>, connection: Connection) {
    let (org, slot) = (&connection.org, connection.slot);
    tracing::info!(%org, "a signature by an unknown key: the metadata is fetched");
    if let Err(problem) = refresh(&app, org, slot, SYSTEM).await {
        tracing::warn!(%org, code = problem.code().as_str(), "the metadata was not refreshed");
    }
    if let Err(error) = app.store().end_key_refresh(connection.id).await {
        tracing::error!(%error, "the end of a refresh was not stored");
    }
}
