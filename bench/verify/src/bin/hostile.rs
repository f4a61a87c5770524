//! `hostile [TIMES] [KIND]`: what refusing each kind of hostile message costs, side by side: processor time, the
//! mean of so many (50), and what is allocated.

use sso_fuzz::{Allocations, Counting, allocations, hostile};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let times = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(50_u64);
    let kind = arguments.next().unwrap_or_default();
    println!("{:>8} {:>9} {:>9}  {:24} kind", "us", "KiB", "at once", "code");
    let row = |work: &dyn Fn(), code: &str, name: &str| {
        work();
        let before = used();
        (0..times).for_each(|_| work());
        let each = (used() - before) / times / 1_000;
        let ((), Allocations { in_all, at_once }) = allocations(work);
        println!("{each:>8} {:>9} {:>9}  {code:24} {name}", in_all / 1024, at_once / 1024);
    };
    let (field, party) = hostile::large();
    row(&|| hostile::accepted(&field, &party), "accepted", "500 groups, honest");
    for message in hostile::hostile().into_iter().filter(|it| it.name.contains(&kind)) {
        let code = message.refused().as_str();
        let refuse = || {
            std::hint::black_box(message.refused());
        };
        row(&refuse, code, message.name);
    }
}

/// The nanoseconds that this thread has run: what else the machine does is not in them.
fn used() -> u64 {
    std::thread::yield_now();
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    times.split(' ').next().and_then(|ran| ran.parse().ok()).expect("a number")
}
