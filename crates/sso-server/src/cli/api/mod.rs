//! The commands that do what the Admin API does (SPEC 14). There is no second way: each command is a
//! request to the very endpoints of the service, put together in this process over the installation's
//! database, so that rules, codes and the audit trail are the same. A service may run beside it.

mod app;
mod attribute;
mod audit;
pub(super) mod call;
mod cert;
mod connection;
mod draft;
mod group;
mod idp_cert;
pub(super) mod installation;
mod list;
mod org;
mod scim;
mod settings;
mod token;
mod user;

pub(super) use app::AppCommand;
pub(super) use audit::AuditCommand;
pub(super) use cert::CertCommand;
pub(super) use group::GroupCommand;
pub(super) use org::OrgCommand;
pub(super) use scim::ScimCommand;
pub(super) use token::TokenCommand;
pub(super) use user::UserCommand;

use super::failed::Failed;
use super::{input, process, show};
use crate::admin_client::AdminClient;
use crate::config::{Config, InstallationFlags};
use axum::body::HttpBody as _;
use axum::response::Response;
use call::Call;
use clap::{Args, Subcommand};
use serde_json::Value;
use show::Show;
use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;

/// A command and what every command of the Admin API takes besides.
#[derive(Debug, Args)]
pub(super) struct ApiArguments<C: Subcommand> {
    #[command(subcommand)]
    command: C,
    /// Print the JSON of the Admin API
    #[arg(long, global = true)]
    json: bool,
    /// Do not ask before something is removed
    #[arg(long, global = true)]
    yes: bool,
    #[command(flatten)]
    installation: InstallationFlags,
}

/// A command that is one request to the Admin API.
pub(super) trait ApiCommand: Subcommand {
    /// The request, and how its answer is shown.
    ///
    /// # Errors
    /// A file cannot be read, or a setting has no value.
    fn call(self) -> Result<Call, Failed>;
}

/// Carries a command out.
pub(super) fn run<C: ApiCommand>(arguments: ApiArguments<C>) -> ExitCode {
    let done = process::block_on(carry_out(arguments));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => failed.tell(),
    }
}

async fn carry_out<C: ApiCommand>(arguments: ApiArguments<C>) -> Result<(), Failed> {
    let ApiArguments { command, json, yes, installation } = arguments;
    let mut call = command.call()?;
    let config = Config::load(installation.into(), |name| std::env::var_os(name))?;
    let client = installation::open(&config).await?.admin;
    if let Some(question) = call.question.take().filter(|_| !yes) {
        input::confirm(&question)?;
    }
    if matches!(call.show, Show::Text | Show::Bytes) {
        let answer = call.send(&client).await?;
        return print_as_it_is(answer, call.output.as_deref()).await;
    }
    let answer = match call.list.take() {
        Some(list) => read_list(&client, &mut call, list).await?,
        None => call.fetch(&client).await?,
    };
    let show = if json { &Show::Json } else { &call.show };
    let text = show.value(&answer);
    match &call.output {
        Some(file) => write(file, text.as_bytes())?,
        None => show::print(text.as_bytes())?,
    }
    match answer["next"].as_str() {
        Some(next) if !json => {
            eprintln!("There are more: --all, or --cursor {next}");
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Reads as many parts of a list as were asked for, as one.
async fn read_list(
    client: &AdminClient,
    call: &mut Call,
    list: list::ListFlags,
) -> Result<Value, Failed> {
    let mut part = list.first();
    let mut items = Vec::new();
    loop {
        call.set_page(&part);
        let answer = call.fetch(client).await?;
        items.extend_from_slice(show::items(&answer));
        let next = answer["next"].as_str();
        match list.after(items.len(), next) {
            Some(following) => part = following,
            None => return Ok(serde_json::json!({"items": items, "next": next})),
        }
    }
}

/// Passes an answer on as it comes, however long it is.
async fn print_as_it_is(answer: Response, output: Option<&std::path::Path>) -> Result<(), Failed> {
    if let Some(file) = output {
        return write(file, &call::read(answer).await?);
    }
    let mut body = pin!(answer.into_body());
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|_| Failed::Broken("the answer stopped short".to_owned()))?;
        if let Ok(data) = frame.into_data() {
            show::print(&data)?;
        }
    }
    Ok(())
}

fn write(file: &std::path::Path, content: &[u8]) -> Result<(), Failed> {
    std::fs::write(file, content).map_err(|e| Failed::Unusable(format!("{}: {e}", file.display())))
}

/// Where an answer goes that is a file.
#[derive(Debug, Args)]
pub(super) struct OutputFlags {
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}
