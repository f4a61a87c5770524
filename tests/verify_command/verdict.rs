//! What is said of a message, however it comes.

use super::{Files, line};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;
use std::process::Stdio;

const ACCEPTED: &str = concat!(
    r#"{"verdict":"accepted","issuer":"https://idp.test/metadata","name_id":{"format":"#,
    r#""urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress","value":"ada@acme.test"},"#,
    r#""session_index":"_session","authn_context":"#,
    r#""urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport","#,
    r#""attributes":{"email":["ada@acme.test"],"groups":["engine","letters"]}}"#
);

#[test]
fn an_accepted_message_is_told_in_one_line() {
    let files = Files::new();
    let output = files.command().arg(files.path("message.xml")).output().unwrap();
    assert_eq!(line(&output), ACCEPTED);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn a_rejected_message_is_told_with_rule_and_hint() {
    let files = Files::new();
    let mut command = files.command_at("2030-01-15T12:05:00Z");
    command.args(["--clock-skew", "0"]).arg(files.path("message.xml"));
    let output = command.output().unwrap();
    assert_eq!(
        line(&output),
        concat!(
            r#"{"verdict":"rejected","code":"expired","rule":"SAML Core 2.5.1.2; Profiles 4.1.4.3","#,
            r#""expected":"before NotOnOrAfter of the confirmation: now 2030-01-15T12:05:00Z (skew 0 s)","#,
            r#""found":"2030-01-15T12:05:00Z","#,
            r#""hint":"The message is no longer valid. Compare the clocks of both sides."}"#
        )
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty());
}

#[test]
fn a_message_comes_as_a_file_or_on_standard_input_plain_or_in_base64() {
    let files = Files::new();
    let form = STANDARD.encode(&files.message);
    let lines: Vec<&str> =
        form.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    files.write("message.b64", (lines.join("\r\n") + "\n").as_bytes());
    let mut command = files.command();
    let output = command.arg("--base64").arg(files.path("message.b64")).output().unwrap();
    assert_eq!(line(&output), ACCEPTED);

    let mut command = files.command();
    let mut child = command.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(files.message.as_bytes()).unwrap();
    assert_eq!(line(&child.wait_with_output().unwrap()), ACCEPTED);

    let mut command = files.command();
    let output = command.arg("--base64").arg(files.path("message.xml")).output().unwrap();
    assert!(line(&output).contains(r#""code":"not_base64""#));
}

#[test]
fn trust_comes_from_certificates_or_from_metadata() {
    let files = Files::new();
    let der = std::fs::read(files.path("idp.der")).unwrap();
    let certificate = STANDARD.encode(der);
    let pem =
        format!("# ours\n-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    files.write("idp.pem", pem.as_bytes());
    let metadata = format!(
        "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' \
         entityID='https://idp.test/metadata'><IDPSSODescriptor \
         protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'>\
         <KeyDescriptor><KeyInfo xmlns='http://www.w3.org/2000/09/xmldsig#'><X509Data>\
         <X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>\
         <SingleSignOnService Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect' \
         Location='https://idp.test/sso'/></IDPSSODescriptor></EntityDescriptor>"
    );
    files.write("metadata.xml", metadata.as_bytes());
    let other = sso_tests::TestKey::rsa(2048);
    files.write("other.der", &other.certificate());

    let by_certificates = |names: &[&str]| {
        let mut command = super::bare();
        names.iter().for_each(|name| {
            command.arg("--idp-cert").arg(files.path(name));
        });
        command.args(["--idp-entity-id", "https://idp.test/metadata"]);
        command
    };
    let mut by_metadata = super::bare();
    by_metadata.arg("--idp-metadata").arg(files.path("metadata.xml"));
    for (mut command, accepted) in [
        (by_certificates(&["idp.pem"]), true),
        (by_certificates(&["other.der", "idp.der"]), true),
        (by_certificates(&["other.der"]), false),
        (by_metadata, true),
    ] {
        command
            .args(["--sp-entity-id", "https://sp.test/saml/acme/metadata"])
            .args(["--acs-url", "https://sp.test/saml/acme/acs"])
            .args(["--request-id", "_request", "--at", super::AT])
            .arg(files.path("message.xml"));
        let said = line(&command.output().unwrap());
        if accepted {
            assert_eq!(said, ACCEPTED);
        } else {
            assert!(said.contains(r#""code":"untrusted_key""#), "{said}");
        }
    }
}
