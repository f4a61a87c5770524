//! Arguments that cannot be used: exit code 2, a sentence on standard error, nothing on standard
//! output.

use super::{Files, bare};
use std::process::Command;

fn refused(command: &mut Command, named: &str) {
    let output = command.output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(output.stdout.is_empty());
    assert!(error.contains(named), "{named:?} in {error:?}");
    assert!(!error.contains("panicked"), "{error}");
}

#[test]
fn each_unusable_argument_is_named() {
    let files = Files::new();
    let message = files.path("message.xml");
    files.write("empty", b"");
    files.write("text", b"-----BEGIN CERTIFICATE-----\nnot one\n-----END CERTIFICATE-----\n");

    let with = |arguments: &[&str]| {
        let mut command = files.command();
        command.args(arguments).arg(&message);
        command
    };
    refused(&mut with(&["--unsolicited"]), "--unsolicited");
    refused(&mut with(&["--at", "yesterday"]), "--at");
    refused(&mut with(&["--at", "9999-12-31T23:59:59-01:00"]), "--at");
    refused(&mut with(&["--clock-skew", "-1"]), "'-1'");
    refused(&mut with(&["--clock-skew", "soon"]), "--clock-skew");
    refused(&mut with(&["--sp-entity-id", ""]), "--sp-entity-id");
    refused(&mut with(&["--protocol", "oidc"]), "--protocol");
    refused(&mut with(&["--protocol", "wsfed", "--dual"]), "--dual");
    refused(&mut with(&["--dual"]), "the feature second-opinion");
    refused(&mut with(&["--nonsense"]), "--nonsense");
    let file = |name: &str| files.path(name).to_string_lossy().into_owned();
    refused(&mut with(&["--idp-cert", &file("absent")]), "absent");
    refused(&mut with(&["--idp-cert", &file("empty")]), "empty");
    refused(&mut with(&["--idp-cert", &file("text")]), "text");
    refused(&mut with(&["--idp-metadata", &file("text")]), "--idp-metadata");
    refused(&mut with(&["--sp-key", &file("idp.der")]), "idp.der");
    refused(files.command().arg(files.path("absent")), "absent");
    refused(files.command().arg(files.folder.path()), "directory");
    refused(&mut files.command(), "<FILE>");
    refused(&mut bare(), "--sp-entity-id");
}

#[test]
fn what_belongs_together_is_asked_for_together() {
    let files = Files::new();
    let ours = ["--sp-entity-id", "https://sp.test", "--acs-url", "https://sp.test/acs"];
    let certificate = files.path("idp.der");
    let message = files.path("message.xml");
    refused(bare().args(ours).arg("--unsolicited").arg(&message), "--idp-metadata");
    refused(
        bare().args(ours).arg("--unsolicited").arg("--idp-cert").arg(&certificate).arg(&message),
        "--idp-entity-id",
    );
    let mut neither = bare();
    neither.args(ours).args(["--idp-entity-id", "https://idp.test"]);
    neither.arg("--idp-cert").arg(&certificate).arg(&message);
    refused(&mut neither, "--request-id");
    refused(
        bare().args(ours).arg("--unsolicited").arg("--idp-metadata").arg(&message).arg(&message),
        "message.xml",
    );
}
