//! Input that was made to break something: no panic, a verdict, within a second (SPEC 14).

use super::{Files, line};
use sso_core::bindings::Message;
use sso_core::dsig::{TrustedKey, TrustedKeys};
use sso_core::login::{RelyingParty, Trace, verify_solicited};
use std::time::{Duration, Instant};
use time::macros::datetime;

const MIB: usize = 1024 * 1024;

/// As much of the repeated text as fits.
fn filled(text: &str, bytes: usize) -> String {
    text.repeat(bytes / text.len())
}

#[test]
fn no_input_of_a_mebibyte_takes_a_second() {
    let files = Files::new();
    let message = &files.message;
    // As large as a message may be, so that every stage gets to work.
    let room = 262_144 - message.len() - 100;
    let inside = |place: &str, text: String| message.replacen(place, &(text + place), 1);
    let inputs: Vec<String> = [
        "<",
        "a",
        "<a>",
        "<a/>",
        "<a ",
        "&amp;",
        "&",
        "]]>",
        "<!--",
        "<?x ",
        "<!DOCTYPE x [",
        "\0",
        "\u{FFFD}",
        "=\"",
        "PHg+",
    ]
    .iter()
    .map(|text| filled(text, MIB))
    .chain([
        format!("<a>{}", filled("x", MIB - 3)),
        format!("<a b='{}", filled("&#x41;", MIB - 6)),
        format!("<a{}/>", (0..20_000).map(|n| format!(" a{n}=''")).collect::<String>()),
        format!("<a{}/>", (0..20_000).map(|n| format!(" xmlns:a{n}='u'")).collect::<String>()),
        inside("</saml:Subject>", filled("<x/>", room.min(4 * 19_000))),
        inside("</saml:Subject>", filled("<!-- -->", room)),
        inside("</saml:Subject>", format!("<x>{}</x>", filled("&lt;", room - 7))),
        inside("</saml:Subject>", format!("<x y='{}'/>", filled("&quot;", room - 9))),
        inside("</ds:Reference>", filled("<ds:Transform/>", room.min(15 * 19_000))),
        inside("</ds:SignedInfo>", filled("<ds:Reference/>", room.min(15 * 19_000))),
        inside("</ds:DigestValue>", filled("A", room)),
        inside("</ds:SignatureValue>", filled("A", room)),
        inside("</ds:X509Data>", filled("<ds:X509Certificate/>", room)),
        inside("</ds:X509Certificate>", filled("A", room)),
        inside("<saml:Subject>", filled("<saml:Attribute Name='a'/>", room)),
        inside("<saml:Assertion ", filled("<samlp:Response/>", room)),
    ])
    .collect();
    for (number, input) in inputs.iter().enumerate() {
        assert!(input.len() <= MIB);
        files.write("hostile", input.as_bytes());
        for form in [&[][..], &["--base64"]] {
            let begun = Instant::now();
            let output = files.command().args(form).arg(files.path("hostile")).output().unwrap();
            let took = begun.elapsed();
            let said = line(&output);
            let beginning: String = input.chars().take(40).collect();
            // Comments change nothing, however many: a verdict is what matters.
            assert!(matches!(output.status.code(), Some(0 | 1)), "{number} {beginning:?}: {said}");
            assert!(took < Duration::from_secs(1), "{number} {beginning:?}: {took:?}");
        }
    }
}

#[test]
fn no_mutation_of_a_message_breaks_the_verifier_or_changes_who_is_meant() {
    let files = Files::new();
    let certificate = std::fs::read(files.path("idp.der")).unwrap();
    let party = RelyingParty::new(
        "https://idp.test/metadata".to_owned(),
        "https://sp.test/saml/acme/metadata".to_owned(),
        "https://sp.test/saml/acme/acs".to_owned(),
        TrustedKeys::new(vec![TrustedKey::from_certificate_der(&certificate).unwrap()]).unwrap(),
    );
    let now = datetime!(2030-01-15 12:00 UTC);
    let check = |bytes: &[u8]| {
        let mut trace = Trace::recording();
        let Ok(message) = Message::parse(bytes) else { return };
        let Ok(login) = verify_solicited(&message, &party, "_request", now, &mut trace) else {
            return;
        };
        assert_eq!(login.name_id().value, "ada@acme.test");
        assert_eq!(login.attributes().len(), 2);
    };
    let message = files.message.as_bytes();
    for end in (0..message.len()).step_by(13) {
        check(&message[..end]);
    }
    // A small generator, the same in every run: what matters is that much is tried.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let pieces = [
        "<", ">", "/", "\"", "'", "&", "&#0;", "&lt;", " ", "=", ":", "<x>", "</x>", "<!---->",
        "\0", "é", "]]>", "xmlns=''",
    ];
    for _ in 0..4_000 {
        let mut mutated = message.to_vec();
        for _ in 0..=draw(3) {
            let place = draw(mutated.len());
            match draw(4) {
                0 => mutated[place] ^= 1 << draw(8),
                1 => drop(mutated.drain(place..(place + draw(40)).min(mutated.len()))),
                2 => {
                    let piece = pieces[draw(pieces.len())].as_bytes();
                    mutated.splice(place..place, piece.iter().copied());
                }
                _ => {
                    let from = draw(message.len());
                    let copied = &message[from..(from + draw(400)).min(message.len())];
                    mutated.splice(place..place, copied.iter().copied());
                }
            }
        }
        check(&mutated);
    }
}
