use crate::edit::edited;
use crate::genuine::{Content, ENCRYPTED, PLAINTEXT, sealed};
use sso_core::bindings::Message;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{self, Recipient};
use sso_core::xml::{Document, Element, Limits, ns};

/// Decryption. By its first byte an input is a change of a genuine encrypted message, a plaintext, a change
/// of the genuine plaintext (the last two encrypted to us by GCM and by CBC, as anybody can), or a message.
/// What is accepted says what the genuine message said, to the letter; nothing vouches for a plaintext whose
/// ciphertext is not signed.
pub fn decrypt(input: &[u8]) -> bool {
    match input.split_first() {
        Some((0x08, plaintext)) => hold(&sealed(plaintext, Content::Gcm)),
        Some((0x0B, plaintext)) => hold(&sealed(plaintext, Content::Cbc)),
        Some((0x0C, script)) => hold(&sealed(&edited(&PLAINTEXT, script), Content::Gcm)),
        Some((0x0E, script)) => hold(&sealed(&edited(&PLAINTEXT, script), Content::Cbc)),
        _ => hold(&ENCRYPTED.message(input)),
    }
}

fn hold(message: &[u8]) -> bool {
    let Ok(parsed) = Message::parse(message) else { return false };
    plaintext(message);
    ENCRYPTED.accepts(&parsed)
}

/// What is decrypted with every grant, which the case has none of, and without any signature around it.
fn plaintext(message: &[u8]) {
    let Ok(document) = Document::parse(message, &Limits::MESSAGE) else { return };
    let is_encrypted = |it: &Element<'_>| it.is(ns::SAML, "EncryptedAssertion");
    let Some(encrypted) = document.root().children().find(is_encrypted) else { return };
    let Some(case) = ENCRYPTED.cases.first() else { return };
    let grants = LegacyCrypto::ALL.into();
    let party = &case.party;
    let recipient =
        Recipient { entity_id: &party.sp_entity_id, keys: &party.decryption_keys, grants: &grants };
    let Ok(plaintext) = dsig::decrypt(encrypted, &recipient, None) else { return };
    let Ok(decrypted) = plaintext.parse() else { return };
    assert!(decrypted.signed().is_none(), "nobody signed the ciphertext");
    assert!(!decrypted.element().local_name().is_empty(), "one element");
}
