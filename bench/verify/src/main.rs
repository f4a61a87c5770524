//! What a verification costs, beside the least that it could cost and beside others. ../../README.md has the
//! commands, docs/performance.md what came out.

mod clock;
mod count;
mod environment;
mod gate;
mod generate;
mod input;
mod logins;
mod refusals;
mod subjects;
mod table;

use std::path::Path;
use std::process::ExitCode;

/// One operation, made once with all that outlives a request.
type Operation = Box<dyn Fn()>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["gate"] => return if gate::holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE },
        ["logins", inputs @ ..] => table::logins(inputs),
        ["refusals"] => table::refusals(),
        ["tables"] => table::all(),
        ["repeat", input, subject, times] => logins::repeat(input, subject, times),
        ["generate"] => generate::run().expect("inputs"),
        // What runs under callgrind.
        ["count", "logins", folder, inputs @ ..] => logins::count(Path::new(folder), inputs),
        ["count", "refusals", group] => refusals::count(group),
        _ => {
            eprintln!("usage: see bench/README.md");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
