//! `sso-server org connection`: how an organization's people sign in (SPEC 2).

use super::call::Call;
use super::settings::{Digits, SettingFlags};
use super::{ApiCommand, OutputFlags};
use crate::cli::failed::Failed;
use crate::cli::input;
use crate::cli::show::Show;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;
use serde_json::{Value, json};
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
        #[arg(required_unless_present = "url")]
        file: Option<PathBuf>,
        /// The address of the document instead, from which it is refreshed from then on
        #[arg(long, value_name = "URL", conflicts_with = "file")]
        url: Option<String>,
        /// A certificate (PEM or DER) whose key must have signed the document
        #[arg(long, value_name = "FILE")]
        pin: Option<PathBuf>,
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
    /// Show where the metadata comes from and how it stands: why a refresh failed, what waits
    MetadataState {
        /// The organization
        org: String,
    },
    /// Fetch the metadata again now
    Refresh {
        /// The organization
        org: String,
    },
    /// Use the metadata that waits for an approval
    Approve {
        /// The organization
        org: String,
        /// The id of the change that was seen: another one is refused
        #[arg(long, value_name = "ID")]
        pending: Option<String>,
    },
    /// Throw away the metadata that waits for an approval
    Reject {
        /// The organization
        org: String,
        /// The id of the change that was seen: another one is refused
        #[arg(long, value_name = "ID")]
        pending: Option<String>,
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
            Self::Import { org, file, url, pin, entity_id, protocol } => {
                let call = Call::post(&["orgs", &org, "sso", "metadata"])
                    .query("entity_id", entity_id)
                    .query("protocol", protocol);
                match (file, url, pin) {
                    (Some(file), None, None) => call.file("application/samlmetadata+xml", file),
                    (file, url, pin) => {
                        let document = file.map(|file| input::read(&file)).transpose()?;
                        call.json(&named(document, url, pin)?)
                    }
                }
            }
            Self::MetadataState { org } => {
                Call::get(&["orgs", &org, "sso", "metadata"], Show::Fields)
                    .accept("application/json")
            }
            Self::Refresh { org } => Call::post(&["orgs", &org, "sso", "metadata", "refresh"]),
            Self::Approve { org, pending } => {
                Call::post(&["orgs", &org, "sso", "metadata", "approve"]).query("pending", pending)
            }
            Self::Reject { org, pending } => {
                Call::post(&["orgs", &org, "sso", "metadata", "reject"]).query("pending", pending)
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

/// What names a document by its address, or has one whose signature must hold.
fn named(
    document: Option<Vec<u8>>,
    url: Option<String>,
    pin: Option<PathBuf>,
) -> Result<Value, Failed> {
    let text = |bytes: Vec<u8>| {
        String::from_utf8(bytes).map_err(|_| Failed::Unusable("the document is no UTF-8".into()))
    };
    let pin = pin.map(|file| input::read(&file)).transpose()?;
    // DER is handed on as base64, which is read as a certificate, too.
    let pin = pin.map(|bytes| {
        String::from_utf8(bytes).unwrap_or_else(|der| STANDARD.encode(der.into_bytes()))
    });
    let document = document.map(text).transpose()?;
    Ok(json!({"url": url, "document": document, "pin": pin}))
}

fn write(method: Method, org: &str, settings: SettingFlags) -> Result<Call, Failed> {
    let fields = Value::Object(settings.read(Digits::Number)?);
    Ok(Call::new(method, &["orgs", org, "sso"], Show::Fields).json(&fields))
}
