//! `sso-server token`: tokens by which an organization's own scripts use the Admin API, and its directory
//! SCIM (SPEC 6).

use super::ApiCommand;
use super::call::Call;
use super::list::ListFlags;
use crate::cli::failed::Failed;
use crate::cli::show::{Column, Show};
use clap::{Args, Subcommand};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TokenCommand {
    /// List the tokens of an organization; their secrets are not kept
    List {
        /// The organization
        org: String,
        #[command(flatten)]
        of: OfFlags,
        #[command(flatten)]
        list: ListFlags,
    },
    /// Show a token; its secret is not kept
    Show {
        /// The organization
        org: String,
        /// The token
        id: String,
        #[command(flatten)]
        of: OfFlags,
    },
    /// Make a token. Its secret is all that is printed, this once
    Create {
        /// The organization
        org: String,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        description: String,
        /// org_admin or user_admin; none for SCIM
        #[arg(
            long,
            value_name = "ROLE",
            required_unless_present = "scim",
            conflicts_with = "scim"
        )]
        role: Option<String>,
        /// For how many days it is good [default: 365]
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u32>,
        #[command(flatten)]
        of: OfFlags,
    },
    /// Make a token worthless, at once
    Revoke {
        /// The organization
        org: String,
        /// The token
        id: String,
        #[command(flatten)]
        of: OfFlags,
    },
}

/// What a token is for.
#[derive(Debug, Args)]
pub(in crate::cli) struct OfFlags {
    /// A token for SCIM, by which a directory writes accounts and groups
    #[arg(long)]
    scim: bool,
}

impl OfFlags {
    fn path(&self) -> &'static str {
        if self.scim { "scim-tokens" } else { "api-tokens" }
    }
}

const COLUMNS: &[Column] = &[
    ("ID", "/id"),
    ("DESCRIPTION", "/description"),
    ("ROLE", "/role"),
    ("CREATED BY", "/created_by"),
    ("EXPIRES", "/expires_at"),
];

impl ApiCommand for TokenCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::List { org, of, list } => {
                Call::get(&["orgs", &org, of.path()], Show::Table(COLUMNS)).list(list)
            }
            Self::Show { org, id, of } => Call::get(&["orgs", &org, of.path(), &id], Show::Fields),
            Self::Create { org, description, role, expires_in_days, of } => {
                let mut asked = json!({"description": description});
                if let Some(role) = role {
                    asked["role"] = role.into();
                }
                if let Some(days) = expires_in_days {
                    asked["expires_in_days"] = days.into();
                }
                Call::post(&["orgs", &org, of.path()]).json(&asked).show(Show::Line("secret"))
            }
            Self::Revoke { org, id, of } => {
                Call::delete(&["orgs", &org, of.path(), &id], &format!("the token {id} of {org}"))
            }
        })
    }
}
