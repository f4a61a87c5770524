//! The command line of `sso-server` (SPEC 14).

mod api;
mod demo;
mod doctor;
mod explain;
mod failed;
mod init;
mod input;
mod master_key;
mod openapi;
mod process;
mod reference;
mod selftest;
mod serve;
mod show;
mod verification;
mod verify;

use api::{
    ApiArguments, AppCommand, AuditCommand, CertCommand, GroupCommand, OrgCommand, ScimCommand,
    TokenCommand, UserCommand,
};
pub use reference::reference;

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
    /// Make an installation: configuration, data folder, master key, database, operator's token
    Init(init::Arguments),
    /// Verify one response, without any database
    Verify(verify::Arguments),
    /// Attack a response that you have, class by class, and see each attack refused
    Selftest(selftest::Arguments),
    /// Tell what happened in a login, and where to mend it
    Explain(explain::Arguments),
    /// Say what is misconfigured or will break, and when
    Doctor(doctor::Arguments),
    /// Rotate the key that private keys are sealed under, while the service runs
    MasterKey(master_key::Arguments),
    /// Organizations and their connections
    Org(ApiArguments<OrgCommand>),
    /// Applications that people sign in to
    App(ApiArguments<AppCommand>),
    /// Certificates, of the service and of identity providers
    Cert(ApiArguments<CertCommand>),
    /// Accounts
    User(ApiArguments<UserCommand>),
    /// Groups of accounts
    Group(ApiArguments<GroupCommand>),
    /// What an organization's directory asked over SCIM, and the brake on what it removes
    Scim(ApiArguments<ScimCommand>),
    /// The audit trail
    Audit(ApiArguments<AuditCommand>),
    /// Tokens of organizations, for the Admin API and for SCIM
    Token(ApiArguments<TokenCommand>),
    /// Print the description of the HTTP surface, as OpenAPI 3.1
    Openapi,
}

/// Runs the command that the arguments name. Exit code 0: done; 1: it could not be done, with one
/// sentence on standard error; 2: unusable arguments.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(flags) => serve::run(flags),
        Command::Demo(flags) => demo::run(flags),
        Command::Init(arguments) => init::run(arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Selftest(arguments) => selftest::run(&arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Doctor(arguments) => doctor::run(arguments),
        Command::MasterKey(arguments) => master_key::run(arguments),
        Command::Org(arguments) => api::run(arguments),
        Command::App(arguments) => api::run(arguments),
        Command::Cert(arguments) => api::run(arguments),
        Command::User(arguments) => api::run(arguments),
        Command::Group(arguments) => api::run(arguments),
        Command::Scim(arguments) => api::run(arguments),
        Command::Audit(arguments) => api::run(arguments),
        Command::Token(arguments) => api::run(arguments),
        Command::Openapi => openapi::run(),
    }
}
