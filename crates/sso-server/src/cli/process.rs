//! Running a command: one that goes on until the process is told to stop (SIGTERM or SIGINT), or one
//! that ends by itself.

use crate::config::StartError;
use std::future::Future;
use std::process::ExitCode;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs `work`, which goes on until the future that it is given completes. One that fails is told in
/// one sentence on standard error.
pub(super) fn run<F>(work: impl FnOnce(Stop) -> F) -> ExitCode
where
    F: Future<Output = Result<(), StartError>>,
{
    let done = runtime(&mut Builder::new_multi_thread())
        .and_then(|runtime| runtime.block_on(async { work(Stop::new()?).await }));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sso-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Does something that ends by itself.
pub(super) fn block_on<T, E: From<StartError>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    runtime(&mut Builder::new_current_thread())?.block_on(work)
}

fn runtime(builder: &mut Builder) -> Result<Runtime, StartError> {
    builder.enable_all().build().map_err(|e| StartError::Process(e.to_string()))
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
