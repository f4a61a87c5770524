//! `sso-server token`: tokens by which an organization's own scripts use the Admin API (SPEC 6).

use super::ApiCommand;
use super::call::Call;
use super::list::ListFlags;
use crate::cli::failed::Failed;
use crate::cli::show::{Column, Show};
use clap::Subcommand;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TokenCommand {
    /// List the tokens of an organization; their secrets are not kept
    List {
        /// The organization
        org: String,
        #[command(flatten)]
        list: ListFlags,
    },
    /// Show a token; its secret is not kept
    Show {
        /// The organization
        org: String,
        /// The token
        id: String,
    },
    /// Make a token. Its secret is all that is printed, this once
    Create {
        /// The organization
        org: String,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        description: String,
        /// org_admin or user_admin
        #[arg(long, value_name = "ROLE")]
        role: String,
        /// For how many days it is good [default: 365]
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u32>,
    },
    /// Make a token worthless, at once
    Revoke {
        /// The organization
        org: String,
        /// The token
        id: String,
    },
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
        let at = "api-tokens";
        Ok(match self {
            Self::List { org, list } => {
                Call::get(&["orgs", &org, at], Show::Table(COLUMNS)).list(list)
            }
            Self::Show { org, id } => Call::get(&["orgs", &org, at, &id], Show::Fields),
            Self::Create { org, description, role, expires_in_days } => {
                let mut asked = json!({"description": description, "role": role});
                if let Some(days) = expires_in_days {
                    asked["expires_in_days"] = days.into();
                }
                Call::post(&["orgs", &org, at]).json(&asked).show(Show::Line("secret"))
            }
            Self::Revoke { org, id } => {
                Call::delete(&["orgs", &org, at, &id], &format!("the token {id} of {org}"))
            }
        })
    }
}
