use crate::genuine::{OUR_KEYS, SIGNED};
use crate::{canonical, elements, within_budget};
use sso_core::bindings::Message;
use sso_core::dsig::{self, Policy};
use sso_core::xml::{Document, Limits, ns};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use time::macros::datetime;

/// The canonical form of everything that the key ever signed.
static FORMS: LazyLock<BTreeSet<Vec<u8>>> = LazyLock::new(|| signed_forms(&SIGNED.messages));

/// Verification, of a message or of a change of a genuine one: what is accepted says what the genuine message
/// said, to the letter; a signature holds for what was signed and for nothing else.
pub fn verify(input: &[u8]) -> bool {
    let message = SIGNED.message(input);
    within_budget(|| {
        let Ok(message) = Message::parse(&message) else { return };
        std::hint::black_box(message.hints());
    });
    let Ok(parsed) = Message::parse(&message) else { return false };
    signatures(&message, &FORMS);
    SIGNED.accepts(&parsed)
}

/// The canonical form of every element of these messages that is signed.
pub(crate) fn signed_forms(messages: &[Vec<u8>]) -> BTreeSet<Vec<u8>> {
    let mut forms = BTreeSet::new();
    for message in messages {
        let document = Document::parse(message, &Limits::MESSAGE).expect("a document");
        for element in elements(&document) {
            if let Some(signature) = element.child(ns::DS, "Signature").expect("at most one") {
                forms.insert(canonical(element, Some(signature)));
            }
        }
    }
    forms
}

/// Every signature of a message by itself, wherever it stands: where our key made it, it covers a form that
/// was signed.
pub(crate) fn signatures(message: &[u8], genuine: &BTreeSet<Vec<u8>>) {
    let Ok(document) = Document::parse(message, &Limits::MESSAGE) else { return };
    let grants = BTreeSet::new();
    let now = datetime!(2030-01-15 12:00 UTC);
    let policy = Policy { grants: &grants, now, enforce_certificate_validity: true };
    for element in elements(&document) {
        let Ok(Some(signature)) = dsig::signature_of(element) else { continue };
        if let Ok(signed) = dsig::verify(&signature, &OUR_KEYS, &policy) {
            let own = signed.element().child(ns::DS, "Signature").expect("one signature");
            let form = canonical(signed.element(), own);
            assert!(genuine.contains(&form), "never signed: {}", String::from_utf8_lossy(&form));
        }
    }
}
