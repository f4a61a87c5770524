//! `operate FOLDER INPUT SUBJECT TIMES`: what callgrind counts. Two runs of different lengths tell what one
//! operation costs.

use sso_bench_verify::{Input, SUBJECTS};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || {
        eprintln!("usage: operate FOLDER INPUT SUBJECT TIMES, or operate subjects");
        ExitCode::from(2)
    };
    if arguments == ["subjects"] {
        SUBJECTS.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    }
    let [folder, input, subject, times] = arguments.as_slice() else { return usage() };
    let subject = SUBJECTS.iter().find(|(name, _)| name == subject);
    let (Some((_, operation)), Ok(times)) = (subject, times.parse::<u32>()) else { return usage() };
    let operation = operation(&Input::read(Path::new(folder), input));
    (0..times).for_each(|_| operation());
    ExitCode::SUCCESS
}
