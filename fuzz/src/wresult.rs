use crate::edit::edited;
use crate::tokens::{ANSWERS, SIGNED_TOKENS, answer, encrypted};
use crate::verify::{signatures, signed_forms};
use crate::within_budget;
use sso_core::bindings::Message;
use sso_core::wsfed::TokenResponse;
use sso_core::xml::{Document, Limits};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The canonical form of everything that the key signed in the open.
static FORMS: LazyLock<BTreeSet<Vec<u8>>> = LazyLock::new(|| signed_forms(&ANSWERS.messages));

/// An answer of WS-Federation. By its first byte an input is a change of a genuine one, a change of a genuine
/// token (of SAML 1.1, of SAML 2.0) or any plaintext encrypted to us, or a message. What is accepted, asked for
/// or not, says what a genuine token said, to the letter; a signature holds for what was signed and for nothing
/// else.
pub fn wresult(input: &[u8]) -> bool {
    let message = match input.split_first() {
        Some((0x10, script)) => sealed(&edited(SIGNED_TOKENS[0].as_bytes(), script)),
        Some((0x11, script)) => sealed(&edited(SIGNED_TOKENS[1].as_bytes(), script)),
        Some((0x12, plaintext)) => sealed(plaintext),
        _ => ANSWERS.message(input),
    };
    within_budget(|| {
        let Ok(document) = Document::parse(&message, &Limits::MESSAGE) else { return };
        drop(TokenResponse::read(document.root()));
    });
    let Ok(parsed) = Message::parse(&message) else { return false };
    signatures(&message, &FORMS);
    ANSWERS.accepts(&parsed)
}

fn sealed(plaintext: &[u8]) -> Vec<u8> {
    answer(&encrypted(plaintext)).into_bytes()
}
