//! `sso-server org connection`: how an organization's people sign in (SPEC 2).

use super::call::Call;
use super::settings::{Digits, SettingFlags};
use super::{ApiCommand, OutputFlags};
use crate::cli::failed::Failed;
use crate::cli::input;
use crate::cli::show::Show;
use axum::http::Method;
use clap::Subcommand;
use serde_json::Value;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConnectionCommand {
    /// Show the connection
    Show {
        /// The organization
        org: String,
    },
    /// Change fields of the connection
    Set {
        /// The organization
        org: String,
        #[command(flatten)]
        settings: SettingFlags,
    },
    /// Replace the whole connection, or make it: fields that are not given have their defaults
    Replace {
        /// The organization
        org: String,
        #[command(flatten)]
        settings: SettingFlags,
    },
    /// Fill the connection from the identity provider's metadata, or make it
    Import {
        /// The organization
        org: String,
        /// The metadata document; - is standard input
        file: PathBuf,
        /// Which entity of an aggregate
        #[arg(long, value_name = "URI")]
        entity_id: Option<String>,
        /// saml2 or wsfed, where the document speaks both
        #[arg(long, value_name = "PROTOCOL")]
        protocol: Option<String>,
    },
    /// Print the metadata that was imported
    Metadata {
        /// The organization
        org: String,
        #[command(flatten)]
        output: OutputFlags,
    },
    /// Remove the connection
    Delete {
        /// The organization
        org: String,
    },
}

impl ApiCommand for ConnectionCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::Show { org } => Call::get(&["orgs", &org, "sso"], Show::Fields),
            Self::Set { org, settings } => write(Method::PATCH, &org, settings)?,
            Self::Replace { org, settings } => write(Method::PUT, &org, settings)?,
            Self::Import { org, file, entity_id, protocol } => {
                Call::post(&["orgs", &org, "sso", "metadata"])
                    .query("entity_id", entity_id)
                    .query("protocol", protocol)
                    .content("application/samlmetadata+xml", input::read(&file)?)
            }
            Self::Metadata { org, output } => {
                Call::get(&["orgs", &org, "sso", "metadata"], Show::Text).output(output.output)
            }
            Self::Delete { org } => {
                Call::delete(&["orgs", &org, "sso"], &format!("the connection of {org}"))
            }
        })
    }
}

fn write(method: Method, org: &str, settings: SettingFlags) -> Result<Call, Failed> {
    let fields = Value::Object(settings.read(Digits::Number)?);
    Ok(Call::new(method, &["orgs", org, "sso"], Show::Fields).json(&fields))
}
