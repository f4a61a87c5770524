use crate::edit::edited;
use crate::genuine::{OUR_KEY, OUR_KEYS};
use crate::{canonical, within_budget};
use sso_core::bindings::redirect::{self, RedirectQuery};
use sso_core::bindings::{MAX_RELAY_STATE, Outbound, Parameter};
use sso_core::dsig::{Policy, Provenance};
use sso_core::xml::{Document, Limits};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use time::macros::datetime;
use url::Url;

const MESSAGE: &str = "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
    xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_1\" Version=\"2.0\" \
    IssueInstant=\"2030-01-15T12:00:00Z\"><saml:Issuer>https://idp.test/metadata</saml:Issuer>\
    <saml:NameID>ada@acme.test</saml:NameID></samlp:LogoutRequest>";
const RELAY_STATE: &str = "a state = & + %";

/// The one query that the key ever signed.
static GENUINE: LazyLock<String> = LazyLock::new(|| query(MESSAGE, RELAY_STATE).expect("a query"));

/// The redirect binding, on a query or on a change of a genuine one (first byte 0): what is accepted has the
/// octets that were signed, and is the message and the RelayState of the genuine query. A text signed and
/// sent by us (first byte 1; up to a zero byte a RelayState) comes out as it was sent.
pub fn redirect(input: &[u8]) -> bool {
    match input.split_first() {
        Some((0, script)) => received(&edited(GENUINE.as_bytes(), script)),
        Some((1, message)) => sent(message),
        _ => received(input),
    }
}

fn received(query: &[u8]) -> bool {
    let Ok(query) = std::str::from_utf8(query) else { return false };
    let Ok(received) = within_budget(|| RedirectQuery::receive(query)) else { return false };
    let Ok(message) = within_budget(|| received.message()) else { return false };
    let Ok(signed) = message.verify(&OUR_KEYS, &policy(&BTreeSet::new())) else { return false };
    let genuine = Document::parse(MESSAGE.as_bytes(), &Limits::MESSAGE).expect("a document");
    assert_eq!(received.parameter(), Parameter::Request);
    assert_eq!(received.relay_state(), Some(RELAY_STATE));
    assert_eq!(canonical(signed.element(), None), canonical(genuine.root(), None));
    assert_eq!(signed.provenance(), Provenance::Query);
    for parameter in GENUINE.split('&').filter(|it| !it.starts_with("Signature=")) {
        let (_, value) = parameter.split_once('=').expect("a value");
        assert!(query.contains(value), "the octets that were signed");
    }
    true
}

fn sent(input: &[u8]) -> bool {
    let Ok(input) = std::str::from_utf8(input) else { return false };
    let (relay_state, message) = input.split_once('\0').unwrap_or(("", input));
    let Some(query) = query(message, relay_state) else {
        assert!(relay_state.len() > MAX_RELAY_STATE);
        return false;
    };
    let Ok(received) = RedirectQuery::receive(&query) else {
        assert!(message.len() > Limits::MESSAGE.bytes || query.len() > 2 * Limits::MESSAGE.bytes);
        return false;
    };
    assert_eq!(received.relay_state().unwrap_or_default(), relay_state);
    let (Ok(read), Ok(parsed)) =
        (received.message(), Document::parse(message.as_bytes(), &Limits::MESSAGE))
    else {
        assert!(Document::parse(message.as_bytes(), &Limits::MESSAGE).is_err());
        return false;
    };
    // A signature in the message must hold as well, and these do not.
    if let Ok(signed) = read.verify(&OUR_KEYS, &policy(&BTreeSet::new())) {
        assert_eq!(signed.element().document_text(), parsed.root().document_text());
    } else {
        let own = parsed.root().children().any(|child| child.local_name() == "Signature");
        assert!(own, "what was signed verifies");
    }
    true
}

fn query(message: &str, relay_state: &str) -> Option<String> {
    let to = Url::parse("https://sp.test/slo").expect("a URL");
    match redirect::url(&to, Parameter::Request, message, Some(relay_state), Some(&OUR_KEY)) {
        Ok(Outbound::Redirect(url)) => url.query().map(str::to_owned),
        _ => None,
    }
}

fn policy(grants: &BTreeSet<sso_core::connection::LegacyCrypto>) -> Policy<'_> {
    let now = datetime!(2030-01-15 12:00 UTC);
    Policy { grants, now, enforce_certificate_validity: true }
}
