//! `sso-server selftest` on responses that pysaml2 and npm samlp posted, and on tokens of npm wsfed: every class
//! is refused.

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
        let asked = ["--request-id", self.request_id, "--at", at];
        let more = [&asked[..], more].concat();
        selftest(self.product, self.product, self.entity_id, &more)
    }
}

/// Attacks a captured message, which the key of a certificate signed.
fn selftest(message: &str, certificate: &str, entity_id: &str, more: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks/captured");
    Command::new(env!("CARGO_BIN_EXE_sso-server-under-test"))
        .arg("selftest")
        .arg("--response")
        .arg(folder.join(message).with_extension("xml"))
        .arg("--idp-cert")
        .arg(folder.join(certificate).with_extension("crt"))
        .args(["--idp-entity-id", entity_id])
        .args(["--sp-entity-id", "http://127.0.0.1:9100/metadata"])
        .args(["--acs-url", "http://127.0.0.1:9100/acs"])
        .args(more)
        .output()
        .unwrap()
}

/// The classes that were not refused, and what became of them instead.
fn not_refused(output: &Output) -> BTreeMap<String, String> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"], "refused");
    let classes = report["classes"].as_array().unwrap();
    assert!(classes.len() > 100, "{} classes", classes.len());
    let text = |class: &Value, field: &str| class[field].as_str().unwrap().to_owned();
    let all = classes.iter().map(|class| (text(class, "class"), text(class, "verdict")));
    all.filter(|(_, verdict)| verdict != "refused").collect()
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
        let other = not_refused(&output);
        assert!(other.is_empty(), "{}: {other:?}", captured.product);
    }
}

#[test]
fn every_class_of_a_token_is_refused() {
    // What an answer of WS-Federation has no place for (classes.toml), and what these tokens do not say.
    let of_none =
        ["ENC-10", "NS-04", "PROT-03", "PROT-05", "PROT-13", "SIG-03", "XSW-01", "XSW-02"];
    let folder = TempDir::new().unwrap();
    let key = folder.path().join("sp.pem");
    fs::write(&key, TestKey::rsa(2048).private_pem()).unwrap();
    for (token, at, own) in [
        ("wsfed-saml11", "2026-11-21T21:39:54Z", ["PROT-02"]),
        ("wsfed-saml20", "2026-11-21T21:40:00Z", ["WSF-05"]),
    ] {
        let key = key.to_str().unwrap();
        let more = ["--protocol", "wsfed", "--at", at, "--sp-key", key, "--json"];
        let output = selftest(token, "wsfed", "urn:wsfed-test-idp", &more);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
        let expected: BTreeMap<_, _> = of_none
            .into_iter()
            .chain(own)
            .map(|class| (class.to_owned(), "not_applicable".to_owned()))
            .collect();
        assert_eq!(not_refused(&output), expected, "{token}");
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
