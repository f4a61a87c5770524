//! `sso-server user`: accounts (SPEC 10).

use super::ApiCommand;
use super::call::Call;
use super::list::ListFlags;
use crate::cli::failed::Failed;
use crate::cli::show::{Column, Show};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum UserCommand {
    /// List accounts of an organization
    List {
        /// The organization
        org: String,
        /// The beginning of the first or last name
        #[arg(long, value_name = "TEXT")]
        q: Option<String>,
        /// Exactly this employee ID
        #[arg(long, value_name = "TEXT")]
        employee_id: Option<String>,
        /// active, inactive or all [default: active]
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
        /// user, user_admin or org_admin
        #[arg(long, value_name = "ROLE")]
        role: Option<String>,
        #[command(flatten)]
        list: ListFlags,
    },
    /// Show an account
    Show {
        /// The organization
        org: String,
        /// The account
        id: String,
    },
}

const COLUMNS: &[Column] = &[
    ("ID", "/id"),
    ("EMAIL", "/email"),
    ("FIRST NAME", "/first_name"),
    ("LAST NAME", "/last_name"),
    ("STATUS", "/status"),
    ("ROLE", "/role"),
    ("SOURCE", "/source"),
    ("LAST LOGIN", "/last_login_at"),
];

impl ApiCommand for UserCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::List { org, q, employee_id, status, role, list } => {
                Call::get(&["orgs", &org, "users"], Show::Table(COLUMNS))
                    .query("q", q)
                    .query("employee_id", employee_id)
                    .query("status", status)
                    .query("role", role)
                    .list(list)
            }
            Self::Show { org, id } => Call::get(&["orgs", &org, "users", &id], Show::Fields),
        })
    }
}
