//! The messages that real identity providers posted (`../shared/captures`), each at its instant.

mod artifact;
mod logout;
mod tokens;

use sso_core::connection::LegacyCrypto;
use sso_core::error::Code;
use sso_tests::Capture;

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
    for capture in Capture::all() {
        let name = &capture.name;
        let listed = LOGINS.iter().find(|(flow, file, _)| *name == format!("{flow}/{file}"));
        let (_, _, expected) = listed.unwrap_or_else(|| panic!("{name} is not listed"));
        match (capture.case().verify(&capture.message()), expected) {
            (Ok(login), Ok(name_id)) => {
                assert_eq!(login.name_id().value, *name_id, "{name}");
                assert_eq!(login.solicited(), capture.was_asked_for(), "{name}");
            }
            (Err(rejection), Err((code, found))) => {
                assert_eq!(rejection.code, *code, "{name}: {rejection}");
                assert!(rejection.found.contains(found), "{name}: {rejection}");
            }
            (Ok(login), Err(_)) => panic!("{name}: accepted {:?}", login.name_id()),
            (Err(rejection), Ok(_)) => panic!("{name}: {rejection}"),
        }
    }
}

#[test]
fn an_old_cipher_is_taken_once_it_is_granted() {
    let mut captures = Capture::all().into_iter();
    let Some(capture) = captures.find(|it| it.name.starts_with("pysaml2/encrypted")) else {
        return;
    };
    let grants = [LegacyCrypto::TripleDes];
    let mut case = capture.case();
    case.party.grants = grants.into();
    let login = case.verify(&capture.message()).unwrap_or_else(|rejection| panic!("{rejection}"));
    assert_eq!(*login.legacy_used(), grants.into());
}

#[test]
fn no_listed_login_is_missing() {
    let found = Capture::all().len();
    assert!(found == LOGINS.len() || found == 0, "{found} captures");
}
