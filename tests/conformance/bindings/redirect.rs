//! HTTP Redirect (SAML Bindings 3.4; SPEC 4.6): what was signed is what was received, and nothing else is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use sso_core::bindings::post::MAX_FIELD;
use sso_core::bindings::redirect::{self, RedirectQuery};
use sso_core::bindings::{Outbound, Parameter};
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{Policy, Provenance, TrustedKey, TrustedKeys};
use sso_core::error::{Code, Rejection};
use sso_core::xml::{Limits, ns};
use sso_tests::{TestKey, shared};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::sync::LazyLock;
use time::macros::datetime;
use url::Url;

static KEY: LazyLock<TestKey> = LazyLock::new(|| TestKey::rsa(2048));

const REQUEST: &str = "<p:LogoutRequest xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\">\
     <p:SessionIndex>s</p:SessionIndex></p:LogoutRequest>";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/// What each query of the suite `synthetic` ends in; its accepted ones are not named.
const REFUSED: [(&str, Code); 19] = [
    ("relaystate-swapped", Code::SignatureInvalid),
    ("relaystate-added", Code::SignatureInvalid),
    ("relaystate-removed", Code::SignatureInvalid),
    ("duplicate-samlrequest", Code::DuplicateParameter),
    ("duplicate-samlrequest-evil-first", Code::DuplicateParameter),
    ("request-and-response", Code::DuplicateParameter),
    ("param-name-escaped", Code::DuplicateParameter),
    ("type-confusion", Code::SignatureInvalid),
    ("sigalg-swapped", Code::AlgorithmNotAllowed),
    ("sha1", Code::AlgorithmNotAllowed),
    ("attacker", Code::SignatureInvalid),
    ("saml-encoding-unknown", Code::NotDeflated),
    ("not-deflated", Code::NotDeflated),
    ("deflate-bomb", Code::MessageTooLarge),
    ("deflate-trailing", Code::NotDeflated),
    ("unsigned", Code::Unsigned),
    ("signature-without-sigalg", Code::AlgorithmNotAllowed),
    ("empty-signature", Code::SignatureInvalid),
    ("embedded-xml-signature", Code::UntrustedKey),
];

/// What is verified of a query: which parameter it has, the name of the message, the RelayState.
type Verified = (Parameter, String, Option<String>);

fn verified(query: &str, key: TrustedKey, grants: &[LegacyCrypto]) -> Result<Verified, Rejection> {
    let received = RedirectQuery::receive(query)?;
    let message = received.message()?;
    let grants: BTreeSet<_> = grants.iter().copied().collect();
    let now = datetime!(2026-11-22 12:00 UTC);
    let policy = Policy { grants: &grants, now, enforce_certificate_validity: false };
    let signed = message.verify(&TrustedKeys::new(vec![key]).expect("a key"), &policy)?;
    assert_eq!(signed.provenance(), Provenance::Query);
    let name = signed.element().local_name().to_owned();
    Ok((received.parameter(), name, received.relay_state().map(str::to_owned)))
}

fn code(query: &str) -> Option<Code> {
    verified(query, KEY.trusted(), &[]).err().map(|rejection| rejection.code)
}

fn deflated(text: &str) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A query whose parameters are signed as they stand, behind which more can come.
fn signed(parameters: &str) -> String {
    let octets = format!("{parameters}&SigAlg={}", escaped(RSA_SHA256));
    let signature = KEY.signing().sign(octets.as_bytes()).expect("a signature");
    format!("{octets}&Signature={}", escaped(&STANDARD.encode(signature)))
}

fn message(text: &str) -> String {
    format!("SAMLRequest={}", escaped(&STANDARD.encode(deflated(text))))
}

#[test]
fn every_query_of_the_suite_ends_as_it_should() {
    let Some(folder) = shared("vectors/synthetic") else { return };
    let read = |name: &str| fs::read(folder.join(name)).expect("a file");
    let suite: serde_json::Value =
        serde_json::from_slice(&read("redirect-queries.json")).expect("JSON");
    let key = || TrustedKey::from_certificate_pem(&read("certs/idp.pem")).expect("a key");
    let mut refused = BTreeSet::new();
    for row in suite["vectors"].as_array().expect("rows") {
        let text = |field: &str| row[field].as_str().expect("text");
        let (name, verdict) = (text("name"), verified(text("query"), key(), &[]));
        match REFUSED.iter().find(|(known, _)| *known == name) {
            Some((known, code)) => {
                assert_eq!(text("expect"), "reject", "{name}");
                assert_eq!(verdict.map_err(|it| it.code), Err(*code), "{name}");
                refused.insert(*known);
            }
            None => {
                assert_eq!(text("expect"), "accept", "{name} has no code here");
                let (parameter, element, _) = verdict.unwrap_or_else(|it| panic!("{name}: {it}"));
                assert_eq!((parameter, &*element), (Parameter::Request, "LogoutRequest"), "{name}");
            }
        }
    }
    assert_eq!(refused.len(), REFUSED.len(), "rows that are not in the suite");
    // SHA-1 by its grant, and by nothing else.
    let sha1 =
        suite["vectors"].as_array().and_then(|rows| rows.iter().find(|row| row["name"] == "sha1"));
    let sha1 = sha1.and_then(|row| row["query"].as_str()).expect("the row");
    assert!(verified(sha1, key(), &[LegacyCrypto::Sha1]).is_ok());
}

#[test]
fn logout_messages_of_real_products_verify() {
    let Some(captures) = shared("captures") else { return };
    let mut seen = 0;
    for flow in ["pysaml2/redirect-slo", "pysaml2/post-artifact", "samlp/redirect-slo"] {
        let folder = captures.join(flow);
        let certificate = fs::read(folder.join("idp-signing.crt")).expect("a certificate");
        for line in fs::read_to_string(folder.join("instants.jsonl")).expect("a file").lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let Some(query) = line["query"].as_str() else { continue };
            let key = || TrustedKey::from_certificate_pem(&certificate).expect("a key");
            let (parameter, element, relay_state) =
                verified(query, key(), &[]).unwrap_or_else(|it| panic!("{flow}: {it}: {query}"));
            let expected = match parameter {
                Parameter::Request => "LogoutRequest",
                Parameter::Response => "LogoutResponse",
            };
            assert_eq!(element, expected, "{flow}");
            assert_eq!(relay_state.as_deref(), line["RelayState"].as_str(), "{flow}");
            let other = query.replacen("RelayState=", "RelayState=x", 1);
            assert_eq!(
                verified(&other, key(), &[]).map_err(|it| it.code),
                Err(Code::SignatureInvalid)
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 5);
}

#[test]
fn what_we_send_verifies() {
    let destination = Url::parse("https://idp.example/sso?tenant=1").expect("a URL");
    let key = KEY.signing();
    for state in [None, Some("a b+c&d=e%2f/é")] {
        let sent = redirect::url(&destination, Parameter::Request, REQUEST, state, Some(&key))
            .expect("a URL");
        let Outbound::Redirect(url) = sent else { panic!("no redirect") };
        let verified = verified(url.query().expect("a query"), KEY.trusted(), &[]);
        let expected = (Parameter::Request, "LogoutRequest".to_owned(), state.map(str::to_owned));
        assert_eq!(verified, Ok(expected));
    }
}

#[test]
fn octets_count_as_they_came() {
    let (message, state) = (message(REQUEST), "RelayState=a%20b");
    let whole = signed(&format!("{message}&{state}"));
    assert_eq!(code(&whole), None);
    // The same values, written otherwise.
    assert_eq!(code(&whole.replace("a%20b", "a+b")), Some(Code::SignatureInvalid));
    assert_eq!(code(&whole.replace("%3A", "%3a")), Some(Code::SignatureInvalid));
    assert_eq!(code(&signed(&format!("{message}&RelayState=a+b"))), None);
    // In another order, with names escaped, and among parameters of somebody else.
    let mut pairs: Vec<&str> = whole.split('&').collect();
    pairs.reverse();
    assert_eq!(code(&format!("x=1&{}&y", pairs.join("&"))), None);
    assert_eq!(code(&whole.replacen("RelayState", "Relay%53tate", 1)), None);
    // An empty RelayState is none, and is signed if it was there.
    let (_, _, empty) = verified(&signed(&format!("{message}&RelayState=")), KEY.trusted(), &[])
        .expect("a signature that holds");
    assert_eq!(empty, None);
}

#[test]
fn every_parameter_comes_once() {
    let whole = signed(&format!("{}&RelayState=a", message(REQUEST)));
    for name in ["SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "Sig%41lg"] {
        for more in
            [format!("{whole}&{name}=x"), format!("{name}=x&{whole}"), format!("{whole}&{name}")]
        {
            assert_eq!(code(&more), Some(Code::DuplicateParameter), "{more}");
        }
    }
    let encoding = "SAMLEncoding=urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";
    assert_eq!(code(&format!("{whole}&{encoding}")), None);
    assert_eq!(code(&format!("{whole}&{encoding}&{encoding}")), Some(Code::DuplicateParameter));
}

#[test]
fn a_message_is_deflated_whole_and_small_enough() {
    let field = |bytes: &[u8]| signed(&format!("SAMLRequest={}", escaped(&STANDARD.encode(bytes))));
    let padded =
        |length: usize| deflated(&format!("{REQUEST}{}", " ".repeat(length - REQUEST.len())));
    assert_eq!(code(&field(&padded(Limits::MESSAGE.bytes))), None);
    assert_eq!(code(&field(&padded(Limits::MESSAGE.bytes + 1))), Some(Code::MessageTooLarge));
    let good = deflated(REQUEST);
    assert_eq!(code(&field(&good)), None);
    assert_eq!(code(&field(&good[..good.len() - 1])), Some(Code::NotDeflated));
    assert_eq!(code(&field(&[&good[..], b"x"].concat())), Some(Code::NotDeflated));
    assert_eq!(code(&field(REQUEST.as_bytes())), Some(Code::NotDeflated));
    assert_eq!(code(&field(&deflated("<a"))), Some(Code::NotWellFormed));
    assert_eq!(code("SAMLRequest=@"), Some(Code::NotBase64));
    assert_eq!(code("RelayState=a"), Some(Code::MissingMessage));
    assert_eq!(code(""), Some(Code::MissingMessage));
    assert_eq!(code(&"x".repeat(MAX_FIELD + 1)), Some(Code::MessageTooLarge));
}

/// Bindings 3.4.4.1 forbids a signature in the message; djangosaml2idp sends one all the same.
#[test]
fn a_signature_in_the_message_must_hold_and_proves_nothing() {
    use sso_core::dsig;
    use sso_core::xml::Document;
    let document = Document::parse(REQUEST.as_bytes(), &Limits::MESSAGE).expect("XML");
    let inside = dsig::sign(document.root(), &KEY.signing()).expect("a signature");
    assert!(inside.contains(ns::DS));
    assert_eq!(code(&message(&inside)), Some(Code::Unsigned));
    assert_eq!(code(&signed(&message(&inside))), None);
    let changed = inside.replacen("ID=\"_r\"", "ID=\"_r\" Reason=\"x\"", 1);
    assert_eq!(code(&signed(&message(&changed))), Some(Code::DigestMismatch));
}
