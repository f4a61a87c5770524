//! CPU time of operations, taken in turns, so that whatever else the machine does meets all of them.

use crate::Operation;
use rustix::time::{ClockId, clock_gettime};

/// How long one sample should take, in microseconds.
const SAMPLE: f64 = 3_000.0;
/// How many samples are taken of each operation.
const ROUNDS: usize = 101;

/// Microseconds of one operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time {
    /// Of the quickest sample.
    pub(crate) least: f64,
    /// Of the middle one.
    pub(crate) median: f64,
}

/// The time of each operation, in their order.
pub(crate) fn times(operations: &[&Operation]) -> Vec<Time> {
    let repeats: Vec<usize> = operations
        .iter()
        .map(|operation| {
            sample(operation, 1);
            (SAMPLE / sample(operation, 2)).ceil() as usize
        })
        .collect();
    let mut samples = vec![Vec::with_capacity(ROUNDS); operations.len()];
    for _ in 0..ROUNDS {
        for ((operation, times), samples) in operations.iter().zip(&repeats).zip(&mut samples) {
            samples.push(sample(operation, *times));
        }
    }
    let time = |mut samples: Vec<f64>| {
        samples.sort_by(f64::total_cmp);
        Time { least: samples[0], median: samples[samples.len() / 2] }
    };
    samples.into_iter().map(time).collect()
}

fn sample(operation: &Operation, times: usize) -> f64 {
    let start = now();
    (0..times).for_each(|_| operation());
    (now() - start) / times as f64
}

/// CPU time of this thread, in microseconds.
fn now() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}
