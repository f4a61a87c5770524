//! Messages that are encrypted, with one, two and three live service keys, the last of which it is encrypted
//! to (SPEC 4.5): whoever sends them must not learn from the work why they could not be decrypted.

use super::{ACCEPTED, Bound, Case, case, with};
use crate::input::{ACS_URL, Input, committed, file};
use crate::subjects::ours::{NOW, party};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::connection::LegacyCrypto;

/// The bytes of a block of AES.
const BLOCK: usize = 16;

/// By AES-GCM.
pub(super) fn authenticated() -> Vec<Case> {
    cases("enc_gcm", ("another tag", 1))
}

/// By AES-CBC, which is granted.
pub(super) fn in_blocks() -> Vec<Case> {
    // The last byte of the padding is changed by that of the block before.
    cases("enc_cbc", ("another padding", 1 + BLOCK))
}

/// `end` is the name of a change near the end, and how far before it.
fn cases(input: &str, end: (&str, usize)) -> Vec<Case> {
    let folder = committed();
    let input = Input::read(&folder, input);
    let [other, stranger] = ["other.key.pem", "other1.cert.pem"].map(|it| file(&folder, it));
    let genuine = String::from_utf8(input.xml.clone()).expect("UTF-8");
    let encrypted = input.encrypted.as_ref().expect("an encrypted one");
    let (content_key, content) = (&encrypted.content_key, &encrypted.content);
    let elsewhere = with(&genuine, ACS_URL, "https://other.example/acs");
    let wrapped_key = changed(&genuine, content_key, 1);
    let text = changed(&genuine, content, 2 * BLOCK);
    let (end, ending) = (end.0, changed(&genuine, content, end.1));

    let mut cases = Vec::new();
    for keys in [1, 2, 3] {
        let mut own = vec![other.as_slice(); keys];
        let strange = own.clone();
        own[keys - 1] = &encrypted.private_key;
        let times = Bound::Times(keys as u32);
        let mut add = |cause: &str, code, bound, xml: &str, certificate: &[u8], own: &[&[u8]]| {
            let mut party = party(&[certificate], own);
            party.grants = [LegacyCrypto::AesCbc].into();
            let cause = format!("{cause}; live keys: {keys}");
            cases.push(case(cause, code, bound, xml.as_bytes(), party, NOW));
        };
        let idp = input.certificate.as_slice();
        add("nothing", ACCEPTED, times, &genuine, idp, &own);
        add("another destination", "destination", Bound::Half, &elsewhere, idp, &own);
        add("encrypted to another key", "decryption", times, &genuine, idp, &strange);
        add("another wrapped key", "decryption", times, &wrapped_key, idp, &own);
        add("another text", "decryption", times, &text, idp, &own);
        add(end, "decryption", times, &ending, idp, &own);
        add("an untrusted signer inside", "untrusted_key", times, &genuine, &stranger, &own);
    }
    cases
}

/// The message with a bit changed so many bytes before the end of these.
fn changed(xml: &str, bytes: &[u8], before_end: usize) -> String {
    let mut other = bytes.to_vec();
    other[bytes.len() - before_end] ^= 0x40;
    with(xml, &STANDARD.encode(bytes), &STANDARD.encode(other))
}
