//! `sso-server group`: groups of accounts (SPEC 6).

use super::ApiCommand;
use super::call::Call;
use super::list::ListFlags;
use super::settings::{Digits, SettingFlags};
use crate::cli::failed::Failed;
use crate::cli::show::{Column, Show};
use axum::http::Method;
use clap::Subcommand;
use serde_json::Value;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GroupCommand {
    /// List the groups of an organization
    List {
        /// The organization
        org: String,
        /// Those of exactly this name
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// The one of this sso_id
        #[arg(long, value_name = "TEXT")]
        sso_id: Option<String>,
        #[command(flatten)]
        list: ListFlags,
    },
    /// Show a group and its members
    Show {
        /// The organization
        org: String,
        /// The group
        id: String,
    },
    /// Make a group. Digits are text here: sso_id=17
    Create {
        /// The organization
        org: String,
        #[command(flatten)]
        fields: SettingFlags,
    },
    /// Change fields of a group, its members among them: members:='["acc_…"]'
    Edit {
        /// The organization
        org: String,
        /// The group
        id: String,
        #[command(flatten)]
        fields: SettingFlags,
    },
    /// Remove a group that is empty
    Remove {
        /// The organization
        org: String,
        /// The group
        id: String,
    },
}

const COLUMNS: &[Column] =
    &[("ID", "/id"), ("NAME", "/name"), ("SSO ID", "/sso_id"), ("TYPE", "/type")];

impl ApiCommand for GroupCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::List { org, name, sso_id, list } => {
                Call::get(&["orgs", &org, "groups"], Show::Table(COLUMNS))
                    .query("name", name)
                    .query("sso_id", sso_id)
                    .list(list)
            }
            Self::Show { org, id } => Call::get(&["orgs", &org, "groups", &id], Show::Fields),
            Self::Create { org, fields } => {
                let fields = Value::Object(fields.read(Digits::Text)?);
                Call::post(&["orgs", &org, "groups"]).json(&fields)
            }
            Self::Edit { org, id, fields } => {
                let fields = Value::Object(fields.read(Digits::Text)?);
                let path = ["orgs", &org, "groups", &id];
                Call::new(Method::PATCH, &path, Show::Fields).json(&fields)
            }
            Self::Remove { org, id } => {
                Call::delete(&["orgs", &org, "groups", &id], &format!("the group {id} of {org}"))
            }
        })
    }
}
