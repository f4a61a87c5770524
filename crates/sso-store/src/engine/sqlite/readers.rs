//! Readers: a few connections, each on its own thread, that share a queue. They see every commit that
//! was answered, and never wait for the writer.

use super::statements::{Statements, finish};
use super::{cannot_start, stopped};
use crate::OpenError;
use crate::engine::{Failure, UseCase};
use rusqlite::Connection;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// How many reads run at once.
pub(super) const COUNT: usize = 4;

/// A handle on the reader threads, which end when it is dropped.
pub(super) struct Readers(Sender<Job>);

/// A read that waits for its turn.
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

impl Readers {
    pub(super) fn start(connections: Vec<Connection>) -> Result<Self, OpenError> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for mut connection in connections {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new()
                .name("sqlite-reader".to_owned())
                .spawn(move || {
                    while let Some(job) = next(&queue) {
                        job(&mut connection);
                    }
                })
                .map_err(cannot_start)?;
        }
        Ok(Self(jobs))
    }

    /// Runs a use case that changes nothing.
    pub(super) async fn run<I, T>(&self, input: I, run: UseCase<I, T>) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.0.send(job(input, run, answer)).map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

/// Waits for a job. One idle reader waits in the queue, the others for their turn at it.
fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Makes a job of a use case.
fn job<I, T>(input: I, run: UseCase<I, T>, answer: oneshot::Sender<Result<T, Failure>>) -> Job
where
    I: Send + Sync + 'static,
    T: Send + 'static,
{
    Box::new(move |connection| {
        if !answer.is_closed() {
            // The caller may go away meanwhile; a read leaves nothing behind.
            let _ = answer.send(finish(run(&mut Statements(connection), &input)));
        }
    })
}
