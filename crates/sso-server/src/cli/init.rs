//! `sso-server init`: makes an installation, or completes one (SPEC 14): data folder, master key,
//! database, the operator's token, the configuration file, and the first organization if one is named.
//! What is there is kept; a configuration file is never overwritten.

use super::api::call::Call;
use super::api::installation;
use super::failed::Failed;
use super::show::Show;
use super::{input, process, show};
use crate::config::{AdminToken, Config, Database, Flags, StartError};
use clap::Args;
use serde_json::json;
use sso_core::ambient::SystemRandom;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// Make an organization of this name
    #[arg(long, value_name = "NAME", help_heading = "First organization")]
    org: Option<String>,
    /// What people see of it
    #[arg(long, value_name = "TEXT", requires = "org", help_heading = "First organization")]
    display_name: Option<String>,
    /// An e-mail domain of its people; repeats
    #[arg(long, value_name = "DOMAIN", requires = "org", help_heading = "First organization")]
    domain: Vec<String>,
}

/// Makes the installation that the arguments describe.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    let done = process::block_on(init(arguments));
    match done.and_then(|report| show::print(report.as_bytes())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => failed.tell(),
    }
}

/// Makes what is missing, and answers what was made, what was kept and what comes next.
async fn init(arguments: Arguments) -> Result<String, Failed> {
    let Arguments { mut flags, org, display_name, domain } = arguments;
    let variable = |name: &str| std::env::var_os(name);
    let named = flags.installation.config.take();
    let file =
        named.or_else(|| variable("SSO_CONFIG").filter(|v| !v.is_empty()).map(PathBuf::from));
    let file = file.unwrap_or_else(|| PathBuf::from("sso.toml"));
    let known = file.exists();
    let config = if known {
        if !flags.given().is_empty() {
            return Err(StartError::ConfigFile {
                file,
                problem: "the configuration file exists and is not overwritten; change it in an \
                          editor, or name another one with --config"
                    .to_owned(),
            }
            .into());
        }
        flags.installation.config = Some(file.clone());
        Config::load(flags.clone(), variable)?
    } else {
        ask(&mut flags);
        Config::without_file(flags.clone(), variable)?
    };

    let mut report = installation(&config).await?;
    // Last, so that what failed before can be tried again with the same flags.
    if !known {
        flags.write(&file)?;
    }
    report += &line(known, &file.display().to_string());
    if let Some(name) = &org {
        let made = organization(&config, name, display_name, domain).await?;
        report += &line(!made, &format!("organization {name}"));
    }
    Ok(report + &next_steps(&config, &file, org.as_deref()))
}

/// Asks for what has no good default, where somebody can be asked.
fn ask(flags: &mut Flags) {
    let address = &mut flags.installation.public_url;
    if address.is_none() && std::env::var_os("SSO_PUBLIC_URL").is_none() {
        *address = input::ask("How do browsers reach the service? [http://localhost:8080]");
    }
}

/// Data folder, master key, database and the operator's token.
async fn installation(config: &Config) -> Result<String, StartError> {
    let known = config.data_dir.exists();
    config.make_data_dir()?;
    let mut report = line(known, &config.data_dir.display().to_string());

    let key_file = config.key_file();
    let key_known = key_file.exists();
    let key = config.make_master_key(&SystemRandom)?;
    let (database_known, database) = match &config.database {
        Database::Sqlite(file) => (file.exists(), file.display().to_string()),
        Database::Postgres(_) => {
            (true, "the database in PostgreSQL, brought up to date".to_owned())
        }
    };
    if let Err(error) = sso_store::open(&config.database.url(), key).await {
        if !key_known {
            // It sealed nothing, and would stand in the way of the right one. A leftover is told below.
            let _ = std::fs::remove_file(&key_file);
        }
        return Err(StartError::Database(error.to_string()));
    }
    report += &line(
        key_known,
        &format!("{} (the master key: back it up, apart from the database)", key_file.display()),
    );
    report += &line(database_known, &database);

    if config.admin_token.is_none() {
        let token = AdminToken::file(&config.data_dir);
        let known = token.exists();
        AdminToken::load(&config.data_dir, &SystemRandom)?;
        report += &line(known, &format!("{} (the operator's token)", token.display()));
    }
    Ok(report)
}

/// Makes an organization as `org create` does; answers whether it was not there.
async fn organization(
    config: &Config,
    name: &str,
    display_name: Option<String>,
    domains: Vec<String>,
) -> Result<bool, Failed> {
    let admin = installation::open(config).await?.admin;
    match Call::get(&["orgs", name], Show::Json).fetch(&admin).await {
        Ok(_) => Ok(false),
        Err(Failed::Refused { code, .. }) if code == "not_found" => {
            let mut org = json!({"name": name, "domains": domains});
            org["display_name"] = display_name.unwrap_or_default().into();
            Call::post(&["orgs"]).json(&org).fetch(&admin).await.map(|_| true)
        }
        Err(failed) => Err(failed),
    }
}

fn line(known: bool, what: &str) -> String {
    format!("{}  {what}\n", if known { "Kept" } else { "Made" })
}

fn next_steps(config: &Config, file: &Path, org: Option<&str>) -> String {
    let flag = match file == Path::new("sso.toml") {
        true => String::new(),
        false => format!(" --config {}", file.display()),
    };
    let name = org.unwrap_or("acme");
    let metadata = config.public_url.join(&format!("/saml/{name}/metadata"));
    let mut steps = Vec::new();
    if config.public_url.is_secure() {
        steps.push(format!(
            "Let a proxy with TLS pass {} on to {}, and name it in trusted_proxies.",
            config.public_url.url(),
            config.listen
        ));
    }
    steps.push(format!("sso-server serve{flag}"));
    if org.is_none() {
        steps.push(format!("sso-server org create {name} --domain {name}.example{flag}"));
    }
    steps.push(format!("Give the identity provider our metadata: {metadata}"));
    steps.push(format!("sso-server org connection import {name} idp-metadata.xml{flag}"));
    steps.push(format!("sso-server doctor{flag}"));
    let steps = steps.iter().enumerate().map(|(n, step)| format!("  {}. {step}\n", n + 1));
    format!("\nNext:\n{}", steps.collect::<String>())
}
