//! `sso-server cert idp`: certificates of an identity provider that are imported by hand (SPEC 8).

use super::ApiCommand;
use super::call::Call;
use super::cert::COLUMNS;
use super::list::ListFlags;
use crate::cli::failed::Failed;
use crate::cli::input;
use crate::cli::show::Show;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum IdpCertCommand {
    /// List what was imported by hand; the keys of imported metadata are trusted besides
    List {
        /// The organization
        org: String,
    },
    /// Show a certificate
    Show {
        /// The organization
        org: String,
        /// The certificate
        id: String,
    },
    /// Import a certificate, PEM or DER
    Import {
        /// The organization
        org: String,
        /// The certificate; - is standard input
        file: PathBuf,
        /// What it is called
        #[arg(long, value_name = "TEXT")]
        alias: String,
    },
    /// Say that the identity provider signs with this one now; it finds that out by itself, too
    Activate {
        /// The organization
        org: String,
        /// The certificate
        id: String,
    },
    /// Trust a certificate no longer
    Delete {
        /// The organization
        org: String,
        /// The certificate
        id: String,
    },
}

impl ApiCommand for IdpCertCommand {
    fn call(self) -> Result<Call, Failed> {
        let at = "idp-certificates";
        Ok(match self {
            Self::List { org } => {
                Call::get(&["orgs", &org, at], Show::Table(COLUMNS)).list(ListFlags::whole())
            }
            Self::Show { org, id } => Call::get(&["orgs", &org, at, &id], Show::Fields),
            Self::Import { org, file, alias } => Call::post(&["orgs", &org, at])
                .query("alias", Some(alias))
                .content("application/octet-stream", input::read(&file)?),
            Self::Activate { org, id } => Call::post(&["orgs", &org, at, &id, "activate"]),
            Self::Delete { org, id } => Call::delete(
                &["orgs", &org, at, &id],
                &format!("the identity provider's certificate {id} from {org}"),
            ),
        })
    }
}
