//! xmlsec1, with libxml2's canonicalization, as a foreign judge: it verifies what we sign and signs what
//! we verify, over documents made at random.

use super::{KEY, verify};
use crate::xml::document;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use sso_core::dsig;
use sso_core::xml::{Document, Limits};
use std::path::Path;
use std::process::{Command, Output};

/// What xmlsec1 says, or nothing where it is not installed. In CI that is a failure.
fn xmlsec1(arguments: &[&str], file: &Path) -> Option<Output> {
    match Command::new("xmlsec1").args(arguments).arg("--id-attr:ID").arg("r").arg(file).output() {
        Ok(output) => Some(output),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "xmlsec1 is missing: {error}");
            eprintln!("passed over: xmlsec1 is missing");
            None
        }
    }
}

fn documents(inside: &str, count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let strategy = document(inside);
    let make = |_| strategy.new_tree(&mut runner).expect("a document").current();
    (0..count).map(make).collect()
}

#[test]
fn it_verifies_what_we_sign() {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = folder.path().join("certificate.pem");
    std::fs::write(&certificate, KEY.pem()).expect("a file");
    for text in documents("<first/>", 24) {
        let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).expect("a document");
        let signed = dsig::sign(document.root(), &KEY.signing()).expect("a signature");
        let file = folder.path().join("signed.xml");
        for (text, holds) in [(signed.clone(), true), (signed.replacen("<first/>", "", 1), false)] {
            std::fs::write(&file, &text).expect("a file");
            let key = certificate.to_str().expect("a path");
            let arguments =
                ["--verify", "--enabled-reference-uris", "same-doc", "--pubkey-cert-pem", key];
            let Some(output) = xmlsec1(&arguments, &file) else { return };
            assert_eq!(output.status.success(), holds, "{text}\n{output:?}");
        }
    }
}

#[test]
fn it_signs_what_we_verify() {
    const METHOD: &str = "Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key.pem");
    std::fs::write(&key, KEY.private_pem()).expect("a file");
    for (number, prefixes) in ["", "a", "#default", "b ds2", "a b #default"].into_iter().enumerate()
    {
        let list = format!(
            "<i:InclusiveNamespaces xmlns:i=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{prefixes}\"/>"
        );
        let list = if prefixes.is_empty() { "" } else { &list };
        let template = format!(
            "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">\n<SignedInfo>\
             <CanonicalizationMethod {METHOD}>{list}</CanonicalizationMethod>\
             <SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>\
             <Reference URI=\"#_r\"><Transforms><Transform \
             Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
             <Transform {METHOD}>{list}</Transform></Transforms>\
             <DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue/>\
             </Reference></SignedInfo><SignatureValue/></Signature>"
        );
        for text in documents(&template, 4 + 4 * number) {
            let file = folder.path().join("template.xml");
            std::fs::write(&file, &text).expect("a file");
            let arguments = ["--sign", "--privkey-pem", key.to_str().expect("a path")];
            let Some(output) = xmlsec1(&arguments, &file) else { return };
            assert!(output.status.success(), "{text}\n{output:?}");
            let signed = String::from_utf8(output.stdout).expect("UTF-8");
            verify(&signed, KEY.trusted(), &[])
                .unwrap_or_else(|it| panic!("{it}\n{text}\n{signed}"));
        }
    }
}
