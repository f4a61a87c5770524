//! The tables of docs/performance.md, in Markdown.

use crate::environment;
use crate::input::shared;
use crate::logins::{self, Measured};
use crate::refusals;
use crate::subjects::{LIMIT, OURS, PARTS, SUBJECTS};

const INPUTS: [&str; 7] = ["okta", "entra", "both", "ecdsa", "large", "enc_gcm", "enc_cbc"];

/// All of them, and what they hold for.
pub(crate) fn all() {
    environment::print();
    logins(&[]);
    refusals();
}

/// Every subject on these inputs, or on all where none is given.
pub(crate) fn logins(inputs: &[&str]) {
    let inputs = if inputs.is_empty() { &INPUTS } else { inputs };
    let counts = logins::instructions(&shared(), inputs);
    println!("\nThousands of instructions\n");
    rows(inputs, &counts, 1000.0);
    let times = logins::times(&shared(), inputs);
    let least = times.iter().map(|(of, time)| (of.clone(), time.least)).collect();
    println!("\nMicroseconds, the quickest of the samples\n");
    rows(inputs, &least, 1.0);
    let median = times.iter().map(|(of, time)| (of.clone(), time.median)).collect();
    println!("\nMicroseconds, the middle one of the samples\n");
    rows(inputs, &median, 1.0);
}

/// A row for each subject: ours and its parts beside the limit, the others beside ours.
fn rows(inputs: &[&str], measured: &Measured<f64>, unit: f64) {
    println!("| | {} |\n|---|{}", inputs.join(" | "), "---:|".repeat(inputs.len()));
    for (subject, _) in SUBJECTS.iter().chain(PARTS) {
        let cells = inputs.iter().map(|input| {
            let of = |subject: &str| measured.get(&((*input).to_owned(), subject.to_owned()));
            let (Some(each), Some(limit), Some(ours)) = (of(subject), of(LIMIT), of(OURS)) else {
                return "–".to_owned();
            };
            let beside = if each < ours || *subject == OURS { limit } else { ours };
            format!("{:.1} ({:.2})", each / unit, each / beside)
        });
        println!("| {subject} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
}

/// What each refusal costs.
pub(crate) fn refusals() {
    for (group, _) in refusals::GROUPS {
        let counts = refusals::instructions(group);
        println!("\n{group}; one verification: {:.0} k\n", counts.verification / 1000.0);
        println!(
            "| cause | code | thousands of instructions | of accepting |\n|---|---|---:|---:|"
        );
        let accepting = counts.cases[0].each;
        for case in &counts.cases {
            let (cause, code, each) = (&case.cause, case.code, case.each / 1000.0);
            println!("| {cause} | {code} | {each:.0} | {:.2} |", case.each / accepting);
        }
    }
}
