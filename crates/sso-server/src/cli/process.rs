//! A command that goes on until the process is told to stop (SIGTERM or SIGINT).

use crate::config::StartError;
use std::future::Future;
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs `work`, which goes on until the future that it is given completes. One that fails is told in
/// one sentence on standard error.
pub(super) fn run<F>(work: impl FnOnce(Stop) -> F) -> ExitCode
where
    F: Future<Output = Result<(), StartError>>,
{
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| StartError::Process(e.to_string()))
        .and_then(|runtime| runtime.block_on(async { work(Stop::new()?).await }));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sso-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The signals that stop the process, listened for from the first moment.
pub(super) struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn new() -> Result<Self, StartError> {
        let listen = |kind| signal(kind).map_err(|e| StartError::Process(e.to_string()));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Completes when the process is told to stop.
    pub(super) async fn told(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
