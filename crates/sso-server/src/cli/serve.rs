//! `sso-server serve`: run the service until it is told to stop (SIGTERM or SIGINT).

use crate::ambient::{SystemClock, SystemRandom};
use crate::config::{Config, Flags, StartError};
use crate::service::Service;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Runs the service. A start that fails is told in one sentence on standard error.
pub(super) fn run(flags: Flags) -> ExitCode {
    match serve(flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sso-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(flags: Flags) -> Result<(), StartError> {
    let config = Config::load(flags, |name| std::env::var_os(name))?;
    crate::telemetry::start(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| StartError::Process(e.to_string()))?;
    runtime.block_on(async {
        let mut terminate = listen_for(SignalKind::terminate())?;
        let mut interrupt = listen_for(SignalKind::interrupt())?;
        let listener = Service::bind(&config).await?;
        let service =
            Service::start(&config, listener, Arc::new(SystemClock), Arc::new(SystemRandom))
                .await?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        service.stop().await;
        Ok(())
    })
}

fn listen_for(kind: SignalKind) -> Result<tokio::signal::unix::Signal, StartError> {
    signal(kind).map_err(|e| StartError::Process(e.to_string()))
}
