//! `sso-server selftest` on responses that pysaml2 and npm samlp posted: every class is refused.

use serde_json::Value;
use sso_tests::TestKey;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A response that was captured, and what it answered where and when.
struct Captured {
    product: &'static str,
    entity_id: &'static str,
    request_id: &'static str,
    at: &'static str,
}

const CAPTURED: [Captured; 2] = [
    Captured {
        product: "pysaml2",
        entity_id: "http://127.0.0.1:9107/metadata",
        request_id: "_cc4dd8bc6ab7c3c733614c2d8feb7ba6",
        at: "2026-11-21T21:38:26Z",
    },
    Captured {
        product: "samlp",
        entity_id: "http://127.0.0.1:9102/metadata",
        request_id: "_ca98ebb13ff40e613dff0486eecc5ec0",
        at: "2026-11-21T21:41:08Z",
    },
];

impl Captured {
    fn selftest(&self, at: &str, more: &[&str]) -> Output {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks/captured");
        Command::new(env!("CARGO_BIN_EXE_sso-server-under-test"))
            .arg("selftest")
            .arg("--response")
            .arg(folder.join(self.product).with_extension("xml"))
            .arg("--idp-cert")
            .arg(folder.join(self.product).with_extension("crt"))
            .args(["--idp-entity-id", self.entity_id])
            .args(["--sp-entity-id", "http://127.0.0.1:9100/metadata"])
            .args(["--acs-url", "http://127.0.0.1:9100/acs"])
            .args(["--request-id", self.request_id, "--at", at])
            .args(more)
            .output()
            .unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_class_is_refused() {
    let folder = TempDir::new().unwrap();
    let key = folder.path().join("sp.pem");
    fs::write(&key, TestKey::rsa(2048).private_pem()).unwrap();
    for captured in &CAPTURED {
        let key = key.to_str().unwrap();
        let output = captured.selftest(captured.at, &["--json", "--sp-key", key]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["verdict"], "refused");
        let classes = report["classes"].as_array().unwrap();
        assert!(classes.len() > 100, "{} classes", classes.len());
        let verdict = |class: &Value| class["verdict"].as_str().unwrap().to_owned();
        let other = classes.iter().filter(|class| verdict(class) != "refused");
        let other: BTreeMap<_, _> =
            other.map(|it| (it["class"].to_string(), verdict(it))).collect();
        assert!(other.is_empty(), "{}: {other:?}", captured.product);
    }
}

#[test]
fn the_table_has_a_line_for_each_attack() {
    let captured = &CAPTURED[1];
    let output = captured.selftest(captured.at, &[]);
    assert_eq!(output.status.code(), Some(0));
    let table = text(&output.stdout);
    let line = |begins: &str| table.lines().find(|line| line.starts_with(begins)).unwrap();
    assert!(line("XSW-03").contains("refused"), "{table}");
    assert!(line("XSW-03").contains("assertion_count"), "{table}");
    // Without a service key nothing can be encrypted to us.
    assert!(line("ENC-01").contains("not applicable"), "{table}");
    let last = table.lines().last().unwrap();
    assert!(last.contains(" attacks of ") && last.contains(" 0 accepted"), "{last}");
}

#[test]
fn a_response_that_is_refused_tests_nothing() {
    let captured = &CAPTURED[0];
    let output = captured.selftest("2027-01-01T00:00:00Z", &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(said.contains("nothing can be tested") && said.contains("--at"), "{said}");

    let output = captured.selftest("2027-01-01T00:00:00Z", &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["verdict"], &report["code"]), (&"not_tested".into(), &"expired".into()));

    let output = captured.selftest("yesterday", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("sso-server selftest: --at yesterday"));
}
