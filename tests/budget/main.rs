//! What one message may make us allocate, counted by an allocator that counts (SPEC 4.1). The time that each
//! takes is measured where time can be (`bench/verify`, hostile), never asserted here.

use sso_fuzz::{Allocations, allocations, hostile};

#[global_allocator]
static ALLOCATOR: sso_fuzz::Counting = sso_fuzz::Counting;

const KIB: u64 = 1024;

#[test]
fn a_large_honest_message_takes_less_than_a_mebibyte_in_all() {
    let (field, party) = hostile::large();
    let size = field.len() as u64 / 4 * 3;
    assert!((58 * KIB..70 * KIB).contains(&size), "{size}");
    hostile::accepted(&field, &party);
    let ((), Allocations { in_all, at_once }) = allocations(|| hostile::accepted(&field, &party));
    assert!(in_all > size, "nothing was counted");
    println!("{size} bytes: {in_all} in all, {at_once} at once");
    assert!(in_all < 1024 * KIB, "{in_all} bytes");
}

#[test]
fn a_hostile_message_takes_less_than_four_mebibytes() {
    let mut over = Vec::new();
    for message in hostile::hostile() {
        let (code, Allocations { in_all, at_once }) = allocations(|| message.refused());
        println!("{in_all:>10} {at_once:>10} {} {}", code.as_str(), message.name);
        let most = 4096 * KIB;
        if at_once >= most || in_all >= most {
            over.push((message.name, in_all, at_once));
        }
    }
    assert!(over.is_empty(), "{over:#?}");
}
