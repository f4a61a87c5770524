//! `sso-server token`: tokens by which an organization's own scripts use the Admin API, and its directory
//! SCIM (SPEC 6).

use super::ApiCommand;
use super::call::Call;
use super::list::ListFlags;
use crate::cli::failed::Failed;
use crate::cli::show::{Column, Show};
use axum::http::Method;
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
        /// With --scim: nothing is changed, and each request is answered and logged as if it were done
        #[arg(long, requires = "scim")]
        dry_run: bool,
        /// For how many days it is good [default: 365]
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u32>,
        #[command(flatten)]
        of: OfFlags,
    },
    /// Begin or end the dry run of a SCIM token, whose secret stays
    DryRun {
        /// The organization
        org: String,
        /// The token
        id: String,
        /// Whether nothing is changed
        #[arg(value_enum)]
        dry_run: OnOff,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum OnOff {
    On,
    Off,
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
    ("DRY RUN", "/dry_run"),
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
            Self::Create { org, description, role, dry_run, expires_in_days, of } => {
                let mut asked = json!({"description": description});
                if let Some(role) = role {
                    asked["role"] = role.into();
                }
                if dry_run {
                    asked["dry_run"] = true.into();
                }
                if let Some(days) = expires_in_days {
                    asked["expires_in_days"] = days.into();
                }
                Call::post(&["orgs", &org, of.path()]).json(&asked).show(Show::Line("secret"))
            }
            Self::DryRun { org, id, dry_run } => {
                let asked = json!({"dry_run": dry_run == OnOff::On});
                let path = ["orgs", &org, "scim-tokens", &id];
                Call::new(Method::PATCH, &path, Show::Fields).json(&asked)
            }
            Self::Revoke { org, id, of } => {
                Call::delete(&["orgs", &org, of.path(), &id], &format!("the token {id} of {org}"))
            }
        })
    }
}
