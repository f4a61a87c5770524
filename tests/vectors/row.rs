//! A row of a suite's manifest, and what `sso-server verify` says of it. The arguments are those of
//! `run.py` beside the suites.

use serde::{Deserialize, Deserializer};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A login message of SAML 2.0 with the parameters of its verification.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) file: String,
    pub(crate) expect: String,
    #[serde(default, rename = "cls")]
    pub(crate) class: String,
    #[serde(default)]
    pub(crate) why: String,
    #[serde(default)]
    pub(crate) name_id: String,
    kind: Option<String>,
    encoding: Option<String>,
    #[serde(default)]
    trust: Vec<String>,
    issuer: Option<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    audience: Vec<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    recipient: Vec<String>,
    destination: Option<String>,
    in_response_to: Option<String>,
    instant: Option<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    decryption_key: Vec<String>,
    #[serde(default)]
    alg: Vec<String>,
    #[serde(skip)]
    suite: PathBuf,
}

/// What the verifier says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Accepted, with the value of the NameID.
    Accepted(String),
    /// Rejected, with the code.
    Rejected(String),
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Many(Vec<String>),
        None(()),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::One(one) => vec![one],
        Either::Many(many) => many,
        Either::None(()) => Vec::new(),
    })
}

/// The rows of a suite that are logins of SAML 2.0 with a key to trust and a verdict to expect.
pub(crate) fn rows(suite: &Path) -> Vec<Row> {
    #[derive(Deserialize)]
    struct Manifest {
        vectors: Vec<Row>,
    }
    let manifest = fs::read_to_string(suite.join("manifest.json")).expect("a manifest");
    let manifest: Manifest = serde_json::from_str(&manifest).expect("a manifest");
    let rows = manifest.vectors.into_iter().map(|row| Row { suite: suite.to_owned(), ..row });
    rows.filter(Row::applies).collect()
}

impl Row {
    fn applies(&self) -> bool {
        // No one address can be both the recipient and the destination of these.
        let unsatisfiable = self.expect == "accept"
            && self.destination.as_ref().zip(self.recipient.first()).is_some_and(|(d, r)| d != r);
        matches!(self.kind.as_deref(), None | Some("Response"))
            && matches!(self.encoding.as_deref(), None | Some("xml" | "base64"))
            && !matches!(self.expect.as_str(), "info" | "accept-signature")
            && !self.trust.is_empty()
            && self
                .trust
                .iter()
                .all(|name| self.path(name).is_some_and(|path| is_certificate(&path)))
            && !unsatisfiable
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        let places = [self.suite.join(name), self.suite.join("certs").join(name)];
        places.into_iter().find(|path| path.exists())
    }

    /// Has the command line verify the row's message.
    pub(crate) fn verdict(&self) -> Verdict {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sso-server-under-test"));
        command.arg("verify");
        for name in &self.trust {
            command.arg("--idp-cert").arg(self.path(name).expect("a certificate"));
        }
        let first = |list: &[String]| list.first().filter(|text| !text.is_empty()).cloned();
        let acs_url = first(&self.recipient).or_else(|| self.destination.clone());
        command
            .args(["--idp-entity-id", self.issuer.as_deref().unwrap_or("urn:unknown:issuer")])
            .args([
                "--sp-entity-id",
                &first(&self.audience).unwrap_or("urn:unknown:audience".into()),
            ])
            .args(["--acs-url", &acs_url.unwrap_or("https://unknown.example/acs".into())]);
        match &self.in_response_to {
            Some(id) => command.args(["--request-id", id]),
            None => command.arg("--unsolicited"),
        };
        if let Some(instant) = &self.instant {
            command.args(["--at", instant, "--clock-skew", "0"]);
        }
        for name in &self.decryption_key {
            command.arg("--sp-key").arg(self.path(name).expect("a key"));
        }
        let legacy = ["sha1", "cbc", "tripledes", "rsa-1_5"];
        if self.alg.iter().any(|alg| legacy.iter().any(|old| alg.contains(old))) {
            command.arg("--allow-legacy");
        }
        if self.encoding.as_deref() == Some("base64") {
            command.arg("--base64");
        }
        let output = command.arg(self.suite.join(&self.file)).output().expect("the command runs");
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let error = String::from_utf8_lossy(&output.stderr);
        let json: serde_json::Value =
            serde_json::from_str(&said).unwrap_or_else(|_| panic!("{}: {said}{error}", self.file));
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        match (output.status.code(), text(&json["verdict"]).as_str()) {
            (Some(0), "accepted") => Verdict::Accepted(text(&json["name_id"]["value"])),
            (Some(1), "rejected") => Verdict::Rejected(text(&json["code"])),
            other => panic!("{}: {other:?} {error}", self.file),
        }
    }
}

fn is_certificate(path: &Path) -> bool {
    !fs::read_to_string(path).unwrap_or_default().contains("PUBLIC KEY")
}
