//! The installation that a command works on: its settings, its database and its master key, and the
//! service's own endpoints over them, without a port.

use crate::admin_client::AdminClient;
use crate::app::App;
use crate::config::{AdminToken, Config, Database, StartError};
use crate::http::operator::Operator;
use crate::routes;
use axum::Extension;
use axum::extract::ConnectInfo;
use sso_core::ambient::{SystemClock, SystemRandom};
use sso_core::encoding::encode_hex;
use sso_core::random;
use sso_store::AnyStore;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// An installation that is open.
pub(in crate::cli) struct Installation {
    app: Arc<App>,
    /// The Admin API over it, as its operator.
    pub(in crate::cli) admin: AdminClient,
}

impl Installation {
    /// Its rows, for reading what the Admin API has no path for.
    pub(in crate::cli) fn store(&self) -> &AnyStore {
        self.app.store()
    }
}

/// Opens an installation that exists, and changes nothing of it: a command in the wrong folder makes
/// no second one, and one of a newer version does not migrate what an older service works on.
///
/// # Errors
/// What is missing or unusable, in one sentence.
pub(in crate::cli) async fn open(config: &Config) -> Result<Installation, StartError> {
    let config = Config { log: "error".to_owned(), ..config.clone() };
    crate::telemetry::start(&config);
    if let Database::Sqlite(file) = &config.database
        && !file.exists()
    {
        return Err(StartError::Database(format!(
            "there is no {}; run `sso-server init`, or say where it is with --data-dir or --config",
            file.display()
        )));
    }
    let master_key = config.master_key(&SystemRandom)?;
    let store = sso_store::open_existing(&config.database.url(), master_key)
        .await
        .map_err(|e| StartError::Database(e.to_string()))?;
    // Whoever reads the database and its key may do everything. This token lives as long as the command.
    let token = encode_hex(&random::bytes::<32>(&SystemRandom));
    let operator = Operator { name: Operator::COMMAND_LINE, token: AdminToken::given(&token)? };
    let app = App::new(&config, store, Arc::new(SystemClock), Arc::new(SystemRandom), operator)?;
    let app = Arc::new(app);
    let here = ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let routes = routes::all(app.clone()).layer(Extension(here));
    Ok(Installation { app, admin: AdminClient::new(routes, &token) })
}
