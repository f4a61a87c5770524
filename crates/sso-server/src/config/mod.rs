//! What the operator sets (SPEC 14): `sso.toml`, then `SSO_*` environment variables, then flags.
//!
//! A setting that cannot be used stops the start with one sentence that names it.

mod admin_token;
mod database;
mod error;
mod master_key;
mod networks;
mod new_file;
mod private_file;
mod proxies;
mod public_url;
mod settings;
mod webhook;

pub use admin_token::AdminToken;
pub use database::Database;
pub use error::StartError;
pub use networks::Networks;
pub use proxies::TrustedProxies;
pub use public_url::PublicUrl;
pub use settings::{Flags, InstallationFlags, Settings, example, unknown_variables};
pub use webhook::Webhook;

use sso_core::cookies::CookieDomain;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The settings, read and checked. Nothing was written yet.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the service listens.
    pub listen: SocketAddr,
    /// How browsers and identity providers reach it.
    pub public_url: PublicUrl,
    /// The domain all of whose hosts the session serves; `None`: the service's own host alone.
    pub cookie_domain: Option<CookieDomain>,
    /// The folder for everything that the service keeps.
    pub data_dir: PathBuf,
    /// Where the rows are.
    pub database: Database,
    /// The file with the master key; `None`: `master.key` in the data folder, made where absent.
    pub master_key_file: Option<PathBuf>,
    /// The operator's token; `None`: `admin-token` in the data folder, made where absent.
    pub admin_token: Option<AdminToken>,
    /// Whose forwarding headers are believed, and who may ask who is signed in.
    pub trusted_proxies: TrustedProxies,
    /// Networks besides the public Internet that the service may ask.
    pub outgoing_networks: Networks,
    /// Where notices are posted; `None`: nowhere.
    pub webhook: Option<Webhook>,
    /// How long login traces are kept.
    pub traces_kept: time::Duration,
    /// How long the messages of logins are kept; zero keeps none.
    pub messages_kept: time::Duration,
    /// The most bytes of them.
    pub message_bytes: u64,
    /// What is logged, as `tracing` filter directives.
    pub log: String,
    /// How it is written.
    pub log_format: LogFormat,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// Checks every setting, in the order of SPEC 14.
    ///
    /// # Errors
    /// The first setting that cannot be used, with its name and the reason.
    pub fn from_settings(settings: Settings) -> Result<Self, StartError> {
        let listen = settings.listen.parse().map_err(|_| {
            StartError::setting(
                "listen",
                format!("{:?} is not an address and port such as 127.0.0.1:8080", settings.listen),
            )
        })?;
        let public_url = PublicUrl::read(&settings.public_url)?;
        let cookie_domain = settings
            .cookie_domain
            .map(|domain| CookieDomain::new(&domain, public_url.url()))
            .transpose()
            .map_err(|error| StartError::setting("cookie_domain", error.to_string()))?;
        if settings.data_dir.is_empty() {
            return Err(StartError::setting("data_dir", "the name of a folder is missing"));
        }
        let data_dir = PathBuf::from(&settings.data_dir);
        let database = Database::read(settings.database_url.as_deref(), &data_dir)?;
        let master_key_file = settings.master_key_file.map(PathBuf::from);
        if database.is_shared() && master_key_file.is_none() {
            return Err(StartError::setting(
                "master_key_file",
                "with PostgreSQL every node needs the same master key; name its file",
            ));
        }
        let log_format = match settings.log_format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => {
                return Err(StartError::setting(
                    "log_format",
                    format!("{other:?} is neither \"text\" nor \"json\""),
                ));
            }
        };
        crate::telemetry::check_filter(&settings.log)?;
        Ok(Self {
            listen,
            public_url,
            cookie_domain,
            data_dir,
            database,
            master_key_file,
            admin_token: settings.admin_token.as_deref().map(AdminToken::given).transpose()?,
            trusted_proxies: TrustedProxies::read(settings.trusted_proxies.as_deref())?,
            outgoing_networks: Networks::read(
                "outgoing_networks",
                settings.outgoing_networks.as_deref(),
            )?,
            webhook: Webhook::read(
                settings.webhook_url.as_deref(),
                settings.webhook_secret.as_deref(),
            )?,
            traces_kept: time::Duration::days(settings.trace_days.into()),
            messages_kept: time::Duration::days(settings.message_days.into()),
            message_bytes: u64::from(settings.message_mib) << 20,
            log: settings.log,
            log_format,
        })
    }

    /// Makes the data folder, closed to other users, unless it exists.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn make_data_dir(&self) -> Result<(), StartError> {
        private_file::make_folder(&self.data_dir)
    }
}
