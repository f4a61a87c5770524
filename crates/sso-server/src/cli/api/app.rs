//! `sso-server app`: the applications that people sign in to (SPEC 6, `apps`).

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
pub(in crate::cli) enum AppCommand {
    /// List applications
    List {
        #[command(flatten)]
        list: ListFlags,
    },
    /// Show an application
    Show {
        /// The application
        id: String,
    },
    /// Register an application: logins may end at its addresses and at what lies beneath them
    Create {
        /// What it is called
        name: String,
        /// An address of it; repeats
        #[arg(long, value_name = "URL", required = true)]
        url: Vec<String>,
        /// It is on mobile devices: logins that end there have the session of a mobile client
        #[arg(long)]
        mobile: bool,
    },
    /// Change fields of an application: name, urls, mobile
    Set {
        /// The application
        id: String,
        #[command(flatten)]
        settings: SettingFlags,
    },
    /// Remove an application. No login ends there any more
    Remove {
        /// The application
        id: String,
    },
}

const COLUMNS: &[Column] =
    &[("ID", "/id"), ("NAME", "/name"), ("URLS", "/urls"), ("MOBILE", "/mobile")];

impl ApiCommand for AppCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::List { list } => Call::get(&["apps"], Show::Table(COLUMNS)).list(list),
            Self::Show { id } => Call::get(&["apps", &id], Show::Fields),
            Self::Create { name, url, mobile } => {
                Call::post(&["apps"]).json(&json!({"name": name, "urls": url, "mobile": mobile}))
            }
            Self::Set { id, settings } => {
                let fields = Value::Object(settings.read(Digits::Number)?);
                Call::new(Method::PATCH, &["apps", &id], Show::Fields).json(&fields)
            }
            Self::Remove { id } => Call::delete(&["apps", &id], &format!("the application {id}")),
        })
    }
}
