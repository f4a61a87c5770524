//! The one writer. While a commit waits for the disk, the transactions that come meanwhile queue up
//! and share the next one: each in a savepoint, so that one that fails leaves the others alone.

use super::statements::{Statements, finish};
use super::{cannot_start, stopped};
use crate::OpenError;
use crate::engine::{Failure, UseCase};
use rusqlite::Connection;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The most transactions that share a commit, which bounds how long the first of them waits.
const MOST_IN_GROUP: usize = 64;

/// A handle on the writer thread, which ends when this is dropped and the queue is empty.
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, OpenError> {
        let (jobs, queue) = channel();
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || work(connection, &queue))
            .map_err(cannot_start)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs a use case and answers when the commit that it shares is on disk.
    pub(super) async fn run<I, T>(&self, input: I, run: UseCase<I, T>) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = job(input, run, answer);
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or_else(stopped)?;
        answered.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It panicked: then there is nothing to wait for.
            let _ = thread.join();
        }
    }
}

/// A transaction that waits for its turn. `None` where nobody waits for the answer any more.
type Job = Box<dyn FnOnce(&mut Connection) -> Option<Done> + Send>;

/// A transaction that has run and waits for the commit that it shares.
struct Done {
    outcome: Outcome,
    /// Answers the caller, with the failure of the commit if that failed.
    answer: Answer,
}

type Answer = Box<dyn FnOnce(Result<(), &str>)>;

enum Outcome {
    Keep,
    Undo,
}

/// Makes a job of a use case.
fn job<I, T>(input: I, run: UseCase<I, T>, answer: oneshot::Sender<Result<T, Failure>>) -> Job
where
    I: Send + Sync + 'static,
    T: Send + 'static,
{
    Box::new(move |connection| {
        if answer.is_closed() {
            return None;
        }
        let result = finish(run(&mut Statements(connection), &input));
        Some(Done {
            outcome: if result.is_ok() { Outcome::Keep } else { Outcome::Undo },
            answer: Box::new(move |commit| {
                // A use case that failed has its own reason, whatever became of the others.
                let result = match commit {
                    Err(reason) if result.is_ok() => Err(Failure::Engine(reason.to_owned())),
                    _ => result,
                };
                // The caller went away: what was committed stays committed.
                let _ = answer.send(result);
            }),
        })
    })
}

fn work(mut connection: Connection, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let jobs = std::iter::once(first).chain(queue.try_iter()).take(MOST_IN_GROUP);
        let mut done = Vec::new();
        let commit = group(&mut connection, jobs, &mut done);
        if let Err(error) = &commit {
            tracing::error!(%error, "a commit failed");
            // Whatever is left of the transaction goes; where nothing is, this fails and may.
            let _ = connection.execute_batch("ROLLBACK");
        }
        let commit = commit.map_err(|error| error.to_string());
        for job in done {
            (job.answer)(commit.as_ref().copied().map_err(String::as_str));
        }
    }
}

/// Runs jobs in one transaction and commits it.
fn group(
    connection: &mut Connection,
    jobs: impl Iterator<Item = Job>,
    done: &mut Vec<Done>,
) -> rusqlite::Result<()> {
    execute(connection, "BEGIN IMMEDIATE")?;
    for job in jobs {
        execute(connection, "SAVEPOINT job")?;
        let Some(ran) = job(connection) else {
            execute(connection, "RELEASE job")?;
            continue;
        };
        let undo = matches!(ran.outcome, Outcome::Undo);
        done.push(ran);
        if undo {
            execute(connection, "ROLLBACK TO job")?;
        }
        execute(connection, "RELEASE job")?;
    }
    execute(connection, "COMMIT")
}

fn execute(connection: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}
