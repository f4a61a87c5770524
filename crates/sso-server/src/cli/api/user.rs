//! `sso-server user`: accounts (SPEC 10).

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
        /// Those whose instant messages are logged, or are not: true or false
        #[arg(long, value_name = "BOOLEAN")]
        im_logging: Option<String>,
        /// created_at, first_name, last_name or email [default: created_at]
        #[arg(long, value_name = "FIELD")]
        sort: Option<String>,
        /// asc or desc [default: asc]
        #[arg(long, value_name = "ORDER")]
        order: Option<String>,
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
    /// Make an account. Digits are text here: employee_id=17, and storage_mb:=100 for a number
    Create {
        /// The organization
        org: String,
        #[command(flatten)]
        fields: SettingFlags,
    },
    /// Change fields of an account. Digits are text here, as in create
    Edit {
        /// The organization
        org: String,
        /// The account
        id: String,
        #[command(flatten)]
        fields: SettingFlags,
    },
    /// Refuse a person from now on, and sign them out everywhere; the account is kept
    Deactivate {
        /// The organization
        org: String,
        /// The account
        id: String,
    },
    /// Let a person in again
    Reactivate {
        /// The organization
        org: String,
        /// The account
        id: String,
    },
    /// List where a person is signed in
    Sessions {
        /// The organization
        org: String,
        /// The account
        id: String,
        #[command(flatten)]
        list: ListFlags,
    },
    /// Sign a person out, everywhere or of one session
    SignOut {
        /// The organization
        org: String,
        /// The account
        id: String,
        /// Of this session alone
        #[arg(long, value_name = "SESSION")]
        session: Option<String>,
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

const SESSION_COLUMNS: &[Column] = &[
    ("ID", "/id"),
    ("SIGNED IN", "/authenticated_at"),
    ("LAST USED", "/last_used_at"),
    ("ENDS", "/expires_at"),
];

impl ApiCommand for UserCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::List { org, q, employee_id, status, role, im_logging, sort, order, list } => {
                Call::get(&["orgs", &org, "users"], Show::Table(COLUMNS))
                    .query("q", q)
                    .query("employee_id", employee_id)
                    .query("status", status)
                    .query("role", role)
                    .query("im_logging", im_logging)
                    .query("sort", sort)
                    .query("order", order)
                    .list(list)
            }
            Self::Show { org, id } => Call::get(&["orgs", &org, "users", &id], Show::Fields),
            Self::Create { org, fields } => {
                let fields = Value::Object(fields.read(Digits::Text)?);
                Call::post(&["orgs", &org, "users"]).json(&fields)
            }
            Self::Edit { org, id, fields } => {
                let fields = Value::Object(fields.read(Digits::Text)?);
                Call::new(Method::PATCH, &["orgs", &org, "users", &id], Show::Fields).json(&fields)
            }
            Self::Deactivate { org, id } => Call::post(&["orgs", &org, "users", &id, "deactivate"]),
            Self::Reactivate { org, id } => Call::post(&["orgs", &org, "users", &id, "reactivate"]),
            Self::Sessions { org, id, list } => {
                let path = ["orgs", &org, "users", &id, "sessions"];
                Call::get(&path, Show::Table(SESSION_COLUMNS)).list(list)
            }
            Self::SignOut { org, id, session: None } => Call::delete(
                &["orgs", &org, "users", &id, "sessions"],
                &format!("every session of {id} of {org}"),
            ),
            Self::SignOut { org, id, session: Some(session) } => Call::delete(
                &["orgs", &org, "users", &id, "sessions", &session],
                &format!("the session {session} of {id} of {org}"),
            ),
        })
    }
}
