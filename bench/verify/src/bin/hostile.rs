//! `hostile [TIMES]`: what refusing each kind of hostile message costs, side by side: the least time of so
//! many (200), and what is allocated.

use sso_fuzz::{Allocations, Counting, allocations, hostile};
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let times = std::env::args().nth(1).and_then(|times| times.parse().ok()).unwrap_or(200_u32);
    println!("{:>8} {:>9} {:>9}  {:24} kind", "us", "KiB", "at once", "code");
    let row = |work: &dyn Fn(), code: &str, name: &str| {
        let least = (0..times).map(|_| timed(work)).min().unwrap_or_default();
        let ((), Allocations { in_all, at_once }) = allocations(work);
        println!("{least:>8} {:>9} {:>9}  {code:24} {name}", in_all / 1024, at_once / 1024);
    };
    let (field, party) = hostile::large();
    row(&|| hostile::accepted(&field, &party), "accepted", "500 groups, honest");
    for message in hostile::hostile() {
        let code = message.refused().as_str();
        let refuse = || {
            std::hint::black_box(message.refused());
        };
        row(&refuse, code, message.name);
    }
}

/// Microseconds.
fn timed(work: &dyn Fn()) -> u128 {
    let start = Instant::now();
    work();
    start.elapsed().as_micros()
}
