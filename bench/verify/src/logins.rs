//! Every subject on every input.

use crate::Operation;
use crate::clock::{self, Time};
use crate::count;
use crate::input::{Input, shared};
use crate::subjects::{PARTS, SUBJECTS};
use std::collections::BTreeMap;
use std::path::Path;

/// What was measured, by input and subject. A subject that cannot verify an input has nothing there.
pub(crate) type Measured<T> = BTreeMap<(String, String), T>;

/// Instructions of one login.
pub(crate) fn instructions(folder: &Path, inputs: &[&str]) -> Measured<f64> {
    let folder = folder.to_str().expect("a path in UTF-8");
    let counts = count::instructions(&[&["count", "logins", folder], inputs].concat());
    let named = counts.into_iter().map(|(name, each)| {
        let (input, subject) = name.split_once('\t').expect("an input and a subject");
        ((input.to_owned(), subject.to_owned()), each)
    });
    named.collect()
}

/// Counts them, under callgrind.
pub(crate) fn count(folder: &Path, inputs: &[&str]) {
    for input in inputs {
        for (subject, operation) in operations(&Input::read(folder, input)) {
            count::count(&format!("{input}\t{subject}"), &operation);
        }
    }
}

/// CPU time of one login.
pub(crate) fn times(folder: &Path, inputs: &[&str]) -> Measured<Time> {
    let mut measured = Measured::new();
    for input in inputs {
        let operations = operations(&Input::read(folder, input));
        let times = clock::times(&operations.iter().map(|(_, it)| it).collect::<Vec<_>>());
        for ((subject, _), time) in operations.iter().zip(times) {
            measured.insert(((*input).to_owned(), (*subject).to_owned()), time);
        }
    }
    measured
}

/// One subject on one input again and again, for a profiler to look at.
pub(crate) fn repeat(input: &str, subject: &str, times: &str) {
    let operations = operations(&Input::read(&shared(), input));
    let (_, operation) = operations.iter().find(|(name, _)| *name == subject).expect("a subject");
    (0..times.parse().expect("a number")).for_each(|_: u32| operation());
}

fn operations(input: &Input) -> Vec<(&'static str, Operation)> {
    let subjects = SUBJECTS.iter().chain(PARTS);
    subjects.filter_map(|(name, operation)| Some((*name, operation(input)?))).collect()
}
