//! samael's own service provider on the messages of others, as they were published and posted: its verdict is
//! ours, but for the rows of `differences.toml`, each with its reason (docs/interop.md, "Beside samael").

use crate::row::{SUITES, given, rows};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::pkey::PKey;
use samael::metadata::EntityDescriptor;
use samael::service_provider::ServiceProvider;
use sso_core::connection::Verification;
use sso_server::selftest::Case;
use sso_tests::{Capture, shared};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::catch_unwind;
use std::path::Path;

/// A message, and the case that both judge it in.
struct Message {
    name: String,
    text: Vec<u8>,
    case: Case,
    service_key: Option<Vec<u8>>,
}

/// The value of the NameID, or by what name the message is refused.
type Verdict = Result<String, String>;

/// By class, the messages on which the verdicts differ: ours, then samael's.
fn differences() -> BTreeMap<String, BTreeMap<String, (String, String)>> {
    toml::from_str(include_str!("differences.toml")).expect("differences.toml")
}

/// Every login that a manifest says is good or bad, and every one that was posted; but those that only a key
/// without a certificate signs, which samael's metadata cannot have.
fn messages() -> Vec<Message> {
    let Some(vectors) = shared("vectors") else { return Vec::new() };
    let given = given();
    let mut messages = Vec::new();
    for suite in SUITES {
        let rows = rows(&vectors.join(suite)).into_iter();
        let rows = rows.filter(|row| row.waits_for().is_none());
        // As they were posted to a service provider of SAML.
        let rows = rows.filter(|row| !row.is_token() && !row.is_bare());
        for row in rows.filter(|row| matches!(row.expect.as_str(), "accept" | "reject")) {
            let Ok(text) = row.message() else { continue };
            let given = given.get(suite).and_then(|rows| rows.get(&row.file));
            let case = row.case(&given.cloned().unwrap_or_default());
            let (name, service_key) =
                (format!("{suite}/{}", row.file), row.service_keys().into_iter().next());
            messages.push(Message { name, text, case, service_key });
        }
    }
    for capture in Capture::all() {
        let (name, text, case) =
            (format!("captures/{}", capture.name), capture.message(), capture.case());
        messages.push(Message { name, text, case, service_key: Some(capture.service_key()) });
    }
    messages.retain(|message| {
        let mut keys = message.case.party.trusted.iter();
        keys.any(|key| key.certificate().is_some()) && !fetches(&message.text)
    });
    messages
}

/// Whether a Reference leads out of the document. libxmlsec1 would fetch it, were it asked first.
fn fetches(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).contains(" URI=\"http")
}

impl Message {
    fn ours(&self) -> Verdict {
        let login = self.case.verify(&self.text);
        login.map(|it| it.name_id().value.clone()).map_err(|it| it.code.as_str().to_owned())
    }

    fn samaels(&self) -> Verdict {
        let Ok(text) = std::str::from_utf8(&self.text) else { return Err("NotUtf8".to_owned()) };
        let provider = self.provider();
        let requests: Vec<&str> = self.case.request_id().into_iter().collect();
        let answer = catch_unwind(|| provider.parse_xml_response(text, Some(&requests)));
        let assertion = answer.map_err(|_| "Panic".to_owned())?.map_err(|error| {
            let error = format!("{error:?}");
            error.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
        })?;
        let name_id = assertion.subject.and_then(|subject| subject.name_id);
        Ok(name_id.map(|name_id| name_id.value).unwrap_or_default())
    }

    fn provider(&self) -> ServiceProvider {
        let party = &self.case.party;
        let lenient = ServiceProvider::default().max_clock_skew * 10_000_000;
        ServiceProvider {
            entity_id: Some(party.sp_entity_id.clone()),
            acs_url: Some(party.acs_url.clone()),
            key: self
                .service_key
                .as_ref()
                .map(|key| PKey::private_key_from_pem(key).expect("a key")),
            idp_metadata: self.metadata().parse::<EntityDescriptor>().expect("metadata"),
            allow_idp_initiated: self.case.request_id().is_none(),
            // Its clock is the machine's, whatever the message's instant.
            max_issue_delay: lenient,
            max_clock_skew: lenient,
            ..ServiceProvider::default()
        }
    }

    fn metadata(&self) -> String {
        let party = &self.case.party;
        let mut keys = String::new();
        for der in party.trusted.iter().filter_map(|key| key.certificate()) {
            let _ = write!(
                keys,
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo \
                 xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{}\
                 </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
                STANDARD.encode(der)
            );
        }
        format!(
            "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\">\
             <md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
             <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
             Location=\"https://idp.example/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>",
            party.idp_entity_id.replace('&', "&amp;")
        )
    }
}

#[test]
fn its_verdict_is_ours_but_for_the_listed() {
    let differences = differences();
    let mut listed: BTreeMap<&String, (&str, &str)> = BTreeMap::new();
    for (name, (ours, samaels)) in differences.values().flatten() {
        assert!(listed.insert(name, (ours, samaels)).is_none(), "{name} is listed twice");
    }
    let messages = messages();
    let mut wrong = Vec::new();
    for message in &messages {
        let (ours, samaels) = (message.ours(), message.samaels());
        let alike = match (&ours, &samaels) {
            (Ok(one), Ok(other)) => one == other,
            (Err(_), Err(_)) => true,
            _ => false,
        };
        let code = |verdict: &Verdict| verdict.clone().err().unwrap_or("accepted".to_owned());
        let found = match (&ours, &samaels) {
            (Ok(_), Ok(_)) => ("accepted".to_owned(), "another NameID".to_owned()),
            _ => (code(&ours), code(&samaels)),
        };
        let expected = listed.remove(&message.name);
        let right = match expected {
            None => alike,
            Some((ours, samaels)) => !alike && (ours, samaels) == (&*found.0, &*found.1),
        };
        if !right {
            wrong.push(format!("{}: {found:?}, listed {expected:?}", message.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(listed.is_empty() || messages.is_empty(), "there is no such message: {listed:?}");
}

#[test]
fn each_class_is_explained() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/interop.md");
    let text = std::fs::read_to_string(file).expect("docs/interop.md");
    let (_, text) = text.split_once("## Beside samael").expect("the section");
    for class in differences().keys() {
        assert!(text.contains(&format!("\n| `{class}` | ")), "{class} is not explained");
    }
}

/// The second opinion on every message of others that we accept: its own reading is used, not that of
/// samael's service provider, so that nothing differs.
#[test]
fn it_agrees_to_every_message_that_we_accept() {
    let differences = differences();
    let unknown = |name: &String| {
        ["algorithms", "ids"].iter().any(|class| differences[*class].contains_key(name))
    };
    let mut asked = 0;
    for mut message in messages() {
        let Ok(name_id) = message.ours() else { continue };
        message.case.party.verification = Verification::Dual;
        let expected = match unknown(&message.name) {
            true => Err("second_opinion_unavailable".to_owned()),
            false => Ok(name_id),
        };
        assert_eq!(message.ours(), expected, "{}", message.name);
        asked += 1;
    }
    assert!(asked > 100 || asked == 0, "{asked} messages");
}
