use crate::edit::edited;
use crate::genuine::{OUR_KEY, SIGNED};
use crate::within_budget;
use sso_core::bindings::Message;
use sso_core::dsig;
use sso_core::xml::{Document, Limits, ns};
use std::sync::LazyLock;

/// The request for a message, which an answer names.
const RESOLVE: &str = "_resolve";

/// By which of the two ways that have an envelope a response came.
#[derive(Clone, Copy)]
enum Way {
    /// In the answer to the request for the message of an artifact.
    Artifact,
    /// From an enhanced client.
    Client,
}

/// Every genuine response in the envelope of each way.
static ENVELOPES: LazyLock<Vec<(Way, Vec<u8>)>> = LazyLock::new(|| {
    let ways = [Way::Artifact, Way::Client].into_iter();
    let envelopes = ways.flat_map(|way| {
        (0..SIGNED.messages.len()).map(move |number| {
            let content = match way {
                Way::Artifact => answer(number, response(number)),
                Way::Client => response(number).to_owned(),
            };
            (way, enveloped(way, &content).into_bytes())
        })
    });
    let envelopes: Vec<_> = envelopes.collect();
    let taken = envelopes.iter().all(|(way, envelope)| brought(*way, envelope));
    assert!(taken, "a genuine response in an envelope is accepted");
    envelopes
});

/// A response in an envelope: of an artifact, or of an enhanced client. By its first byte an input is a
/// change of a genuine envelope with all that is in it; a change of a genuine response, around which the
/// identity provider's own key signs the answer (0x10 to 0x12); or an envelope, which is taken by both ways.
/// What is accepted says what a genuine response said, to the letter: nothing that is around it vouches for
/// anything inside.
pub fn envelope(input: &[u8]) -> bool {
    match input.split_first() {
        Some((&number, script)) if usize::from(number) < ENVELOPES.len() => {
            let (way, genuine) = &ENVELOPES[usize::from(number)];
            brought(*way, &edited(genuine, script))
        }
        Some((&number @ 0x10..=0x12, script)) => {
            let number = usize::from(number - 0x10);
            let changed = edited(response(number).as_bytes(), script);
            let Ok(changed) = std::str::from_utf8(&changed) else { return false };
            let answer = answer(number, changed);
            // What is no document, or one without a canonical form, cannot be signed.
            let Ok(signed) = dsig::sign_message(&answer, &OUR_KEY) else { return false };
            brought(Way::Artifact, enveloped(Way::Artifact, &signed).as_bytes())
        }
        _ => {
            [Way::Artifact, Way::Client].into_iter().filter(|way| brought(*way, input)).count() > 0
        }
    }
}

fn brought(way: Way, envelope: &[u8]) -> bool {
    let parsed = within_budget(|| {
        let message = match way {
            Way::Artifact => Message::resolved(envelope, RESOLVE),
            Way::Client => Message::of_client(envelope),
        };
        let message = message.ok()?;
        std::hint::black_box(message.hints());
        message.client_relay_state().ok()?;
        Some(message)
    });
    parsed.is_some_and(|message| SIGNED.accepts(&message))
}

/// A genuine response, without what stands before its root.
fn response(number: usize) -> &'static str {
    let message = &SIGNED.messages[number];
    let document = Document::parse(message, &Limits::MESSAGE).expect("a document");
    let text = std::str::from_utf8(message).expect("text");
    &text[document.root().source_range()]
}

/// The answer of its identity provider to the request for a genuine response.
fn answer(number: usize, response: &str) -> String {
    // The first three are ours.
    let issuer = &SIGNED.cases[number.saturating_sub(2)].party.idp_entity_id;
    format!(
        "<samlp:ArtifactResponse xmlns:samlp=\"{}\" xmlns:saml=\"{}\" ID=\"_answer\" Version=\"2.0\" \
         IssueInstant=\"2030-01-15T12:00:00Z\" InResponseTo=\"{RESOLVE}\"><saml:Issuer>{issuer}</saml:Issuer>\
         <samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>\
         {response}</samlp:ArtifactResponse>",
        ns::SAMLP,
        ns::SAML,
    )
}

fn enveloped(way: Way, content: &str) -> String {
    let header = match way {
        Way::Artifact => String::new(),
        Way::Client => format!(
            "<S:Header><p:Response xmlns:p=\"{}\" S:mustUnderstand=\"1\"/><e:RelayState xmlns:e=\"{}\" \
             S:mustUnderstand=\"1\">state</e:RelayState></S:Header>",
            ns::PAOS,
            ns::ECP,
        ),
    };
    format!("<S:Envelope xmlns:S=\"{}\">{header}<S:Body>{content}</S:Body></S:Envelope>", ns::SOAP)
}
