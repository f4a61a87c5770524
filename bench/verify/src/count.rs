//! Instructions, counted by callgrind: they do not depend on how busy the machine is.
//!
//! This program runs itself under valgrind. What it wants counted goes through [`counted`], which switches the
//! counting on and leaves a file with the counts behind each time.

use crate::Operation;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The symbol of [`counted`].
const COUNTED: &str = "sso_bench_counted";

/// How often an operation is done before it is counted: what is made at its first use is no part of it.
const BEFORE: usize = 2;
/// How often it is done while it is counted.
const TIMES: usize = 4;

/// In the counting process: one operation, under a name on a line of standard output.
pub(crate) fn count(name: &str, operation: &Operation) {
    (0..BEFORE).for_each(|_| operation());
    println!("{name}");
    counted(operation);
}

#[unsafe(export_name = "sso_bench_counted")]
#[inline(never)]
fn counted(operation: &Operation) {
    (0..TIMES).for_each(|_| operation());
}

/// Instructions of one operation each, by name, in the order in which the process of these arguments counted
/// them.
pub(crate) fn instructions(arguments: &[&str]) -> Vec<(String, f64)> {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", out.display()));
    command.args([format!("--toggle-collect={COUNTED}"), format!("--dump-after={COUNTED}")]);
    command.arg(std::env::current_exe().expect("this program")).args(arguments);
    let output = command.output().expect("valgrind, which is not installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "what is counted failed:\n{said}");
    let names = String::from_utf8(output.stdout).expect("names");
    let count = |place: usize| total(&folder.path().join(format!("out.{place}"))) / TIMES as f64;
    names.lines().enumerate().map(|(i, name)| (name.to_owned(), count(i + 1))).collect()
}

/// The sum in a file of callgrind's.
fn total(file: &Path) -> f64 {
    let text = fs::read_to_string(file).expect("a file of counts");
    let total = text.lines().find_map(|line| line.strip_prefix("totals:"));
    total.and_then(|total| total.trim().parse().ok()).expect("a total")
}
