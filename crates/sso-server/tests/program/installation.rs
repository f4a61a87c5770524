//! An installation in a folder of its own, and the commands that work on it.

use crate::process::{Started, folder, program, serve};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};
use tempfile::TempDir;

/// A folder for an installation. Most tests need no service that runs.
pub(crate) struct Installation(TempDir);

/// What a command said.
pub(crate) struct Said {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Installation {
    /// What a service makes at its first start.
    pub(crate) fn new() -> Self {
        let empty = Self::empty();
        assert!(Started::start(serve(empty.path())).stop().success());
        empty
    }

    /// Nothing yet.
    pub(crate) fn empty() -> Self {
        Self(folder())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a command, its words separated by spaces.
    pub(crate) fn say(&self, line: &str) -> Said {
        self.tell(&line.split(' ').collect::<Vec<_>>(), b"")
    }

    /// Runs a command with something on its standard input.
    pub(crate) fn tell(&self, words: &[&str], input: &[u8]) -> Said {
        let Output { status, stdout, stderr } = self.run(words, input);
        Said {
            exit: status.code().expect("it ends by itself"),
            out: String::from_utf8(stdout).expect("text"),
            err: String::from_utf8(stderr).expect("text"),
        }
    }

    /// Runs a command whose output is no text.
    pub(crate) fn run(&self, words: &[&str], input: &[u8]) -> Output {
        let mut command = program(self.path());
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the program runs");
        // A command that needs no input may have ended already.
        let _ = process.stdin.take().expect("its input").write_all(input);
        process.wait_with_output().expect("it ends")
    }

    /// Runs a command that succeeds, and reads the JSON that it prints.
    pub(crate) fn json(&self, line: &str) -> Value {
        let said = self.say(&format!("{line} --json")).good();
        serde_json::from_str(&said).unwrap_or_else(|e| panic!("{line}: {e}: {said}"))
    }
}

impl Said {
    /// What a command that succeeded printed.
    pub(crate) fn good(self) -> String {
        assert_eq!((self.exit, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// The sentence of a command that was refused: one line on standard error, and nothing else.
    pub(crate) fn refused(self) -> String {
        self.failed(1)
    }

    /// The sentence of a command whose arguments cannot be used.
    pub(crate) fn unusable(self) -> String {
        self.failed(2)
    }

    fn failed(self, exit: i32) -> String {
        assert_eq!((self.exit, self.out.as_str()), (exit, ""), "{}", self.err);
        assert_eq!(self.err.matches('\n').count(), 1, "one line: {}", self.err);
        self.err.trim_end().strip_prefix("sso-server: ").expect("it says who speaks").to_owned()
    }
}
