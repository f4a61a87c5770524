//! `sso-server org connection draft`: the copy of a connection that changes are tried out in (SPEC 2).

use super::ApiCommand;
use super::call::Call;
use super::connection::write;
use super::settings::SettingFlags;
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
            Self::Promote { org } => Call::post(&["orgs", &org, "sso", "draft", "promote"]),
            Self::Delete { org } => {
                Call::delete(&["orgs", &org, "sso", "draft"], &format!("the draft of {org}"))
            }
        })
    }
}
