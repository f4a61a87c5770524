//! `refuse FOLDER CAUSE KEYS TIMES`: what callgrind counts to see whether the causes for which an encrypted
//! response is refused cost the same (SPEC 4.5). `KEYS` is how many service keys are live; the one that it
//! is encrypted to is the last.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_bench_verify::{ACS_URL, IDP_ENTITY_ID, Input, REQUEST_ID, SP_ENTITY_ID};
use sso_core::bindings::Message;
use sso_core::dsig::{DecryptionKey, TrustedKey, TrustedKeys};
use sso_core::login::{RelyingParty, Trace, verify_solicited};
use std::path::Path;
use std::process::ExitCode;
use time::macros::datetime;

const CAUSES: [&str; 5] = ["accepted", "other key", "wrapped key", "tag", "signature"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || {
        eprintln!("usage: refuse FOLDER CAUSE KEYS TIMES; causes: {}", CAUSES.join(", "));
        ExitCode::from(2)
    };
    let [folder, cause, keys, times] = arguments.as_slice() else { return usage() };
    let (Ok(keys), Ok(times)) = (keys.parse::<usize>(), times.parse::<u32>()) else {
        return usage();
    };
    if !CAUSES.contains(&cause.as_str()) || keys == 0 {
        return usage();
    }
    let folder = Path::new(folder);
    let input = Input::read(folder, "enc_gcm");
    let (xml, party) = (changed(&input, cause), party(folder, &input, cause, keys));
    let now = datetime!(2026-11-21 21:04 UTC);
    for _ in 0..times {
        let message = Message::parse(xml.as_bytes()).expect("a document");
        let login = verify_solicited(&message, &party, REQUEST_ID, now, &mut Trace::off());
        assert_eq!(login.is_ok(), cause == "accepted");
    }
    ExitCode::SUCCESS
}

/// The message with what the cause changes in it.
fn changed(input: &Input, cause: &str) -> String {
    let xml = String::from_utf8(input.xml.clone()).expect("UTF-8");
    let encrypted = input.encrypted.as_ref().expect("an encrypted one");
    let bytes = match cause {
        "wrapped key" => &encrypted.content_key,
        "tag" => &encrypted.content,
        _ => return xml,
    };
    let mut other = bytes.clone();
    if let Some(last) = other.last_mut() {
        *last ^= 1;
    }
    let (text, other) = (STANDARD.encode(bytes), STANDARD.encode(other));
    assert!(xml.contains(&text), "the bytes stand in the message");
    xml.replacen(&text, &other, 1)
}

/// Any other key will do: that of the identity provider stands for another of ours, and ours for another of
/// the identity provider's.
fn party(folder: &Path, input: &Input, cause: &str, keys: usize) -> RelyingParty {
    let read = |file: &str| std::fs::read(folder.join(file)).expect("a key");
    let trusted = match cause {
        "signature" => TrustedKey::from_certificate_pem(&read("sp.cert.pem")),
        _ => TrustedKey::from_certificate_pem(&input.certificate),
    };
    let trusted = TrustedKeys::new(vec![trusted.expect("a key")]).expect("a key");
    let mut party =
        RelyingParty::new(IDP_ENTITY_ID.into(), SP_ENTITY_ID.into(), ACS_URL.into(), trusted);
    let other = read("idp.key.pem");
    let ours = &input.encrypted.as_ref().expect("an encrypted one").private_key;
    let last = if cause == "other key" { &other } else { ours };
    let pems = (1..keys).map(|_| &other).chain([last]);
    let keys = pems.map(|pem| DecryptionKey::from_pem(pem).expect("a key"));
    party.decryption_keys = keys.collect();
    party
}
