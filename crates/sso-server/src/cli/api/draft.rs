//! `sso-server org connection draft`: the copy of a connection that changes are tried out in (SPEC 2).

use super::call::Call;
use super::connection::{DocumentFlags, write};
use super::settings::SettingFlags;
use super::{ApiCommand, OutputFlags};
use crate::cli::failed::Failed;
use crate::cli::show::Show;
use axum::http::Method;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DraftCommand {
    /// Show the draft
    Show {
        /// The organization
        org: String,
    },
    /// Change fields of the draft, which begins as a copy of the connection. It is tried out at
    /// /sso/ORG/login?test=1
    Set {
        /// The organization
        org: String,
        #[command(flatten)]
        settings: SettingFlags,
    },
    /// Replace the whole draft, or make it: fields that are not given have their defaults
    Replace {
        /// The organization
        org: String,
        #[command(flatten)]
        settings: SettingFlags,
    },
    /// Fill the draft from an identity provider's metadata; it begins as a copy of the connection
    Import {
        /// The organization
        org: String,
        #[command(flatten)]
        document: DocumentFlags,
    },
    /// Print the metadata that was imported into the draft
    Metadata {
        /// The organization
        org: String,
        #[command(flatten)]
        output: OutputFlags,
    },
    /// Make the draft the connection
    Promote {
        /// The organization
        org: String,
    },
    /// Throw the draft away
    Delete {
        /// The organization
        org: String,
    },
}

impl ApiCommand for DraftCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::Show { org } => Call::get(&["orgs", &org, "sso", "draft"], Show::Fields),
            Self::Set { org, settings } => {
                write(Method::PATCH, &["orgs", &org, "sso", "draft"], settings)?
            }
            Self::Replace { org, settings } => {
                write(Method::PUT, &["orgs", &org, "sso", "draft"], settings)?
            }
            Self::Import { org, document } => {
                document.import(&["orgs", &org, "sso", "draft", "metadata"])?
            }
            Self::Metadata { org, output } => {
                Call::get(&["orgs", &org, "sso", "draft", "metadata"], Show::Text)
                    .output(output.output)
            }
            Self::Promote { org } => Call::post(&["orgs", &org, "sso", "draft", "promote"]),
            Self::Delete { org } => {
                Call::delete(&["orgs", &org, "sso", "draft"], &format!("the draft of {org}"))
            }
        })
    }
}
