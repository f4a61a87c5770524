//! Makes the message of a case and has it verified, from the form field on.

use crate::case::{Making, Sign};
use crate::keys::key;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::bindings::post;
use sso_core::dsig::{self, DecryptionKey, TrustedKeys};
use sso_core::error::Rejection;
use sso_core::login::{
    RelyingParty, Step, Trace, UNSOLICITED_MAX_AGE, VerifiedLogin, verify_solicited,
    verify_unsolicited,
};
use sso_core::xml::{Document, Limits};
use sso_tests::TestKey;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// The message that a making ends in.
fn built(making: &Making) -> String {
    let baseline = include_str!("response.xml");
    let mut text = making.edits.iter().fold(baseline.to_owned(), |text, edit| edit.apply(&text));
    let signer = key(making.key.as_deref().unwrap_or("idp"));
    let sign = making.sign.unwrap_or(Sign::Assertion);
    if matches!(sign, Sign::Assertion | Sign::Both) {
        text = signed(&text, "Assertion", &signer.signing());
    }
    if matches!(sign, Sign::Response | Sign::Both) {
        text = signed(&text, "Response", &signer.signing());
    }
    if let Some(shown) = &making.shown_key {
        let certificate = |key: &TestKey| STANDARD.encode(key.certificate());
        text = text.replace(&certificate(signer), &certificate(key(shown)));
    }
    making.after.iter().fold(text, |text, edit| edit.apply(&text))
}

fn signed(text: &str, local_name: &str, key: &dsig::SigningKey) -> String {
    let document = Document::parse(text.as_bytes(), &Limits::MESSAGE)
        .unwrap_or_else(|error| panic!("{error} in what is to be signed:\n{text}"));
    let root = document.root();
    let mut elements = std::iter::once(root).chain(root.children());
    let element = elements.find(|element| element.local_name() == local_name);
    dsig::sign(element.expect("the element to sign"), key).unwrap()
}

/// What verification says of a message, and the steps of its trace.
pub(crate) fn verified(making: &Making) -> (Result<VerifiedLogin, Rejection>, Vec<Step>) {
    let form = making.form.clone().unwrap_or_else(|| STANDARD.encode(built(making)));
    let inbound = match post::decode(&form, None) {
        Ok(inbound) => inbound,
        Err(rejection) => return (Err(rejection), Vec::new()),
    };
    let message = match inbound.message() {
        Ok(message) => message,
        Err(rejection) => return (Err(rejection), Vec::new()),
    };
    let party = relying_party(making);
    let now = making
        .at
        .as_deref()
        .map_or(datetime!(2030-01-15 12:00 UTC), |at| OffsetDateTime::parse(at, &Rfc3339).unwrap());
    let mut trace = Trace::recording();
    let login = if making.unsolicited.unwrap_or(false) {
        verify_unsolicited(&message, &party, UNSOLICITED_MAX_AGE, now, &mut trace)
    } else {
        verify_solicited(&message, &party, "_request", now, &mut trace)
    };
    (login, trace.steps().to_vec())
}

fn relying_party(making: &Making) -> RelyingParty {
    let names = making.trusted.clone().unwrap_or_else(|| vec!["idp".to_owned()]);
    let trusted = TrustedKeys::new(names.iter().map(|name| key(name).trusted()).collect());
    let mut party = RelyingParty::new(
        "https://idp.test/metadata".to_owned(),
        "https://sp.test/saml/acme/metadata".to_owned(),
        "https://sp.test/saml/acme/acs".to_owned(),
        trusted.unwrap(),
    );
    party.decryption_keys = ["ours", "ours-next"]
        .iter()
        .map(|name| key(name).private().private_key_to_der().unwrap())
        .map(|der| DecryptionKey::from_der(&der).unwrap())
        .collect();
    let settings = making.settings.clone();
    party.want_response_signed = settings.want_response_signed.unwrap_or(false);
    party.want_assertions_encrypted = settings.want_assertions_encrypted.unwrap_or(false);
    party.enforce_certificate_validity = settings.enforce_certificate_validity.unwrap_or(false);
    party.name_id_format = settings.name_id_format.unwrap_or_default();
    party.transient_allowed = !settings.account_key_is_name_id.unwrap_or(false);
    party.authn_context_class_ref = settings.authn_context_class_ref.unwrap_or_default();
    party.grants = settings.legacy_crypto.unwrap_or_default();
    if let Some(skew) = settings.clock_skew_seconds {
        party.clock_skew = Duration::seconds(skew.into());
    }
    party
}
