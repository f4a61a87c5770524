//! `sso-server scim`: what an organization's directory asked, and the brake on what it removes (SPEC 11.1).

use super::ApiCommand;
use super::call::Call;
use super::list::ListFlags;
use super::settings::{Digits, SettingFlags};
use crate::cli::failed::Failed;
use crate::cli::show::{Column, Show};
use axum::http::Method;
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ScimCommand {
    /// List what the directory asked, the newest first
    Requests {
        /// The organization
        org: String,
        /// Only what was refused
        #[arg(long)]
        refused: bool,
        /// Only what asks for a change
        #[arg(long)]
        writes: bool,
        /// Only what came with this SCIM token
        #[arg(long, value_name = "TOKEN")]
        token: Option<String>,
        #[command(flatten)]
        list: ListFlags,
    },
    /// Show one request: why it was refused, or what it changed
    Request {
        /// The organization
        org: String,
        /// The request
        id: String,
    },
    /// How many accounts and groups the directory may remove in a time
    #[command(subcommand)]
    Brake(BrakeCommand),
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BrakeCommand {
    /// Show the brake, and whether removals are held
    Show {
        /// The organization
        org: String,
    },
    /// Change it: enabled, percent, minimum, window_hours
    Set {
        /// The organization
        org: String,
        #[command(flatten)]
        settings: SettingFlags,
    },
    /// Let removals pass again that are held
    Lift {
        /// The organization
        org: String,
        /// For how many hours all pass; with 0 as many as ever, counted anew
        #[arg(long, value_name = "HOURS", default_value_t = 0)]
        hours: u32,
    },
}

const COLUMNS: &[Column] = &[
    ("ID", "/id"),
    ("TIME", "/at"),
    ("METHOD", "/method"),
    ("PATH", "/path"),
    ("QUERY", "/query"),
    ("STATUS", "/status"),
    ("DRY RUN", "/dry_run"),
    ("WHY NOT", "/error/detail"),
];

impl ApiCommand for ScimCommand {
    fn call(self) -> Result<Call, Failed> {
        let yes = |flag: bool| flag.then(|| "true".to_owned());
        Ok(match self {
            Self::Requests { org, refused, writes, token, list } => {
                Call::get(&["orgs", &org, "scim-requests"], Show::Table(COLUMNS))
                    .query("refused", yes(refused))
                    .query("writes", yes(writes))
                    .query("token", token)
                    .list(list)
            }
            Self::Request { org, id } => {
                Call::get(&["orgs", &org, "scim-requests", &id], Show::Fields)
            }
            Self::Brake(BrakeCommand::Show { org }) => {
                Call::get(&["orgs", &org, "removal-brake"], Show::Fields)
            }
            Self::Brake(BrakeCommand::Set { org, settings }) => {
                let settings = Value::Object(settings.read(Digits::Number)?);
                let path = ["orgs", &org, "removal-brake"];
                Call::new(Method::PATCH, &path, Show::Fields).json(&settings)
            }
            Self::Brake(BrakeCommand::Lift { org, hours }) => {
                Call::post(&["orgs", &org, "removal-brake", "lift"]).json(&json!({"hours": hours}))
            }
        })
    }
}
