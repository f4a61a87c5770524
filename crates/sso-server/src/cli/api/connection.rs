//! `sso-server org connection`: how an organization's people sign in (SPEC 2).

use super::call::Call;
use super::draft::DraftCommand;
use super::list::ListFlags;
use super::settings::{Digits, SettingFlags, assignments};
use super::{ApiCommand, OutputFlags};
use crate::cli::failed::Failed;
use crate::cli::input;
use crate::cli::show::{Column, Show};
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sso_core::certs::{self, SmallestRsa};
use std::path::{Path, PathBuf};

const XML: &str = "application/samlmetadata+xml";

const ENTITY_COLUMNS: &[Column] =
    &[("ENTITY ID", "/entity_id"), ("NAME", "/display_name"), ("ROLES", "/roles")];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConnectionCommand {
    /// Try settings that are not stored: what would become of a person, and which attribute fills what
    Preview {
        /// The organization
        org: String,
        /// Attributes of an assertion; one that is given again has several values
        #[arg(value_name = "NAME=VALUE")]
        attributes: Vec<String>,
        /// The NameID
        #[arg(long, value_name = "TEXT")]
        name_id: Option<String>,
        /// The message of this login instead, where it was kept
        #[arg(long, value_name = "TRACE", conflicts_with_all = ["attributes", "name_id"])]
        trace: Option<String>,
        /// A message instead, as XML; - is standard input
        #[arg(long, value_name = "FILE", conflicts_with_all = ["attributes", "name_id", "trace"])]
        message: Option<PathBuf>,
        /// When that came (RFC 3339) [default: now]
        #[arg(long, value_name = "TIME", requires = "message")]
        at: Option<String>,
        /// A field of the connection that is only tried; repeats
        #[arg(long, value_name = "FIELD=VALUE")]
        set: Vec<String>,
    },
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
        #[command(flatten)]
        document: DocumentFlags,
    },
    /// Search the entities of an aggregate, to choose one from
    Entities {
        /// The organization
        org: String,
        /// The aggregate; - is standard input, for no more than 200 items
        #[arg(required_unless_present = "url")]
        file: Option<PathBuf>,
        /// The address of the aggregate instead
        #[arg(long, value_name = "URL", conflicts_with = "file")]
        url: Option<String>,
        /// What the entity ID or the name has somewhere
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// A role that it has, such as identity_provider
        #[arg(long, value_name = "ROLE")]
        role: Option<String>,
        #[command(flatten)]
        list: ListFlags,
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
    /// The copy that changes are tried out in
    #[command(subcommand)]
    Draft(DraftCommand),
    /// Remove the connection
    Delete {
        /// The organization
        org: String,
    },
}

/// Which document of metadata is meant, and how it is read.
#[derive(Debug, Args)]
pub(in crate::cli) struct DocumentFlags {
    /// The metadata document; - is standard input
    #[arg(required_unless_present_any = ["url", "mdq"])]
    file: Option<PathBuf>,
    /// The address of the document instead, from which it is refreshed from then on
    #[arg(long, value_name = "URL", conflicts_with = "file")]
    url: Option<String>,
    /// The base address of a service of the Metadata Query Protocol instead, likewise
    #[arg(long, value_name = "URL", conflicts_with_all = ["file", "url"], requires = "entity_id")]
    mdq: Option<String>,
    /// A certificate (PEM or DER) whose key must have signed the document
    #[arg(long, value_name = "FILE")]
    pin: Option<PathBuf>,
    /// Which entity of an aggregate
    #[arg(long, value_name = "URI")]
    entity_id: Option<String>,
    /// saml2 or wsfed, where the document speaks both
    #[arg(long, value_name = "PROTOCOL")]
    protocol: Option<String>,
}

impl DocumentFlags {
    /// The request that imports it at a path.
    pub(super) fn import(self, path: &[&str]) -> Result<Call, Failed> {
        let Self { file, url, mdq, pin, entity_id, protocol } = self;
        let call = Call::post(path).query("entity_id", entity_id).query("protocol", protocol);
        let pin = pin.map(|file| certificate(&file)).transpose()?;
        Ok(match file {
            Some(file) => call.pin(pin).file(XML, file),
            None => call.json(&json!({"url": url, "mdq": mdq, "pin": pin})),
        })
    }
}

impl ApiCommand for ConnectionCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::Show { org } => Call::get(&["orgs", &org, "sso"], Show::Fields),
            Self::Set { org, settings } => write(Method::PATCH, &["orgs", &org, "sso"], settings)?,
            Self::Replace { org, settings } => {
                write(Method::PUT, &["orgs", &org, "sso"], settings)?
            }
            Self::Import { org, document } => {
                document.import(&["orgs", &org, "sso", "metadata"])?
            }
            Self::Entities { org, file, url, search, role, list } => {
                let call = Call::post(&["orgs", &org, "sso", "metadata", "entities"])
                    .show(Show::Table(ENTITY_COLUMNS))
                    .query("q", search)
                    .query("role", role)
                    .list(list);
                match file {
                    Some(file) => call.file(XML, file),
                    None => call.json(&json!({"url": url})),
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
            Self::Draft(command) => return command.call(),
            Self::Preview { org, attributes, name_id, trace, message, at, set } => {
                let mut question = json!({
                    "settings": assignments(&set, Digits::Number)?,
                    "attributes": named(&attributes)?,
                });
                let message = message.map(|file| input::read(&file)).transpose()?;
                let message = message.map(|xml| String::from_utf8_lossy(&xml).into_owned());
                for (field, value) in [("trace", trace), ("message", message), ("at", at)] {
                    question[field] = value.into();
                }
                if let Some(name_id) = name_id {
                    question["name_id"] = json!({"value": name_id});
                }
                Call::post(&["orgs", &org, "sso", "preview"]).json(&question)
            }
            Self::Delete { org } => {
                Call::delete(&["orgs", &org, "sso"], &format!("the connection of {org}"))
            }
        })
    }
}

/// A certificate in base64 of DER, which needs one line.
fn certificate(file: &Path) -> Result<String, Failed> {
    let read = certs::read_certificate(&input::read(file)?, SmallestRsa::Bits2048);
    let der = read.map_err(|error| Failed::Unusable(format!("{}: {error}", file.display())))?;
    Ok(STANDARD.encode(der))
}

/// Writes the settings of a connection, or of its draft.
pub(super) fn write(method: Method, path: &[&str], settings: SettingFlags) -> Result<Call, Failed> {
    let fields = Value::Object(settings.read(Digits::Number)?);
    Ok(Call::new(method, path, Show::Fields).json(&fields))
}

/// The attributes of an assertion, in their order.
fn named(given: &[String]) -> Result<Value, Failed> {
    let mut attributes: Vec<(&str, Vec<&str>)> = Vec::new();
    for attribute in given {
        let Some((name, value)) = attribute.split_once('=') else {
            let sentence = format!("{attribute}: attributes are given as NAME=VALUE");
            return Err(Failed::Unusable(sentence));
        };
        match attributes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => attributes.push((name, vec![value])),
        }
    }
    let attribute = |(name, values)| json!({"name": name, "values": values});
    Ok(attributes.into_iter().map(attribute).collect())
}
