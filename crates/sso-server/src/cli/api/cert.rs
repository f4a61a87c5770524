//! `sso-server cert`: service certificates (SPEC 7).

use super::call::Call;
use super::idp_cert::IdpCertCommand;
use super::list::ListFlags;
use super::settings::{Digits, SettingFlags};
use super::{ApiCommand, OutputFlags};
use crate::cli::failed::Failed;
use crate::cli::input;
use crate::cli::show::{self, Column, Show};
use axum::http::Method;
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CertCommand {
    /// List the service certificates of an organization
    List {
        /// The organization
        org: String,
    },
    /// Show a service certificate
    Show {
        /// The organization
        org: String,
        /// The certificate
        id: String,
    },
    /// Generate a key pair and its certificate, published at once, signing when it is activated
    Generate {
        /// The organization
        org: String,
        /// What it is called
        #[arg(long, value_name = "TEXT")]
        alias: String,
        /// For how many days it is valid, 90 to 3652
        #[arg(long, value_name = "DAYS", default_value_t = 730)]
        days: u32,
        /// rsa2048, rsa3072, rsa4096 or p256 [default: rsa2048]
        #[arg(long, value_name = "KIND")]
        key: Option<String>,
    },
    /// Make a key and the request for its certificate, for a certificate authority
    Request {
        /// The organization
        org: String,
        /// What it is called
        #[arg(long, value_name = "TEXT")]
        alias: String,
        /// rsa2048, rsa3072, rsa4096 or p256 [default: rsa2048]
        #[arg(long, value_name = "KIND")]
        key: Option<String>,
        #[command(flatten)]
        subject: SettingFlags,
        #[command(flatten)]
        output: OutputFlags,
    },
    /// List the requests that wait for their certificates
    Requests {
        /// The organization
        org: String,
    },
    /// Remove a request that waits for its certificate, and its private key
    DropRequest {
        /// The organization
        org: String,
        /// The request
        id: String,
    },
    /// Import a certificate and its private key, PEM or PKCS#12; or the answer to a request
    Import {
        /// The organization
        org: String,
        /// The file with both; - is standard input
        file: PathBuf,
        /// What it is called
        #[arg(long, value_name = "TEXT")]
        alias: String,
        /// A file with the passphrase of the key; - is standard input
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Write the certificate to a file, for the identity provider
    Export {
        /// The organization
        org: String,
        /// The certificate
        id: String,
        /// PEM instead of DER
        #[arg(long)]
        pem: bool,
        #[command(flatten)]
        output: OutputFlags,
    },
    /// Plan when a certificate is activated and retired by itself; without instants, no plan
    Plan {
        /// The organization
        org: String,
        /// The certificate
        id: String,
        /// When it begins to sign, such as 2027-01-31T02:00:00Z
        #[arg(long, value_name = "INSTANT")]
        activate_at: Option<String>,
        /// When it goes out of use
        #[arg(long, value_name = "INSTANT")]
        retire_at: Option<String>,
    },
    /// Let a certificate sign; the one before goes on decrypting
    Activate {
        /// The organization
        org: String,
        /// The certificate
        id: String,
    },
    /// Take a certificate that does not sign out of use, for good
    Retire {
        /// The organization
        org: String,
        /// The certificate
        id: String,
    },
    /// Remove a certificate that does not sign, and its private key
    Delete {
        /// The organization
        org: String,
        /// The certificate
        id: String,
    },
    /// Certificates of an organization's identity provider
    #[command(subcommand)]
    Idp(IdpCertCommand),
}

/// The columns of a list of certificates, of whichever side.
pub(super) const COLUMNS: &[Column] = &[
    ("ID", "/id"),
    ("ALIAS", "/alias"),
    ("STATE", "/state"),
    ("KEY", "/public_key/algorithm"),
    ("BITS", "/public_key/bits"),
    ("NOT AFTER", "/not_after"),
    ("SHA-256", "/fingerprint_sha256"),
];

/// The columns of a list of requests.
const REQUEST_COLUMNS: &[Column] =
    &[("ID", "/id"), ("ALIAS", "/alias"), ("CREATED AT", "/created_at")];

impl ApiCommand for CertCommand {
    fn call(self) -> Result<Call, Failed> {
        let at = "service-certificates";
        Ok(match self {
            Self::List { org } => {
                Call::get(&["orgs", &org, at], Show::Table(COLUMNS)).list(ListFlags::whole())
            }
            Self::Show { org, id } => Call::get(&["orgs", &org, at, &id], Show::Fields),
            Self::Generate { org, alias, days, key } => {
                let mut asked = json!({"alias": alias, "valid_days": days});
                if let Some(key) = key {
                    asked["key"] = key.into();
                }
                Call::post(&["orgs", &org, at]).json(&asked)
            }
            Self::Request { org, alias, key, subject, output } => {
                let subject = subject.read(Digits::Text)?;
                let mut asked = json!({"alias": alias, "subject": subject});
                if let Some(key) = key {
                    asked["key"] = key.into();
                }
                Call::post(&["orgs", &org, at, "csr"])
                    .json(&asked)
                    .show(Show::Field("pem"))
                    .output(output.output)
            }
            Self::Requests { org } => {
                Call::get(&["orgs", &org, at, "csr"], Show::Table(REQUEST_COLUMNS))
                    .list(ListFlags::whole())
            }
            Self::DropRequest { org, id } => Call::delete(
                &["orgs", &org, at, "csr", &id],
                &format!("the request {id} of {org} and its private key"),
            ),
            Self::Import { org, file, alias, passphrase_file } => {
                let both_are = |name: &std::path::PathBuf| input::is_standard_input(name);
                if both_are(&file) && passphrase_file.as_ref().is_some_and(both_are) {
                    let sentence = "standard input cannot be both the file and its passphrase";
                    return Err(Failed::Unusable(sentence.to_owned()));
                }
                let passphrase =
                    passphrase_file.map(|file| input::read_secret(&file)).transpose()?;
                Call::post(&["orgs", &org, at, "import"])
                    .query("alias", Some(alias))
                    .passphrase(passphrase)
                    .content("application/octet-stream", input::read(&file)?)
            }
            Self::Export { org, id, pem: true, output } => {
                Call::get(&["orgs", &org, at, &id], Show::Field("pem")).output(output.output)
            }
            Self::Export { org, id, pem: false, output } => {
                if output.output.is_none() && show::is_terminal() {
                    let sentence = "DER is no text for a terminal: give --output FILE, or --pem";
                    return Err(Failed::Unusable(sentence.to_owned()));
                }
                Call::get(&["orgs", &org, at, &id, "export"], Show::Bytes).output(output.output)
            }
            Self::Plan { org, id, activate_at, retire_at } => {
                let plan = json!({"activate_at": activate_at, "retire_at": retire_at});
                let path = ["orgs", &org, at, &id, "plan"];
                Call::new(Method::PUT, &path, Show::Fields).json(&plan)
            }
            Self::Activate { org, id } => Call::post(&["orgs", &org, at, &id, "activate"]),
            Self::Retire { org, id } => Call::post(&["orgs", &org, at, &id, "retire"]),
            Self::Delete { org, id } => Call::delete(
                &["orgs", &org, at, &id],
                &format!("the certificate {id} of {org} and its private key"),
            ),
            Self::Idp(command) => return command.call(),
        })
    }
}
