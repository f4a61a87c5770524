//! The messages that real identity providers posted (`../shared/captures`), each at its instant.

use sso_core::bindings::post;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{DecryptionKey, TrustedKey, TrustedKeys};
use sso_core::error::{Code, Rejection};
use sso_core::login::{
    RelyingParty, Trace, UNSOLICITED_MAX_AGE, VerifiedLogin, verify_solicited, verify_unsolicited,
};
use sso_tests::shared;
use std::fs;
use std::path::Path;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// The value of the NameID, or the refusal with a part of what it found.
type End = Result<&'static str, (Code, &'static str)>;

/// Each posted login: its folder, its file, and how it ends.
const LOGINS: &[(&str, &str, End)] = &[
    (
        "pysaml2/denied",
        "03-samlresponse.b64",
        Err((
            Code::StatusNotSuccess,
            "status:Responder / urn:oasis:names:tc:SAML:2.0:status:RequestDenied: bob may not",
        )),
    ),
    (
        "pysaml2/post-artifact",
        "09-samlresponse.b64",
        Ok("f00833831672b00bd76f0d534b874190ba634956bcd10cc442e8751a39657602"),
    ),
    (
        "pysaml2/redirect-slo",
        "03-samlresponse.b64",
        Ok("5f22c554b8b674ec1e35c5e86f9813602ba0ea65746dcf7529f41dca665de593"),
    ),
    (
        "pysaml2/redirect-slo",
        "07-samlresponse.b64",
        Ok("5f22c554b8b674ec1e35c5e86f9813602ba0ea65746dcf7529f41dca665de593"),
    ),
    ("saml-idp/redirect-slo", "03-samlresponse.b64", Ok("alice@idp.example")),
    ("samlp/post-both-signed", "04-samlresponse.b64", Ok("u-1001")),
    ("samlp/post-both-signed", "08-samlresponse.b64", Ok("u-1001")),
    (
        "samlp/post-both-signed",
        "12-samlresponse.b64",
        Err((Code::StatusNotSuccess, "status:AuthnFailed: denied by the test IdP")),
    ),
    ("samlp/redirect-slo", "03-samlresponse.b64", Ok("u-1001")),
    ("samlp/redirect-slo", "07-samlresponse.b64", Ok("u-1001")),
    (
        "samlp/redirect-slo",
        "11-samlresponse.b64",
        Err((Code::StatusNotSuccess, "status:AuthnFailed: denied by the test IdP")),
    ),
    ("samlp/response-only", "03-samlresponse.b64", Ok("u-1001")),
    ("samlp/sha1", "03-samlresponse.b64", Err((Code::AlgorithmNotAllowed, "rsa-sha1"))),
    ("samlp/unsigned", "03-samlresponse.b64", Err((Code::Unsigned, ""))),
    ("pysaml2/encrypted", "03-samlresponse.b64", Err((Code::EncryptionAlgorithm, "tripledes-cbc"))),
    // The response's signature covers the ciphertext.
    ("samlp/encrypted-cbc", "03-samlresponse.b64", Ok("u-1001")),
    ("samlp/encrypted-gcm", "03-samlresponse.b64", Ok("u-1001")),
];

#[test]
fn every_posted_login_ends_as_it_should() {
    let Some(captures) = shared("captures") else { return };
    for (folder, file, expected) in LOGINS {
        let (login, request_sent) = replay(&captures.join(folder), file, &[]);
        match (login, expected) {
            (Ok(login), Ok(name_id)) => {
                assert_eq!(login.name_id().value, *name_id, "{folder}/{file}");
                assert_eq!(login.solicited(), request_sent, "{folder}/{file}");
            }
            (Err(rejection), Err((code, found))) => {
                assert_eq!(rejection.code, *code, "{folder}/{file}: {rejection}");
                assert!(rejection.found.contains(found), "{folder}/{file}: {rejection}");
            }
            (Ok(login), Err(_)) => panic!("{folder}/{file}: accepted {:?}", login.name_id()),
            (Err(rejection), Ok(_)) => panic!("{folder}/{file}: {rejection}"),
        }
    }
}

#[test]
fn an_old_cipher_is_taken_once_it_is_granted() {
    let Some(captures) = shared("captures") else { return };
    let grants = [LegacyCrypto::TripleDes];
    let (login, _) = replay(&captures.join("pysaml2/encrypted"), "03-samlresponse.b64", &grants);
    let login = login.unwrap_or_else(|rejection| panic!("{rejection}"));
    assert_eq!(*login.legacy_used(), grants.into());
}

#[test]
fn no_posted_login_is_left_out() {
    let Some(captures) = shared("captures") else { return };
    let mut found = 0;
    for product in ["pysaml2", "saml-idp", "samlp"] {
        for flow in fs::read_dir(captures.join(product)).unwrap() {
            let files = fs::read_dir(flow.unwrap().path()).unwrap();
            let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
            found += files
                .map(name)
                .filter(|n| n.to_string_lossy().ends_with("-samlresponse.b64"))
                .count();
        }
    }
    assert_eq!(found, LOGINS.len());
}

/// Verifies a posted form field at the instant at which it came, and says whether it names a request
/// that was sent.
fn replay(
    folder: &Path,
    file: &str,
    grants: &[LegacyCrypto],
) -> (Result<VerifiedLogin, Rejection>, bool) {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let inbound = post::decode(&read(file), None).unwrap();
    let message = inbound.message().unwrap();
    let request = message.hints().in_response_to;

    let certificate = fs::read(folder.join("idp-signing.crt")).unwrap();
    let key = TrustedKey::from_certificate_pem(&certificate).unwrap();
    let mut party = RelyingParty::new(
        attribute(&read("01-idp-metadata.xml"), "entityID"),
        "http://127.0.0.1:9100/metadata".to_owned(),
        "http://127.0.0.1:9100/acs".to_owned(),
        TrustedKeys::new(vec![key]).unwrap(),
    );
    party.clock_skew = Duration::seconds(5);
    party.grants = grants.iter().copied().collect();
    let ours = fs::read(folder.join("../../sp-keys/sp.key")).unwrap();
    party.decryption_keys = vec![DecryptionKey::from_pem(&ours).unwrap()];

    let instants = read("instants.jsonl");
    let line = instants.lines().find(|line| line.contains(file)).expect("the file's instant");
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let now = OffsetDateTime::parse(line["instant"].as_str().unwrap(), &Rfc3339).unwrap();

    let trace = &mut Trace::off();
    let login = match request {
        Some(request) => verify_solicited(&message, &party, request, now, trace),
        None => verify_unsolicited(&message, &party, UNSOLICITED_MAX_AGE, now, trace),
    };
    (login, request.is_some_and(|request| was_sent(folder, request)))
}

fn was_sent(folder: &Path, request: &str) -> bool {
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.any(|file| {
        let is_request = file.to_string_lossy().contains("-authnrequest-");
        is_request && attribute(&fs::read_to_string(file).unwrap(), "ID") == request
    })
}

/// The value of the first attribute of that name in a document.
fn attribute(document: &str, name: &str) -> String {
    let (_, rest) = document.split_once(&format!(" {name}=\"")).expect("the attribute");
    rest.split('"').next().unwrap().to_owned()
}
