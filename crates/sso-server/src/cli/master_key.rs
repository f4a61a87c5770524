//! `sso-server master-key`: rotates the key that private keys are sealed under (SPEC 14), while services run.
//! Each step can be ended at any moment and done again.

use super::api::installation;
use super::failed::Failed;
use super::{input, process, show};
use crate::config::{Config, InstallationFlags};
use clap::{Args, Subcommand};
use sso_core::ambient::SystemRandom;
use sso_core::store::StoreError;
use sso_store::MasterKeyUse;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Step,
    /// Do not ask before a key is dropped
    #[arg(long, global = true)]
    yes: bool,
    #[command(flatten)]
    installation: InstallationFlags,
}

/// The steps, in their order.
#[derive(Debug, Clone, Copy, Subcommand)]
enum Step {
    /// Put a new key in front of those in the key file; nothing is sealed under it yet
    New,
    /// Seal every secret under the first key of the key file
    Reseal,
    /// Take the keys out of the key file that nothing is sealed under
    Drop,
    /// Show how many secrets are sealed under which key
    Show,
}

/// Carries a step out.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    let Arguments { command, yes, installation } = arguments;
    let done = process::block_on(async {
        let config = Config::load(installation.into(), |name| std::env::var_os(name))?;
        match command {
            Step::New => new(&config).await,
            Step::Reseal => reseal(&config).await,
            Step::Drop => drop_old(&config, yes).await,
            Step::Show => used(&config).await.map(|(used, keys)| table(&used, keys)),
        }
    });
    match done.and_then(|text| show::print(text.as_bytes())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => failed.tell(),
    }
}

async fn new(config: &Config) -> Result<String, Failed> {
    let (used, keys) = used(config).await?;
    if is_waiting(&used, keys) {
        let sentence =
            "The first key of the key file is new already: go on with `master-key reseal`.";
        return Err(Failed::Unusable(sentence.to_owned()));
    }
    config.add_master_key(&SystemRandom)?;
    Ok(format!(
        "{} has a new key in its first line. Copy the file to every other node and back it up, then \
         `sso-server master-key reseal`.\n",
        config.key_file().display()
    ))
}

async fn reseal(config: &Config) -> Result<String, Failed> {
    let installation = installation::open(config).await?;
    let done = installation.store().reseal().await.map_err(broken)?;
    Ok(format!(
        "{} secrets were sealed under the first key of {}. Nothing is sealed under the others: \
         `sso-server master-key drop` takes them out.\n",
        done.secrets,
        config.key_file().display()
    ))
}

async fn drop_old(config: &Config, yes: bool) -> Result<String, Failed> {
    let (used, keys) = used(config).await?;
    if is_waiting(&used, keys) {
        let sentence =
            "Nothing is sealed under the first key of the key file yet: `master-key reseal` first.";
        return Err(Failed::Unusable(sentence.to_owned()));
    }
    let kept: Vec<usize> = used.iter().filter_map(|used| used.place).collect();
    let dropped = keys.saturating_sub(kept.len());
    if dropped > 0 && !yes {
        input::confirm(
            "Take them out? Backups from before need them: keep those with the backups.",
        )?;
    }
    config.keep_master_keys(&kept)?;
    Ok(format!("{dropped} keys were taken out of {}.\n", config.key_file().display()))
}

/// The versions of the database, and how many keys the key file has.
async fn used(config: &Config) -> Result<(Vec<MasterKeyUse>, usize), Failed> {
    let installation = installation::open(config).await?;
    let store = installation.store();
    Ok((store.master_keys().await.map_err(broken)?, store.keys_in_file()))
}

/// Whether the first key of the file does not seal yet.
fn is_waiting(used: &[MasterKeyUse], keys: usize) -> bool {
    keys > 1 && used.last().is_some_and(|newest| newest.place != Some(0))
}

fn table(used: &[MasterKeyUse], keys: usize) -> String {
    let line = |used: &MasterKeyUse| {
        let place = used.place.map_or("missing".to_owned(), |place| format!("line {}", place + 1));
        format!("version {}: {} secrets, {place} of the key file\n", used.version, used.secrets)
    };
    let lines: String = used.iter().map(line).collect();
    format!("{lines}{keys} keys in the key file\n")
}

fn broken(error: StoreError) -> Failed {
    Failed::Broken(error.to_string())
}
