//! `sso-server verify` as SPEC 14 has it: its line, its exit codes, and that nothing breaks it.

mod hostile;
mod tokens;
mod usage;
mod verdict;

use sso_core::dsig;
use sso_core::xml::{Document, Limits};
use sso_tests::TestKey;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The baseline of the corpus, its assertion signed, and the files that verify it.
struct Files {
    folder: TempDir,
    message: String,
}

/// The instant at which the baseline is good.
const AT: &str = "2030-01-15T12:00:00Z";

impl Files {
    fn new() -> Self {
        static SIGNED: OnceLock<(String, Vec<u8>)> = OnceLock::new();
        let (message, certificate) = SIGNED.get_or_init(|| {
            let key = TestKey::rsa(2048);
            let baseline = include_str!("../corpus/response.xml");
            let document = Document::parse(baseline.as_bytes(), &Limits::MESSAGE).unwrap();
            let assertion = document.root().children().last().unwrap();
            (dsig::sign(assertion, &key.signing()).unwrap(), key.certificate())
        });
        let files = Self { folder: TempDir::new().unwrap(), message: message.clone() };
        files.write("message.xml", message.as_bytes());
        files.write("idp.der", certificate);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// The command with the arguments of the baseline, a message not yet named.
    fn command(&self) -> Command {
        self.command_at(AT)
    }

    fn command_at(&self, at: &str) -> Command {
        let mut command = bare();
        command
            .arg("--idp-cert")
            .arg(self.path("idp.der"))
            .args(["--idp-entity-id", "https://idp.test/metadata"])
            .args(["--sp-entity-id", "https://sp.test/saml/acme/metadata"])
            .args(["--acs-url", "https://sp.test/saml/acme/acs"])
            .args(["--request-id", "_request", "--at", at]);
        command
    }
}

fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sso-server-under-test"));
    command.arg("verify").stdin(Stdio::null());
    command
}

/// Standard output, which is one line.
fn line(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.matches('\n').count(), 1, "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.trim_end().to_owned()
}
