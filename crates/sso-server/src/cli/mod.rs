//! The command line of `sso-server` (SPEC 14).

mod demo;
mod process;
mod serve;
mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "sso-server", version, about = "The single sign-on bridge", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service
    Serve(crate::config::Flags),
    /// Try it out: the service, an organization and a development identity provider on this machine
    Demo(crate::demo::DemoFlags),
    /// Verify one response, without any database
    Verify(verify::Arguments),
}

/// Runs the command that the arguments name. Exit code 0: done; 1: it could not be done, with one
/// sentence on standard error; 2: unusable arguments.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(flags) => serve::run(flags),
        Command::Demo(flags) => demo::run(flags),
        Command::Verify(arguments) => verify::run(&arguments),
    }
}
