//! `sso-server doctor`: says what is misconfigured or will break, and when (SPEC 14). It reads, and
//! hands what it read to the checks of [`crate::doctor`]; it changes nothing, and records nothing.
//!
//! Exit code 1 where a finding is an error, so that a timer can run it.

use super::api::installation::{self, Installation};
use super::failed::Failed;
use super::show::text::one_line;
use super::{process, show};
use crate::config::{AdminToken, Config, Database, InstallationFlags, StartError};
use crate::doctor::certificates::{Need, Own, Trusted};
use crate::doctor::machine::{Private, Room};
use crate::doctor::{
    Finding, Severity, certificate_plans, certificates, connection, logins, machine, master_keys,
    metadata, settings, tokens,
};
use clap::Args;
use serde_json::json;
use sso_core::ambient::SystemClock;
use sso_core::certs::{self, IdpCertificate, ServiceCertificate};
use sso_core::connection::{Connection, ServiceUrls, SingleLogout, Slot};
use sso_core::org::Org;
use sso_core::store::{
    ApiTokenStore as _, AuditFilter, AuditStore as _, ConfigurationStore as _,
    IdpCertificateStore as _, Listed, MetadataStore as _, Page, ServiceCertificateStore as _,
    StoreError, TokenKeyStore as _, TokenUse, TraceStore as _,
};
use sso_core::time::Clock as _;
use sso_store::AnyStore;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Look at this organization alone
    #[arg(long, value_name = "ORG")]
    org: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    installation: InstallationFlags,
}

/// What was looked at, and what was found.
#[derive(Default)]
struct Report {
    findings: Vec<Finding>,
    organizations: usize,
}

/// Looks at the installation.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    let Arguments { org, json, installation } = arguments;
    let report = process::block_on(async {
        match Config::load(installation.into(), |name| std::env::var_os(name)) {
            Ok(config) => examine(&config, org.as_deref()).await,
            Err(error) => Ok(Report { findings: vec![unusable(&error)], organizations: 0 }),
        }
    });
    let shown = report.and_then(|mut report| {
        report.findings.sort_by(|a, b| {
            (a.severity, &a.org, a.code, &a.what).cmp(&(b.severity, &b.org, b.code, &b.what))
        });
        let text = if json { as_json(&report) } else { as_text(&report) };
        show::print(text.as_bytes()).map(|()| report)
    });
    match shown {
        Ok(report) if count(&report, Severity::Error) == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(failed) => failed.tell(),
    }
}

/// What keeps the service from starting.
fn unusable(error: &StartError) -> Finding {
    let (code, mend) = match error {
        StartError::Database(_) => {
            ("database_unusable", "See that the database is there and answers.")
        }
        StartError::Path { .. } => ("file_unusable", "Restore the file, or correct its setting."),
        _ => ("setting_unusable", "Correct the setting."),
    };
    Finding::new(Severity::Error, code, format!("The service cannot start: {error}."), mend)
}

async fn examine(config: &Config, org: Option<&str>) -> Result<Report, Failed> {
    let mut report = Report { findings: settings::check(config), organizations: 0 };
    let findings = &mut report.findings;
    findings.extend(private(config).iter().filter_map(machine::check_private));
    findings.extend(room(config).as_ref().and_then(machine::check_room));
    let installation = match installation::open(config).await {
        Ok(installation) => installation,
        Err(error) => {
            findings.push(unusable(&error));
            return Ok(report);
        }
    };
    if let Err(error) = installation.store().token_key().await {
        findings.push(sealed("The key of the tokens for applications", &error));
    }
    let store = installation.store();
    let used = store.master_keys().await.map_err(broken)?;
    findings.extend(master_keys::check(&used, store.keys_in_file()));
    let now = SystemClock.now();
    let mut newest = None;
    let mut cursor = None;
    loop {
        let page = Page { limit: 200, cursor };
        let orgs = match org {
            None => installation.store().orgs(&page).await,
            Some(name) => one(installation.store(), name).await,
        };
        let orgs = orgs.map_err(broken)?;
        for org in &orgs.items {
            let seen = organization(&installation, config, org, now).await.map_err(broken)?;
            report.findings.extend(seen.findings.into_iter().map(|finding| finding.of(&org.name)));
            newest = newest.max(seen.newest);
            report.organizations += 1;
        }
        cursor = orgs.next;
        if cursor.is_none() {
            break;
        }
    }
    if let Some(name) = org.filter(|_| report.organizations == 0) {
        return Err(Failed::Unusable(format!("There is no organization {name}.")));
    }
    report.findings.extend(machine::check_clock(now, newest));
    Ok(report)
}

/// What was seen of an organization.
struct Seen {
    findings: Vec<Finding>,
    /// When something was stored last.
    newest: Option<OffsetDateTime>,
}

async fn organization(
    installation: &Installation,
    config: &Config,
    org: &Org,
    now: OffsetDateTime,
) -> Result<Seen, StoreError> {
    let store = installation.store();
    let connected = store.connection(&org.name, Slot::Live).await?;
    let urls = ServiceUrls::new(config.public_url.url(), &org.name);
    let mut findings = connection::check(org, connected.as_ref(), &urls, now);

    let own = store.service_certificates(&org.name).await?;
    if let Err(error) = store.service_keys(&org.name).await {
        findings.push(sealed("A private key of the organization", &error));
    }
    findings.extend(certificate_plans::check(&own, now));
    findings.extend(certificates::check_own(&own_facts(own), need(connected.as_ref()), now));
    if let Some(connection) = &connected {
        let imported = store.idp_certificates(&org.name).await?;
        let enforce = connection.settings.common().enforce_certificate_validity;
        let keys = trusted(connection, &imported);
        findings.extend(certificates::check_idp(&keys, enforce, now));
        let source = store.metadata_source(connection.id).await?;
        findings.extend(source.iter().flat_map(|source| metadata::check(connection, source, now)));
    }
    let traces = store.traces(&org.name, &Page::first(200)).await?.items;
    findings.extend(logins::check(&traces, now));
    for of in [TokenUse::AdminApi, TokenUse::Scim] {
        let mut page = Page::first(200);
        loop {
            let part = store.api_tokens(&org.name, of, &page).await?;
            findings.extend(part.items.iter().filter_map(|token| tokens::check(token, now)));
            page.cursor = part.next;
            if page.cursor.is_none() {
                break;
            }
        }
    }
    let audit = store.audit(&org.name, &AuditFilter::default(), &Page::first(1)).await?;
    let newest = traces.first().map(|trace| trace.at);
    let newest = newest.max(audit.items.first().map(|entry| entry.timestamp));
    Ok(Seen { findings, newest })
}

/// What was sealed under the master key and does not open.
fn sealed(what: &str, error: &StoreError) -> Finding {
    Finding::new(
        Severity::Error,
        "sealed_key_unreadable",
        format!("{what} does not open: {error}."),
        "Restore the database and the master key of the same day.",
    )
}

async fn one(store: &AnyStore, name: &str) -> Result<Listed<Org>, StoreError> {
    let items = Vec::from_iter(store.org(name).await?);
    Ok(Listed { items, next: None })
}

fn broken(error: StoreError) -> Failed {
    Failed::Broken(format!("the database cannot be read: {error}"))
}

fn need(connection: Option<&Connection>) -> Need {
    let saml = connection.and_then(|connection| connection.settings.saml2());
    saml.map_or(Need::default(), |settings| Need {
        signs: settings.sign_authn_requests
            || settings.takes_artifacts()
            || settings.single_logout == SingleLogout::Saml,
        decrypts: settings.want_assertions_encrypted,
    })
}

fn own_facts(certificates: Vec<ServiceCertificate>) -> Vec<Own> {
    let own = |certificate: ServiceCertificate| {
        let ServiceCertificate { alias, state, der, .. } = certificate;
        certs::inspect(&der).ok().map(|details| Own { alias, state, details })
    };
    certificates.into_iter().filter_map(own).collect()
}

/// The keys that the verifier would use: those imported by hand and those of the metadata, each once.
fn trusted(connection: &Connection, imported: &[IdpCertificate]) -> Vec<Trusted> {
    let by_hand = imported.iter().map(|c| (c.alias.clone(), c.der.as_slice()));
    let of_metadata = connection.metadata_certificates.iter().map(|der| {
        let fingerprint: String = certs::fingerprint(der).chars().take(16).collect();
        (format!("{fingerprint}… of the metadata"), der.as_slice())
    });
    let mut known = BTreeSet::new();
    let each_once = by_hand.chain(of_metadata).filter(|(_, der)| known.insert(*der));
    each_once.map(|(name, der)| Trusted { name, details: certs::inspect(der).ok() }).collect()
}

/// The files that are the service's alone, those of them that are there.
fn private(config: &Config) -> Vec<Private> {
    let data = &config.data_dir;
    let mut paths = vec![data.clone(), config.key_file(), AdminToken::file(data)];
    if let Database::Sqlite(file) = &config.database {
        let beside = |end: &str| PathBuf::from(format!("{}{end}", file.display()));
        paths.extend([file.clone(), beside("-wal"), beside("-shm")]);
    }
    let mode = |path: &Path| std::fs::metadata(path).ok().map(|file| file.permissions().mode());
    paths.into_iter().filter_map(|path| mode(&path).map(|mode| Private { path, mode })).collect()
}

/// The room where the database grows; PostgreSQL's is not ours to see.
fn room(config: &Config) -> Option<Room> {
    let Database::Sqlite(file) = &config.database else { return None };
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let path = folder.unwrap_or(Path::new(".")).to_owned();
    let disk = rustix::fs::statvfs(&path).ok()?;
    Some(Room { path, free: disk.f_bavail.saturating_mul(disk.f_frsize) })
}

fn count(report: &Report, severity: Severity) -> usize {
    report.findings.iter().filter(|finding| finding.severity == severity).count()
}

fn as_json(report: &Report) -> String {
    let Report { findings, organizations } = report;
    format!("{:#}\n", json!({"findings": findings, "organizations": organizations}))
}

/// Each finding in two or three lines, the worst first, then how many there are.
fn as_text(report: &Report) -> String {
    let mut text = String::new();
    for Finding { severity, code, org, what, at, mend } in &report.findings {
        let severity = match severity {
            Severity::Error => "ERROR",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        };
        let org = org.as_ref().map(|org| format!("{org}: ")).unwrap_or_default();
        let at = at.and_then(|at| at.format(&Rfc3339).ok()).map(|at| format!(" [{at}]"));
        let line = format!("{org}{what}{} ({code})", at.unwrap_or_default());
        text += &format!("{severity:7} {}\n        {}\n", one_line(&line), one_line(mend));
    }
    let [errors, warnings, notices] = [Severity::Error, Severity::Warning, Severity::Notice]
        .map(|severity| count(report, severity));
    let plural = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    text + &format!(
        "{}, {}, {} in {}.\n",
        plural(errors, "error"),
        plural(warnings, "warning"),
        plural(notices, "notice"),
        plural(report.organizations, "organization")
    )
}
