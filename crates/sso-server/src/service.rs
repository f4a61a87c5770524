//! Starting and stopping the whole service (SPEC 14).

use crate::app::App;
use crate::config::{AdminToken, Config, StartError};
use crate::http::listener;
use crate::http::operator::Operator;
use crate::jobs::{self, Jobs};
use crate::routes;
use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use sso_core::random::Random;
use sso_core::time::Clock;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The setting of the address.
const LISTEN: &str = "SSO_LISTEN";

/// A running service. It stops when it is told to, or with its runtime.
pub struct Service {
    address: SocketAddr,
    routes: Router,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    app: Arc<App>,
    jobs: Jobs,
}

impl Service {
    /// Listens on the address of the settings. It comes first, so that a second service on the same
    /// port touches no file.
    ///
    /// # Errors
    /// The port is in use, or not allowed.
    pub async fn bind(config: &Config) -> Result<TcpListener, StartError> {
        listener::bind(config.listen, LISTEN).await
    }

    /// Starts the service on a listener: data folder, keys, database, operator's token, then
    /// requests. The clock and randomness are everything's that the service does.
    ///
    /// # Errors
    /// What is missing or unusable, in one sentence.
    pub async fn start(
        config: &Config,
        listener: TcpListener,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        let address =
            listener.local_addr().map_err(|e| listener::failed(config.listen, LISTEN, &e))?;
        config.make_data_dir()?;
        let master_key = config.master_key(&*random)?;
        let store = sso_store::open(&config.database.url(), master_key)
            .await
            .map_err(|e| StartError::Database(e.to_string()))?;
        let admin_token = match &config.admin_token {
            Some(token) => token.clone(),
            None => AdminToken::load(&config.data_dir, &*random)?,
        };
        if admin_token.is_guessable() {
            tracing::warn!("the operator's token (SSO_ADMIN_TOKEN) is short enough to be guessed");
        }
        let operator = Operator { name: Operator::OVER_HTTP, token: admin_token };
        let app = Arc::new(App::new(config, store, clock, random, operator)?);
        let (stop, stopped) = watch::channel(false);
        let jobs = Jobs::start(&app, &stopped);
        let routes = routes::all(app.clone());
        let server = tokio::spawn(listener::serve(listener, routes.clone(), told(stopped)));
        tracing::info!(%address, public_url = %config.public_url.url(), "the service is running");
        Ok(Self { address, routes, stop, server, app, jobs })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its routes, for a part of this process that asks them without a connection, and counts as a
    /// client on this machine.
    pub(crate) fn routes(&self) -> Router {
        self.routes.clone().layer(Extension(ConnectInfo(self.address)))
    }

    /// Does a job of the service now, besides its own time, by its name; not where another node is
    /// doing it. So a test that has set the clock need not wait.
    ///
    /// # Errors
    /// What the log would have: the job failed, or there is none of that name.
    pub async fn run_job(&self, name: &str) -> Result<(), String> {
        match jobs::run_now(&self.app, name).await {
            Some(done) => done.map_err(|error| error.to_string()),
            None => Err(format!("there is no job {name}")),
        }
    }

    /// Stops: no new connections, requests and jobs that are running finish.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the server did not stop well");
        }
        self.jobs.end().await;
        tracing::info!("the service has stopped");
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("address", &self.address).finish_non_exhaustive()
    }
}

async fn told(mut stopped: watch::Receiver<bool>) {
    // An error is a sender that is gone, which is a service that nobody holds any more.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
