//! `sso-server serve`: run the service until it is told to stop.

use super::process::{self, Stop};
use crate::config::{self, Config, Flags, StartError};
use crate::service::Service;
use sso_core::ambient::{SystemClock, SystemRandom};
use std::process::ExitCode;
use std::sync::Arc;

/// Runs the service.
pub(super) fn run(flags: Flags) -> ExitCode {
    process::run(|stop| serve(flags, stop))
}

async fn serve(flags: Flags, stop: Stop) -> Result<(), StartError> {
    let config = Config::load(flags, |name| std::env::var_os(name))?;
    crate::telemetry::start(&config);
    let names: Vec<String> =
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
    for name in config::unknown_variables(names.iter().map(String::as_str)) {
        tracing::warn!(name, "this environment variable is no setting, and is passed over");
    }
    let listener = Service::bind(&config).await?;
    let service =
        Service::start(&config, listener, Arc::new(SystemClock), Arc::new(SystemRandom)).await?;
    stop.told().await;
    service.stop().await;
    Ok(())
}
