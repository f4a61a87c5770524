//! What is given to the second engine, and what has to be the same.

use super::reading::Reading;
use crate::dsig::second_opinion::{differs, hashed_octets};
use crate::dsig::{Provenance, SignedXml, TrustedKeys};
use crate::error::{Code, Rejection};
use crate::saml::rules::{Checked, Facts};
use crate::saml::{Covered, Report};

/// Has the second engine verify a message that our engine has accepted, and agree on the assertion's ID,
/// issuer, subject and attributes. `message` is the bytes that were posted, `keys` those that may sign.
///
/// What was encrypted is given to it as we decrypted it; where the plaintext has a signature of its own,
/// it has to hold too.
///
/// # Errors
/// `second_opinion_unavailable`, `second_opinion_differs`.
pub(crate) fn second_opinion(
    message: &[u8],
    covered: &Covered<'_>,
    keys: &TrustedKeys,
    checked: &Checked<'_>,
    report: &mut Report<'_>,
) -> Result<(), Rejection> {
    let text = signed_text(message, covered, keys)?;
    let reading = Reading::of(&text, covered.parts.texts()).map_err(differs)?;
    agree(&reading, checked.facts()).map_err(differs)?;
    report.rule(Code::SecondOpinionDiffers, true, || {
        ("a second engine that agrees", "samael with libxmlsec1 does")
    })
}

/// The text that the second engine reads the assertion in: what it hashed, but where the signature is over
/// the ciphertext alone, what we decrypted.
fn signed_text(
    message: &[u8],
    covered: &Covered<'_>,
    keys: &TrustedKeys,
) -> Result<String, Rejection> {
    let response = covered.response.as_ref();
    let Some(plaintext) = covered.plaintext else {
        let signed: Vec<&SignedXml<'_>> =
            response.into_iter().chain([&covered.assertion]).collect();
        return hashed_octets(message, &signed, keys);
    };
    if let Some(response) = response {
        let octets = hashed_octets(message, &[response], keys)?;
        Reading::of_encrypted(&octets).map_err(differs)?;
    }
    match covered.assertion.provenance() {
        Provenance::Signed => hashed_octets(plaintext, &[&covered.assertion], keys),
        Provenance::DecryptedFrom | Provenance::Query => {
            Ok(String::from_utf8_lossy(plaintext).into_owned())
        }
    }
}

/// Whether both engines read the same; else what they read differently.
fn agree(theirs: &Reading, ours: &Facts<'_>) -> Result<(), String> {
    let name_id = &ours.name_id;
    let texts = [
        ("ID", Some(theirs.id.as_str()), Some(ours.id)),
        ("Issuer", Some(theirs.issuer.as_str()), Some(ours.issuer.entity_id())),
        ("NameID", Some(theirs.name_id.value.as_str()), Some(&*name_id.value)),
        ("NameID Format", theirs.name_id.format.as_deref(), name_id.format),
        ("NameQualifier", theirs.name_id.name_qualifier.as_deref(), name_id.name_qualifier),
        ("SPNameQualifier", theirs.name_id.sp_name_qualifier.as_deref(), name_id.sp_name_qualifier),
    ];
    if let Some((what, ..)) = texts.iter().find(|(_, theirs, ours)| theirs != ours) {
        return Err(format!("libxml2 reads another {what}"));
    }
    if theirs.attributes == ours.attributes {
        return Ok(());
    }
    let mut pairs = theirs.attributes.iter().zip(&ours.attributes);
    Err(match pairs.find(|(theirs, ours)| theirs != ours) {
        Some((_, (name, _))) => format!("libxml2 reads the attribute {name} differently"),
        None => format!(
            "libxml2 reads {} attributes, we {}",
            theirs.attributes.len(),
            ours.attributes.len()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::NameIdFormat;
    use crate::dsig::{Recipient, SigningKey, TrustedKey, TrustedKeys, sign};
    use crate::saml::rules::{self, Expected, Profile, Request};
    use crate::saml::{Assertion, Envelope, Trust, covered_assertion};
    use crate::xml::{Document, Limits};
    use std::collections::BTreeSet;
    use time::macros::datetime;

    const RESPONSE: &str = include_str!("../../../../../tests/corpus/response.xml");
    const NOTHING: std::iter::Empty<&[u8]> = std::iter::empty();

    /// What our engine says of the message of the corpus, handed to `told`.
    fn judged(told: impl FnOnce(&Facts<'_>)) {
        let random = crate::ambient::SystemRandom;
        let now = datetime!(2030-01-15 12:00 UTC);
        let made = crate::certs::generate("idp", 365, crate::certs::NewKey::P256, now, &random);
        let made = made.expect("a certificate");
        let key = SigningKey::from_pkcs8_der(&made.private_key, &made.der).expect("its key");
        let document = Document::parse(RESPONSE.as_bytes(), &Limits::MESSAGE).expect("XML");
        let signed = sign(document.root(), &key).expect("signed");
        let document = Document::parse(signed.as_bytes(), &Limits::MESSAGE).expect("XML");
        let trusted = TrustedKey::from_certificate_der(&made.der).expect("a certificate");
        let grants = BTreeSet::new();
        let entity_id = "https://sp.test/saml/acme/metadata";
        let trust = Trust {
            keys: &TrustedKeys::new(vec![trusted]).expect("one"),
            recipient: Recipient { entity_id, keys: &[], grants: &grants },
            enforce_certificate_validity: false,
            want_response_signed: false,
            want_assertions_encrypted: false,
        };
        let expected = Expected {
            profile: Profile::WebBrowserSso,
            idp_entity_id: "https://idp.test/metadata",
            sp_entity_id: entity_id,
            acs_url: "https://sp.test/saml/acme/acs",
            request: Request::Solicited("_request"),
            name_id_format: NameIdFormat::Unspecified,
            transient_allowed: true,
            authn_context_class_ref: &[],
            identifying_attributes: &[],
            now,
            skew: time::Duration::ZERO,
        };
        let envelope = Envelope::read(document.root()).expect("a response");
        let report = &mut Report::off();
        covered_assertion(envelope, &trust, now, report, |covered, report| {
            let assertion = Assertion::read(&covered.assertion, &covered.parts)?;
            told(rules::assertion(assertion, &expected, report)?.facts());
            Ok(())
        })
        .expect("accepted");
    }

    #[test]
    fn every_value_that_is_read_differently_is_told() {
        judged(|ours| {
            let read = |text: &str| Reading::of(text, NOTHING);
            assert_eq!(agree(&read(RESPONSE).expect("read"), ours), Ok(()));
            // A comment is no difference, and white space around the issuer is none.
            let same = RESPONSE
                .replace("ada@acme.test</saml:NameID>", "ada<!---->@acme.test</saml:NameID>");
            let same = same.replace(
                "https://idp.test/metadata</saml:Issuer>",
                "https://idp.test/metadata\n</saml:Issuer>",
            );
            assert_ne!(same, RESPONSE);
            assert_eq!(agree(&read(&same).expect("read"), ours), Ok(()));
            for (one, other, told) in [
                ("ID=\"_assertion\"", "ID=\"_another\"", "another ID"),
                (">https://idp.test/metadata<", ">https://idp.test/<", "another Issuer"),
                ("ada@acme.test</saml:NameID>", "ada</saml:NameID>", "another NameID"),
                (
                    "nameid-format:emailAddress",
                    "nameid-format:unspecified",
                    "another NameID Format",
                ),
                ("<saml:NameID ", "<saml:NameID NameQualifier=\"q\" ", "another NameQualifier"),
                ("<saml:NameID ", "<saml:NameID SPNameQualifier=\"q\" ", "another SPNameQualifier"),
                (">engine<", "> engine<", "the attribute groups differently"),
                ("Name=\"email\"", "Name=\"mail\"", "the attribute email differently"),
            ] {
                let odd = RESPONSE.replace(one, other);
                let found = agree(&read(&odd).expect("read"), ours).expect_err(one);
                assert!(found.ends_with(told), "{found}");
            }
            let (begin, rest) = RESPONSE.split_once("<saml:AttributeStatement>").expect("one");
            let (_, end) = rest.split_once("</saml:AttributeStatement>").expect("its end");
            let found = agree(&read(&format!("{begin}{end}")).expect("read"), ours);
            assert!(found.expect_err("fewer").starts_with("libxml2 reads 0 attributes"));
        });
    }

    #[test]
    fn what_libxml2_cannot_read_is_no_agreement() {
        for (one, other) in [
            ("</samlp:Response>", ""),
            ("<saml:NameID ", "<saml:BaseID "),
            ("<saml:Subject>", "<saml:Subject/><saml:Subject>"),
            ("Name=\"email\"", "Title=\"email\""),
        ] {
            let odd = RESPONSE.replace(one, other);
            assert!(Reading::of(&odd, NOTHING).is_err(), "{other}");
        }
        assert!(
            Reading::of(RESPONSE, std::iter::once(&b"<scope/>"[..])).is_err(),
            "a part too many"
        );
        assert!(Reading::of_encrypted(RESPONSE).is_err());
    }
}
