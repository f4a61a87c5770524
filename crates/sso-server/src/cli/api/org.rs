//! `sso-server org`: organizations (SPEC 6).

use super::ApiCommand;
use super::attribute::AttributeCommand;
use super::call::Call;
use super::connection::ConnectionCommand;
use super::list::ListFlags;
use super::settings::{Digits, SettingFlags};
use crate::cli::failed::Failed;
use crate::cli::show::{Column, Show};
use axum::http::Method;
use clap::Subcommand;
use serde_json::Value;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OrgCommand {
    /// List organizations
    List {
        #[command(flatten)]
        list: ListFlags,
    },
    /// Show an organization
    Show {
        /// Its name or one of its domains
        org: String,
    },
    /// Make an organization
    Create {
        /// Its name, which stands in addresses and never changes
        name: String,
        /// What people see
        #[arg(long, value_name = "TEXT")]
        display_name: Option<String>,
        /// An e-mail domain of its people; repeats
        #[arg(long, value_name = "DOMAIN")]
        domain: Vec<String>,
        #[command(flatten)]
        settings: SettingFlags,
    },
    /// Change fields of an organization
    Set {
        /// Its name or one of its domains
        org: String,
        #[command(flatten)]
        settings: SettingFlags,
    },
    /// List the latest logins; `sso-server explain` tells what happened in one
    Logins {
        /// The organization
        org: String,
        #[command(flatten)]
        list: ListFlags,
    },
    /// The connection of an organization to its identity provider
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// The attributes that an organization adds to the profile of its people
    #[command(subcommand)]
    Attribute(AttributeCommand),
}

const COLUMNS: &[Column] = &[
    ("NAME", "/name"),
    ("DISPLAY NAME", "/display_name"),
    ("DOMAINS", "/domains"),
    ("SSO", "/sso_enabled"),
];

const LOGIN_COLUMNS: &[Column] = &[
    ("TRACE", "/id"),
    ("TIME", "/at"),
    ("OUTCOME", "/outcome"),
    ("CODE", "/code"),
    ("NAME ID", "/name_id"),
    ("ACCOUNT", "/account"),
];

impl ApiCommand for OrgCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::List { list } => Call::get(&["orgs"], Show::Table(COLUMNS)).list(list),
            Self::Show { org } => Call::get(&["orgs", &org], Show::Fields),
            Self::Create { name, display_name, domain, settings } => {
                let mut fields = settings.read(Digits::Number)?;
                fields.insert("name".to_owned(), name.into());
                if let Some(display_name) = display_name {
                    fields.insert("display_name".to_owned(), display_name.into());
                }
                if !domain.is_empty() {
                    fields.insert("domains".to_owned(), domain.into());
                }
                Call::post(&["orgs"]).json(&Value::Object(fields))
            }
            Self::Set { org, settings } => {
                let fields = Value::Object(settings.read(Digits::Number)?);
                Call::new(Method::PATCH, &["orgs", &org], Show::Fields).json(&fields)
            }
            Self::Logins { org, list } => {
                Call::get(&["orgs", &org, "logins"], Show::Table(LOGIN_COLUMNS)).list(list)
            }
            Self::Connection(command) => return command.call(),
            Self::Attribute(command) => return command.call(),
        })
    }
}
