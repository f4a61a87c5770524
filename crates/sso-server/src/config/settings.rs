//! The settings as they are written: names, defaults and where they come from.

use super::{Config, StartError};
use confique::meta::{Expr, FieldKind, LeafKind};
use confique::{Config as _, Layer as _};
use serde::Deserialize as _;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Every setting as text, before it is checked. The documentation of each field is the comment in
/// the example file.
#[derive(Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Settings {
    /// The address and port on which the service listens.
    #[config(env = "SSO_LISTEN", default = "127.0.0.1:8080")]
    pub listen: String,

    /// The address by which browsers and identity providers reach the service, without a path.
    /// Plain http is for loopback hosts alone. Every address that is published derives from it.
    #[config(env = "SSO_PUBLIC_URL", default = "http://localhost:8080")]
    pub public_url: String,

    /// A domain, such as example.com, all of whose hosts the session serves, so that applications
    /// behind a proxy on sibling hosts know who is signed in. The public URL must be on it or under
    /// it. Every host there gets the cookie. Unset: the service's own host alone.
    #[config(env = "SSO_COOKIE_DOMAIN")]
    pub cookie_domain: Option<String>,

    /// The folder for everything that the service keeps; made where absent, closed to others.
    #[config(env = "SSO_DATA_DIR", default = "./data")]
    pub data_dir: String,

    /// The database: sqlite:// and a file, or postgres:// for several nodes.
    /// Unset: sso.db in the data folder.
    #[config(env = "SSO_DATABASE_URL")]
    pub database_url: Option<String>,

    /// A file with the 32 bytes of the master key, raw, in hex or in base64. It seals the private
    /// keys in the database. While it is rotated the file has several keys, a line each: the first is
    /// the one to seal under. Unset: master.key in the data folder, made at the first start.
    /// Required with PostgreSQL.
    #[config(env = "SSO_MASTER_KEY_FILE")]
    pub master_key_file: Option<String>,

    /// The operator's token for the Admin API. Unset: made at the first start and written to
    /// admin-token in the data folder. Better set in the environment than in a file.
    #[config(env = "SSO_ADMIN_TOKEN")]
    pub admin_token: Option<String>,

    /// The proxies in front of the service, as addresses or networks separated by commas. Their
    /// forwarding headers are believed, and they alone may ask /auth/verify who is signed in.
    #[config(env = "SSO_TRUSTED_PROXIES")]
    pub trusted_proxies: Option<String>,

    /// Networks besides the public Internet that the service may ask for metadata, as addresses or
    /// networks separated by commas. Without them no private, loopback or link-local address is
    /// asked, whatever name leads there. Plain http is spoken with these alone.
    #[config(env = "SSO_OUTGOING_NETWORKS")]
    pub outgoing_networks: Option<String>,

    /// An address of your own to which notices are posted, such as certificates that expire.
    /// Each is signed as Standard Webhooks are. A private one must be of SSO_OUTGOING_NETWORKS.
    #[config(env = "SSO_WEBHOOK_URL")]
    pub webhook_url: Option<String>,

    /// What notices are signed with: whsec_ and 24 to 64 random bytes in base64. Of several,
    /// separated by spaces, each signs. Better set in the environment than in a file.
    #[config(env = "SSO_WEBHOOK_SECRET")]
    pub webhook_secret: Option<String>,

    /// For how many days login traces are kept.
    #[config(env = "SSO_TRACE_DAYS", default = 30)]
    pub trace_days: u16,

    /// For how many days the messages of logins are kept, sealed, where their connections say so: no
    /// longer than the traces. 0 keeps none, whatever connections say.
    #[config(env = "SSO_MESSAGE_DAYS", default = 7)]
    pub message_days: u16,

    /// The most room that they take, in MiB. The oldest go first.
    #[config(env = "SSO_MESSAGE_MIB", default = 256)]
    pub message_mib: u32,

    /// What is logged: error, warn, info, debug or trace, or tracing filter directives.
    #[config(env = "SSO_LOG", default = "info")]
    pub log: String,

    /// How it is written: text or json.
    #[config(env = "SSO_LOG_FORMAT", default = "text")]
    pub log_format: String,
}

/// The environment variable that names the configuration file.
const CONFIG_FILE: &str = "SSO_CONFIG";

type Layer = <Settings as confique::Config>::Layer;

/// The flags of `serve`; each goes before the environment and the file.
///
/// There is none for the operator's token: a command line is seen by everybody on the machine.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Flags {
    /// Which installation it is.
    #[command(flatten)]
    pub installation: InstallationFlags,
    /// Address and port to listen on [environment: SSO_LISTEN]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// A domain all of whose hosts the session serves [environment: SSO_COOKIE_DOMAIN]
    #[arg(long, value_name = "DOMAIN")]
    pub cookie_domain: Option<String>,
    /// Proxies that are believed and may ask who is signed in [environment: SSO_TRUSTED_PROXIES]
    #[arg(long, value_name = "NETWORKS")]
    pub trusted_proxies: Option<String>,
    /// Networks besides the Internet that may be asked [environment: SSO_OUTGOING_NETWORKS]
    #[arg(long, value_name = "NETWORKS")]
    pub outgoing_networks: Option<String>,
    /// What is logged [environment: SSO_LOG]
    #[arg(long, value_name = "LEVEL")]
    pub log: Option<String>,
    /// text or json [environment: SSO_LOG_FORMAT]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

/// Which installation a command works on: where its settings, its rows and its key are.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Installation")]
pub struct InstallationFlags {
    /// The configuration file [default: sso.toml, if it exists; environment: SSO_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How browsers reach the service [environment: SSO_PUBLIC_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// The folder for everything that is kept [environment: SSO_DATA_DIR]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// sqlite:// and a file, or postgres:// [environment: SSO_DATABASE_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// The file with the master key [environment: SSO_MASTER_KEY_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub master_key_file: Option<String>,
}

impl From<InstallationFlags> for Flags {
    fn from(installation: InstallationFlags) -> Self {
        Self { installation, ..Self::default() }
    }
}

impl Config {
    /// Reads the settings: flags, then the environment, then the file, then the defaults; the first
    /// that has a value counts. `variable` reads an environment variable; an empty one is not set.
    ///
    /// # Errors
    /// An unknown key, an unreadable file or a value that cannot be used, each with its name.
    pub fn load(
        mut flags: Flags,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, StartError> {
        let named = match flags.installation.config.take() {
            Some(file) => Some(file),
            None => text(&variable, CONFIG_FILE)?.map(PathBuf::from),
        };
        let file = match named {
            Some(file) => read_file(&file, Presence::Required)?,
            None => read_file(Path::new("sso.toml"), Presence::Optional)?,
        };
        Self::merge(flags, &variable, file)
    }

    /// Reads the settings as [`load`](Self::load) does, but no file.
    ///
    /// # Errors
    /// A value that cannot be used, with its name.
    pub(crate) fn without_file(
        flags: Flags,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, StartError> {
        Self::merge(flags, &variable, Layer::empty())
    }

    fn merge(
        flags: Flags,
        variable: &impl Fn(&str) -> Option<OsString>,
        file: Layer,
    ) -> Result<Self, StartError> {
        let flags = Layer {
            listen: flags.listen,
            public_url: flags.installation.public_url,
            cookie_domain: flags.cookie_domain,
            data_dir: flags.installation.data_dir,
            database_url: flags.installation.database_url,
            master_key_file: flags.installation.master_key_file,
            admin_token: None,
            trusted_proxies: flags.trusted_proxies,
            outgoing_networks: flags.outgoing_networks,
            webhook_url: None,
            webhook_secret: None,
            trace_days: None,
            message_days: None,
            message_mib: None,
            log: flags.log,
            log_format: flags.log_format,
        };
        let merged = flags
            .with_fallback(read_environment(variable)?)
            .with_fallback(file)
            .with_fallback(Layer::default_values());
        let settings = Settings::from_layer(merged)
            .map_err(|e| StartError::Setting { name: "config", problem: e.to_string() })?;
        Self::from_settings(settings)
    }
}

/// Of the names of environment variables, those that begin like settings and are none: most likely
/// misspelt. They stop no start, since some platforms set such names by themselves.
pub fn unknown_variables<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let known = |name: &str| {
        name == CONFIG_FILE
            || Settings::META.fields.iter().any(
                |field| matches!(field.kind, FieldKind::Leaf { env: Some(env), .. } if env == name),
            )
    };
    names.into_iter().filter(|name| name.starts_with("SSO_") && !known(name)).collect()
}

/// The commented example of `sso.toml`, which is `docs/config.example.toml`.
pub fn example() -> String {
    let body = confique::toml::template::<Settings>(confique::toml::FormatOptions::default());
    // The first paragraph is the documentation of the struct, which is for readers of the code.
    let settings = body.split_once("\n\n").map_or(body.as_str(), |(_, rest)| rest);
    format!(
        "# sso.toml: every setting with its default. An environment variable goes before the file,\n\
         # a flag of `sso-server serve` before both. An unknown key stops the start.\n\n{settings}"
    )
}

enum Presence {
    Required,
    Optional,
}

fn read_file(file: &Path, presence: Presence) -> Result<Layer, StartError> {
    let fail = |problem: String| StartError::ConfigFile { file: file.to_owned(), problem };
    let content = match std::fs::read_to_string(file) {
        Ok(content) => content,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => match presence {
            Presence::Required => return Err(fail("the configuration file does not exist".into())),
            Presence::Optional => return Ok(Layer::empty()),
        },
        Err(e) => return Err(fail(format!("the configuration file cannot be read: {e}"))),
    };
    toml::from_str(&content).map_err(|e| {
        let before = e.span().and_then(|span| content.get(..span.start));
        let line = before.map_or(1, |text| text.matches('\n').count() + 1);
        fail(format!("line {line}: {}", one_line(e.message())))
    })
}

/// Reads the variables that [`Settings`] names.
fn read_environment(variable: &impl Fn(&str) -> Option<OsString>) -> Result<Layer, StartError> {
    let mut values = toml::Table::new();
    for field in Settings::META.fields {
        let FieldKind::Leaf { env: Some(name), kind } = field.kind else { continue };
        let Some(value) = text(variable, name)? else { continue };
        let value = match kind {
            LeafKind::Required { default: Some(Expr::Integer(_)) } => match value.parse() {
                Ok(number) => toml::Value::Integer(number),
                Err(_) => {
                    return Err(StartError::setting(
                        field.name,
                        format!("{value:?} is not a whole number"),
                    ));
                }
            },
            _ => toml::Value::String(value),
        };
        values.insert(field.name.to_owned(), value);
    }
    Layer::deserialize(values).map_err(|e| {
        StartError::setting("config", format!("the environment: {}", one_line(e.message())))
    })
}

fn text(
    variable: &impl Fn(&str) -> Option<OsString>,
    name: &str,
) -> Result<Option<String>, StartError> {
    match variable(name).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value).filter(|value| !value.is_empty())),
        Some(Err(_)) => Err(StartError::Environment { name: name.to_owned() }),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
