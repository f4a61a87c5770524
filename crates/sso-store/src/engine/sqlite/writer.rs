//! The one writer. The use cases that come while a commit waits for the disk queue up, and share the next one with
//! those that come while they run. One that fails, or is a trial, is undone alone.

use super::statements::{Statements, finish};
use super::{cannot_start, stopped};
use crate::OpenError;
use crate::engine::{Ending, Failure, UseCase};
use rusqlite::Connection;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The most use cases that share a commit, which bounds how long the first of them waits.
const MOST_IN_GROUP: usize = 64;

/// A handle on the writer thread, which ends when this is dropped and the queue is empty.
pub(super) struct Writer {
    queue: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(mut connection: Connection) -> Result<Self, OpenError> {
        let (queue, jobs) = channel();
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                // When no more will come, it ends.
                while let Ok(first) = jobs.recv() {
                    carry_out(&mut connection, first, &jobs);
                }
            })
            .map_err(cannot_start)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs a use case, and answers when the commit that it shares is on disk.
    pub(super) async fn run<I, T>(
        &self,
        input: I,
        run: UseCase<I, T>,
        ending: Ending,
    ) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (caller, answered) = oneshot::channel();
        let job = Box::new(Waiting { input, run, ending, caller, result: None });
        self.queue.as_ref().and_then(|queue| queue.send(job).ok()).ok_or_else(stopped)?;
        answered.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It panicked: then there is nothing to wait for.
            let _ = thread.join();
        }
    }
}

/// A use case that waits for its commit.
trait Job: Send {
    /// Whether somebody waits for the answer still.
    fn is_wanted(&self) -> bool;

    /// Runs it in the transaction that is open, and says whether what it did is to stay. What is to stay
    /// may be undone as well, and it run again.
    fn run(&mut self, connection: &mut Connection) -> bool;

    /// Gives the caller what came of it, or of the commit.
    fn answer(self: Box<Self>, commit: Result<(), &str>);
}

struct Waiting<I, T> {
    input: I,
    run: UseCase<I, T>,
    ending: Ending,
    caller: oneshot::Sender<Result<T, Failure>>,
    result: Option<Result<T, Failure>>,
}

impl<I: Send + Sync, T: Send> Job for Waiting<I, T> {
    fn is_wanted(&self) -> bool {
        !self.caller.is_closed()
    }

    fn run(&mut self, connection: &mut Connection) -> bool {
        let result = finish((self.run)(&mut Statements(connection), &self.input));
        self.result.insert(result).is_ok() && self.ending == Ending::Kept
    }

    fn answer(self: Box<Self>, commit: Result<(), &str>) {
        let result = match (self.result, commit) {
            // A use case that failed has its own reason, whatever became of the others.
            (Some(Err(failure)), _) => Err(failure),
            (_, Err(reason)) => Err(Failure::Engine(reason.to_owned())),
            (result, Ok(())) => result.unwrap_or_else(|| Err(stopped())),
        };
        // The caller went away: what was committed stays committed.
        let _ = self.caller.send(result);
    }
}

/// Commits a use case, and with it those that come while it runs.
fn carry_out(connection: &mut Connection, first: Box<dyn Job>, jobs: &Receiver<Box<dyn Job>>) {
    let mut group = vec![first];
    let commit = together(connection, &mut group, jobs).and_then(|all| match all {
        true => Ok(()),
        false => apart(connection, &mut group),
    });
    if let Err(error) = &commit {
        tracing::error!(%error, "a commit failed");
        // Whatever is left of the transaction goes; where nothing is left, this fails and may.
        let _ = connection.execute_batch("ROLLBACK");
    }
    let commit = commit.map_err(|error| error.to_string());
    for job in group {
        job.answer(commit.as_ref().copied().map_err(String::as_str));
    }
}

/// Runs all and commits them, or none and says so if one of several is to be undone. A savepoint for each
/// would copy every page that two of them change, and few are undone.
///
/// The group grows while it runs. Those whom a commit answered come again one after the other: were it
/// closed at its first, each full group would be followed by one of hardly any.
fn together(
    connection: &mut Connection,
    group: &mut Vec<Box<dyn Job>>,
    jobs: &Receiver<Box<dyn Job>>,
) -> rusqlite::Result<bool> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let mut next = 0;
    while let Some(job) = group.get_mut(next) {
        if job.is_wanted() && !job.run(connection) {
            execute(connection, "ROLLBACK")?;
            return Ok(group.len() == 1);
        }
        next += 1;
        if group.len() < MOST_IN_GROUP {
            group.extend(jobs.try_recv());
        }
    }
    execute(connection, "COMMIT")?;
    Ok(true)
}

/// Runs each in a savepoint, undoes those that are not to stay and commits the others.
fn apart(connection: &mut Connection, group: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    execute(connection, "BEGIN IMMEDIATE")?;
    for job in group.iter_mut().filter(|job| job.is_wanted()) {
        execute(connection, "SAVEPOINT job")?;
        if !job.run(connection) {
            execute(connection, "ROLLBACK TO job")?;
        }
        execute(connection, "RELEASE job")?;
    }
    execute(connection, "COMMIT")
}

fn execute(connection: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}
