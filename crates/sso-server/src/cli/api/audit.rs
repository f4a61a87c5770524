//! `sso-server audit`: the audit trail (SPEC 13).

use super::call::Call;
use super::list::ListFlags;
use super::{ApiCommand, OutputFlags};
use crate::cli::failed::Failed;
use crate::cli::show::{Column, Show};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AuditCommand {
    /// List what was done in an organization, the newest first. Reading it is itself recorded
    List {
        #[command(flatten)]
        filter: Filter,
        /// csv: all of it, for a spreadsheet; json: as --json
        #[arg(long, value_name = "FORMAT")]
        format: Option<Format>,
        #[command(flatten)]
        list: ListFlags,
        #[command(flatten)]
        output: OutputFlags,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Format {
    Json,
    Csv,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Filter {
    /// The organization
    org: String,
    /// Only acts at this instant or after: RFC 3339, or a date
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only acts before this instant: RFC 3339, or a date
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Only acts of this administrator: an account, operator, or command-line
    #[arg(long, value_name = "NAME")]
    administrator: Option<String>,
    /// sign_in, configuration, users, groups, certificates, reports or security
    #[arg(long, value_name = "CATEGORY")]
    category: Option<String>,
}

const COLUMNS: &[Column] = &[
    ("TIME", "/timestamp"),
    ("ADMINISTRATOR", "/administrator"),
    ("CATEGORY", "/category"),
    ("ACT", "/sub_category"),
    ("DETAILS", "/details"),
];

impl ApiCommand for AuditCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::List { filter, format: Some(Format::Csv), output, .. } => filter
                .call(Show::Text)
                .query("format", Some("csv".to_owned()))
                .output(output.output),
            Self::List { filter, format, list, output } => {
                let show = match format {
                    None => Show::Table(COLUMNS),
                    Some(_) => Show::Json,
                };
                filter.call(show).list(list).output(output.output)
            }
        })
    }
}

impl Filter {
    fn call(self, show: Show) -> Call {
        Call::get(&["orgs", &self.org, "audit"], show)
            .query("from", self.from.map(instant))
            .query("to", self.to.map(instant))
            .query("administrator", self.administrator)
            .query("category", self.category)
    }
}

/// A date begins at midnight UTC. Anything else is for the Admin API to read.
fn instant(text: String) -> String {
    let is_date = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if is_date { text + "T00:00:00Z" } else { text }
}
