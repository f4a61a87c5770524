//! `sso-server explain TRACE`: what happened in a login, in plain words (SPEC 13, 14). A person who was
//! refused reads the number of the trace to the operator, and knows no organization.
//!
//! With `--replay` the message of the login is held to the draft, and that is explained; with `--message` it
//! is printed.

use super::api::call::{self, Call};
use super::api::installation;
use super::failed::Failed;
use super::process;
use super::show::text::one_line;
use super::show::{self, Show};
use crate::config::{Config, InstallationFlags};
use clap::Args;
use serde_json::Value;
use sso_core::ids::TraceId;
use sso_core::login::{Outcome, Step};
use sso_core::store::{StoredTrace, TraceStore as _};
use std::process::ExitCode;
use time::format_description::well_known::Rfc3339;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The number of the trace, as the page of a refusal shows it
    trace: String,
    /// Try the login again with the draft of the connection, and tell what would come of it. Nobody is
    /// signed in
    #[arg(long)]
    replay: bool,
    /// Print its message as it came, where it was kept
    #[arg(long, conflicts_with_all = ["replay", "json"])]
    message: bool,
    /// Print the JSON of the Admin API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    installation: InstallationFlags,
}

/// Explains the login that the arguments name.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    match process::block_on(explain(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => failed.tell(),
    }
}

async fn explain(arguments: Arguments) -> Result<(), Failed> {
    let Arguments { trace, replay, message, json, installation } = arguments;
    let id: TraceId = trace.trim().parse().map_err(|_| {
        Failed::Unusable(format!("{trace}: the number of a trace is trc_ and 32 digits"))
    })?;
    let config = Config::load(installation.into(), |name| std::env::var_os(name))?;
    let installation = installation::open(&config).await?;
    let org =
        installation.store().trace_org(id).await.map_err(|e| Failed::Broken(e.to_string()))?;
    let org = org.ok_or_else(|| Failed::Refused {
        sentence: "There is no such trace: it was never made, or is past its time.".to_owned(),
        code: "not_found".to_owned(),
    })?;
    let (admin, id) = (&installation.admin, id.to_string());
    let login = ["orgs", org.as_str(), "logins", &id];
    if message {
        let message = Call::get(&[&login[..], &["message"]].concat(), Show::Bytes);
        return show::print(&call::read(message.send(admin).await?).await?);
    }
    let answer = match replay {
        true => Call::post(&[&login[..], &["replay"]].concat()).fetch(admin).await?,
        false => Call::get(&login, Show::Json).fetch(admin).await?,
    };
    let text = match (json, replay) {
        (true, _) => Show::Json.value(&answer),
        (false, true) => tried_again(&answer)?,
        (false, false) => words(&readable(answer)?, "was"),
    };
    show::print(text.as_bytes())
}

/// What would come of a login, in plain words.
fn tried_again(answer: &Value) -> Result<String, Failed> {
    let mut text = Lines::default();
    let connection = answer["connection"].as_str().unwrap_or_default();
    text.line(&format!("With the {connection} connection this would come of it:"));
    let email = answer["account"]["account"]["email"].as_str().unwrap_or_default();
    let change = match answer["account"]["change"].as_str() {
        Some("created") => Some("made"),
        Some("updated") => Some("updated"),
        Some(_) => Some("signed in"),
        None => None,
    };
    if let Some(change) = change {
        text.line(&format!("The account of {email} would be {change}."));
    }
    text.line("");
    Ok(text.0 + &words(&readable(answer["trace"].clone())?, "would be"))
}

fn readable(trace: Value) -> Result<StoredTrace, Failed> {
    serde_json::from_value(trace).map_err(|e| Failed::Broken(format!("the trace: {e}")))
}

/// A trace in plain words: how it ended and what to do first, then every step. `was`: or would be.
fn words(trace: &StoredTrace, was: &str) -> String {
    let at = trace.at.format(&Rfc3339).unwrap_or_default();
    let mut text = Lines::default();
    text.line(&format!(
        "Login {} of {} at {at} ({}, {})",
        trace.id, trace.org, trace.protocol, trace.flow
    ));
    if let Some(name_id) = &trace.name_id {
        text.line(&format!("NameID: {name_id}"));
    }
    if let Some(account) = &trace.account {
        text.line(&format!("Account: {account}"));
    }
    let failed = trace.steps.iter().find(|step| !step.ok);
    match (trace.outcome, failed) {
        (Outcome::Accepted, _) => text.line(&format!("The person {was} signed in.")),
        (Outcome::Rejected, None) => {
            text.line(&format!(
                "The login {was} refused: {}.",
                trace.code.as_deref().unwrap_or("no reason")
            ));
        }
        (Outcome::Rejected, Some(step)) => {
            text.line(&format!("The login {was} refused: {} ({}).", step.rule, step.clause));
            for (label, value) in [
                ("Expected:  ", step.expected.as_ref()),
                ("Found:     ", step.found.as_str()),
                ("What to do:", step.hint.as_ref()),
            ] {
                if !value.is_empty() {
                    text.line(&format!("  {label} {value}"));
                }
            }
        }
    }
    text.line("");
    for step in &trace.steps {
        text.line(&format!("  {}", in_a_line(step)));
    }
    text.0
}

fn in_a_line(step: &Step) -> String {
    let mark = if step.ok { "ok     " } else { "REFUSED" };
    let mut line = format!("{mark} {}", step.rule);
    if !step.found.is_empty() {
        line += &format!(": {}", step.found);
    }
    if !step.expected.is_empty() && step.expected != step.found {
        line += &format!(" (expected {})", step.expected);
    }
    match step.clause.as_ref() {
        "" => line,
        clause => format!("{line} [{clause}]"),
    }
}

/// Lines for a terminal: no value, which may be a forger's, breaks out of its own.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, text: &str) {
        self.0.push_str(&one_line(text));
        self.0.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn step(rule: &str, ok: bool, expected: &str, found: &str, hint: &str) -> Value {
        json!({"rule": rule, "clause": "SAML Core 2.5.1.4", "ok": ok, "expected": expected,
               "found": found, "hint": hint})
    }

    fn trace(outcome: &str, steps: Vec<Value>) -> String {
        let trace = json!({
            "id": "trc_019a0000000070008000000000000000", "at": "2026-01-02T03:04:05Z", "org": "acme",
            "protocol": "saml2", "flow": "sp_initiated", "outcome": outcome, "code": null,
            "name_id": "zoe", "account": null, "steps": steps,
        });
        words(&readable(trace).expect("a trace"), "was")
    }

    #[test]
    fn a_refusal_begins_with_what_to_do() {
        let steps = vec![
            step("issuer", true, "https://idp", "https://idp", ""),
            step(
                "audience",
                false,
                "https://us",
                "https://them\n\u{1b}[2J",
                "Correct the audience.",
            ),
        ];
        assert_eq!(
            trace("rejected", steps),
            "Login trc_019a0000000070008000000000000000 of acme at 2026-01-02T03:04:05Z (saml2, sp_initiated)\n\
             NameID: zoe\n\
             The login was refused: audience (SAML Core 2.5.1.4).\n  \
               Expected:   https://us\n  \
               Found:      https://them\\n\\u{1b}[2J\n  \
               What to do: Correct the audience.\n\
             \n  \
               ok      issuer: https://idp [SAML Core 2.5.1.4]\n  \
               REFUSED audience: https://them\\n\\u{1b}[2J (expected https://us) [SAML Core 2.5.1.4]\n"
        );
    }

    #[test]
    fn a_login_that_is_tried_again_says_what_would_be() {
        let trace = json!({
            "id": "trc_019a0000000070008000000000000000", "at": "2026-01-02T03:04:05Z", "org": "acme",
            "protocol": "saml2", "flow": "sp_initiated", "outcome": "accepted", "code": null,
            "name_id": "zoe", "account": null, "steps": [],
        });
        let account = json!({"change": "signed_in", "account": {"email": "zoe@acme.example"}});
        let answer = json!({"connection": "draft", "trace": trace, "account": account});
        let text = tried_again(&answer).expect("a trace");
        for line in [
            "With the draft connection this would come of it:\n",
            "The account of zoe@acme.example would be signed in.\n",
            "\nThe person would be signed in.\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }

    #[test]
    fn an_accepted_login_says_so() {
        let text = trace("accepted", vec![step("issuer", true, "", "https://idp", "")]);
        assert!(text.contains("\nThe person was signed in.\n"), "{text}");
        assert!(!text.contains("REFUSED") && !text.contains("What to do"), "{text}");
    }
}
